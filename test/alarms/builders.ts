import type { CompositeAlarm, MetricAlarm, MetricStat } from '../../core/alarms/definition.ts';
import type { MetricReader } from '../../core/alarms/metric-alarm.ts';
import { expandSeries } from '../../core/series/notation.ts';
import { createSeriesStore, type SeriesStore } from '../../core/series/series-store.ts';

export const MINUTE = 60_000;
export const START = Date.UTC(2026, 10, 22, 3, 0);

const NO_ACTIONS = { actionsEnabled: true, alarmActions: [], okActions: [], insufficientDataActions: [] };

export const stat = (metricName: string, over: Partial<MetricStat> = {}): MetricStat => ({
  namespace: 'Test',
  metricName,
  dimensions: {},
  statistic: 'Maximum',
  periodSeconds: 60,
  ...over,
});

/** An alarm on `Value` > 5 over one-minute points, 3 of 3, unless told otherwise. */
export function metricAlarm(over: Partial<MetricAlarm> = {}): MetricAlarm {
  const periodSeconds = over.periodSeconds ?? 60;
  return {
    kind: 'metric',
    name: 'test-alarm',
    ...NO_ACTIONS,
    queries: [{ id: 'm1', stat: stat('Value', { periodSeconds }), returnData: true }],
    periodSeconds,
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    operator: 'GreaterThanThreshold',
    threshold: 5,
    treatMissingData: 'missing',
    ...over,
  };
}

export const compositeAlarm = (rule: string, name = 'test-composite'): CompositeAlarm => ({ kind: 'composite', name, ...NO_ACTIONS, rule });

/** Points of a series text. @throws Error when the text is none, which is a fault of the test. */
export function points(text: string): readonly (number | null)[] {
  const expanded = expandSeries(text);
  if (!expanded.ok) throw new Error(expanded.error.message);
  return expanded.value;
}

/** A store with series of one point a minute (or another period) from START. */
export function storeOf(series: Readonly<Record<string, string>>, periodMs = MINUTE, startMs = START): SeriesStore {
  const store = createSeriesStore();
  for (const [metricName, text] of Object.entries(series)) {
    for (const [at, value] of points(text).entries()) {
      if (value !== null)
        store.put('Test', metricName, {}, startMs + at * periodMs, { values: [value], storageResolution: periodMs < MINUTE ? 1 : 60 });
    }
  }
  return store;
}

export const readerOf = (store: SeriesStore): MetricReader => ({ read: (wanted, fromMs, toMs) => store.read(wanted, fromMs, toMs) });
