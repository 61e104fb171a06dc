/**
 * Metrics of an AWS account as history: GetMetricData, paged, at a limited rate, each finished piece kept so that an interrupted run
 * goes on where it stopped. Only reads. Limits: CloudWatch API reference, GetMetricData (500 queries a call, 100,800 points a page,
 * 50 calls a second), and the user guide on retention (60 s for 15 days, 300 s for 63 days, 3,600 s for 455 days).
 */
import { createHash } from 'node:crypto';
import { type CloudWatchClient, GetMetricDataCommand, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { AlarmDefinition, MetricStat } from '../../core/alarms/definition.ts';
import type { BacktestHistory } from '../../core/backtest/history.ts';
import { metricKey } from '../../core/series/series-store.ts';
import type { EpochMs } from '../../core/time/instant.ts';

/** The part of the SDK's client that is used. */
export type CloudWatchSender = Pick<CloudWatchClient, 'send'>;

/** Where finished pieces are kept, by a key of letters and digits. */
export interface PieceStore {
  readonly read: (key: string) => Promise<string | undefined>;
  readonly write: (key: string, text: string) => Promise<void>;
}

export interface AccountOptions {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly nowMs: EpochMs;
  /** Waits; between calls, and longer after a refusal. */
  readonly pause: (ms: number) => Promise<void>;
  readonly pieces?: PieceStore;
  /** For people: `account 123456789012`. */
  readonly name: string;
  readonly onProgress?: (done: number, of: number) => void;
}

const DAY = 86_400_000;
const MINUTE = 60_000;
/** Calls a second: a fifth of the quota, since the account's dashboards share it. */
const CALLS_PER_SECOND = 10;
const QUERIES_PER_CALL = 500;
const POINTS_PER_PAGE = 100_800;
const TRIES = 6;

const retention = [
  { seconds: 60, keptMs: 15 * DAY },
  { seconds: 300, keptMs: 63 * DAY },
  { seconds: 3600, keptMs: 455 * DAY },
] as const;

/** The finest points that the whole span has; undefined when it begins before everything that is kept. */
export const finestSeconds = (fromMs: EpochMs, nowMs: EpochMs): number | undefined =>
  retention.find(({ keptMs }) => fromMs >= nowMs - keptMs)?.seconds;

/** @throws Error when the span is older than what CloudWatch keeps, or when the account refuses. */
export async function accountHistory(
  client: CloudWatchSender,
  alarms: readonly AlarmDefinition[],
  options: AccountOptions,
): Promise<BacktestHistory> {
  const finest = finestSeconds(options.fromMs, options.nowMs);
  if (finest === undefined) throw new Error('CloudWatch keeps nothing from before 455 days ago');
  const wanted = wantedSeries(alarms, finest);
  const series = await fetchAll(client, wanted, options);
  const known = new Set([...series].filter(([, points]) => points.values.size > 0).map(([, points]) => points.metric));
  return {
    read: (stat, fromMs, toMs) => readStat(series, stat, fromMs, toMs),
    fromMs: options.fromMs,
    toMs: options.toMs,
    knows: metric => known.has(metricKey(metric.namespace, metric.metricName, metric.dimensions)),
    source: options.name,
    finestSeconds: finest,
    noBands: "CloudWatch's bands of the past are drawn with knowledge of what came later",
    fidelity: fidelityOf(finest),
  };
}

const fidelityOf = (finest: number): readonly string[] => [
  `points of ${finest} s: what CloudWatch keeps for this span`,
  'GetMetricData tells no arrival times: points that came late are replayed as if they had been there in time',
  'percentiles and trimmed means of periods over a minute exist at whole periods only; sliding windows use the newest whole one',
  'mute rules of the account are not read',
];

/** What is asked for: one statistic of one metric at one resolution. */
interface Wanted {
  readonly key: string;
  readonly metric: string;
  readonly stat: MetricStat;
}

interface Points extends Wanted {
  /** By the end of their period. */
  readonly values: Map<EpochMs, number>;
}

/** Statistics that periods can be put together from. */
const parts: Readonly<Record<string, readonly string[]>> = {
  Sum: ['Sum'],
  SampleCount: ['SampleCount'],
  Minimum: ['Minimum'],
  Maximum: ['Maximum'],
  Average: ['Sum', 'SampleCount'],
};

const seriesKey = (stat: MetricStat, statistic: string, periodSeconds: number): string =>
  `${metricKey(stat.namespace, stat.metricName, stat.dimensions)}\u0002${statistic}\u0002${periodSeconds}`;

function wantedSeries(alarms: readonly AlarmDefinition[], finest: number): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  const add = (stat: MetricStat, statistic: string, periodSeconds: number): void => {
    const key = seriesKey(stat, statistic, periodSeconds);
    const metric = metricKey(stat.namespace, stat.metricName, stat.dimensions);
    if (!wanted.has(key)) wanted.set(key, { key, metric, stat: { ...stat, statistic, periodSeconds } });
  };
  for (const alarm of alarms) {
    if (alarm.kind !== 'metric' || alarm.periodSeconds < finest) continue;
    for (const query of alarm.queries) {
      if (!('stat' in query)) continue;
      const { stat } = query;
      const of = parts[stat.statistic];
      if (of === undefined) add(stat, stat.statistic, stat.periodSeconds);
      for (const statistic of of ?? []) add(stat, statistic, finest);
      // Reasons name how many samples a point has, and low-sample percentiles wait for enough.
      if (alarm.evaluateLowSampleCountPercentile === 'ignore') add(stat, 'SampleCount', finest);
    }
  }
  return [...wanted.values()];
}

