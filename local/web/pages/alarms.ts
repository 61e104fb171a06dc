/** All alarms, and one of them with its reasons, its history and the series it watches. */
import { type AlarmTransition, type AlarmView, api, type SeriesResult } from '../api.ts';
import { sortAlarms } from '../dashboard/alarm-grid.ts';
import { batches, type Wanted } from '../dashboard/batch.ts';
import { type Chart, createChart } from '../dashboard/chart.ts';
import { periodOf, type TimeRange } from '../dashboard/period.ts';
import { joinResults, type RowSeries } from '../dashboard/results.ts';
import { alarmRows, thresholdMarks } from '../dashboard/threshold.ts';
import { h, keyed, replace, setText } from '../dom.ts';
import { ago, formatDuration, formatMoment } from '../format.ts';
import { alarms, incidents, nowMs, status, tick } from '../live.ts';
import { unpressed } from '../presses.ts';
import { range, resolveRange, zoom } from '../range.ts';
import { alarmHref, amend, incidentHref, route } from '../router.ts';
import { scope as newScope, type Scope } from '../signal.ts';
import { firstAction, shortName, stateWord } from '../state.ts';
import { theme, zone } from '../theme.ts';
import type { PageContext } from './page.ts';
import { rangePicker } from './range-picker.ts';

const filters = [
  { id: 'all', label: 'All', has: () => true },
  { id: 'alarm', label: 'In alarm', has: (alarm: AlarmView) => alarm.state === 'ALARM' },
  { id: 'ok', label: 'OK', has: (alarm: AlarmView) => alarm.state === 'OK' },
  { id: 'nodata', label: 'Not enough data', has: (alarm: AlarmView) => alarm.state === 'INSUFFICIENT_DATA' },
] as const;

export function alarmsPage({ scope, toolbar }: PageContext): HTMLElement {
  const list = h('div', { class: 'rows' });
  const tools = h('div', { class: 'filters', role: 'group', 'aria-label': 'State' });
  const search = h('input', { type: 'search', placeholder: 'Filter by name', 'aria-label': 'Filter alarms by name' });
  const none = h('p', { class: 'page-said', hidden: true });
  const detail = h('div', { class: 'detail' });
  const element = h(
    'div',
    { class: 'split' },
    h('div', { class: 'split-list' }, h('div', { class: 'split-tools' }, tools, search), list, none),
    detail,
  );
  let detailScope: Scope = newScope();
  let open: string | undefined;
  scope.add(() => detailScope.end());

  const draw = unpressed(() => {
    const state = route.get().search['state'] ?? 'all';
    const filter = filters.find(each => each.id === state) ?? filters[0];
    const words = search.value.trim().toLowerCase();
    const all = alarms.get();
    replace(tools, ...filters.map(each => filterButton(each.id, `${each.label} ${all.filter(each.has).length}`, each.id === filter.id)));
    const shown = sortAlarms(
      all.filter(alarm => filter.has(alarm) && (words === '' || alarm.name.toLowerCase().includes(words))),
      'default',
    );
    const selected = route.get().item;
    keyed(list, shown, {
      key: alarm => alarm.name,
      version: alarm =>
        JSON.stringify([alarm.state, alarm.since, alarm.expected, alarm.sentence, alarm.name === selected, Math.floor(nowMs() / 60_000)]),
      draw: alarm => alarmRow(alarm, alarm.name === selected),
    });
    none.hidden = shown.length > 0;
    setText(none, all.length === 0 ? 'The stack defines no alarm yet.' : 'No alarm in this state.');
  });

  const show = () => {
    const name = route.get().item;
    element.dataset['open'] = String(name !== undefined);
    if (name === open && detail.childElementCount > 0) return;
    open = name;
    detailScope.end();
    detailScope = newScope();
    toolbar.replaceChildren(...(name === undefined ? [] : [rangePicker(detailScope)]));
    if (name === undefined)
      replace(detail, h('p', { class: 'page-said' }, 'Choose an alarm to see what it watches, why it changed and what to do first.'));
    else alarmDetail(name, detail, detailScope);
  };
  search.addEventListener('input', draw);
  scope.add(alarms.watch(draw));
  scope.add(
    route.watch(() => {
      draw();
      show();
    }),
  );
  return element;
}

function filterButton(id: string, label: string, pressed: boolean): HTMLElement {
  const choose = () => amend({ ...route.get().search, state: id });
  return h('button', { type: 'button', 'aria-pressed': String(pressed), 'data-testid': `filter-${id}`, on: { click: choose } }, label);
}

