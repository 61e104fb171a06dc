/** The web API with invented answers, and the built viewer. `npx tsx test/web/fake-server.ts [PORT] [DIST]` runs it alone. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acting } from './fake-acting.ts';
import { bodies, dashboards } from './fake-dashboards.ts';
import { fleet, minute, type Outage, readSeries } from './fake-data.ts';

export interface FakeServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript' };
const iso = (ms: number) => new Date(ms).toISOString();
const startMs = Date.UTC(2026, 0, 14, 13, 30);

interface Alarm {
  readonly name: string;
  readonly row: string;
  readonly bot: string;
  state: string;
  sinceMs: number;
  readonly threshold: number;
  readonly operator: string;
  readonly severity: string;
  readonly sentence: string;
  readonly action: string;
  expected?: string;
  readonly history: { at: string; from: string; to: string; reason: string }[];
}

const alarmKinds = [
  {
    id: 'heartbeat-missing',
    row: 'HeartbeatAge',
    threshold: 40,
    severity: 'critical',
    says: 'no heartbeat for more than 40 s',
    action:
      'Look whether the process runs; the position at the venue stays open. If it cannot restart within five minutes, flatten by hand.',
  },
  {
    id: 'session-loss',
    row: 'SessionPnl',
    threshold: -500,
    severity: 'critical',
    says: 'profit and loss since the session opened is below −500 USD',
    action: 'Stop new orders and compare positions with the venue.',
  },
  {
    id: 'order-latency',
    row: 'OrderAckLatency',
    threshold: 500,
    severity: 'warning',
    says: 'orders take more than 500 ms to be acknowledged',
    action: 'Look at the venue status page and the network latency.',
  },
  {
    id: 'order-rejects',
    row: 'RejectShare',
    threshold: 5,
    severity: 'warning',
    says: 'more than 5 % of new orders are rejected',
    action: 'Read the reject reasons in the log.',
  },
] as const;

const alarms: Alarm[] = alarmKinds.flatMap((kind, index) =>
  fleet.map(bot => ({
    name: `demo-${kind.id}-${bot.id}`,
    row: kind.row,
    bot: bot.id,
    state: index === 3 && bot.id === 'basis-sol' ? 'INSUFFICIENT_DATA' : 'OK',
    sinceMs: startMs - (index + 1) * 17 * minute,
    threshold: kind.threshold,
    operator: kind.threshold < 0 ? 'LessThanThreshold' : 'GreaterThanThreshold',
    severity: kind.severity,
    sentence: `${bot.id}: ${kind.says} (Maximum, 2 of 2 periods of 60 s).`,
    action: kind.action,
    history: [
      {
        at: iso(startMs - (index + 1) * 17 * minute),
        from: 'INSUFFICIENT_DATA',
        to: 'OK',
        reason: 'Threshold Crossed: 2 datapoints were not greater than the threshold.',
      },
    ],
  })),
);

const answerOf = (body: Readonly<Record<string, unknown>>, nowMs: number): string =>
  JSON.stringify(body['params']).includes('acts') ? acting(body) : positionsHtml(nowMs);

export async function startFakeServer(options: {
  readonly port?: number;
  readonly dist: string;
  readonly speed?: number;
}): Promise<FakeServer> {
  const speed = options.speed ?? 10;
  const began = Date.now();
  const nowMs = () => startMs + (Date.now() - began) * speed;
  const outages: Outage[] = [];
  const inbox: unknown[] = [];
  const incidents: Record<string, unknown>[] = [];
  const streams = new Set<ServerResponse>();
  const timers = new Set<NodeJS.Timeout>();
  const list: Alarm[] = alarms.map(alarm => ({ ...alarm, history: [...alarm.history] }));
  const emit = (event: string, data: unknown) => {
    for (const stream of streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const after = (ms: number, job: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      job();
    }, ms);
    timers.add(timer);
  };
  const isOut = (botId: string) => outages.some(outage => outage.botId === botId && outage.toMs > nowMs());

  const change = (name: string, to: string, reason: string) => {
    const alarm = list.find(each => each.name === name);
    if (alarm === undefined || alarm.state === to) return;
    const transition = { at: iso(nowMs()), from: alarm.state, to, reason };
    alarm.state = to;
    alarm.sinceMs = nowMs();
    delete alarm.expected;
    alarm.history.push(transition);
    emit('transition', { alarm: name, ...transition });
  };

  const send = (bot: string, state: 'ALARM' | 'OK') => {
    const name = `demo-heartbeat-missing-${bot}`;
    const key = `v1:heartbeat-missing:Strategy=${bot}`;
    const common = { at: iso(nowMs()), alarm: name, incident: key, state, ok: true, ageSeconds: 1.4 };
    inbox.unshift({
      ...common,
      id: `s${inbox.length}`,
      channel: 'slack',
      request: { url: 'https://hooks.slack.com/services/***', body: slackBody(bot, state) },
    });
    inbox.unshift({
      ...common,
      id: `p${inbox.length}`,
      channel: 'pagerduty',
      request: { url: 'https://events.pagerduty.com/v2/enqueue', body: pagerDutyBody(bot, state, key) },
    });
    emit('notification', { channel: 'slack', alarm: name, state });
  };

  const die = (bot: string) => {
    outages.push({ botId: bot, fromMs: nowMs(), toMs: Number.MAX_SAFE_INTEGER });
    const alarm = list.find(each => each.name === `demo-heartbeat-missing-${bot}`);
    if (alarm !== undefined) alarm.expected = `ALARM expected at ${iso(nowMs() + 3 * minute).slice(11, 19)} if silence goes on`;
    after(600, () => {
      send(bot, 'ALARM');
      incidents.unshift({
        id: `inc-${incidents.length + 1}`,
        key: `v1:heartbeat-missing:Strategy=${bot}`,
        title: `${bot}@kraken: no heartbeat`,
        severity: 'critical',
        status: 'open',
        openedAt: iso(nowMs()),
        alarms: [`demo-heartbeat-missing-${bot}`],
        timeline: [
          { at: iso(nowMs()), text: 'Opened by the fast path: silence of 41 s, limit 40 s' },
          { at: iso(nowMs() + 1000), text: 'Slack and PagerDuty told' },
        ],
      });
      emit('incident', {});
      emit('tick', { now: iso(nowMs()) });
    });
    after(2500, () =>
      change(
        `demo-heartbeat-missing-${bot}`,
        'ALARM',
        'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
      ),
    );
  };

  const recover = () => {
    for (const outage of outages.filter(each => each.toMs > nowMs())) {
      outage.toMs = nowMs();
      after(900, () => {
        change(
          `demo-heartbeat-missing-${outage.botId}`,
          'OK',
          'Threshold Crossed: 1 datapoint [6.0] was not greater than the threshold (40.0).',
        );
        send(outage.botId, 'OK');
        for (const incident of incidents.filter(each => each['status'] === 'open')) {
          incident['status'] = 'resolved';
          incident['resolvedAt'] = iso(nowMs());
          (incident['timeline'] as unknown[]).push({ at: iso(nowMs()), text: 'Heartbeats are back; resolved' });
        }
        emit('incident', {});
      });
    }
  };

  const view = (alarm: Alarm) => ({
    name: alarm.name,
    kind: 'metric',
    state: alarm.state,
    since: iso(alarm.sinceMs),
    severity: alarm.severity,
    description: `${alarm.sentence}\nFirst: ${alarm.action}\nnightdesk {"v":1}`,
    sentence: alarm.sentence,
    threshold: alarm.threshold,
    operator: alarm.operator,
    metrics: [
      {
        id: 'm1',
        returnData: true,
        stat: {
          namespace: 'Nightdesk/demo',
          metricName: alarm.row,
          dimensions: { Strategy: alarm.bot },
          statistic: 'Maximum',
          periodSeconds: 60,
        },
      },
    ],
    periodSeconds: 60,
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    nextEvaluation: iso(Math.ceil(nowMs() / minute) * minute),
    ...(alarm.expected === undefined ? {} : { expected: alarm.expected }),
  });
  const composite = {
    name: 'demo-fleet-silent',
    kind: 'composite',
    state: 'OK',
    since: iso(startMs - 40 * minute),
    severity: 'critical',
    description: 'All bots are silent at once.',
    sentence: 'All 3 bots are silent at once.',
    rule: fleet.map(bot => `ALARM("demo-heartbeat-missing-${bot.id}")`).join(' AND '),
  };

  const status = () => ({
    stage: 'demo',
    simulated: true,
    speed,
    now: iso(nowMs()),
    startedAt: iso(startMs),
    ingestUrl: 'http://localhost:4500/events',
    bots: fleet.map(bot => ({
      id: bot.id,
      strategies: [bot.id],
      state: isOut(bot.id) ? 'down' : 'up',
      lastHeartbeat: iso(nowMs() - 6000),
      process: isOut(bot.id) ? 'stopped' : 'running',
    })),
    counts: { accepted: 18_240 + Math.floor((Date.now() - began) / 40), duplicates: 3, rejected: 1 },
    functions: [{ name: 'ledger', invocations: 812, errors: 0, lastMs: 14 }],
    connect: {
      env: 'export AWS_ENDPOINT_URL=http://localhost:4500',
      curl: 'curl -X POST http://localhost:4500/events --data-binary @- <<\'EOF\'\n{"eventType":"heartbeat","strategyId":"momentum-btc"}\nEOF',
    },
  });

  const provocations = [
    {
      id: 'bot-dies',
      title: 'Bot dies',
      explains: 'The process is killed. Within a minute Slack and PagerDuty tell position, loss and what to do.',
    },
    { id: 'feed-stale', title: 'Feed goes stale', explains: 'Market data stops; the bot lives on with old prices.' },
    { id: 'orders-rejected', title: 'Orders rejected', explains: 'The venue refuses every new order.' },
    { id: 'latency-spike', title: 'Latency spike', explains: 'Acknowledgements take 20 times as long.' },
    { id: 'loss-limit', title: 'Loss limit', explains: 'The market moves against the position until the session limit breaks.' },
    { id: 'duplicate-fill', title: 'Send the same fill twice', explains: 'Nothing changes: the second one is counted and ignored.' },
  ];

  const moments = [
    { at: iso(startMs - 100 * minute), kind: 'open', strategies: ['basis-sol'], text: 'XNYS opens' },
    {
      at: iso(startMs - 55 * minute),
      kind: 'deploy',
      strategies: ['momentum-btc', 'maker-eth'],
      text: 'deploy 3f2a9c1 by ci: <b>faster</b>',
    },
    { at: iso(startMs - 20 * minute), kind: 'change', strategies: ['maker-eth'], text: 'halt by risk-desk: spread too wide' },
    { at: iso(startMs - 8 * minute), kind: 'close', strategies: ['basis-sol'], text: 'XNYS closes' },
  ];

  const answer = (path: string, url: URL, body: Record<string, unknown>): unknown => {
    if (path === '/api/status') return status();
    if (path === '/api/dashboards') return dashboards;
    if (path.startsWith('/api/dashboards/')) return { name: path.split('/')[3], body: bodies[path.split('/')[3] ?? ''] };
    if (path === '/api/metric-data') return { series: metricData(body, { startMs, nowMs: nowMs(), outages }) };
    if (path === '/api/alarms') return [...list.map(view), composite];
    if (path.startsWith('/api/alarms/')) return alarmDetail(decodeURIComponent(path.slice(12)));
    if (path === '/api/logs/groups')
      return [
        ...fleet.map(bot => ({ name: `/nightdesk/demo/${bot.id}`, events: 4200, lastAt: iso(nowMs()) })),
        { name: '/aws/lambda/nightdesk-demo-ledger', events: 812 },
      ];
    if (path === '/api/logs')
      return { events: logs(nowMs(), url.searchParams.get('pattern') ?? '', Number(url.searchParams.get('limit') ?? 100)) };
    if (path === '/api/logs/query') return logQuery(nowMs(), String(body['query']));
    if (path === '/api/widget') return { html: answerOf(body, nowMs()) };
    if (path === '/api/inbox') return inbox;
    if (path === '/api/incidents') return incidents;
    if (path === '/api/moments') return { moments, crowded: [] };
    if (path === '/api/provoke') return provocations;
    if (path.startsWith('/api/provoke/')) return provoke(path.slice(13), String(body['botId'] ?? fleet[0]?.id));
    return undefined;
  };
  const alarmDetail = (name: string) => {
    if (name === composite.name) return { ...composite, history: [] };
    const alarm = list.find(each => each.name === name);
    return alarm === undefined ? undefined : { ...view(alarm), history: alarm.history };
  };
  const provoke = (id: string, bot: string) => {
    if (id === 'bot-dies') die(bot);
    if (id === 'recover') recover();
    return { ok: true, text: id === 'bot-dies' ? `${bot} was killed. Watch its light, the inbox and the alarm.` : `Done: ${id}.` };
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/api/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      response.write(`event: clock\ndata: ${JSON.stringify({ now: iso(nowMs()), speed })}\n\n`);
      streams.add(response);
      request.on('close', () => streams.delete(response));
      return;
    }
    if (url.pathname.startsWith('/api/')) {
      const said = answer(url.pathname, url, request.method === 'POST' ? await readJson(request) : {});
      response.writeHead(said === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(said ?? { message: 'There is no such thing here.' }));
      return;
    }
    const file = join(options.dist, normalize(url.pathname === '/' ? '/index.html' : url.pathname));
    if (!file.startsWith(options.dist) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  const pulse = setInterval(() => {
    emit('clock', { now: iso(nowMs()), speed });
    emit('tick', { now: iso(nowMs()) });
    emit('log', { group: '/nightdesk/demo/momentum-btc', at: iso(nowMs()), message: '{"level":"INFO","message":"tick"}' });
  }, minute / speed);
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      clearInterval(pulse);
      for (const timer of timers) clearTimeout(timer);
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

type Series = { id: string; label: string; unit: string; timestamps: number[]; values: number[] };

/** Knows `SUM(METRICS())` and passes the first known id of any other expression through. */
function metricData(body: Record<string, unknown>, at: { startMs: number; nowMs: number; outages: readonly Outage[] }): Series[] {
  const range = { fromMs: Date.parse(String(body['from'])), toMs: Date.parse(String(body['to'])) };
  const queries = body['queries'] as readonly Record<string, unknown>[];
  const known = queries.flatMap((query): Series[] => {
    if (typeof query['metricName'] !== 'string') return [];
    const what = {
      metricName: query['metricName'],
      dimensions: query['dimensions'] as Record<string, string>,
      stat: String(query['stat']),
    };
    return [
      {
        id: String(query['id']),
        label: String(query['label'] ?? query['metricName']),
        ...readSeries(what, { ...range, periodSeconds: Number(query['period']) }, at),
      },
    ];
  });
  const computed = queries.flatMap((query): Series[] => {
    const expression = query['expression'];
    if (typeof expression !== 'string') return [];
    if (/[^A-Z()]METRICS|SUM\(METRICS\(\)\)/.test(expression)) {
      const first = known[0];
      const values =
        first?.timestamps.map((time, index) =>
          known.reduce((sum, each) => sum + (each.timestamps[index] === time ? (each.values[index] ?? 0) : 0), 0),
        ) ?? [];
      return [
        { id: String(query['id']), label: String(query['label'] ?? expression), unit: 'None', timestamps: first?.timestamps ?? [], values },
      ];
    }
    const source = known.find(each => expression.includes(each.id));
    return source === undefined ? [] : [{ ...source, id: String(query['id']), label: String(query['label'] ?? expression) }];
  });
  return [...known, ...computed];
}