/**
 * One value a period. A stored point belongs to the window that holds its end, so that no window knows what came after it; windows on
 * the store's own grid get exactly their points.
 */
function readStat(series: ReadonlyMap<string, Points>, stat: MetricStat, fromMs: EpochMs, toMs: EpochMs): (number | null)[] {
  const period = stat.periodSeconds * 1000;
  const values: (number | null)[] = [];
  const of = parts[stat.statistic];
  for (let start = fromMs; start < toMs; start += period) values.push(windowValue(series, stat, of, start, start + period));
  return values;
}

function windowValue(
  series: ReadonlyMap<string, Points>,
  stat: MetricStat,
  of: readonly string[] | undefined,
  startMs: EpochMs,
  endMs: EpochMs,
): number | null {
  const within = (statistic: string): readonly number[] => {
    const points = pointsOf(series, stat, statistic);
    return points === undefined ? [] : valuesWithin(points, startMs, endMs);
  };
  if (of === undefined) return within(stat.statistic).at(-1) ?? null;
  const main = within(of[0]!);
  if (main.length === 0) return null;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  switch (stat.statistic) {
    case 'Minimum':
      return Math.min(...main);
    case 'Maximum':
      return Math.max(...main);
    case 'Average':
      return sum(main) / sum(within('SampleCount'));
    default:
      return sum(main);
  }
}

/** The series of a statistic: at the finest resolution, or for those that do not add up at the period of the alarm. */
function pointsOf(series: ReadonlyMap<string, Points>, stat: MetricStat, statistic: string): Points | undefined {
  for (const { seconds } of retention) {
    const found = series.get(seriesKey(stat, statistic, seconds));
    if (found !== undefined) return found;
  }
  return series.get(seriesKey(stat, statistic, stat.periodSeconds));
}

function valuesWithin({ values, stat }: Points, startMs: EpochMs, endMs: EpochMs): readonly number[] {
  const step = stat.periodSeconds * 1000;
  const found: number[] = [];
  for (let end = Math.floor(startMs / step) * step + step; end <= endMs; end += step) {
    const value = values.get(end);
    if (value !== undefined) found.push(value);
  }
  return found;
}

async function fetchAll(
  client: CloudWatchSender,
  wanted: readonly Wanted[],
  options: AccountOptions,
): Promise<ReadonlyMap<string, Points>> {
  const series = new Map(wanted.map(one => [one.key, { ...one, values: new Map<EpochMs, number>() }]));
  const pieces = piecesOf(wanted, options);
  for (const [at, piece] of pieces.entries()) {
    for (const { key, times, values } of await fetchPiece(client, piece, options)) {
      const points = series.get(key);
      for (const [index, time] of times.entries()) points?.values.set(time + points.stat.periodSeconds * 1000, values[index] ?? 0);
    }
    options.onProgress?.(at + 1, pieces.length);
  }
  return series;
}