function alarmRow(alarm: AlarmView, selected: boolean): HTMLElement {
  const since = Date.parse(alarm.since);
  return h(
    'a',
    {
      class: 'row alarm-row',
      href: alarmHref(alarm.name),
      'data-testid': 'alarm-row',
      'data-alarm': alarm.name,
      'data-state': alarm.state,
      'aria-current': selected ? 'true' : undefined,
    },
    h('span', { class: 'state', 'data-state': alarm.state }, h('span', { class: 'dot', 'aria-hidden': 'true' }), stateWord(alarm.state)),
    h('span', { class: 'row-title' }, shortName(alarm.name, status.get()?.stage)),
    h(
      'span',
      { class: 'row-side' },
      alarm.severity === undefined ? null : h('span', { class: 'severity', 'data-severity': alarm.severity }, alarm.severity),
      h('time', { datetime: alarm.since, title: formatMoment(since, zone.get()) }, ago(since, nowMs())),
    ),
    h('span', { class: 'row-text' }, alarm.sentence),
    alarm.expected === undefined ? null : h('span', { class: 'expected' }, 'Pending: ', alarm.expected),
  );
}

function alarmDetail(name: string, host: HTMLElement, scope: Scope): void {
  const head = h('div', { class: 'detail-head' });
  const facts = h('dl', { class: 'facts' });
  const plot = h('div', { class: 'detail-plot' });
  const ribbon = h('div', { class: 'ribbon', role: 'img' });
  const chart = createChart(zoom);
  const said = h('p', { class: 'page-said' });
  const history = h('ol', { class: 'timeline' });
  const back = h('a', { class: 'back', href: '#/alarms' }, '← All alarms');
  replace(host, back, head, plot, facts, h('h3', {}, 'History'), history);
  replace(plot, ribbon, chart.element, said);
  let over = false;
  scope.add(() => {
    over = true;
    chart.destroy();
  });

  const load = async () => {
    const alarm = await api.alarm(name);
    if (over) return;
    drawHead(head, alarm);
    drawFacts(facts, alarm);
    drawHistory(history, alarm.history ?? []);
    const window = resolveRange();
    drawRibbon(ribbon, alarm, window);
    const words = await drawSeries(chart, alarm, window).catch(() => 'The series could not be read.');
    if (over) return;
    setText(said, words ?? '');
    said.hidden = words === undefined;
    chart.element.hidden = words !== undefined;
  };
  const refresh = () => {
    load().catch(() => {
      if (!over) replace(head, h('p', { class: 'page-said' }, `There is no alarm named ${name} in this stack.`));
    });
  };
  refresh();
  for (const source of [tick, range, theme, zone, alarms] as const) scope.add(source.onChange(refresh));
}

function drawHead(host: HTMLElement, alarm: AlarmView): void {
  const { before, action } = alarm.firstAction === undefined ? firstAction(alarm.description) : { before: '', action: alarm.firstAction };
  const related = incidents.get().filter(each => each.alarms.includes(alarm.name));
  replace(
    host,
    h(
      'div',
      { class: 'detail-title' },
      h('h2', {}, shortName(alarm.name, status.get()?.stage)),
      h('span', { class: 'state', 'data-state': alarm.state }, h('span', { class: 'dot', 'aria-hidden': 'true' }), stateWord(alarm.state)),
      alarm.severity === undefined ? null : h('span', { class: 'severity', 'data-severity': alarm.severity }, alarm.severity),
      h(
        'span',
        { class: 'quiet' },
        `for ${formatDuration(nowMs() - Date.parse(alarm.since))}, since ${formatMoment(Date.parse(alarm.since), zone.get())}`,
      ),
    ),
    h('p', { class: 'lead' }, alarm.sentence),
    before !== '' && before !== alarm.sentence ? h('p', {}, before) : null,
    alarm.expected === undefined ? null : h('p', { class: 'expected', 'data-testid': 'expected' }, 'Pending: ', alarm.expected),
    action === undefined ? null : h('p', { class: 'first-action' }, h('strong', {}, 'First action'), ' ', action),
    related.length === 0
      ? null
      : h(
          'p',
          { class: 'quiet' },
          'Incidents: ',
          ...related.flatMap((each, index) => [
            index === 0 ? '' : ', ',
            h('a', { href: incidentHref(each.id) }, `${each.title} (${each.status})`),
          ]),
        ),
  );
}

const operators: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: '≥',
  GreaterThanThreshold: '>',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '≤',
  LessThanLowerOrGreaterThanUpperThreshold: 'outside the band',
  LessThanLowerThreshold: 'below the band',
  GreaterThanUpperThreshold: 'above the band',
};

function drawFacts(host: HTMLElement, alarm: AlarmView): void {
  const condition =
    alarm.operator === undefined ? undefined : `${operators[alarm.operator] ?? alarm.operator} ${alarm.threshold ?? ''}`.trim();
  const held =
    alarm.evaluationPeriods === undefined
      ? undefined
      : `${alarm.datapointsToAlarm ?? alarm.evaluationPeriods} of ${alarm.evaluationPeriods} periods of ${alarm.periodSeconds ?? 60} s`;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Kind', alarm.kind],
    ['Fires when', condition],
    ['Held for', held],
    ['Rule', alarm.rule],
    ['Next evaluation', alarm.nextEvaluation === undefined ? undefined : formatMoment(Date.parse(alarm.nextEvaluation), zone.get())],
  ];
  replace(host, ...rows.flatMap(([name, value]) => (value === undefined ? [] : [h('div', {}, h('dt', {}, name), h('dd', {}, value))])));
}

