/**
 * What a strategy was worth over time, small enough to keep for years: minutes of a day, hours of four months, days for good. Each
 * coarser bucket keeps the last value and both extremes, so that no zoom hides a loss. Plain data; money as doubles, for charts only.
 */
import type { EpochMs } from '../time/instant.ts';
import type { StrategyGauges } from './gauges.ts';
import type { OrderCounts } from './view.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** Hours that one stored block holds. */
export const BLOCK_HOURS = 720;
/** How far back each resolution reaches. */
export const KEPT_MS = { minutes: 26 * HOUR_MS, hours: 120 * DAY_MS } as const;

/** Last, lowest and highest value of a bucket. */
export type Stat = readonly [last: number, min: number, max: number];

export interface HistoryPoint {
  /** Start of the bucket. */
  readonly at: EpochMs;
  readonly equity?: Stat;
  /** Net and unrealized profit and loss since the beginning. */
  readonly pnl?: Stat;
  /** Deepest fall below the peak in the bucket, as a fraction from 0. */
  readonly drawdown?: number;
  /** Orders since the beginning, as they were counted last in the bucket. */
  readonly orders?: CountedOrders;
}

/**
 * `[bucket, equity, pnl, drawdown, orders]`: the bucket counts minutes, hours or days since 1970 (UTC); what is not known is null. Orders stand in
 * every tenth minute and every fourth hour only, under the names of `orderKinds`.
 */
export type HistoryRow = readonly [
  bucket: number,
  equity: Stat | number | null,
  pnl: Stat | number | null,
  drawdown: number | null,
  orders?: readonly number[],
];

export const orderKinds = ['submitted', 'accepted', 'rejected', 'denied', 'filledWhole', 'filledPartly'] as const;

export type CountedOrders = Pick<OrderCounts, (typeof orderKinds)[number]>;

/** Minutes between two counts of orders: they keep an hour of minutes within 4 KB. */
const ORDER_MINUTES = 10;

/** A run of buckets in one item of the table, in their order. */
export interface HistoryChunk {
  readonly schemaVersion: 1;
  readonly rows: readonly HistoryRow[];
}

export const emptyChunk: HistoryChunk = { schemaVersion: 1, rows: [] };

/** Ten significant digits: exact to the cent below a hundred million, and short. */
const short = (value: number): number => Number(value.toPrecision(10));
const known = (value: number | undefined): number | null => (value === undefined || !Number.isFinite(value) ? null : short(value));

/** An hour's row as it is kept: with the counts of orders in the last of every four hours, which are those of the day's end as well. */
export function keptHour(row: HistoryRow): HistoryRow {
  const [hour, equity, pnl, drawdown] = row;
  return hour % 4 === 3 ? row : [hour, equity, pnl, drawdown];
}

/** One minute's sample; null when nothing about money is known, nor about orders. */
export function sampleOf(
  { equity, netPnl, unrealizedPnl, drawdown }: StrategyGauges,
  now: EpochMs,
  orders: CountedOrders | undefined,
): HistoryRow | null {
  const pnl = netPnl === undefined || unrealizedPnl === undefined ? undefined : netPnl + unrealizedPnl;
  const minute = Math.floor(now / MINUTE_MS);
  const row = [minute, known(equity), known(pnl), known(drawdown)] as const;
  if (orders !== undefined && minute % ORDER_MINUTES === 0) return [...row, orderKinds.map(kind => orders[kind])];
  return row[1] === null && row[2] === null ? null : row;
}

/** The chunk with a row put in its place; a row of the same bucket is replaced. */
export function withRow(chunk: HistoryChunk, row: HistoryRow): HistoryChunk {
  const before = chunk.rows.filter(([bucket]) => bucket < row[0]);
  const after = chunk.rows.filter(([bucket]) => bucket > row[0]);
  return { schemaVersion: 1, rows: [...before, row, ...after] };
}

/** Rows as one row of a coarser bucket; null without rows. */
export function summaryOf(rows: readonly HistoryRow[], bucket: number): HistoryRow | null {
  if (rows.length === 0) return null;
  const drawdowns = rows.map(row => row[3]).filter(value => value !== null);
  const row = [
    bucket,
    statOf(rows.map(each => each[1])),
    statOf(rows.map(each => each[2])),
    drawdowns.length === 0 ? null : Math.max(...drawdowns),
  ] as const;
  const orders = rows.findLast(each => each[4] !== undefined)?.[4];
  return orders === undefined ? row : [...row, orders];
}

function statOf(values: readonly (Stat | number | null)[]): Stat | null {
  const stats = values.filter(value => value !== null).map(asStat);
  const last = stats.at(-1);
  if (last === undefined) return null;
  return [last[0], Math.min(...stats.map(([, min]) => min)), Math.max(...stats.map(([, , max]) => max))];
}

const asStat = (value: Stat | number): Stat => (typeof value === 'number' ? [value, value, value] : value);

/** A row as it is drawn; `bucketMs` is the length of its bucket. */
export function pointOf([bucket, equity, pnl, drawdown, orders]: HistoryRow, bucketMs: number): HistoryPoint {
  return {
    at: bucket * bucketMs,
    ...(equity === null ? {} : { equity: asStat(equity) }),
    ...(pnl === null ? {} : { pnl: asStat(pnl) }),
    ...(drawdown === null ? {} : { drawdown }),
    ...(orders === undefined ? {} : { orders: Object.fromEntries(orderKinds.map((kind, at) => [kind, orders[at] ?? 0])) as CountedOrders }),
  };
}

export type Resolution = 'minutes' | 'hours' | 'days';

export const bucketLength: Readonly<Record<Resolution, number>> = { minutes: MINUTE_MS, hours: HOUR_MS, days: DAY_MS };

/** The finest resolution that reaches back to `from`, without more buckets than a screen has room for. */
export function resolutionFor(from: EpochMs, to: EpochMs, now: EpochMs): Resolution {
  if (from >= now - KEPT_MS.minutes) return 'minutes';
  return from >= now - KEPT_MS.hours && to - from <= 60 * DAY_MS ? 'hours' : 'days';
}

/** Days in one stored block: a year of 366 whatever its start. */
export const BLOCK_DAYS = 366;

/** What the ledger says of a closed or running trading day: net and unrealized P&L since the beginning, and flows, as decimals. */
export type LedgerDay = readonly [day: number, pnl: string | null, flows: string | null];

/** Exact values of all trading days, as of the last hour's sweep. */
export interface LedgerDays {
  readonly schemaVersion: 1;
  readonly at: EpochMs;
  readonly currency?: string;
  /** Decimal; absent without one. */
  readonly capital?: string;
  readonly days: readonly LedgerDay[];
}

/** Ten years: what one item holds with room. */
export const LEDGER_DAYS = 3_660;

/** A change that somebody made to a bot: a deploy, a halt, a resumption. */
export type Mark = readonly [at: EpochMs, action: string, actor: string, reason: string];

export const MARKS = 100;

/** Newest last; the same mark again changes nothing. */
export function withMark(marks: readonly Mark[], mark: Mark): readonly Mark[] {
  if (marks.some(known => known.every((value, index) => value === mark[index]))) return marks;
  return [...marks, mark].sort((a, b) => a[0] - b[0]).slice(-MARKS);
}
