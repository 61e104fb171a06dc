/** The past that alarms are replayed over, whatever it came from. */
import type { MetricStat } from '../alarms/definition.ts';
import type { HistoryReader } from '../alarms/evaluate-history.ts';
import type { FastBreach } from '../incidents/breach.ts';
import { alignDown, type MetricIdentity, type SeriesStore } from '../series/series-store.ts';
import type { EpochMs } from '../time/instant.ts';

export interface BacktestHistory extends HistoryReader {
  /** When observation began: an alarm without any data is not judged while its window reaches back before this. */
  readonly fromMs: EpochMs;
  /** Time of the last evaluation, inclusive. */
  readonly toMs: EpochMs;
  /**
   * Whether the source can speak of a metric at all. Silence of a metric that it knows is silence; one that it does not know
   * is not replayed.
   */
  readonly knows: (metric: MetricIdentity) => boolean;
  /** Where it comes from, for people: `events month.ndjson`. */
  readonly source: string;
  /** What the source cannot carry, one sentence each. */
  readonly fidelity: readonly string[];
  /** Points shorter than this are not there: alarms of a shorter period are not replayed. */
  readonly finestSeconds?: number;
  /** Why bands cannot be replayed from this source; absent when our stand-in may judge them. */
  readonly noBands?: string;
  /** What the stack's own fast path would have said; only event files tell. */
  readonly fast?: readonly SaidBreach[];
}

/** A breach of the fast path and when it was said, which for a death is later than the missed deadline. */
export interface SaidBreach {
  readonly breach: FastBreach;
  readonly saidAtMs: EpochMs;
}

const MINUTE = 60_000;

/**
 * Reads of a store that is complete: each statistic is computed once for every minute and then looked up. The answers are those of
 * `store.read`; where samples arrived late, or a period is no multiple of a minute, the store itself is asked.
 * @param span minutes that are looked up; reads beyond go to the store.
 */
export function frozenReader(store: SeriesStore, span: { readonly fromMs: EpochMs; readonly toMs: EpochMs }): HistoryReader {
  const origin = alignDown(span.fromMs, MINUTE);
  const length = Math.max(0, Math.ceil((span.toMs - origin) / MINUTE));
  const tables = new Map<string, Float64Array>();
  const keys = new WeakMap<MetricStat, string>();

  const tableOf = (stat: MetricStat): Float64Array | undefined => {
    let key = keys.get(stat);
    if (key === undefined) {
      key = `${stat.namespace}\n${stat.metricName}\n${JSON.stringify(stat.dimensions)}\n${stat.statistic}\n${stat.periodSeconds}`;
      keys.set(stat, key);
    }
    const known = tables.get(key);
    if (known !== undefined) return known;
    if (stat.periodSeconds % 60 !== 0 || store.hasLate(stat, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)) return undefined;
    const table = slidingTable(store, stat, origin, length);
    tables.set(key, table);
    return table;
  };

  return {
    hasLate: (stat, fromMs, toMs) => store.hasLate(stat, fromMs, toMs),
    read: (stat, fromMs, toMs, seenByMs) => {
      const table = tableOf(stat);
      if (table === undefined) return store.read(stat, fromMs, toMs, seenByMs);
      const stride = stat.periodSeconds / 60;
      const values: (number | null)[] = [];
      let at = Math.floor((fromMs - origin) / MINUTE);
      for (let start = alignDown(fromMs, MINUTE); start < toMs; start += stat.periodSeconds * 1000) {
        const value = at >= 0 && at < length ? table[at]! : Number.NaN;
        values.push(Number.isNaN(value) ? null : value);
        at += stride;
      }
      return values;
    },
  };
}

/** For every minute the statistic over the period that starts there; NaN where there are no samples. */
function slidingTable(store: SeriesStore, stat: MetricStat, origin: EpochMs, length: number): Float64Array {
  const table = new Float64Array(length).fill(Number.NaN);
  const stride = stat.periodSeconds / 60;
  for (let phase = 0; phase < Math.min(stride, length); phase += 1) {
    const values = store.read(stat, origin + phase * MINUTE, origin + length * MINUTE);
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at];
      if (value !== null && value !== undefined) table[phase + at * stride] = value;
    }
  }
  return table;
}
