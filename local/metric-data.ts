/** GetMetricData over the local store: plain statistics, metric math, and SEARCH over what the store holds. */
import type { MetricQuery } from '../core/alarms/definition.ts';
import type { MathSeries } from '../core/cloudwatch/metric-math.ts';
import { evaluateQueries, seriesOf } from '../core/cloudwatch/metric-math.ts';
import { parseSearch, SEARCH_LIMITS } from '../core/cloudwatch/search-expression.ts';
import type { SeriesStore } from '../core/series/series-store.ts';
import type { EpochMs } from '../core/time/instant.ts';
import type { DataQuery, DataSeries } from './services/cloudwatch.ts';

/**
 * Points per series, which is what CloudWatch gives in one request (API reference, "GetMetricData"); where more were asked for, the period is longer,
 * and a sum is that of the longer period.
 */
const maxPoints = 100_800;

interface Window {
  readonly startMs: EpochMs;
  readonly periodMs: number;
  readonly length: number;
}

function windowOf(periodSeconds: number, fromMs: EpochMs, toMs: EpochMs): Window {
  let periodMs = Math.max(1, periodSeconds) * 1_000;
  while ((toMs - fromMs) / periodMs > maxPoints) periodMs *= 2;
  const startMs = Math.floor(fromMs / periodMs) * periodMs;
  return { startMs, periodMs, length: Math.max(0, Math.ceil((toMs - startMs) / periodMs)) };
}

/** The range as one period, of whole minutes. */
function wholeWindow(fromMs: EpochMs, toMs: EpochMs): Window {
  const startMs = Math.floor(fromMs / 60_000) * 60_000;
  return { startMs, periodMs: Math.max(1, Math.ceil((toMs - startMs) / 60_000)) * 60_000, length: 1 };
}

/** Series of all queries that return data. An expression that cannot be evaluated gives a series with its reason as label. */
export function metricData(store: SeriesStore, all: readonly DataQuery[], fromMs: EpochMs, toMs: EpochMs): readonly DataSeries[] {
  const queries = all.filter(({ isWhole }) => isWhole !== true);
  const whole = all.filter(({ isWhole }) => isWhole === true);
  return [...inPeriods(store, queries, fromMs, toMs), ...(whole.length === 0 ? [] : inOne(store, whole, wholeWindow(fromMs, toMs)))];
}

function inOne(store: SeriesStore, queries: readonly DataQuery[], window: Window): readonly DataSeries[] {
  const math = queries.some(({ expression }) => expression !== undefined) ? evaluated(store, queries, window) : new Map<string, never>();
  return queries.flatMap(query => {
    if (query.returnData === false) return [];
    if (query.expression !== undefined) return math.get(query.id) ?? [];
    return [pointsOf(query.id, query.label ?? query.metricName ?? query.id, read(store, query, window), window)];
  });
}

function inPeriods(store: SeriesStore, queries: readonly DataQuery[], fromMs: EpochMs, toMs: EpochMs): readonly DataSeries[] {
  // A request may hold charts of several periods: each expression is computed at its own, or without one at that of the metrics.
  const ofMetrics = Math.max(60, ...queries.filter(query => query.expression === undefined).map(query => query.period ?? 60));
  const periodOf = ({ period = ofMetrics }: DataQuery): number => period;
  const periods = new Set(queries.filter(query => query.expression !== undefined).map(periodOf));
  const math = new Map(
    [...periods].map(period => {
      const own = queries.filter(query => query.expression === undefined || periodOf(query) === period);
      return [period, evaluated(store, own, windowOf(Math.max(60, period), fromMs, toMs))] as const;
    }),
  );
  return queries.flatMap(query => {
    if (query.returnData === false) return [];
    if (query.expression !== undefined) return math.get(periodOf(query))?.get(query.id) ?? [];
    const window = windowOf(query.period ?? 60, fromMs, toMs);
    return [pointsOf(query.id, query.label ?? query.metricName ?? query.id, read(store, query, window), window)];
  });
}

function read(store: SeriesStore, query: DataQuery, { startMs, periodMs, length }: Window): readonly (number | null)[] {
  const stat = {
    namespace: query.namespace ?? '',
    metricName: query.metricName ?? '',
    dimensions: query.dimensions ?? {},
    statistic: query.stat ?? 'Average',
    periodSeconds: periodMs / 1_000,
  };
  return store.read(stat, startMs, startMs + length * periodMs);
}

function pointsOf(id: string, label: string, values: readonly (number | null)[], { startMs, periodMs }: Window): DataSeries {
  const timestamps: number[] = [];
  const known: number[] = [];
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) return;
    timestamps.push(startMs + index * periodMs);
    known.push(value);
  });
  return { id, label, timestamps, values: known };
}

function evaluated(store: SeriesStore, queries: readonly DataQuery[], window: Window): ReadonlyMap<string, readonly DataSeries[]> {
  const asQueries = queries.map((query): MetricQuery => {
    const common = { id: query.id, returnData: query.returnData !== false, ...(query.label === undefined ? {} : { label: query.label }) };
    if (query.expression !== undefined) return { ...common, expression: query.expression };
    return {
      ...common,
      stat: {
        namespace: query.namespace ?? '',
        metricName: query.metricName ?? '',
        dimensions: query.dimensions ?? {},
        statistic: query.stat ?? 'Average',
        periodSeconds: window.periodMs / 1_000,
      },
    };
  });
  const result = evaluateQueries(asQueries, {
    ...window,
    read: ({ stat }) => store.read(stat, window.startMs, window.startMs + window.length * window.periodMs),
    search: (expression, statistic) => search(store, expression, statistic, window),
  });
  const expressions = queries.filter(query => query.expression !== undefined);
  if (!result.ok)
    return new Map(
      expressions.map(query => [
        query.id,
        [{ id: query.id, label: result.error.message, timestamps: [], values: [], problem: result.error.message }],
      ]),
    );
  return new Map(
    expressions.map(query => {
      const value = result.value.get(query.id);
      const series = value === undefined ? undefined : seriesOf(value);
      if (series === undefined || !series.ok) return [query.id, []];
      const isOne = series.value.length === 1;
      return [
        query.id,
        series.value.map(({ label, values }) => pointsOf(query.id, isOne ? (query.label ?? (label || query.id)) : label, values, window)),
      ];
    }),
  );
}

/** Metrics that a search finds, by name and dimensions so that colours keep their order; the same reading that `check` has. Nothing for one that does not parse. */
export function search(store: SeriesStore, expression: string, statistic: string, window: Window): readonly MathSeries[] {
  const test = parseSearch(expression);
  if (!test.ok) return [];
  const namespace = /^\s*\{\s*"?([^,"}]+)/.exec(expression)?.[1]?.trim();
  const found = store.listMetrics(namespace === undefined ? {} : { namespace }).filter(test.value);
  return found.slice(0, SEARCH_LIMITS.series).map((metric, index) => ({
    id: `s${index}`,
    label: Object.values(metric.dimensions).join(' ') || metric.metricName,
    isMetric: true,
    values: store.read(
      { ...metric, statistic, periodSeconds: window.periodMs / 1_000 },
      window.startMs,
      window.startMs + window.length * window.periodMs,
    ),
  }));
}
