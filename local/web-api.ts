/** What the viewer in the browser asks for: one JSON route per question, a stream of what happens, and the intake of events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodedHead } from '../adapters/aws/strategy-store.ts';
import { createSweepStore } from '../adapters/aws/sweep-store.ts';
import type { AlarmDefinition } from '../core/alarms/definition.ts';
import { parseSearch } from '../core/cloudwatch/search-expression.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import { createLineSplitter } from '../core/events/lines.ts';
import { parseLine } from '../core/events/parse.ts';
import { readDescription } from '../core/incidents/description.ts';
import type { SeriesStore } from '../core/series/series-store.ts';
import { shareTimes } from '../core/series/share-times.ts';
import { thin } from '../core/series/thin.ts';
import { isoFromMs } from '../core/time/instant.ts';
import type { Speed } from './clock.ts';
import { AwsError } from './endpoint/errors.ts';
import type { Route } from './endpoint/server.ts';
import { readBody, send } from './endpoint/server.ts';
import { list, record, text } from './endpoint/service.ts';
import { createMoments } from './moments.ts';
import type { InboxEntry } from './outbound.ts';
import { postMortemOf } from './post-mortem.ts';
import { createPresses } from './presses.ts';
import type { Intake } from './replay.ts';
import type { AlarmView, DataQuery } from './services/cloudwatch.ts';
import type { LocalStack } from './stack.ts';
import { incidentsOf, incidentView, stateTable } from './summary.ts';
import { isOwnPage, viewerFiles } from './viewer-files.ts';

/** Troubles that can be made on purpose. */
export interface Provocations {
  readonly list: () => readonly { readonly id: string; readonly title: string; readonly explains: string }[];
  readonly run: (id: string, botId?: string) => { readonly ok: boolean; readonly text: string };
  /** Whether a bot's simulated process runs; undefined for bots that are not simulated. */
  readonly processOf: (botId: string) => 'running' | 'stopped' | undefined;
}

export interface WebApiOptions {
  readonly config: NightdeskConfig;
  readonly intake: Intake;
  readonly isSimulated: boolean;
  readonly startedMs: number;
  readonly provocations?: Provocations;
  /** Folder of the built viewer. */
  readonly webDir: string;
}

type Answer = (request: {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}) => unknown;

