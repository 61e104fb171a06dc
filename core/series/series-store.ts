import type { Dimensions, MetricStat } from '../alarms/definition.ts';
import type { EpochMs } from '../time/instant.ts';
import { type BucketSeries, createBucketSeries } from './bucket-series.ts';
import { emptySamples, type SampleSet, statisticOf } from './samples.ts';
import { parseStatistic } from './statistic.ts';

export interface MetricIdentity {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Dimensions;
}

export interface MetricListing extends MetricIdentity {
  /** Start of the newest bucket that has data. */
  readonly newestMs: EpochMs;
}

export interface SampleBatch {
  readonly values: readonly number[];
  /** Times that each value occurred; each once when absent. */
  readonly counts?: readonly number[];
  /** 1 keeps buckets of one second beside those of a minute (high-resolution metrics). */
  readonly storageResolution?: 1 | 60;
}

export interface SeriesStore {
  /**
   * Adds samples. `seenAtMs` is when they arrived (default: at their own time): samples that arrive after the end of their bucket
   * are visible only to reads that name a later `seenByMs`. Values that are not finite, and counts that are not positive, are left out.
   */
  put(namespace: string, metricName: string, dimensions: Dimensions, atMs: EpochMs, samples: SampleBatch, seenAtMs?: EpochMs): void;
  /**
   * One value a period from `fromMs` (floored to the bucket) as long as a period starts before `toMs`; null where there are no samples.
   * Periods start at `fromMs`, not at multiples of the period: callers that want the clock's align first (`alignDown`).
   * Unknown statistics give nulls.
   */
  read(stat: MetricStat, fromMs: EpochMs, toMs: EpochMs, seenByMs?: EpochMs): (number | null)[];
  /** Whether samples of the span arrived late, so that the answer depends on `seenByMs`. */
  hasLate(metric: MetricIdentity, fromMs: EpochMs, toMs: EpochMs): boolean;
  /** Metrics that have data, sorted by namespace, name and dimensions. */
  listMetrics(filter?: MetricFilter): readonly MetricListing[];
  /** Forgets samples before the time, and metrics without any left. */
  trim(beforeMs: EpochMs): void;
  /** Everything as JSON text, for `restoreSeries`. */
  serialise(): string;
}

export interface MetricFilter {
  readonly namespace?: string;
  readonly metricName?: string;
  /** Dimensions that a metric must have; an undefined value accepts any. */
  readonly dimensions?: Readonly<Record<string, string | undefined>>;
}

const MINUTE = 60_000;
const SECOND = 1000;
/** Buckets of one second are kept for three hours. Source: CloudWatch user guide, metrics retention. */
const SECONDS_RETENTION = 3 * 3_600_000;

interface Entry extends MetricIdentity {
  readonly minutes: BucketSeries;
  seconds: BucketSeries | undefined;
}

/** Largest multiple of the period at or before the time. */
export const alignDown = (ms: EpochMs, periodMs: number): EpochMs => Math.floor(ms / periodMs) * periodMs;

/** Key of a metric: equal for equal dimensions in any order. */
export function metricKey(namespace: string, metricName: string, dimensions: Dimensions): string {
  const names = Object.keys(dimensions);
  if (names.length > 1) names.sort();
  let key = `${namespace}\u0000${metricName}`;
  for (const name of names) key += `\u0000${name}\u0001${dimensions[name]}`;
  return key;
}

export function createSeriesStore(): SeriesStore {
  const entries = new Map<string, Entry>();
  const statKeys = new WeakMap<MetricStat, string>();

  const entryOf = (stat: MetricStat): Entry | undefined => {
    let key = statKeys.get(stat);
    if (key === undefined) {
      key = metricKey(stat.namespace, stat.metricName, stat.dimensions);
      statKeys.set(stat, key);
    }
    return entries.get(key);
  };

  const put: SeriesStore['put'] = (namespace, metricName, dimensions, atMs, samples, seenAtMs = atMs) => {
    const key = metricKey(namespace, metricName, dimensions);
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = { namespace, metricName, dimensions: { ...dimensions }, minutes: createBucketSeries(MINUTE), seconds: undefined };
      entries.set(key, entry);
    }
    const clean = cleaned(samples);
    if (clean.values.length === 0) return;
    entry.minutes.add(atMs, clean.values, clean.counts, seenAtMs);
    if (samples.storageResolution !== 1) return;
    entry.seconds ??= createBucketSeries(SECOND);
    entry.seconds.add(atMs, clean.values, clean.counts, seenAtMs);
    if (atMs % MINUTE < SECOND) entry.seconds.trim(atMs - SECONDS_RETENTION);
  };

  return {
    put,
    read: (stat, fromMs, toMs, seenByMs = Number.POSITIVE_INFINITY) => {
      const entry = entryOf(stat);
      const periodMs = stat.periodSeconds * 1000;
      const series = periodMs < MINUTE ? entry?.seconds : entry?.minutes;
      const from = alignDown(fromMs, periodMs < MINUTE ? SECOND : MINUTE);
      const statistic = parseStatistic(stat.statistic);
      const values: (number | null)[] = [];
      const set: SampleSet = emptySamples();
      for (let start = from; start < toMs; start += periodMs) {
        if (series === undefined || statistic === undefined) {
          values.push(null);
          continue;
        }
        set.count = 0;
        set.sum = 0;
        set.min = Number.POSITIVE_INFINITY;
        set.max = Number.NEGATIVE_INFINITY;
        set.pairs = undefined;
        series.collect(start, start + periodMs, seenByMs, set);
        values.push(statisticOf(set, statistic));
      }
      return values;
    },
    hasLate: (metric, fromMs, toMs) => {
      const entry = entries.get(metricKey(metric.namespace, metric.metricName, metric.dimensions));
      return entry !== undefined && (entry.minutes.hasLate(fromMs, toMs) || entry.seconds?.hasLate(fromMs, toMs) === true);
    },
    listMetrics: filter =>
      [...entries]
        .filter(([, entry]) => accepts(filter, entry))
        .sort(byKey)
        .flatMap(([, entry]) => listing(entry)),
    trim: beforeMs => {
      for (const [key, entry] of entries) {
        entry.minutes.trim(beforeMs);
        entry.seconds?.trim(beforeMs);
        const newest = entry.minutes.newestMs();
        if (newest === undefined || newest < beforeMs) entries.delete(key);
      }
    },
    serialise: () => JSON.stringify({ version: 1, metrics: [...entries.values()].map(saved) }),
  };
}

