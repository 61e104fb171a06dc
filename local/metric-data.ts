/** GetMetricData over the local store: plain statistics, metric math, and SEARCH over what the store holds. */
import type { MetricQuery } from '../core/alarms/definition.ts';
import type { MathSeries } from '../core/cloudwatch/metric-math.ts';
import { evaluateQueries, seriesOf } from '../core/cloudwatch/metric-math.ts';
import type { SeriesStore } from '../core/series/series-store.ts';
import type { EpochMs } from '../core/time/instant.ts';
import type { DataQuery, DataSeries } from './services/cloudwatch.ts';

/** Points per series; wider ranges get a longer period, as CloudWatch's retention would force. */
const maxPoints = 2_880;

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

/** Series of all queries that return data. An expression that cannot be evaluated gives a series with its reason as label. */
export function metricData(store: SeriesStore, queries: readonly DataQuery[], fromMs: EpochMs, toMs: EpochMs): readonly DataSeries[] {
  const common = Math.max(
    60,
    ...queries.filter(query => query.expression !== undefined).map(query => query.period ?? 0),
    ...queries.filter(query => query.expression === undefined).map(query => query.period ?? 60),
  );
  const needed = queries.some(query => query.expression !== undefined);
  const math = needed ? evaluated(store, queries, windowOf(common, fromMs, toMs)) : undefined;
  return queries.flatMap(query => {
    if (query.returnData === false) return [];
    if (query.expression !== undefined) return math?.get(query.id) ?? [];
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
    return new Map(expressions.map(query => [query.id, [{ id: query.id, label: result.error.message, timestamps: [], values: [] }]]));
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

/** `{Namespace,Dim1,Dim2} MetricName="X" token`: metrics with exactly these dimensions in which every token occurs. */
export function search(store: SeriesStore, expression: string, statistic: string, window: Window): readonly MathSeries[] {
  const match = /^\s*\{([^}]*)\}\s*(.*)$/s.exec(expression);
  const [namespace, ...dimensionNames] = (match?.[1] ?? '').split(',').map(part => part.trim().replace(/^"(.*)"$/, '$1'));
  const terms = [...(match?.[2] ?? expression).matchAll(/(?:(\w+)\s*=\s*)?(?:"([^"]*)"|([^\s"]+))/g)]
    .map(([, key, quoted, word]) => ({ key, text: quoted ?? word ?? '', isExact: quoted !== undefined }))
    .filter(({ text }) => text !== 'AND');
  const found = store.listMetrics(namespace === undefined || namespace === '' ? {} : { namespace }).filter(metric => {
    const names = Object.keys(metric.dimensions);
    if (match !== null && (names.length !== dimensionNames.length || !dimensionNames.every(name => names.includes(name)))) return false;
    return terms.every(({ key, text, isExact }) => {
      const places =
        key === 'MetricName'
          ? [metric.metricName]
          : key === 'Namespace'
            ? [metric.namespace]
            : key !== undefined
              ? [metric.dimensions[key] ?? '']
              : [metric.metricName, ...Object.values(metric.dimensions)];
      return places.some(place => (isExact ? place === text : place.toLowerCase().includes(text.toLowerCase())));
    });
  });
  return found.slice(0, 100).map((metric, index) => ({
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