function logs(nowMs: number, pattern: string, limit: number) {
  const lines = Array.from({ length: limit }, (_, index) => {
    const at = iso(Math.floor(nowMs / 7000) * 7000 - index * 7000);
    const kind = (Math.floor(nowMs / 7000) - index) % 9;
    const message =
      kind === 0
        ? JSON.stringify({
            level: 'ERROR',
            message: 'order rejected: insufficient margin <img src=x onerror=alert(1)>',
            orderId: `o-${index}`,
            venue: 'kraken',
          })
        : kind === 1
          ? JSON.stringify({
              eventType: 'execution',
              strategyId: 'momentum-btc',
              side: 'BUY',
              lastQty: '0.25',
              lastPx: '47012.5',
              instrumentId: 'BTC-PERP',
              commission: '4.7',
            })
          : kind === 2
            ? JSON.stringify({ eventType: 'heartbeat', component: 'main', status: 'ok', strategyId: 'momentum-btc' })
            : kind === 3
              ? 'WARN book resynchronised after a gap of 3 updates'
              : JSON.stringify({ level: 'INFO', message: 'signal 0.34, target 0.50, position 0.25' });
    return { at, stream: 'main', message };
  });
  return lines.filter(line => line.message.includes(pattern));
}

function logQuery(nowMs: number, query: string) {
  const wantsErrors = query.includes('ERROR');
  const found = logs(nowMs, wantsErrors ? 'ERROR' : '', 120).slice(0, 24);
  return query.includes('level, @message')
    ? {
        fields: ['@timestamp', 'level', '@message'],
        rows: found.map(line => [line.at, /"level":"(\w+)"/.exec(line.message)?.[1] ?? null, line.message]),
      }
    : { fields: ['@timestamp', '@message'], rows: found.map(line => [line.at, line.message]) };
}

