/** The viewer over dashboards from a file: with recorded events as data, or with none. No stack runs behind it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogRecord } from '../core/cloudwatch/logs-query.ts';
import type { JsonObject } from '../core/cloudwatch/loose-json.ts';
import { createSeriesStore, type SeriesStore } from '../core/series/series-store.ts';
import { shareTimes } from '../core/series/share-times.ts';
import { thin } from '../core/series/thin.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { isoFromMs } from '../core/time/instant.ts';
import { AwsError } from './endpoint/errors.ts';
import { PortTakenError, readBody, send } from './endpoint/server.ts';
import { list, record, text } from './endpoint/service.ts';
import { metricData } from './metric-data.ts';
import type { DataQuery } from './services/cloudwatch.ts';
import { runInsights } from './services/logs-insights.ts';
import { isOwnPage, viewerFiles } from './viewer-files.ts';
import { pointsOf, searchValues } from './web-api.ts';

export interface ViewedEvents {
  readonly store: SeriesStore;
  readonly logs: readonly LogRecord[];
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}

export interface ViewOptions {
  readonly dashboards: readonly { readonly name: string; readonly body: JsonObject }[];
  /** Stands at the top of the page: what is shown, and from where. */
  readonly note: string;
  /** Absent: there is no data, and widgets say so. */
  readonly events?: ViewedEvents;
  /** CloudWatch unit of a metric, where it is known. */
  readonly unitOf?: (namespace: string, metricName: string) => string | undefined;
  readonly nowMs: EpochMs;
  readonly webDir: string;
  readonly port: number;
}

export interface ViewServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;

export async function serveView(options: ViewOptions): Promise<ViewServer> {
  const { dashboards, events, nowMs } = options;
  const store = events?.store ?? createSeriesStore();
  const streams = new Set<ServerResponse>();

  const status = () => ({
    stage: 'file',
    simulated: false,
    note: options.note,
    speed: 0,
    now: isoFromMs(nowMs),
    startedAt: isoFromMs(events?.fromMs ?? nowMs),
    ingestUrl: '',
    bots: [],
    counts: { accepted: 0, duplicates: 0, rejected: 0 },
    functions: [],
    connect: { env: {}, curl: '' },
  });

  const instant = (value: unknown, otherwise: EpochMs): EpochMs => {
    const ms = Date.parse(String(value ?? ''));
    return Number.isNaN(ms) ? otherwise : ms;
  };

  const series = (body: Json) => {
    const queries = list(body['queries']).map(query => record(query) as unknown as DataQuery);
    const [fromMs, toMs] = [instant(body['from'], nowMs - 3_600_000), instant(body['to'], nowMs)];
    const found = metricData(store, queries, fromMs, toMs);
    const bad = found.find(({ problem }) => problem !== undefined)?.problem;
    if (bad !== undefined) throw new AwsError('ValidationError', bad);
    const most = pointsOf(body);
    const byId = new Map(queries.map(query => [query.id, query]));
    const answered = found.map(each => {
      const query = byId.get(each.id);
      const unit = query?.metricName === undefined ? undefined : options.unitOf?.(query.namespace ?? '', query.metricName);
      return {
        ...each,
        ...(most.has(each.id) ? thin(each, { fromMs, toMs }, most.get(each.id)!) : {}),
        ...(unit === undefined ? {} : { unit }),
      };
    });
    return { series: body['shareTimes'] === true ? shareTimes(answered) : answered };
  };

  const logQuery = (body: Json) => {
    const [fromMs, toMs] = [instant(body['from'], 0), instant(body['to'], nowMs)];
    const inRange = (events?.logs ?? []).filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    const { fields, rows } = runInsights(text(body['query']) ?? '', inRange);
    return { fields, rows };
  };

  const widget = () => ({
    html: '',
    note: 'A custom widget is drawn by its function, which runs in an account or with "nightdesk start": not here.',
  });

  const get: Readonly<Record<string, () => unknown>> = {
    '/api/status': status,
    '/api/dashboards': () => dashboards.map(({ name }) => ({ name, title: name, audience: name })),
    '/api/alarms': () => [],
    '/api/logs/groups': () => [],
    '/api/logs': () => ({ events: [] }),
    '/api/inbox': () => [],
    '/api/incidents': () => [],
    '/api/moments': () => ({ moments: [], crowded: [] }),
    '/api/provoke': () => [],
  };
  const post: Readonly<Record<string, (body: Json) => unknown>> = {
    '/api/metric-data': series,
    '/api/logs/query': logQuery,
    '/api/widget': widget,
    '/api/search-values': body => ({ values: searchValues(store, text(body['expression']) ?? '', text(body['populateFrom']) ?? '') }),
  };

  const answer = (response: ServerResponse, run: () => unknown) => {
    try {
      send(response, 200, 'application/json', JSON.stringify(run()));
    } catch (error) {
      const code = error instanceof AwsError ? error.status : 500;
      send(response, code, 'application/json', JSON.stringify({ message: error instanceof Error ? error.message : String(error) }));
    }
  };

  const missing = (path: string) => new AwsError('NotFound', `nothing is at ${path}`, { status: 404 });
  const nothing = (path: string) => (): never => {
    throw missing(path);
  };
  const one = (path: string) => {
    const name = decodeURIComponent(path.slice('/api/dashboards/'.length));
    const found = dashboards.find(each => each.name === name);
    if (found === undefined) throw missing(path);
    return found;
  };

  const api = (request: IncomingMessage, response: ServerResponse, path: string): void => {
    if (!isOwnPage(request)) {
      send(response, 403, 'application/json', '{"message":"requests of other sites are refused"}');
      return;
    }
    if (path === '/api/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      response.write(`event: clock\ndata: ${JSON.stringify({ now: isoFromMs(nowMs), speed: 0 })}\n\n`);
      streams.add(response);
      request.on('close', () => streams.delete(response));
      return;
    }
    if (request.method === 'GET') {
      answer(response, () => (path.startsWith('/api/dashboards/') ? one(path) : (get[path] ?? nothing(path))()));
      return;
    }
    readBody(
      request,
      body => answer(response, () => (post[path] ?? nothing(path))(record(JSON.parse(body.toString('utf8'))))),
      error => send(response, error.status, 'application/json', JSON.stringify({ message: error.message })),
    );
  };

  const files = viewerFiles(options.webDir);
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path.startsWith('/api/')) return api(request, response, path);
    if (!files(request, response, path)) send(response, 404, 'application/json', '{"message":"not found"}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(`port ${options.port} is taken; choose another with --port`) : error),
    );
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