/** The samples without values that are not finite and counts that are not positive; the same object in the usual case. */
function cleaned(samples: SampleBatch): SampleBatch {
  for (let at = 0; at < samples.values.length; at += 1) if (!isUsable(samples, at)) return onlyUsable(samples);
  return samples;
}

const isUsable = ({ values, counts }: SampleBatch, at: number): boolean =>
  Number.isFinite(values[at]) && (counts === undefined || (counts[at] ?? 0) > 0);

function onlyUsable(samples: SampleBatch): SampleBatch {
  const { values, counts } = samples;
  const indexes = values.map((_, at) => at).filter(at => isUsable(samples, at));
  const kept = indexes.map(at => values[at] ?? 0);
  return counts === undefined ? { values: kept } : { values: kept, counts: indexes.map(at => counts[at] ?? 0) };
}

const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]): number => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);

function listing(entry: Entry): MetricListing[] {
  const newestMs = entry.minutes.newestMs();
  return newestMs === undefined
    ? []
    : [{ namespace: entry.namespace, metricName: entry.metricName, dimensions: entry.dimensions, newestMs }];
}

function accepts(filter: MetricFilter | undefined, entry: MetricIdentity): boolean {
  if (filter === undefined) return true;
  if (filter.namespace !== undefined && filter.namespace !== entry.namespace) return false;
  if (filter.metricName !== undefined && filter.metricName !== entry.metricName) return false;
  return Object.entries(filter.dimensions ?? {}).every(
    ([name, value]) => Object.hasOwn(entry.dimensions, name) && (value === undefined || entry.dimensions[name] === value),
  );
}

type SavedBucket = readonly [atMs: number, pairs: readonly number[], resolution: 1 | 60, seenAtMs?: number];

interface SavedMetric extends MetricIdentity {
  readonly buckets: readonly SavedBucket[];
}

function saved(entry: Entry): SavedMetric {
  const buckets: SavedBucket[] = [];
  const write = (series: BucketSeries | undefined, resolution: 1 | 60): void => {
    for (const { atMs, set, seenAtMs } of series?.entries() ?? []) {
      const pairs = set.pairs ?? [set.min, set.count];
      buckets.push(seenAtMs === undefined ? [atMs, pairs, resolution] : [atMs, pairs, resolution, seenAtMs]);
    }
  };
  write(entry.minutes, 60);
  write(entry.seconds, 1);
  return { namespace: entry.namespace, metricName: entry.metricName, dimensions: entry.dimensions, buckets };
}

/** A store from the text that `serialise` gave. @throws SyntaxError when the text is not such JSON. */
export function restoreSeries(text: string): SeriesStore {
  const parsed = JSON.parse(text) as { readonly version: number; readonly metrics: readonly SavedMetric[] };
  if (parsed.version !== 1) throw new SyntaxError(`series of version ${parsed.version} are not known; this program writes version 1`);
  const store = createSeriesStore();
  for (const metric of parsed.metrics) {
    // Seconds write their minute again, so a minute that has seconds is left to them.
    const inSeconds = new Set(metric.buckets.filter(bucket => bucket[2] === 1).map(bucket => alignDown(bucket[0], MINUTE)));
    for (const [atMs, pairs, resolution, seenAtMs] of metric.buckets) {
      if (resolution === 60 && inSeconds.has(atMs)) continue;
      const values = pairs.filter((_, at) => at % 2 === 0);
      const counts = pairs.filter((_, at) => at % 2 === 1);
      store.put(
        metric.namespace,
        metric.metricName,
        metric.dimensions,
        atMs,
        { values, counts, storageResolution: resolution },
        seenAtMs ?? atMs,
      );
    }
  }
  return store;
}
