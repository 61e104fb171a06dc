/**
 * How large deviations usually are: counts by size per day, of which a quantile over the remembered days is read.
 * Sizes are kept to 10 % (buckets whose edges grow by 1.1), which is finer than any judgement made of them. Of a day that is over only
 * its largest deviations are kept, since the others cannot be among the largest of all days: the state stays small.
 */
import { MEMORY_DAYS } from './presets.ts';

export interface DeviationCounts {
  /** Points, hours with points, and the sum of their deviations. */
  readonly points: number;
  readonly hours: number;
  readonly sum: number;
  /** `[bucket, count]`, largest bucket first. Points without a bucket are smaller than those listed, or exactly 0. */
  readonly sizes: readonly (readonly [bucket: number, count: number])[];
}

export interface TailDay extends DeviationCounts {
  readonly day: number;
}

export interface Tail {
  /** Days that are over, oldest first. */
  readonly past: readonly TailDay[];
  /** All of them together; computed from them, and kept because it changes once a day only. */
  readonly total: DeviationCounts;
  readonly today?: TailDay;
}

const noCounts: DeviationCounts = { points: 0, hours: 0, sum: 0, sizes: [] };

export const emptyTail: Tail = { past: [], total: noCounts };

/** A tail of days as they were stored. */
export const tailOf = (past: readonly TailDay[], today: TailDay | undefined): Tail => ({
  past,
  total: past.reduce<DeviationCounts>(together, noCounts),
  ...(today === undefined ? {} : { today }),
});

const GROWTH = Math.log(1.1);
/** Smaller deviations are rounding of the arithmetic. */
const NOTHING = 1e-12;
/** Of a day's points that are kept when it is over. One in a hundred of ten equal days is at most one in ten of one day. */
const KEPT_SHARE = 0.125;

const bucketOf = (size: number): number => Math.floor(Math.log(size) / GROWTH);
const sizeOf = (bucket: number): number => Math.exp((bucket + 0.5) * GROWTH);

/** `startsHour` says that it is the first deviation of its hour. */
export function withDeviation(tail: Tail, day: number, size: number, { startsHour }: { readonly startsHour: boolean }): Tail {
  const { past, total, today } = tail.today === undefined || tail.today.day === day ? tail : dayOver(tail.past, tail.today);
  const { points, hours, sum, sizes } = today ?? noCounts;
  return {
    past,
    total,
    today: {
      day,
      points: points + 1,
      hours: hours + (startsHour || points === 0 ? 1 : 0),
      sum: sum + size,
      sizes: size < NOTHING ? sizes : counted(sizes, bucketOf(size), 1),
    },
  };
}

const dayOver = (past: readonly TailDay[], today: TailDay): Tail => tailOf([...past, keepLargest(today)].slice(1 - MEMORY_DAYS), undefined);

const together = (a: DeviationCounts, b: DeviationCounts): DeviationCounts => ({
  points: a.points + b.points,
  hours: a.hours + b.hours,
  sum: a.sum + b.sum,
  sizes: b.sizes.reduce((sizes, [bucket, count]) => counted(sizes, bucket, count), a.sizes),
});

function counted(sizes: DeviationCounts['sizes'], bucket: number, more: number): DeviationCounts['sizes'] {
  const at = sizes.findIndex(([known]) => known <= bucket);
  if (at < 0) return [...sizes, [bucket, more]];
  const [known, count] = sizes[at]!;
  return known === bucket ? sizes.with(at, [bucket, count + more]) : sizes.toSpliced(at, 0, [bucket, more]);
}

function keepLargest(day: TailDay): TailDay {
  let kept = 0;
  const sizes = day.sizes.filter(([, count]) => {
    const isKept = kept < day.points * KEPT_SHARE;
    kept += count;
    return isKept;
  });
  return { ...day, sizes };
}

export interface TailSummary {
  readonly points: number;
  readonly hours: number;
  /** Mean deviation; 0 without points. */
  readonly mean: number;
  /** The deviation that the share of all points stays within. The largest one seen when that is 0: then hardly any point deviates at all. */
  readonly usual: number;
}

export function summaryOf({ total, today = { day: 0, ...noCounts } }: Tail, usualShare: number): TailSummary {
  const points = total.points + today.points;
  const hours = total.hours + today.hours;
  const mean = points === 0 ? 0 : (total.sum + today.sum) / points;
  let above = points * (1 - usualShare);
  let largest: number | undefined;
  for (let past = 0, now = 0; past < total.sizes.length || now < today.sizes.length; ) {
    const [pastBucket, pastCount] = total.sizes[past] ?? [Number.NEGATIVE_INFINITY, 0];
    const [bucket, count] = today.sizes[now] ?? [Number.NEGATIVE_INFINITY, 0];
    if (pastBucket >= bucket) past++;
    else now++;
    const next = Math.max(pastBucket, bucket);
    largest ??= next;
    above -= pastBucket >= bucket ? pastCount : count;
    if (above < 0) return { points, hours, mean, usual: sizeOf(next) };
  }
  return { points, hours, mean, usual: largest === undefined ? 0 : sizeOf(largest) };
}
