/** The web API with one dashboard of as many charts, series and points as asked for, and updates at any pace. For measuring only. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { shareTimes } from '../../core/series/share-times.ts';
import { thin } from '../../core/series/thin.ts';

export interface HeavyOptions {
  /** Folder of the built viewer. */
  readonly dist: string;
  readonly widgets: number;
  readonly series: number;
  /** Of each series, a minute apart. */
  readonly points: number;
}

export interface HeavyServer {
  readonly url: string;
  /** Ticks of the event stream; each brings a newer point. */
  readonly updatesPerSecond: (count: number) => void;
  readonly close: () => Promise<void>;
}

const minute = 60_000;
const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript' };

interface Query {
  readonly id: string;
  readonly metricName?: string;
  readonly period: number;
  readonly returnData?: boolean;
  readonly points?: number;
}

export async function startHeavyServer({ dist, widgets, series, points }: HeavyOptions): Promise<HeavyServer> {
  let nowMs = Date.UTC(2026, 0, 14, 12);
  const streams = new Set<ServerResponse>();
  const body = {
    start: `-PT${points}M`,
    periodOverride: 'inherit',
    widgets: Array.from({ length: widgets }, (_, index) => ({
      type: 'metric',
      width: 8,
      height: 6,
      x: (index % 3) * 8,
      y: Math.floor(index / 3) * 6,
      properties: {
        title: `Chart ${index + 1} (ms, Average)`,
        period: 60,
        liveData: true,
        metrics: Array.from({ length: series }, (__, which) => ['Heavy', `M${index}`, 'Series', String(which)]),
      },
    })),
  };

  /** A walk of its own for each series, the same at each call: a sum of waves with a little noise. */
  const valueAt = (seed: number, at: number) =>
    50 +
    20 * Math.sin(at / 97 + seed) +
    8 * Math.sin(at / 11 + seed * 3) +
    ((Math.imul(at ^ (seed * 7919), 2_654_435_761) >>> 0) % 1000) / 200;

  const metricData = (request: { from: string; to: string; queries: Query[]; shareTimes?: boolean }) => {
    const [fromMs, toMs] = [Date.parse(request.from), Math.min(Date.parse(request.to), nowMs)];
    const series = request.queries.map(({ id, metricName = '', points: most, period }, index) => {
      const step = period * 1000;
      const first = Math.ceil(fromMs / step);
      const count = Math.max(0, Math.floor(toMs / step) - first);
      const seed = index + metricName.length;
      const timestamps = Array.from({ length: count }, (_, at) => (first + at) * step);
      const values = timestamps.map((_, at) => Math.round(valueAt(seed, first + at) * 100) / 100);
      const plain = { timestamps, values };
      return {
        id,
        label: metricName,
        unit: 'Milliseconds',
        ...(most === undefined ? plain : thin(plain, { fromMs, toMs: Date.parse(request.to) }, most)),
      };
    });
    return { series: request.shareTimes === true ? shareTimes(series) : series };
  };

  const clock = (event: string) => `event: ${event}\ndata: ${JSON.stringify({ now: new Date(nowMs).toISOString(), speed: 0 })}\n\n`;

  const status = () => ({
    stage: 'bench',
    simulated: false,
    speed: 0,
    now: new Date(nowMs).toISOString(),
    startedAt: new Date(nowMs).toISOString(),
    ingestUrl: '',
    bots: [],
    counts: { accepted: 0, duplicates: 0, rejected: 0 },
    functions: [],
    connect: { env: {}, curl: '' },
  });

  const get: Readonly<Record<string, () => unknown>> = {
    '/api/status': status,
    '/api/dashboards': () => [{ name: 'heavy', title: 'Heavy', audience: 'heavy' }],
    '/api/moments': () => ({ moments: [], crowded: [] }),
    '/api/dashboards/heavy': () => ({ name: 'heavy', body }),
  };

  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const json = (value: unknown) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (path === '/api/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      response.write(clock('clock'));
      streams.add(response);
      request.on('close', () => streams.delete(response));
      return;
    }
    if (path === '/api/metric-data') {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => json(metricData(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Parameters<typeof metricData>[0])));
      return;
    }
    if (path.startsWith('/api/')) return json(get[path]?.() ?? []);
    const file = join(dist, path === '/' ? 'index.html' : path.replaceAll('..', ''));
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));

  let timer: NodeJS.Timeout | undefined;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    updatesPerSecond: count => {
      clearInterval(timer);
      if (count <= 0) return;
      timer = setInterval(() => {
        nowMs += minute;
        for (const stream of streams) stream.write(clock('tick'));
      }, 1000 / count);
    },
    close: async () => {
      clearInterval(timer);
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