function drawHistory(host: HTMLElement, history: readonly AlarmTransition[]): void {
  const newest = [...history].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  if (newest.length === 0) {
    replace(host, h('li', { class: 'page-said' }, 'No change of state yet.'));
    return;
  }
  keyed(host, newest.slice(0, 100), {
    key: each => each.at + each.to,
    version: each => each.reason + zone.get(),
    draw: each =>
      h(
        'li',
        { 'data-state': each.to },
        h('time', { datetime: each.at }, formatMoment(Date.parse(each.at), zone.get())),
        h(
          'span',
          { class: 'state', 'data-state': each.to },
          h('span', { class: 'dot', 'aria-hidden': 'true' }),
          `${stateWord(each.from)} → ${stateWord(each.to)}`,
        ),
        h('p', {}, each.reason),
      ),
  });
}

/** A strip above the chart that shows in which state the alarm was when. */
function drawRibbon(host: HTMLElement, alarm: AlarmView, window: TimeRange): void {
  const changes = [...(alarm.history ?? [])].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const share = (ms: number) => Math.min(100, Math.max(0, ((ms - window.fromMs) / (window.toMs - window.fromMs)) * 100));
  const marks =
    changes.length === 0
      ? [{ state: alarm.state, at: window.fromMs }]
      : [
          { state: changes[0]?.from ?? alarm.state, at: window.fromMs },
          ...changes.map(each => ({ state: each.to, at: Date.parse(each.at) })),
        ];
  host.setAttribute('aria-label', `State over time; now ${stateWord(alarm.state)}`);
  host.replaceChildren(
    ...marks.flatMap((mark, index) => {
      const from = share(mark.at);
      const to = share(marks[index + 1]?.at ?? window.toMs);
      return to <= from
        ? []
        : [h('span', { 'data-state': mark.state, title: stateWord(mark.state), style: { left: `${from}%`, width: `${to - from}%` } })];
    }),
  );
}

/** Draws the series; answers why there is nothing to draw. */
async function drawSeries(chart: Chart, alarm: AlarmView, window: TimeRange): Promise<string | undefined> {
  const rows = alarmRows(alarm);
  if (rows.length === 0)
    return alarm.rule === undefined
      ? 'This alarm names no metric.'
      : 'A composite alarm watches other alarms, not a metric: see its rule below.';
  const wanted: Wanted = { key: 'a', rows, periodSeconds: row => periodOf(row.periodSeconds, window, true) };
  const queries = batches([wanted]).flatMap(batch => batch.queries);
  const { series } = await api.metricData({
    from: new Date(window.fromMs).toISOString(),
    to: new Date(window.toMs).toISOString(),
    queries,
  });
  const joined = joinResults({ key: 'a', rows, results: series, periodSeconds: wanted.periodSeconds });
  const drawn = withBand(joined, series);
  if (drawn.series.every(each => each.values.length === 0)) return 'No data in this time range.';
  chart.draw({
    title: alarm.name,
    range: window,
    series: drawn.series.map(each => ({ ...each, yAxis: 'left' as const })),
    ...(drawn.band === undefined ? {} : { band: drawn.band }),
    horizontal: thresholdMarks(alarm),
    vertical: (alarm.history ?? [])
      .filter(each => each.to === 'ALARM')
      .map(each => ({ atMs: Date.parse(each.at), label: 'In alarm', fill: 'none' as const })),
    stacked: false,
    left: { showUnits: true },
    right: { showUnits: true },
    legend: 'bottom',
  });
  return undefined;
}

/** Two series of one expression are the edges of an anomaly band: lower first. */
function withBand(
  joined: readonly RowSeries[],
  results: readonly SeriesResult[],
): { series: readonly RowSeries[]; band?: readonly [number, number] } {
  const edges = joined.filter(each => each.row.source.kind === 'expression' && /ANOMALY_DETECTION_BAND/.test(each.row.source.expression));
  if (edges.length !== 2 || results.length === 0) return { series: joined };
  const mean = (each: RowSeries) => each.values.reduce((a, b) => a + b, 0) / (each.values.length || 1);
  const [lower, upper] = [...edges].sort((a, b) => mean(a) - mean(b));
  if (lower === undefined || upper === undefined) return { series: joined };
  const named = [
    { ...lower, label: 'usual range, lower' },
    { ...upper, label: 'usual range, upper' },
  ];
  const others = joined.filter(each => !edges.includes(each));
  return { series: [...others, ...named], band: [others.length, others.length + 1] };
}
