/**
 * A mergeable histogram of non-negative numbers in logarithmic buckets: any quantile is within 2 % of the true value.
 * The idea is DDSketch's (Masson, Rim, Lee, VLDB 2019, https://www.vldb.org/pvldb/vol12/p2195-masson.pdf); a minute of
 * latencies fits the 150 values of one CloudWatch datum.
 */
export interface LatencySketch {
  /** Count per bucket; bucket k holds values in (g^(k−1), g^k]. */
  readonly buckets: Map<number, number>;
  /** Values too small to tell from zero. */
  zeros: number;
  count: number;
}

export const sketchAccuracy = 0.02;
const growth = (1 + sketchAccuracy) / (1 - sketchAccuracy);
const logGrowth = Math.log(growth);
const smallest = 1e-6;

export function emptySketch(): LatencySketch {
  return { buckets: new Map(), zeros: 0, count: 0 };
}

/** Negative values and non-numbers are not latencies: returns false and leaves the sketch alone. */
export function addToSketch(sketch: LatencySketch, value: number, times = 1): boolean {
  if (!(value >= 0) || value === Number.POSITIVE_INFINITY) return false;
  sketch.count += times;
  if (value < smallest) {
    sketch.zeros += times;
    return true;
  }
  const bucket = Math.ceil(Math.log(value) / logGrowth);
  sketch.buckets.set(bucket, (sketch.buckets.get(bucket) ?? 0) + times);
  return true;
}

/** Adds the counts of `from` to `into`. */
export function mergeSketch(into: LatencySketch, from: LatencySketch): void {
  into.count += from.count;
  into.zeros += from.zeros;
  for (const [bucket, times] of from.buckets) into.buckets.set(bucket, (into.buckets.get(bucket) ?? 0) + times);
}

/** The value at rank ⌊q·(n−1)⌋ within 2 %, or undefined when nothing was added. `quantile` is 0 to 1. */
export function sketchQuantile(sketch: LatencySketch, quantile: number): number | undefined {
  if (sketch.count === 0) return undefined;
  const rank = Math.floor(quantile * (sketch.count - 1));
  let before = sketch.zeros;
  if (rank < before) return 0;
  for (const bucket of sortedBuckets(sketch)) {
    before += sketch.buckets.get(bucket)!;
    if (rank < before) return bucketValue(bucket);
  }
  return undefined;
}

/** Bucket middles and their counts, ascending: the Values and Counts of a CloudWatch datum. */
export function sketchValues(sketch: LatencySketch): { readonly values: readonly number[]; readonly counts: readonly number[] } {
  const buckets = sortedBuckets(sketch);
  const values = buckets.map(bucketValue);
  const counts = buckets.map(bucket => sketch.buckets.get(bucket)!);
  return sketch.zeros > 0 ? { values: [0, ...values], counts: [sketch.zeros, ...counts] } : { values, counts };
}

export type SketchText = readonly [zeros: number, ...bucketAndCount: number[]];

export function encodeSketch(sketch: LatencySketch): SketchText {
  const text: [number, ...number[]] = [sketch.zeros];
  for (const bucket of sortedBuckets(sketch)) text.push(bucket, sketch.buckets.get(bucket)!);
  return text;
}

export function decodeSketch(text: SketchText): LatencySketch {
  const sketch = emptySketch();
  sketch.zeros = text[0];
  sketch.count = text[0];
  for (let at = 1; at + 1 < text.length; at += 2) {
    sketch.buckets.set(text[at]!, text[at + 1]!);
    sketch.count += text[at + 1]!;
  }
  return sketch;
}

function sortedBuckets(sketch: LatencySketch): number[] {
  return [...sketch.buckets.keys()].sort((a, b) => a - b);
}

/** The point of a bucket whose relative distance to both ends is the same. */
function bucketValue(bucket: number): number {
  return (2 * growth ** bucket) / (growth + 1);
}