interface Piece {
  readonly wanted: readonly Wanted[];
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}

/** About a page each, by days: what is done is done, whatever happens to the rest. Windows reach back before the span. */
function piecesOf(wanted: readonly Wanted[], { fromMs, toMs }: AccountOptions): readonly Piece[] {
  const pieces: Piece[] = [];
  const reach = Math.max(0, ...wanted.map(({ stat }) => stat.periodSeconds)) * 1000 * 10;
  const finest = Math.min(3600, ...wanted.map(({ stat }) => stat.periodSeconds));
  const perDay = DAY / 1000 / finest;
  const batch = Math.min(QUERIES_PER_CALL, Math.max(1, Math.floor(POINTS_PER_PAGE / perDay)));
  for (let start = Math.floor((fromMs - reach) / DAY) * DAY; start < toMs; start += DAY) {
    for (let at = 0; at < wanted.length; at += batch) {
      pieces.push({ wanted: wanted.slice(at, at + batch), fromMs: start, toMs: Math.min(start + DAY, Math.ceil(toMs / MINUTE) * MINUTE) });
    }
  }
  return pieces;
}

interface Fetched {
  readonly key: string;
  /** Starts of periods. */
  readonly times: readonly EpochMs[];
  readonly values: readonly number[];
}

async function fetchPiece(client: CloudWatchSender, piece: Piece, options: AccountOptions): Promise<readonly Fetched[]> {
  const key = createHash('sha256')
    .update(JSON.stringify([options.name, piece.fromMs, piece.toMs, piece.wanted.map(one => one.key)]))
    .digest('hex')
    .slice(0, 32);
  const kept = await options.pieces?.read(key);
  if (kept !== undefined) return JSON.parse(kept) as readonly Fetched[];
  const found = piece.wanted.map(one => ({ key: one.key, times: [] as EpochMs[], values: [] as number[] }));
  let token: string | undefined;
  do {
    const page = await call(client, piece, token, options);
    for (const result of page.MetricDataResults ?? []) take(found, result);
    token = page.NextToken;
  } while (token !== undefined);
  await options.pieces?.write(key, JSON.stringify(found));
  return found;
}

function take(found: readonly { readonly times: EpochMs[]; readonly values: number[] }[], result: MetricDataResult): void {
  if (result.StatusCode === 'Forbidden' || result.StatusCode === 'InternalError')
    throw new Error(`GetMetricData: ${result.StatusCode} for ${result.Label ?? result.Id}`);
  const one = found[Number(result.Id?.slice(1))];
  for (const [at, time] of (result.Timestamps ?? []).entries()) {
    one?.times.push(time.getTime());
    one?.values.push(result.Values?.[at] ?? 0);
  }
}

async function call(client: CloudWatchSender, { wanted, fromMs, toMs }: Piece, token: string | undefined, { pause }: AccountOptions) {
  const command = () =>
    new GetMetricDataCommand({
      StartTime: new Date(fromMs),
      EndTime: new Date(toMs),
      ScanBy: 'TimestampAscending',
      MaxDatapoints: POINTS_PER_PAGE,
      ...(token === undefined ? {} : { NextToken: token }),
      MetricDataQueries: wanted.map(({ stat }, at) => ({
        Id: `q${at}`,
        ReturnData: true,
        MetricStat: {
          Metric: {
            Namespace: stat.namespace,
            MetricName: stat.metricName,
            Dimensions: Object.entries(stat.dimensions).map(([Name, Value]) => ({ Name, Value })),
          },
          Period: stat.periodSeconds,
          Stat: stat.statistic,
        },
      })),
    });
  return patiently(() => client.send(command()), pause);
}

const throttles = ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'LimitExceededFault', 'RequestLimitExceeded'];

/** One call after a pause, again after longer ones while the account says that it is too much. */
export async function patiently<T>(send: () => Promise<T>, pause: (ms: number) => Promise<void>): Promise<T> {
  await pause(1000 / CALLS_PER_SECOND);
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      if (!throttles.includes(name) || tries >= TRIES) throw error;
      await pause(500 * 2 ** tries);
    }
  }
}
