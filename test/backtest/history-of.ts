/** Small histories and alarms for tests: series in the notation of the catalogue, from 2026-03-09 13:30 UTC. */
import type { CompositeAlarm, MetricAlarm } from '../../core/alarms/definition.ts';
import { type BacktestHistory, frozenReader } from '../../core/backtest/history.ts';
import { expandSeries } from '../../core/series/notation.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';

export const startMs = Date.UTC(2026, 2, 9, 13, 30);
export const minute = 60_000;
export const at = (minutes: number): number => startMs + minutes * minute;

/** One point a minute for each metric of namespace `T`. */
export function historyOf(series: Readonly<Record<string, string>>, more: Partial<BacktestHistory> = {}): BacktestHistory {
  const store = createSeriesStore();
  let length = 0;
  for (const [name, text] of Object.entries(series)) {
    const points = expandSeries(text);
    if (!points.ok) throw new Error(points.error.message);
    length = Math.max(length, points.value.length);
    for (const [index, value] of points.value.entries()) if (value !== null) store.put('T', name, {}, at(index), { values: [value] });
  }
  return {
    ...frozenReader(store, { fromMs: startMs - 86_400_000, toMs: at(length + 1) }),
    fromMs: startMs,
    toMs: at(length),
    knows: ({ metricName }) => Object.hasOwn(series, metricName),
    source: 'a test',
    fidelity: [],
    ...more,
  };
}

export const alarm = (name: string, metricName: string, more: Partial<MetricAlarm> = {}): MetricAlarm => ({
  kind: 'metric',
  name,
  actionsEnabled: true,
  alarmActions: ['topic'],
  okActions: ['topic'],
  insufficientDataActions: [],
  queries: [{ id: 'm', stat: { namespace: 'T', metricName, dimensions: {}, statistic: 'Maximum', periodSeconds: 60 }, returnData: true }],
  periodSeconds: 60,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  operator: 'GreaterThanThreshold',
  threshold: 10,
  treatMissingData: 'notBreaching',
  ...more,
});

export const composite = (name: string, rule: string, more: Partial<CompositeAlarm> = {}): CompositeAlarm => ({
  kind: 'composite',
  name,
  rule,
  actionsEnabled: true,
  alarmActions: ['topic'],
  okActions: ['topic'],
  insufficientDataActions: [],
  ...more,
});