export function createWebApi(stack: LocalStack, options: WebApiOptions): readonly Route[] {
  const { config } = options;
  const sweeps = createSweepStore(stateTable(stack));
  const definitions = new Map(stack.alarms.definitions.map(definition => [definition.name, definition]));
  const rejected = { count: 0 };
  const press = createPresses(stack, config);
  const moments = createMoments(stack, config);

  const get: Readonly<Record<string, Answer>> = {
    '/api/status': () => status(),
    '/api/dashboards': () => stack.dashboards.map(({ name }) => dashboardEntry(name)),
    '/api/alarms': () => stack.alarms.views().map(view => alarmAnswer(view)),
    '/api/logs/groups': () =>
      stack.logs
        .groups()
        .map(({ name, events, lastAtMs }) => ({ name, events, ...(lastAtMs === undefined ? {} : { lastAt: isoFromMs(lastAtMs) }) })),
    '/api/logs': ({ query }) => logs(query),
    '/api/inbox': () => [...stack.outbound.entries()].reverse().slice(0, 500).map(inboxAnswer),
    '/api/incidents': async () =>
      (await incidentsOf(stack, 200)).map(incident => ({
        ...incidentView(incident),
        title: incident.title,
        status: incident.status,
        timeline: incident.timeline.map(({ at, text: said }) => ({ at: isoFromMs(at), text: said })),
      })),
    '/api/post-mortem': async ({ query }) => {
      const markdown = await postMortemOf(stack, config.stage, query.get('id') ?? '');
      if (markdown === undefined) throw new AwsError('NotFound', 'there is no such incident', { status: 404 });
      return { markdown };
    },
    '/api/moments': ({ query }) => {
      const toMs = instant(query.get('to'), stack.clock.now());
      return moments.between(instant(query.get('from'), toMs - 3_600_000), toMs);
    },
    '/api/provoke': () => options.provocations?.list() ?? [],
  };

  const post: Readonly<Record<string, Answer>> = {
    '/api/metric-data': ({ body }) => metricData(body),
    '/api/logs/query': ({ body }) => {
      const groups = list(body['groups']).map(String);
      const { fields, rows } = stack.logs.insights(
        groups,
        text(body['query']) ?? '',
        instant(body['from'], 0),
        instant(body['to'], stack.clock.now()),
      );
      return { fields, rows };
    },
    '/api/widget': ({ body }) => widget(body),
    '/api/search-values': ({ body }) => ({
      values: searchValues(stack.store(), text(body['expression']) ?? '', text(body['populateFrom']) ?? ''),
    }),
    '/api/press': ({ body }) => press(body),
  };

  async function status(): Promise<unknown> {
    const nowMs = stack.clock.now();
    const strategyIds = config.bots.flatMap(bot => bot.strategies.map(({ id }) => id));
    const sweep = await sweeps.read(
      config.bots.map(({ id }) => id),
      strategyIds,
      nowMs,
    );
    const counts = await countsOf(strategyIds);
    const services = stack.ecs.services();
    return {
      stage: config.stage,
      simulated: options.isSimulated,
      speed: stack.clock.speed,
      now: isoFromMs(nowMs),
      startedAt: isoFromMs(options.startedMs),
      ingestUrl: `${stack.endpoint.url}/events`,
      bots: config.bots.map(bot => {
        const beat = sweep.heads.get(bot.heartbeat.strategyId)?.pulse?.heartbeat;
        const process = options.provocations?.processOf(bot.id);
        return {
          id: bot.id,
          strategies: bot.strategies.map(({ id }) => id),
          state: sweep.health.get(bot.id)?.value.status ?? 'new',
          ...(beat === undefined ? {} : { lastHeartbeat: isoFromMs(beat.at) }),
          ...(process === undefined ? {} : { process }),
        };
      }),
      counts: { ...counts, rejected: rejected.count },
      functions: [...stack.counts.values()].map(({ label, invocations, errors, lastMs }) => ({
        name: label,
        invocations,
        errors,
        ...(lastMs === undefined ? {} : { lastMs: Math.round(lastMs * 10) / 10 }),
      })),
      ...(services.length === 0
        ? {}
        : {
            services: services.map(({ cluster, service, desiredCount, runningCount, deployments }) => ({
              cluster,
              service,
              desired: desiredCount,
              running: runningCount,
              deployments: deployments.map(({ id, status, rolloutState, createdAtMs }) => ({
                id,
                status,
                rolloutState,
                createdAt: isoFromMs(createdAtMs),
              })),
            })),
          }),
      connect: connectLines(stack, config),
    };
  }

  async function countsOf(strategyIds: readonly string[]): Promise<{ readonly accepted: number; readonly duplicates: number }> {
    const items = await stateTable(stack).getAll(strategyIds.map(id => ({ pk: `STRATEGY#${id}`, sk: 'HEAD' })));
    let accepted = 0;
    let duplicates = 0;
    for (const item of items) {
      const { counts } = JSON.parse(encodedHead(item)) as {
        readonly counts?: { readonly accepted: number; readonly duplicates: number };
      };
      accepted += counts?.accepted ?? 0;
      duplicates += counts?.duplicates ?? 0;
    }
    return { accepted, duplicates };
  }

  function dashboardEntry(name: string) {
    const audience = /(developer|trader|operations|resources)/i.exec(name)?.[1]?.toLowerCase() ?? name;
    return { name, title: `${audience.charAt(0).toUpperCase()}${audience.slice(1)}`, audience };
  }

  function alarmAnswer(view: AlarmView) {
    const definition = definitions.get(view.name);
    const description = definition?.description ?? '';
    const read = readDescription(description);
    const { nextMs, likely } = stack.alarms.expectation(view.name, stack.clock.now());
    return {
      name: view.name,
      kind: definition?.kind ?? 'metric',
      state: view.state,
      since: isoFromMs(view.updatedMs),
      reason: view.reason,
      description,
      sentence: read.sentence ?? view.name,
      ...(read.firstAction === undefined ? {} : { firstAction: read.firstAction }),
      ...(read.machine === undefined ? {} : { severity: read.machine.severity }),
      ...definitionAnswer(definition),
      ...(nextMs === undefined ? {} : { nextEvaluation: isoFromMs(nextMs) }),
      ...(likely === undefined
        ? {}
        : {
            expected: `ALARM expected at ${isoFromMs(likely.atMs).slice(11, 19)} if ${likely.because === 'silence' ? 'silence' : 'the breach'} goes on`,
          }),
    };
  }

  function oneAlarm(name: string) {
    const view = stack.alarms.views().find(candidate => candidate.name === name);
    if (view === undefined) throw new AwsError('NotFound', `there is no alarm "${name}"`, { status: 404 });
    const history = stack.alarms.history(name).map(({ atMs, from, to, reason }) => ({ at: isoFromMs(atMs), from, to, reason }));
    return { ...alarmAnswer(view), history: history.reverse() };
  }

  function oneDashboard(name: string) {
    const found = stack.dashboards.find(candidate => candidate.name === name);
    if (found === undefined) throw new AwsError('NotFound', `there is no dashboard "${name}"`, { status: 404 });
    return { name, body: JSON.parse(found.body) as unknown };
  }

  function logs(query: URLSearchParams) {
    const pattern = query.get('pattern');
    const before = query.get('before');
    const events = stack.logs.search({
      group: query.get('group') ?? '',
      limit: Math.min(1_000, Number(query.get('limit') ?? 100)),
      ...(pattern === null ? {} : { pattern }),
      ...(before === null ? {} : { beforeMs: Date.parse(before) }),
    });
    return { events: events.map(({ atMs, stream, message }) => ({ at: isoFromMs(atMs), stream, message })) };
  }

  function metricData(body: Readonly<Record<string, unknown>>) {
    const toMs = instant(body['to'], stack.clock.now());
    const fromMs = instant(body['from'], toMs - 3_600_000);
    const common = Number(body['periodSeconds'] ?? 0);
    const queries = list(body['queries'])
      .map(record)
      .map(
        (query): DataQuery => ({
          ...(query as unknown as DataQuery),
          ...(common > 0 ? { period: common } : {}),
        }),
      );
    const metricOf = new Map(queries.map(query => [query.id, query]));
    const most = pointsOf(body);
    const all = stack.alarms.data(queries, fromMs, toMs);
    // Widgets share requests: the page then asks for each alone, and only the one with the bad expression says so.
    const bad = all.find(({ problem }) => problem !== undefined)?.problem;
    if (bad !== undefined) throw new AwsError('ValidationError', bad);
    const series = all.map(full => {
      const found = most.has(full.id) ? { ...full, ...thin(full, { fromMs, toMs }, most.get(full.id)!) } : full;
      const query = metricOf.get(found.id);
      const unit = query?.metricName === undefined ? undefined : stack.unitOf(query.namespace ?? '', query.metricName);
      return { ...found, ...(unit === undefined ? {} : { unit }) };
    });
    return { series: body['shareTimes'] === true ? shareTimes(series) : series };
  }

  async function widget(body: Readonly<Record<string, unknown>>) {
    const wanted = [text(body['functionArn']), text(body['name'])].filter(name => name !== undefined && name !== '');
    const definition = stack.functions.find(({ arn, name, label }) => [arn, name, label].some(own => wanted.includes(own)));
    if (definition === undefined) throw new AwsError('NotFound', `there is no function "${wanted[0] ?? ''}"`, { status: 404 });
    const event = { ...record(body['params']), widgetContext: { ...record(body['widgetContext']), params: record(body['params']) } };
    const result = await stack.invoke(definition, JSON.stringify(event));
    if (result.error !== undefined) throw new AwsError(result.error.type, result.error.message, { status: 502 });
    const html = JSON.parse(result.payload) as unknown;
    return { html: typeof html === 'string' ? html : JSON.stringify(html) };
  }

  function answer(response: ServerResponse, run: () => unknown): void {
    Promise.resolve()
      .then(run)
      .then(
        value => send(response, 200, 'application/json', JSON.stringify(value)),
        (error: unknown) => {
          const statusCode = error instanceof AwsError ? error.status : 500;
          send(
            response,
            statusCode,
            'application/json',
            JSON.stringify({ message: error instanceof Error ? error.message : String(error) }),
          );
        },
      );
  }

  const api: Route = (request, response, path) => {
    if (!path.startsWith('/api/') && path !== '/events') return false;
    if (!isOwnPage(request)) {
      send(response, 403, 'application/json', '{"message":"requests of other sites are refused"}');
      return true;
    }
    if (path === '/events') intakeRoute(request, response);
    else if (path === '/api/stream') stream(stack, request, response);
    else if (request.method === 'GET') answerGet(request, response, path);
    else answerPost(request, response, path);
    return true;
  };

  function answerGet(request: IncomingMessage, response: ServerResponse, path: string): void {
    const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
    const own = get[path];
    const tail = decodeURIComponent(path.split('/').slice(3).join('/'));
    const run = () => {
      if (own !== undefined) return own({ path, query, body: {} });
      if (path.startsWith('/api/alarms/')) return oneAlarm(tail);
      if (path.startsWith('/api/dashboards/')) return oneDashboard(tail);
      throw new AwsError('NotFound', `nothing is at ${path}`, { status: 404 });
    };
    answer(response, run);
  }

  function answerPost(request: IncomingMessage, response: ServerResponse, path: string): void {
    readBody(
      request,
      body =>
        answer(response, () => {
          const input = body.length === 0 ? {} : record(parsed(body));
          if (path.startsWith('/api/provoke/'))
            return provoke(decodeURIComponent(path.slice('/api/provoke/'.length)), text(input['botId']));
          const own = post[path];
          if (own === undefined) throw new AwsError('NotFound', `nothing is at ${path}`, { status: 404 });
          return own({ path, query: new URLSearchParams(), body: input });
        }),
      error => send(response, error.status, 'application/json', JSON.stringify({ message: error.message })),
    );
  }

  function provoke(id: string, botId: string | undefined) {
    if (options.provocations === undefined)
      throw new AwsError('NotSimulated', 'these bots are not simulated: there is nothing to provoke', { status: 409 });
    return options.provocations.run(id, botId);
  }

  /** Newline-delimited JSON of real bots. Lines that are wrong are named and logged too, so that ingest quarantines them. */
  function intakeRoute(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'POST') {
      send(response, 405, 'application/json', '{"message":"POST newline-delimited JSON here"}');
      return;
    }
    readBody(
      request,
      body => {
        const splitter = createLineSplitter();
        const wrong: { readonly line: number; readonly code: string; readonly message: string }[] = [];
        const nowMs = stack.clock.now();
        let accepted = 0;
        let logs = 0;
        for (const line of [...splitter.push(body), ...splitter.end()]) {
          const found = line.kind === 'rejected' ? line : parseLine(line.text);
          if (found.kind === 'rejected') wrong.push({ line: line.line, code: found.code, message: found.message });
          if (line.kind === 'rejected' || found.kind === 'blank') continue;
          if (found.kind === 'event') accepted += 1;
          if (found.kind === 'log') logs += 1;
          options.intake.accept(line.text, nowMs, found.kind === 'event' ? found.event.strategyId : undefined);
        }
        rejected.count += wrong.length;
        send(response, 200, 'application/json', JSON.stringify({ accepted, logs, rejected: wrong }));
      },
      error => send(response, error.status, 'application/json', JSON.stringify({ message: error.message })),
    );
  }

  /** Pictures that a channel was sent. */
  const uploads: Route = (request, response, path) => {
    const uploaded = request.method === 'GET' ? /^\/inbox-files\/(\w+)\.png$/.exec(path)?.[1] : undefined;
    if (uploaded === undefined) return false;
    const bytes = stack.outbound.file(uploaded);
    send(response, bytes === undefined ? 404 : 200, 'image/png', bytes ?? '');
    return true;
  };

  return [api, uploads, viewerFiles(options.webDir)];
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new AwsError('NotJson', 'the body is not JSON');
  }
}

