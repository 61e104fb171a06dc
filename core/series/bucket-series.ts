import type { EpochMs } from '../time/instant.ts';
import { addSample, emptySamples, mergeSamples, type SampleSet } from './samples.ts';

/** Buckets of one chunk of memory. */
const CHUNK = 360;

interface Chunk {
  readonly count: Float64Array;
  readonly min: Float64Array;
  /** Present once a bucket holds unequal samples; otherwise all samples of a bucket equal its minimum. */
  max?: Float64Array;
  sum?: Float64Array;
  /** Value–count pairs of the buckets with unequal samples. */
  readonly pairs: Map<number, number[]>;
}

interface Late {
  readonly seenAtMs: EpochMs;
  readonly values: readonly number[];
  readonly counts: readonly number[] | undefined;
}

/** One metric at one resolution: samples added up per bucket, and those that arrived after their bucket had ended kept apart. */
export interface BucketSeries {
  readonly resolutionMs: number;
  add(atMs: EpochMs, values: readonly number[], counts: readonly number[] | undefined, seenAtMs: EpochMs): void;
  /** Samples with fromMs ≤ time < toMs, added to `into`. Both are multiples of the resolution. Late ones count when seen by `seenByMs`. */
  collect(fromMs: EpochMs, toMs: EpochMs, seenByMs: EpochMs, into: SampleSet): void;
  /** Whether a bucket of the span has samples that arrived late. */
  hasLate(fromMs: EpochMs, toMs: EpochMs): boolean;
  trim(beforeMs: EpochMs): void;
  newestMs(): EpochMs | undefined;
  /** Every non-empty bucket, oldest first; late samples by their own `seenAtMs`. */
  entries(): Iterable<{ readonly atMs: EpochMs; readonly set: SampleSet; readonly seenAtMs?: EpochMs }>;
}

export function createBucketSeries(resolutionMs: number): BucketSeries {
  const chunks = new Map<number, Chunk>();
  const late = new Map<number, Late[]>();
  let newest: number | undefined;

  const chunkOf = (bucket: number): Chunk => {
    const key = Math.floor(bucket / CHUNK);
    let chunk = chunks.get(key);
    if (chunk === undefined) {
      chunk = { count: new Float64Array(CHUNK), min: new Float64Array(CHUNK), pairs: new Map() };
      chunks.set(key, chunk);
    }
    return chunk;
  };

  // Reads and writes walk along one chunk, so the last one is at hand.
  let lastKey = Number.NaN;
  let lastChunk: Chunk | undefined;
  const knownChunk = (key: number): Chunk | undefined => {
    if (key !== lastKey) {
      lastChunk = chunks.get(key);
      lastKey = lastChunk === undefined ? Number.NaN : key;
    }
    return lastChunk;
  };

  const collectBucket = (bucket: number, seenByMs: EpochMs, into: SampleSet): void => {
    const key = Math.floor(bucket / CHUNK);
    const chunk = knownChunk(key);
    if (chunk !== undefined) collectFrom(chunk, bucket - key * CHUNK, into);
    if (late.size === 0) return;
    for (const entry of late.get(bucket) ?? []) if (entry.seenAtMs <= seenByMs) addValues(into, entry.values, entry.counts);
  };

  return {
    resolutionMs,
    add: (atMs, values, counts, seenAtMs) => {
      const bucket = Math.floor(atMs / resolutionMs);
      if (newest === undefined || bucket > newest) newest = bucket;
      if (seenAtMs > (bucket + 1) * resolutionMs) {
        const entry = { seenAtMs, values, counts };
        const others = late.get(bucket);
        if (others === undefined) late.set(bucket, [entry]);
        else others.push(entry);
        return;
      }
      const key = Math.floor(bucket / CHUNK);
      addTo(knownChunk(key) ?? chunkOf(bucket), bucket - key * CHUNK, values, counts);
    },
    collect: (fromMs, toMs, seenByMs, into) => {
      const last = Math.floor((toMs - 1) / resolutionMs);
      for (let bucket = Math.floor(fromMs / resolutionMs); bucket <= last; bucket += 1) collectBucket(bucket, seenByMs, into);
    },
    hasLate: (fromMs, toMs) => {
      if (late.size === 0) return false;
      for (const bucket of late.keys()) if (bucket * resolutionMs >= fromMs && bucket * resolutionMs < toMs) return true;
      return false;
    },
    trim: beforeMs => {
      const firstKept = Math.floor(beforeMs / resolutionMs);
      for (const key of chunks.keys()) if ((key + 1) * CHUNK <= firstKept) chunks.delete(key);
      lastKey = Number.NaN;
      for (const bucket of late.keys()) if (bucket < firstKept) late.delete(bucket);
    },
    newestMs: () => (newest === undefined ? undefined : newest * resolutionMs),
    *entries() {
      for (const [key, chunk] of [...chunks].sort((a, b) => a[0] - b[0])) {
        for (let at = 0; at < CHUNK; at += 1) {
          if ((chunk.count[at] ?? 0) === 0) continue;
          const set = emptySamples();
          collectFrom(chunk, at, set);
          yield { atMs: (key * CHUNK + at) * resolutionMs, set };
        }
      }
      for (const [bucket, entries] of late) {
        for (const entry of entries) {
          const set = emptySamples();
          addValues(set, entry.values, entry.counts);
          yield { atMs: bucket * resolutionMs, set, seenAtMs: entry.seenAtMs };
        }
      }
    },
  };
}

