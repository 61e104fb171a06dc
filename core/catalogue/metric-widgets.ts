/** One row as one widget: its series, its title with unit and statistic, and the thresholds of its alarms. */
import type { NightdeskConfig } from '../config/types.ts';
import { type AlarmSurroundings, metricStat, rulesOf } from './alarm-definitions.ts';
import type { HorizontalAnnotation, MetricEntry, Sized } from './dashboard-layout.ts';
import { tokens } from './dashboard-variables.ts';
import { type CatalogueRow, isMetricId, rowOf } from './index.ts';
import type { Metric } from './metric.ts';
import { metricName, namespaceOf } from './names.ts';
import { LINE_COLOURS, PALE_COLOURS } from './palette.ts';
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
export const shownStatistics = ({ source, statistic }: Metric): readonly string[] =>
  source.from === 'sketch' && statistic === 'p99' ? ['p50', 'p99'] : [statistic];

/** The currency of all strategies, when they share one. */
export function sharedCurrency(config: NightdeskConfig): string | undefined {
  const currencies = new Set(config.bots.flatMap(bot => bot.strategies.map(({ currency }) => currency)));
  return currencies.size === 1 ? [...currencies][0] : undefined;
}

/** The unit in words; money has the strategies' currency when they share one. */
const unitText = ({ unit }: Metric, config: NightdeskConfig): string =>
  (unit === 'money' ? sharedCurrency(config) : undefined) ?? units[unit].text;

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
      metrics: linesOf(row, config, around),
      period: periodOf(metric),
      ...(kind === 'stacked' ? { stacked: true } : {}),
      ...(kind === 'number' ? { sparkline: true } : {}),
      ...(kind === 'table' ? { table: { summaryColumns: summaryColumns(metric) } } : {}),
      // A gauge's newest minute is whole with its first sample; a count's is not.
      ...(metric.statistic === 'Sum' ? {} : { liveData: true }),
      yAxis,
      ...(annotations.length === 0 ? {} : { annotations: { horizontal: annotations } }),
    },
  };
}

/** Sums of values that stand for themselves would say nothing. */
export const summaryColumns = ({ statistic }: Pick<Metric, 'statistic'>): readonly ('MIN' | 'MAX' | 'SUM' | 'AVG')[] =>
  statistic === 'Sum' ? ['MIN', 'MAX', 'SUM', 'AVG'] : ['MIN', 'MAX', 'AVG'];

const periodOf = (metric: Metric): number => (metric.source.from === 'math' ? (rulesOf(metric)[0]?.everySeconds ?? 60) : 60);

/**
 * Series of a row that get a line, a colour and a name of their own. Beyond, one search draws them all: nobody tells thirty lines apart,
 * a graph takes 100 searches, and a body of a hundred bots stays small.
 */
const OWN_LINES = 20;

function linesOf(row: CatalogueRow, config: NightdeskConfig, around: AlarmSurroundings): readonly MetricEntry[] {
  const all = seriesOf(row, config);
  if (all.length > OWN_LINES && narrowedBy(row) !== undefined && row.metric.source.from !== 'math') return [fleetLine(row, config)];
  return all.slice(0, MOST_LINES).flatMap((series, index) => entriesOf(row, series, index, config, around));
}

/** Math needs two or three rows a line, and CloudWatch allows 2,500 a dashboard: the first strategies of the config are drawn. */
const MOST_LINES = 40;

/** The dimension that a variable narrows. Functions and queues are ours and few; what has a second dimension is drawn as it is. */
function narrowedBy({ metric: { source, per } }: CatalogueRow): 'Strategy' | 'Bot' | undefined {
  const [only, ...more] = Object.keys(per);
  if (source.from === 'aws' || more.length > 0) return undefined;
  return only === 'Strategy' || only === 'Bot' ? only : undefined;
}

/** The same strategy, and the bot that it belongs to, has the same colour everywhere. */
function colourIndex({ bot, strategy }: MetricSeries, config: NightdeskConfig): number {
  const ids = config.bots.flatMap(each => each.strategies.map(({ id }) => id));
  return ids.indexOf(strategy?.id ?? bot?.heartbeat.strategyId ?? '');
}

function colourOf(series: MetricSeries, config: NightdeskConfig, colours: readonly string[]): { readonly color?: string } {
  const color = colours[colourIndex(series, config)];
  return color === undefined ? {} : { color };
}

