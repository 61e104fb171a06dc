/** One widget on the page: its frame, its way of drawing, and what it needs to stay fresh. */
import { ApiError, api, type SeriesResult } from '../api.ts';
import { h } from '../dom.ts';
import { alarms } from '../live.ts';
import { drawMarkdown } from '../markdown-view.ts';
import { theme } from '../theme.ts';
import { drawAlarmGrid } from './alarm-grid.ts';
import type { Wanted } from './batch.ts';
import { type Card, createCard } from './card.ts';
import type { OnZoom } from './chart.ts';
import { drawLogTable } from './log-table.ts';
import type { AlarmSpec, CustomSpec, LogSpec, MetricSpec, View as ViewName, WidgetModel } from './model.ts';
import { periodOf, type TimeRange } from './period.ts';
import { joinResults } from './results.ts';
import type { MetricRow } from './shorthand.ts';
import { alarmRows, thresholdMarks } from './threshold.ts';
import type { View } from './view.ts';
import { customView } from './view-custom.ts';
import { gaugeView, numberView } from './view-number.ts';
import { alarmName, find, seriesView } from './view-series.ts';
import { barView, pieView } from './view-share.ts';
import { tableView } from './view-table.ts';

export interface LiveWidget {
  readonly card: Card;
  readonly model: WidgetModel;
  /** Series to be asked for in a batch; undefined for widgets that fetch on their own. */
  wanted?(range: TimeRange): Wanted;
  drawSeries?(results: readonly SeriesResult[], range: TimeRange): void;
  /** Fetches and draws by itself. */
  load?(range: TimeRange, dashboard: string): Promise<void>;
  /** First moment of each series that was drawn last. */
  firstMs?(): readonly number[];
  failed(error: unknown): void;
  destroy(): void;
}

export interface Setting {
  readonly inheritPeriods: boolean;
  readonly onZoom: OnZoom;
}

export function liveWidget(model: WidgetModel, setting: Setting): LiveWidget {
  const card = createCard(model);
  const failed = (error: unknown) => card.setStatus('error', error instanceof ApiError ? error.message : 'The local stack did not answer.');
  const base = { card, model, failed, destroy: () => undefined };
  const { spec } = model;
  switch (spec.kind) {
    case 'metric':
      return { ...base, ...metricWidget(card, model, spec, setting) };
    case 'text':
      card.body.replaceChildren(drawMarkdown(spec.markdown));
      card.setStatus('data');
      return base;
    case 'alarm':
      return { ...base, load: alarmLoader(card, spec) };
    case 'log':
      return { ...base, load: logLoader(card, spec) };
    case 'custom':
      return { ...base, load: customLoader(card, model, spec) };
    case 'unknown':
      card.setStatus('empty', `A widget of type "${spec.type}" is not drawn by this viewer.`);
      return base;
  }
}

const makers: Readonly<Record<ViewName, (onZoom: OnZoom) => View>> = {
  timeSeries: seriesView,
  bar: barView,
  pie: pieView,
  singleValue: numberView,
  gauge: gaugeView,
  table: tableView,
};

function metricWidget(card: Card, model: WidgetModel, spec: MetricSpec, setting: Setting) {
  const view = makers[spec.view](setting.onZoom);
  card.body.replaceChildren(view.element);
  const key = `w${model.index}`;
  const rows = (): readonly MetricRow[] => (spec.rows.length > 0 ? spec.rows : spec.alarms.flatMap(name => watchedBy(name)));
  let firsts: readonly number[] = [];
  const period = (range: TimeRange) => (row: MetricRow) => periodOf(row.periodSeconds, range, setting.inheritPeriods);
  return {
    wanted: (range: TimeRange): Wanted => ({ key, rows: rows(), periodSeconds: period(range) }),
    drawSeries: (results: readonly SeriesResult[], range: TimeRange) => {
      const series = joinResults({ key, rows: rows(), results, periodSeconds: period(range) });
      firsts = series.flatMap(each => each.timestamps[0] ?? []);
      const points = series.reduce((sum, each) => sum + each.values.length, 0);
      if (series.length === 0) return card.setStatus('empty', 'This widget names no metric.');
      if (points === 0) return card.setStatus('empty', emptyWords(rows()));
      card.setStatus('data');
      view.draw({ title: model.title, spec: { ...spec, horizontal: [...spec.horizontal, ...gaugeMarks(spec)] }, series, range });
    },
    firstMs: () => firsts,
    destroy: () => view.destroy(),
  };
}