const positionsHtml = (
  nowMs: number,
) => `<style>.neg{color:#c33}</style><table><thead><tr><th>Strategy</th><th>Instrument</th><th align="right">Quantity</th><th align="right">Average</th><th align="right">Unrealized</th><th align="right">Mark age</th></tr></thead><tbody>
<tr><td>momentum-btc</td><td>BTC-PERP</td><td align="right">0.5</td><td align="right">47,012.50</td><td align="right">+182.10</td><td align="right">${Math.floor(nowMs / 1000) % 9} s</td></tr>
<tr><td>maker-eth</td><td>ETH-PERP</td><td align="right">−12</td><td align="right">3,402.10</td><td align="right">−64.00</td><td align="right">2 s</td></tr>
<tr><td>basis-sol</td><td>SOL</td><td align="right">410</td><td align="right">141.32</td><td align="right">+12.94</td><td align="right">3 s</td></tr></tbody></table>
<p onclick="alert(1)">3 positions <script>window.hacked = true</script><img src="x" onerror="window.hacked = true"><a href="javascript:alert(1)">link</a></p>`;

const slackBody = (bot: string, state: 'ALARM' | 'OK') => ({
  text: state === 'ALARM' ? `[CRIT] ${bot}@kraken: no heartbeat for 41 s (limit 40 s)` : `[OK] ${bot}@kraken: heartbeats are back`,
  attachments: [
    {
      color: state === 'ALARM' ? '#d62728' : '#2eb67d',
      blocks: [
        {
          type: 'header',
          text: {
            type: 'plain_text',
            text: state === 'ALARM' ? `${bot}@kraken: no heartbeat for 41 s (limit 40 s)` : `Resolved: ${bot}@kraken heartbeats are back`,
          },
        },
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: '*First action:* look whether the process runs; the position stays open at the venue. `systemctl status bot` &lt;!channel&gt; <https://example.com/runbook|Runbook>',
          },
        },
        {
          type: 'section',
          fields: [
            { type: 'mrkdwn', text: '*Position*\n0.5 BTC-PERP @ 47,012.50' },
            { type: 'mrkdwn', text: '*Unrealized P&amp;L*\n+182.10 USD (mark 44 s old)' },
            { type: 'mrkdwn', text: '*Session P&amp;L*\n−212.40 USD' },
            { type: 'mrkdwn', text: '*Since*\n<!date^1768397400^{date_short} {time_secs}|13:30 UTC>' },
          ],
        },
        { type: 'divider' },
        { type: 'context', elements: [{ type: 'mrkdwn', text: 'Also: 0 other alarms · :hourglass: sent 1.4 s after the fact' }] },
        {
          type: 'actions',
          elements: [
            { type: 'button', text: { type: 'plain_text', text: 'Open alarm' }, url: '#/alarms', style: 'primary' },
            { type: 'button', text: { type: 'plain_text', text: 'Logs' }, url: '#/logs' },
          ],
        },
      ],
    },
  ],
});

const pagerDutyBody = (bot: string, state: 'ALARM' | 'OK', key: string) =>
  state === 'OK'
    ? { routing_key: '***', event_action: 'resolve', dedup_key: key }
    : {
        routing_key: '***',
        event_action: 'trigger',
        dedup_key: key,
        payload: {
          summary: `${bot}@kraken: no heartbeat for 41 s (limit 40 s)`,
          source: `${bot}@kraken`,
          severity: 'critical',
          component: bot,
          group: 'demo',
          class: 'heartbeat-missing',
          custom_details: {
            first_action: 'Look whether the process runs; the position stays open at the venue.',
            position: '0.5 BTC-PERP @ 47,012.50',
            unrealized: '+182.10 USD (mark 44 s old)',
            scope: { firing: 1, suppressed: 0 },
          },
        },
        links: [{ href: 'https://example.com/runbook', text: 'Runbook' }],
        client: 'Nightdesk',
      };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = process.argv[3] ?? join(import.meta.dirname, '../../dist/web');
  const running = await startFakeServer({ port: Number(process.argv[2] ?? 4600), dist });
  console.log(running.url);
}