/** Finds one series, or all of a row, as far as the dashboard's variables allow. `SUM` of the one that is found is a single line with its own label. */
function searchOf(row: CatalogueRow, { statistic, periodSeconds }: Asked, config: NightdeskConfig, id?: string): string {
  const dimension = narrowedBy(row)!;
  const one = id === undefined ? '' : ` ${dimension}="${id}"`;
  const terms = `{${namespaceOf(config.stage)},${dimension}} MetricName="${metricName(row.id)}"${one} "${tokens[dimension]}"`;
  return `SEARCH('${terms}', '${statistic}', ${periodSeconds})`;
}

interface Asked {
  readonly statistic: string;
  readonly periodSeconds: number;
}

function fleetLine(row: CatalogueRow, config: NightdeskConfig): MetricEntry {
  const found = searchOf(row, { statistic: row.metric.statistic, periodSeconds: 60 }, config);
  const scale = scaleOf(row.metric);
  return [{ expression: scale === 1 ? found : `${found} * ${scale}`, id: 'all', label: '' }];
}

/** Lines of one series. What is computed needs hidden inputs, whose ids end in the series' number. */
function entriesOf(
  row: CatalogueRow,
  series: MetricSeries,
  index: number,
  config: NightdeskConfig,
  around: AlarmSurroundings,
): readonly MetricEntry[] {
  const { metric } = row;
  const label = Object.values(series.dimensions)[0] ?? metric.title;
  const scale = scaleOf(metric);
  const scaled = (text: string) => (scale === 1 ? text : `(${text}) * ${scale}`);
  const colour = colourOf(series, config, LINE_COLOURS);
  if (metric.source.from === 'math') {
    const { inputs, expression } = metric.source;
    const hidden = Object.entries(inputs).map(([id, input]): MetricEntry => {
      if (!isMetricId(input.metric)) throw new RangeError(`${row.id}: input ${id} names no metric: ${input.metric}`);
      const asked = { statistic: input.statistic, periodSeconds: periodOf(metric) };
      return entry(rowOf(input.metric), series, asked, config, around, { id: `${id}${index}`, visible: false });
    });
    const names = Object.keys(inputs);
    const renamed = names.reduce((text, id) => text.replace(new RegExp(`\\b${id}\\b`, 'g'), `${id}${index}`), expression);
    // Without any point of its inputs a series has no value, also where the formula fills: a line that a variable hides is no line at 0.
    const present = `SUM([${names.map(id => `${id}${index}`).join(', ')}]) > -1`;
    const shown = narrowedBy(row) === undefined ? renamed : `IF(${present}, ${renamed}, 0)`;
    return [...hidden, [{ expression: scaled(shown), id: `e${index}`, label, ...colour }]];
  }
  const statistics = shownStatistics(metric);
  return statistics.flatMap((statistic, at): readonly MetricEntry[] => {
    const asked = { statistic, periodSeconds: 60 };
    const isPale = at < statistics.length - 1;
    const id = statistics.length === 1 ? `${index}` : `${index}${statistic}`;
    const shown = {
      label: statistics.length === 1 ? label : `${label} ${statistic}`,
      ...(isPale ? colourOf(series, config, PALE_COLOURS) : colour),
    };
    if (narrowedBy(row) !== undefined)
      return [
        [{ expression: scaled(`SUM(${searchOf(row, asked, config, Object.values(series.dimensions)[0])})`), id: `e${id}`, ...shown }],
      ];
    if (scale === 1) return [entry(row, series, asked, config, around, shown)];
    return [
      entry(row, series, asked, config, around, { id: `m${id}`, visible: false }),
      [{ expression: `m${id} * ${scale}`, id: `e${id}`, ...shown }],
    ];
  });
}

/** A metric, or where a variable narrows it a search that finds it. */
function entry(
  row: CatalogueRow,
  series: MetricSeries,
  asked: Asked,
  config: NightdeskConfig,
  around: AlarmSurroundings,
  rendering: Readonly<Record<string, unknown>>,
): MetricEntry {
  if (narrowedBy(row) !== undefined)
    return [{ expression: `SUM(${searchOf(row, asked, config, Object.values(series.dimensions)[0])})`, ...rendering }];
  const stat = metricStat(row, series, asked, config, around);
  return [stat.namespace, stat.metricName, ...Object.entries(stat.dimensions).flat(), { stat: asked.statistic, ...rendering }];
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
