import type { Bounds, ParsedStatistic } from './statistic.ts';

/** Samples of one time span, added up. `pairs` holds `[value, count, …]` when the samples are not all equal. */
export interface SampleSet {
  count: number;
  sum: number;
  min: number;
  max: number;
  pairs: number[] | undefined;
}

/** Distinct values that a span keeps exactly; beyond, values share buckets of `LOG_BUCKET` relative width. */
export const EXACT_VALUES = 150;
/** Relative width of a bucket, 1 %: the error of a percentile is then at most about 0.5 %. */
const LOG_BUCKET = Math.log(1.01);

export const emptySamples = (): SampleSet => ({
  count: 0,
  sum: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
  pairs: undefined,
});

/** Adds `count` samples of one value. */
export function addSample(set: SampleSet, value: number, count: number): void {
  if (set.count === 0) {
    set.count = count;
    set.sum = value * count;
    set.min = value;
    set.max = value;
    return;
  }
  if (set.pairs === undefined && value !== set.min) set.pairs = [set.min, set.count];
  if (set.pairs !== undefined) addPair(set.pairs, value, count);
  set.count += count;
  set.sum += value * count;
  if (value < set.min) set.min = value;
  if (value > set.max) set.max = value;
}

/** Adds all samples of another set. */
export function mergeSamples(set: SampleSet, other: SampleSet): void {
  if (other.count === 0) return;
  if (other.pairs === undefined) {
    addSample(set, other.min, other.count);
    return;
  }
  const { count, sum, min, max } = set;
  const pairs = set.pairs ?? (count === 0 ? [] : [min, count]);
  for (let at = 0; at < other.pairs.length; at += 2) addPair(pairs, other.pairs[at] ?? 0, other.pairs[at + 1] ?? 0);
  set.pairs = pairs;
  set.count = count + other.count;
  set.sum = sum + other.sum;
  set.min = Math.min(min, other.min);
  set.max = Math.max(max, other.max);
}

function addPair(pairs: number[], value: number, count: number): void {
  for (let at = 0; at < pairs.length; at += 2) {
    if (pairs[at] === value) {
      pairs[at + 1] = (pairs[at + 1] ?? 0) + count;
      return;
    }
  }
  pairs.push(value, count);
  if (pairs.length > EXACT_VALUES * 2) compact(pairs);
}

function compact(pairs: number[]): void {
  const buckets = new Map<number, { sum: number; count: number }>();
  for (let at = 0; at < pairs.length; at += 2) {
    const value = pairs[at] ?? 0;
    const count = pairs[at + 1] ?? 0;
    const key = value === 0 ? 0 : Math.sign(value) * (Math.floor(Math.log(Math.abs(value)) / LOG_BUCKET) + 100_000);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, { sum: value * count, count });
    else {
      bucket.sum += value * count;
      bucket.count += count;
    }
  }
  pairs.length = 0;
  for (const bucket of buckets.values()) pairs.push(bucket.sum / bucket.count, bucket.count);
}

/**
 * The statistic of a set; null for an empty set, and where it is undefined (a trimmed mean that keeps nothing).
 * Percentiles interpolate linearly between samples (quantile type 7, as numpy): CloudWatch does not publish its own rule.
 */
export function statisticOf(set: SampleSet, statistic: ParsedStatistic): number | null {
  if (set.count === 0) return null;
  switch (statistic.kind) {
    case 'SampleCount':
      return set.count;
    case 'Sum':
      return set.sum;
    case 'Average':
      return set.min === set.max ? set.min : set.sum / set.count;
    case 'Minimum':
      return set.min;
    case 'Maximum':
      return set.max;
    case 'percentile':
      return set.pairs === undefined ? set.min : quantile(sortedPairs(set), set.count, statistic.percent / 100);
    case 'rank':
      return rank(sortedPairs(set), set.count, statistic.bounds);
    case 'trimmed':
      return trimmed(sortedPairs(set), set.count, statistic);
  }
}

type Pair = readonly [value: number, count: number];

function sortedPairs(set: SampleSet): readonly Pair[] {
  if (set.pairs === undefined) return [[set.min, set.count]];
  const pairs: Pair[] = [];
  for (let at = 0; at < set.pairs.length; at += 2) pairs.push([set.pairs[at] ?? 0, set.pairs[at + 1] ?? 0]);
  return pairs.sort((a, b) => a[0] - b[0]);
}

function quantile(pairs: readonly Pair[], count: number, share: number): number {
  const position = Math.max(0, (count - 1) * share);
  const below = valueAt(pairs, Math.floor(position));
  const above = valueAt(pairs, Math.ceil(position));
  return below + (above - below) * (position - Math.floor(position));
}

function valueAt(pairs: readonly Pair[], index: number): number {
  let seen = 0;
  for (const [value, count] of pairs) {
    seen += count;
    if (index < seen) return value;
  }
  return pairs.at(-1)?.[0] ?? 0;
}

/** Percent of the samples in (from, to]. */
function rank(pairs: readonly Pair[], count: number, bounds: Bounds): number {
  return (100 * kept(pairs, count, bounds).reduce((sum, pair) => sum + pair[1], 0)) / count;
}

function trimmed(pairs: readonly Pair[], count: number, statistic: Extract<ParsedStatistic, { kind: 'trimmed' }>): number | null {
  const inside = kept(pairs, count, statistic.bounds);
  const insideCount = inside.reduce((sum, pair) => sum + pair[1], 0);
  if (statistic.of === 'count') return insideCount;
  const insideSum = inside.reduce((sum, pair) => sum + pair[0] * pair[1], 0);
  if (statistic.of === 'sum') return insideSum;
  if (insideCount === 0) return null;
  if (statistic.of === 'mean') return insideSum / insideCount;
  return winsorized(pairs, count, inside, statistic.bounds);
}

/** Mean with the samples beyond the bounds replaced by the nearest kept value. */
function winsorized(pairs: readonly Pair[], count: number, inside: readonly Pair[], bounds: Bounds): number {
  const low = inside[0]?.[0] ?? 0;
  const high = inside.at(-1)?.[0] ?? 0;
  const { below, above } = outside(pairs, count, bounds);
  const sum = inside.reduce((total, pair) => total + pair[0] * pair[1], 0);
  return (sum + low * below + high * above) / count;
}

function outside(pairs: readonly Pair[], count: number, bounds: Bounds): { readonly below: number; readonly above: number } {
  if (bounds.unit === 'percent') return { below: ((bounds.from ?? 0) / 100) * count, above: (1 - (bounds.to ?? 100) / 100) * count };
  const below = pairs.reduce((sum, [value, n]) => sum + (bounds.from !== undefined && value <= bounds.from ? n : 0), 0);
  const above = pairs.reduce((sum, [value, n]) => sum + (bounds.to !== undefined && value > bounds.to ? n : 0), 0);
  return { below, above };
}

/** Samples within the bounds. Percent bounds cut a value's count in parts, so that exactly the named share is kept. */
function kept(pairs: readonly Pair[], count: number, bounds: Bounds): readonly Pair[] {
  if (bounds.unit === 'value')
    return pairs.filter(([value]) => (bounds.from === undefined || value > bounds.from) && (bounds.to === undefined || value <= bounds.to));
  const from = ((bounds.from ?? 0) / 100) * count;
  const to = ((bounds.to ?? 100) / 100) * count;
  let seen = 0;
  const inside: Pair[] = [];
  for (const [value, n] of pairs) {
    const part = Math.min(seen + n, to) - Math.max(seen, from);
    seen += n;
    if (part > 1e-9) inside.push([value, part]);
  }
  return inside;
}
