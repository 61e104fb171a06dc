/** What an alarm looks like on a chart: its threshold with the side that breaches shaded, and the metrics it watches. Pure. */
import type { AlarmView } from '../api.ts';
import type { HorizontalMark } from './model.ts';
import type { MetricRow } from './shorthand.ts';

export function thresholdMarks(alarm: AlarmView | undefined): HorizontalMark[] {
  if (alarm?.threshold === undefined) return [];
  const below = alarm.operator?.startsWith('LessThan') === true;
  return [{ value: alarm.threshold, label: `limit ${alarm.threshold}`, fill: below ? 'below' : 'above', yAxis: 'left' }];
}

type Bag = Readonly<Record<string, unknown>>;
const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null ? (value as Bag) : {});

/** The alarm's metric queries as rows that can be asked for; both flat queries and those with a `stat` object are read. */
export function alarmRows(alarm: AlarmView): MetricRow[] {
  return (alarm.metrics ?? []).flatMap((query, index): MetricRow[] => {
    const top = bag(query);
    const stat = typeof top['stat'] === 'object' ? bag(top['stat']) : top;
    const id = typeof top['id'] === 'string' ? top['id'] : `auto${index}`;
    const period = top['periodSeconds'] ?? top['period'] ?? stat['periodSeconds'] ?? stat['period'];
    const statistic = stat['statistic'] ?? stat['stat'];
    const label = typeof top['label'] === 'string' ? { label: top['label'] } : {};
    const common = {
      ...label,
      id,
      visible: top['returnData'] !== false,
      yAxis: 'left' as const,
      stat: typeof statistic === 'string' ? statistic : 'Average',
      periodSeconds: typeof period === 'number' ? period : (alarm.periodSeconds ?? 60),
    };
    if (typeof top['expression'] === 'string') {
      return [{ ...common, name: top['expression'], source: { kind: 'expression' as const, expression: top['expression'] } }];
    }
    if (typeof stat['metricName'] !== 'string' || typeof stat['namespace'] !== 'string') return [];
    const dimensions = Object.fromEntries(Object.entries(bag(stat['dimensions'])).map(([name, value]) => [name, String(value)]));
    return [
      {
        ...common,
        name: stat['metricName'],
        source: { kind: 'metric' as const, namespace: stat['namespace'], metricName: stat['metricName'], dimensions },
      },
    ];
  });
}
