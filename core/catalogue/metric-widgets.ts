/** One row as one widget: its series, its title with unit and statistic, and the thresholds of its alarms. */
import type { NightdeskConfig } from '../config/types.ts';
import { type AlarmSurroundings, metricStat, rulesOf } from './alarm-definitions.ts';
import type { HorizontalAnnotation, MetricEntry, Sized } from './dashboard-layout.ts';
import { type CatalogueRow, isMetricId, rowOf } from './index.ts';
import type { Metric } from './metric.ts';
import { limitOf, type MetricSeries, seriesOf } from './series.ts';
import { showQuantity, units } from './unit.ts';

export interface DashboardSurroundings extends AlarmSurroundings {
  readonly region: string;
  readonly alarmArn: (alarmName: string) => string;
  readonly functionArn: (name: 'widgets') => string;
  /** The log groups' names by bot id are computed; nothing to give. */
}

/** Red that stays apart from the default series colours for colour-blind readers, always with a label. */
const THRESHOLD_COLOUR = '#d13212';

/** Shares are stored as fractions and shown in percent. */
const scaleOf = ({ unit }: Metric): number => (unit === 'share' ? 100 : 1);

/** Statistics drawn together: a usual and a bad case where percentiles exist. */
const shownStatistics = ({ source, statistic }: Metric): readonly string[] =>
  source.from === 'sketch' && statistic === 'p99' ? ['p50', 'p99'] : [statistic];

/** The unit in words; money has the strategies' currency when they share one. */
function unitText({ unit }: Metric, config: NightdeskConfig): string {
  const currencies = new Set(config.bots.flatMap(bot => bot.strategies.map(({ currency }) => currency)));
  const [only] = currencies;
  return unit === 'money' && currencies.size === 1 && only !== undefined ? only : units[unit].text;
}

/** `CPU usage (%, Average)`. */
export function titleOf(metric: Metric, config: NightdeskConfig): string {
  const statistic = metric.source.from === 'math' ? 'over 5 minutes' : shownStatistics(metric).join(' and ');
  return `${metric.title} (${unitText(metric, config)}, ${statistic})`;
}

const sizes = {
  line: { width: 8, height: 6 },
  stacked: { width: 8, height: 6 },
  number: { width: 6, height: 4 },
  gauge: { width: 8, height: 5 },
  table: { width: 12, height: 6 },
} as const;

export function widgetOf(row: CatalogueRow, config: NightdeskConfig, around: DashboardSurroundings): Sized {
  const { metric } = row;
  const kind = metric.widget.kind;
  const annotations = kind === 'gauge' ? [] : thresholdsOf(row, config);
  const yAxis =
    metric.widget.kind === 'gauge'
      ? { left: { min: metric.widget.min, max: metric.widget.max } }
      : { left: { label: unitText(metric, config), showUnits: false, ...(metric.unit === 'flag' ? { min: 0, max: 1 } : {}) } };
  return {
    type: 'metric',
    ...sizes[kind],
    properties: {
      title: titleOf(metric, config),
      view: kind === 'line' || kind === 'stacked' ? 'timeSeries' : kind === 'number' ? 'singleValue' : kind,
      region: around.region,
      metrics: seriesOf(row, config).flatMap((series, index) => entriesOf(row, series, index, config, around)),
      period: periodOf(metric),
      ...(kind === 'stacked' ? { stacked: true } : {}),
      ...(kind === 'number' ? { sparkline: true } : {}),
      yAxis,
      ...(annotations.length === 0 ? {} : { annotations: { horizontal: annotations } }),
    },
  };
}

const periodOf = (metric: Metric): number => (metric.source.from === 'math' ? (rulesOf(metric)[0]?.everySeconds ?? 60) : 60);

/** Lines of one series. What is scaled or computed needs hidden inputs, whose ids end in the series' number. */
export function entriesOf(
  row: CatalogueRow,
  series: MetricSeries,
  index: number,
  config: NightdeskConfig,
  around: AlarmSurroundings,
): readonly MetricEntry[] {
  const { metric } = row;
  const label = Object.values(series.dimensions)[0] ?? metric.title;
  const scale = scaleOf(metric);
  if (metric.source.from === 'math') {
    const { inputs, expression } = metric.source;
    const hidden = Object.entries(inputs).map(([id, input]): MetricEntry => {
      if (!isMetricId(input.metric)) throw new RangeError(`${row.id}: input ${id} names no metric: ${input.metric}`);
      return entry(rowOf(input.metric), series, config, around, { id: `${id}${index}`, stat: input.statistic, visible: false });
    });
    const names = Object.keys(inputs);
    const renamed = names.reduce((text, id) => text.replace(new RegExp(`\\b${id}\\b`, 'g'), `${id}${index}`), expression);
    return [...hidden, [{ expression: scale === 1 ? renamed : `(${renamed}) * ${scale}`, id: `e${index}`, label }]];
  }
  if (scale !== 1) {
    const id = `m${index}`;
    return [
      entry(row, series, config, around, { id, stat: metric.statistic, visible: false }),
      [{ expression: `${id} * ${scale}`, id: `e${index}`, label }],
    ];
  }
  const statistics = shownStatistics(metric);
  return statistics.map(stat => entry(row, series, config, around, { stat, label: statistics.length === 1 ? label : `${label} ${stat}` }));
}

function entry(
  row: CatalogueRow,
  series: MetricSeries,
  config: NightdeskConfig,
  around: AlarmSurroundings,
  rendering: Readonly<Record<string, unknown>>,
): MetricEntry {
  const stat = metricStat(row, series, { statistic: row.metric.statistic, periodSeconds: 60 }, config, around);
  return [stat.namespace, stat.metricName, ...Object.entries(stat.dimensions).flat(), rendering];
}

/** One line per limit, labelled with what it is and, where limits differ, whose. */
function thresholdsOf(row: CatalogueRow, config: NightdeskConfig): readonly HorizontalAnnotation[] {
  const { metric } = row;
  const series = seriesOf(row, config);
  return rulesOf(metric).flatMap(rule => {
    if (rule.kind === 'anomaly') return [];
    const owners = new Map<number, string[]>();
    for (const each of series) {
      const limit = limitOf(rule.limit, each);
      if (limit === undefined) continue;
      owners.set(limit, [...(owners.get(limit) ?? []), Object.values(each.dimensions)[0] ?? '']);
    }
    return [...owners].map(([limit, names]) => ({
      label: `${rule.id} ${rule.is} ${showQuantity({ unit: metric.unit, value: limit })}${owners.size > 1 ? ` (${names.join(', ')})` : ''}`,
      value: Number((limit * scaleOf(metric)).toPrecision(12)),
      color: THRESHOLD_COLOUR,
    }));
  });
}
