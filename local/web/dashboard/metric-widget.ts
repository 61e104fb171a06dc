/** Widgets of metrics: what they ask for, and what they make of the answer. */
import { api, type SeriesResult } from '../api.ts';
import { nowMs } from '../live.ts';
import { queriesOf, type Wanted, wholeRows } from './batch.ts';
import type { Card } from './card.ts';
import type { OnZoom } from './chart.ts';
import { seriesCsv } from './csv.ts';
import { needsEveryPoint } from './label.ts';
import type { MetricSpec, View as ViewName, WidgetModel } from './model.ts';
import { ownRange } from './own-range.ts';
import { periodOf, type TimeRange } from './period.ts';
import { joinResults, type RowSeries, withWhole } from './results.ts';
import type { MetricRow } from './shorthand.ts';
import { alarmRows, thresholdMarks } from './threshold.ts';
import type { View } from './view.ts';
import { gaugeView, numberView } from './view-number.ts';
import { find, seriesView } from './view-series.ts';
import { barView, pieView } from './view-share.ts';
import { tableView } from './view-table.ts';

const makers: Readonly<Record<ViewName, (onZoom: OnZoom) => View>> = {
  timeSeries: seriesView,
  bar: barView,
  pie: pieView,
  singleValue: numberView,
  gauge: gaugeView,
  table: tableView,
};

export interface MetricWidgetSetting {
  readonly inheritPeriods: boolean;
  readonly onZoom: OnZoom;
}

export function metricWidget(card: Card, model: WidgetModel, spec: MetricSpec, setting: MetricWidgetSetting) {
  const view = makers[spec.view](setting.onZoom);
  card.body.replaceChildren(view.element);
  const key = `w${model.index}`;
  const rows = (): readonly MetricRow[] => (spec.rows.length > 0 ? spec.rows : spec.alarms.flatMap(name => watchedBy(name)));
  const period = (range: TimeRange) => (row: MetricRow) => periodOf(row.periodSeconds, range, setting.inheritPeriods);
  const rangeOf = (range: TimeRange): TimeRange => (spec.start === undefined ? range : (ownRange(spec, range.toMs) ?? range));
  /** A line has no more to show than two points a pixel; other views count every point. */
  const isLine = spec.view === 'timeSeries' && !spec.rows.some(row => needsEveryPoint(row.label));
  /** CloudWatch takes the range as the period: an average of averages would be another number. */
  const isWhole = spec.wholeRange && spec.view !== 'timeSeries' && spec.view !== 'table';
  let firsts: readonly number[] = [];
  let drawnRange: TimeRange | undefined;

  const wanted = (asked: TimeRange): Wanted => {
    const range = rangeOf(asked);
    return {
      key,
      rows: isWhole ? [...rows(), ...wholeRows(rows())] : rows(),
      range,
      periodSeconds: period(range),
      // Whoever enlarges a chart is told averages, for which every point counts.
      ...(isLine && !card.element.classList.contains('enlarged') ? { points: Math.max(200, 2 * (card.body.clientWidth || 400)) } : {}),
    };
  };

  const draw = (results: readonly SeriesResult[], asked: TimeRange) => {
    const range = rangeOf(asked);
    drawnRange = range;
    const join = (own: readonly MetricRow[]) => joinResults({ key, rows: own, results, periodSeconds: period(range) });
    const found = join(rows()).map(each => (spec.liveData ? each : finished(each)));
    const series = (isWhole ? withWhole(found, join(wholeRows(rows()))) : found).map(each => withUnitOf(spec, each));
    firsts = spec.start === undefined ? series.flatMap(each => each.timestamps[0] ?? []) : [];
    const points = series.reduce((sum, each) => sum + each.values.length, 0);
    if (series.length === 0) return card.setStatus('empty', 'This widget names no metric.');
    if (points === 0) return card.setStatus('empty', emptyWords(rows()));
    card.setStatus('data');
    view.draw({ title: model.title, spec: { ...spec, horizontal: [...spec.horizontal, ...gaugeMarks(spec)] }, series, range });
  };

  const csv = async (): Promise<string> => {
    if (drawnRange === undefined) throw new Error('There is no data yet.');
    const range = drawnRange;
    const whole: Wanted = { key, rows: rows(), range, periodSeconds: period(range) };
    const times = { from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() };
    const { series } = await api.metricData({ ...times, queries: queriesOf(whole) });
    return seriesCsv(joinResults({ key, rows: rows(), results: series, periodSeconds: period(range) }));
  };

  return { wanted, drawSeries: draw, csv, firstMs: () => firsts, destroy: () => view.destroy() };
}

function withUnitOf(spec: MetricSpec, series: RowSeries): RowSeries {
  const axis = series.row.yAxis === 'right' ? spec.right : spec.left;
  const unit = axisUnits[axis.label ?? ''];
  return series.unit !== undefined || unit === undefined ? series : { ...series, unit };
}

/** A period that is not over has a value that will change: as CloudWatch, it waits unless the widget wants live data. */
function finished(series: RowSeries): RowSeries {
  const last = series.timestamps.at(-1);
  const isOver = last === undefined || last + series.periodSeconds * 1000 <= nowMs();
  if (isOver || series.values.length < 2) return series;
  return { ...series, timestamps: series.timestamps.slice(0, -1), values: series.values.slice(0, -1) };
}

/** Series charts find their alarms' thresholds themselves; the other views get them as marks. */
const gaugeMarks = (spec: MetricSpec) => (spec.view === 'timeSeries' ? [] : spec.alarms.flatMap(name => thresholdMarks(find(name))));

function watchedBy(name: string): readonly MetricRow[] {
  const alarm = find(name);
  return alarm === undefined ? [] : alarmRows(alarm);
}

/** The metric, also where a search looks for it. */
function nameOf({ source, label }: MetricRow): string {
  if (source.kind === 'metric') return source.metricName;
  return /MetricName\s*=\s*"([^"]+)"/.exec(source.expression)?.[1] ?? label ?? 'the expression';
}

/** Units as axes of bodies name them, for expressions, whose series have none. */
const axisUnits: Readonly<Record<string, string>> = {
  '%': 'Percent',
  ms: 'Milliseconds',
  s: 'Seconds',
  bytes: 'Bytes',
  'bytes/s': 'Bytes/Second',
};

function emptyWords(rows: readonly MetricRow[]): string {
  const names = [...new Set(rows.filter(row => row.visible).map(nameOf))];
  const list = names.slice(0, 3).join(', ');
  return `No data in this time range: nothing was reported for ${list}${names.length > 3 ? ' and others' : ''}.`;
}