/** Values of a dimension among the metrics that a search finds, in order; none for a search that cannot be read. */
export function searchValues(store: SeriesStore, expression: string, dimension: string): readonly string[] {
  const test = parseSearch(expression);
  if (!test.ok) return [];
  return [
    ...new Set(
      store
        .listMetrics()
        .filter(test.value)
        .flatMap(({ dimensions }) => dimensions[dimension] ?? []),
    ),
  ].sort();
}

/** Points that a drawing can use, by query: series that are only drawn are thinned before they travel. */
export function pointsOf(body: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> {
  const wanted = list(body['queries']).map(record);
  return new Map(wanted.flatMap(({ id, points }) => (typeof points === 'number' && points >= 20 ? [[String(id), points] as const] : [])));
}

function instant(value: unknown, otherwise: number): number {
  const ms = typeof value === 'number' ? value : Date.parse(String(value ?? ''));
  return Number.isNaN(ms) ? otherwise : ms;
}

function definitionAnswer(definition: AlarmDefinition | undefined) {
  if (definition === undefined) return { metrics: [] };
  if (definition.kind === 'composite') return { metrics: [], rule: definition.rule };
  if (definition.kind === 'log') {
    const { operator, threshold, query, aggregation, logGroups, schedule, queryResultsToEvaluate, queryResultsToAlarm } = definition;
    const window = { evaluationPeriods: queryResultsToEvaluate, datapointsToAlarm: queryResultsToAlarm };
    return { metrics: [], operator, threshold, ...window, log: { query, aggregation, groups: logGroups, schedule } };
  }
  const { threshold, thresholdMetricId, operator, queries, periodSeconds, evaluationPeriods, datapointsToAlarm } = definition;
  return {
    metrics: queries,
    operator,
    periodSeconds,
    evaluationPeriods,
    datapointsToAlarm,
    ...(threshold === undefined ? {} : { threshold }),
    ...(thresholdMetricId === undefined ? {} : { thresholdMetricId }),
  };
}

function inboxAnswer({ id, channel, kind, atMs, alarm, incident, state, request, ok, ageSeconds, message }: InboxEntry) {
  return {
    id: String(id),
    channel: kind,
    channelId: channel,
    at: isoFromMs(atMs),
    request,
    ok,
    state: state ?? '',
    ...(alarm === undefined ? {} : { alarm }),
    ...(incident === undefined ? {} : { incident }),
    ...(ageSeconds === undefined ? {} : { ageSeconds }),
    ...(message === undefined ? {} : { message }),
  };
}

/** The line that connects one's own bot, and the settings with which SDKs and the AWS CLI look into this stack. */
export function connectLines(
  stack: LocalStack,
  config: NightdeskConfig,
): { readonly env: Readonly<Record<string, string>>; readonly curl: string } {
  const strategyId = config.bots[0]?.strategies[0]?.id ?? 'my-strategy';
  const event = {
    eventType: 'heartbeat',
    schemaVersion: 1,
    strategyId,
    accountId: 'main',
    environment: 'paper',
    tsEvent: isoFromMs(stack.clock.now()),
    component: 'my-bot',
    status: 'ok',
    intervalMs: 10_000,
  };
  return {
    curl: `curl -X POST ${stack.endpoint.url}/events --data-binary '${JSON.stringify(event)}'`,
    env: { AWS_ENDPOINT_URL: stack.endpoint.url, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
  };
}

/** Log lines sent to one viewer per real second; the rest are left out. */
const maxLogLines = 20;

function stream(stack: LocalStack, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const write = (name: string, data: unknown) => void response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  const clock = (): { readonly now: string; readonly speed: Speed } => ({ now: isoFromMs(stack.clock.now()), speed: stack.clock.speed });
  let lines = 0;
  const stop = stack.observe({
    onTick: atMs => write('tick', { now: isoFromMs(atMs), speed: stack.clock.speed }),
    onTransition: ({ alarm, from, to, atMs, reason }) => write('transition', { alarm, from, to, at: isoFromMs(atMs), reason }),
    onNotification(entry) {
      write('notification', inboxAnswer(entry));
      write('incident', { key: entry.incident ?? '' });
    },
    onLog(group, event) {
      lines += 1;
      if (lines <= maxLogLines)
        write('log', { group, at: isoFromMs(event.atMs), stream: event.stream, message: event.message.slice(0, 2_000) });
    },
  });
  write('clock', clock());
  const timer = setInterval(() => {
    lines = 0;
    write('clock', clock());
  }, 1_000);
  request.on('close', () => {
    clearInterval(timer);
    stop();
  });
}