/** Series charts find their alarms' thresholds themselves; the other views get them as marks. */
const gaugeMarks = (spec: MetricSpec) => (spec.view === 'timeSeries' ? [] : spec.alarms.flatMap(name => thresholdMarks(find(name))));

function watchedBy(name: string): readonly MetricRow[] {
  const alarm = find(name);
  return alarm === undefined ? [] : alarmRows(alarm);
}

function emptyWords(rows: readonly MetricRow[]): string {
  const names = [
    ...new Set(rows.filter(row => row.visible).map(row => (row.source.kind === 'metric' ? row.source.metricName : 'the expression'))),
  ];
  const list = names.slice(0, 3).join(', ');
  return `No data in this time range: nothing was reported for ${list}${names.length > 3 ? ' and others' : ''}.`;
}

function alarmLoader(card: Card, spec: AlarmSpec): () => Promise<void> {
  const host = h('div', { class: 'lights' });
  card.body.replaceChildren(host);
  return async () => {
    const names = spec.alarms.map(alarmName);
    const known = alarms.get().filter(each => names.includes(each.name));
    const missing = names.filter(name => !known.some(each => each.name === name));
    if (names.length === 0) return card.setStatus('empty', 'This widget names no alarm.');
    const shown = known.filter(each => spec.states.length === 0 || spec.states.includes(each.state));
    if (shown.length === 0 && spec.states.length > 0) return card.setStatus('data', `None of the ${names.length} alarms is in this state.`);
    drawAlarmGrid(host, known, spec.states.length > 0 ? [] : missing, spec);
    card.setStatus('data');
  };
}

function logLoader(card: Card, spec: LogSpec): (range: TimeRange) => Promise<void> {
  const host = h('div', { class: 'table-wrap', tabindex: '0', role: 'region', 'aria-label': 'Log lines' });
  card.body.replaceChildren(host);
  let before = '';
  return async range => {
    const table = await api.logQuery({
      groups: spec.groups,
      query: spec.query,
      from: new Date(range.fromMs).toISOString(),
      to: new Date(range.toMs).toISOString(),
    });
    if (table.rows.length === 0) return card.setStatus('empty', 'No log line matches in this time range.');
    card.setStatus('data');
    const now = JSON.stringify(table);
    if (now === before || host.querySelector('details[open]') !== null) return;
    before = now;
    drawLogTable(host, table);
  };
}

function customLoader(card: Card, model: WidgetModel, spec: CustomSpec): (range: TimeRange, dashboard: string) => Promise<void> {
  const view = customView();
  card.body.replaceChildren(view.element);
  return async (range, dashboard) => {
    const name = /:function:([^:]+)/.exec(spec.endpoint)?.[1] ?? spec.endpoint;
    const times = { mode: 'absolute', start: Math.round(range.fromMs), end: Math.round(range.toMs) };
    const widgetContext = {
      dashboardName: dashboard,
      widgetId: `widget-${model.index}`,
      domain: location.origin,
      accountId: '000000000000',
      locale: 'en',
      timezone: { label: 'UTC', offsetISO: '+00:00', offsetInMinutes: 0 },
      period: 60,
      isAutoPeriod: true,
      timeRange: { ...times, relativeStart: Math.round(range.toMs - range.fromMs) },
      theme: theme.get(),
      title: model.title,
      forms: { all: {} },
      params: spec.params,
      width: card.body.clientWidth,
      height: card.body.clientHeight,
    };
    const { html } = await api.widget({ functionArn: spec.endpoint, name, params: spec.params, widgetContext });
    if (view.draw(html)) card.setStatus('data');
    else card.setStatus('empty', 'The function answered with nothing to show.');
  };
}