function addValues(set: SampleSet, values: readonly number[], counts: readonly number[] | undefined): void {
  for (let i = 0; i < values.length; i += 1) addSample(set, values[i] ?? 0, counts === undefined ? 1 : (counts[i] ?? 0));
}

/** One set is reused for every write: a store takes millions. */
const scratch = emptySamples();

function reset(set: SampleSet): void {
  set.count = 0;
  set.sum = 0;
  set.min = Number.POSITIVE_INFINITY;
  set.max = Number.NEGATIVE_INFINITY;
  set.pairs = undefined;
}

function addTo(chunk: Chunk, at: number, values: readonly number[], counts: readonly number[] | undefined): void {
  if (values.length === 1 && (chunk.count[at] ?? 0) === 0) {
    chunk.count[at] = counts?.[0] ?? 1;
    chunk.min[at] = values[0] ?? 0;
    return;
  }
  reset(scratch);
  load(chunk, at, scratch);
  addValues(scratch, values, counts);
  chunk.count[at] = scratch.count;
  chunk.min[at] = scratch.min;
  if (scratch.pairs === undefined) return;
  chunk.max ??= new Float64Array(CHUNK);
  chunk.sum ??= new Float64Array(CHUNK);
  chunk.max[at] = scratch.max;
  chunk.sum[at] = scratch.sum;
  chunk.pairs.set(at, scratch.pairs);
}

/** Fills an empty set from a bucket; its pairs are the bucket's own and may be written. */
function load(chunk: Chunk, at: number, set: SampleSet): void {
  const count = chunk.count[at] ?? 0;
  if (count === 0) return;
  set.count = count;
  set.min = chunk.min[at] ?? 0;
  const pairs = chunk.pairs.get(at);
  set.pairs = pairs;
  set.max = pairs === undefined ? set.min : (chunk.max?.[at] ?? 0);
  set.sum = pairs === undefined ? set.min * count : (chunk.sum?.[at] ?? 0);
}

const view = emptySamples();

function collectFrom(chunk: Chunk, at: number, into: SampleSet): void {
  const count = chunk.count[at] ?? 0;
  if (count === 0) return;
  if (chunk.pairs.size === 0 || !chunk.pairs.has(at)) {
    addSample(into, chunk.min[at] ?? 0, count);
    return;
  }
  reset(view);
  load(chunk, at, view);
  mergeSamples(into, view);
  view.pairs = undefined;
}
