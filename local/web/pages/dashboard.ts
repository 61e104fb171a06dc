/** A dashboard, drawn from its CloudWatch body on the 24-column grid and kept fresh. */
import { applyVariables } from '../../../core/cloudwatch/dashboard-variables.ts';
import { asObject, type JsonObject } from '../../../core/cloudwatch/loose-json.ts';
import { ApiError, api, type SeriesResult } from '../api.ts';
import { queriesOf } from '../dashboard/batch.ts';
import { shrink } from '../dashboard/enlarge.ts';
import { place, readingOrder, spanFor } from '../dashboard/layout.ts';
import { type LiveWidget, liveWidget } from '../dashboard/live-widget.ts';
import { createLoader, type Loader } from '../dashboard/loader.ts';
import { type DashboardModel, readDashboard } from '../dashboard/model.ts';
import { isRelative, ownRange } from '../dashboard/own-range.ts';
import { presetFor, presetThatFills } from '../dashboard/period.ts';
import { type Choices, choicesIn, choicesSearch, variableBar } from '../dashboard/variables.ts';
import { h, replace } from '../dom.ts';
import { alarms, nowMs, status, tick } from '../live.ts';
import { forgetMoments, loadMoments } from '../moments.ts';
import { earliest, paused, range, resolveRange, suggestFixed, suggestRange, zoom, zoomOut } from '../range.ts';
import { amend, route } from '../router.ts';
import { theme, zone } from '../theme.ts';
import type { PageContext } from './page.ts';
import { rangePicker } from './range-picker.ts';

export function dashboardPage(name: string, { scope, toolbar }: PageContext): HTMLElement {
  const grid = h('div', { class: 'grid', 'data-testid': 'dashboard', 'data-name': name });
  const notes = h('ul', { class: 'notes', 'aria-label': 'Notes on this dashboard' });
  const variables = h('div', {});
  const element = h('div', { class: 'dashboard' }, variables, grid, notes);
  toolbar.append(rangePicker(scope));
  let loader: Loader | undefined;
  let choices: Choices = choicesIn(route.get().search);
  let refresh = (): void => loader?.refresh();
  let over = false;
  scope.add(() => {
    over = true;
    loader?.destroy();
    forgetMoments();
  });

  const build = (body: JsonObject) => {
    loader?.destroy();
    const drawn = readDashboard(applyVariables(body, choices));
    const widgets = drawn.widgets.map(each => liveWidget(each, { inheritPeriods: drawn.inheritPeriods, onZoom: zoom }));
    layOut(grid, widgets);
    if (widgets.length === 0) replace(grid, h('p', { class: 'page-said' }, 'This dashboard has no widgets.'));
    notes.replaceChildren(...drawn.notes.map(note => h('li', {}, note)));
    const wanted = presetFor(drawn.start);
    loader = createLoader(widgets, {
      dashboard: name,
      rangeNow: () => resolveRange(),
      loaded: window => {
        void loadMoments(window, strategiesIn(choices));
        if (wanted !== undefined && !isAll())
          suggestRange(
            presetThatFills(
              widgets.flatMap(each => each.firstMs?.() ?? []),
              window,
              wanted,
            ),
          );
      },
    });
    refresh = () => {
      if (isAll()) void findEarliest(widgets).then(() => loader?.refresh());
      else loader?.refresh();
    };
    if (isAll()) refresh();
  };

  const start = async () => {
    const { body } = await api.dashboard(name);
    if (over) return;
    const object = asObject(typeof body === 'string' ? parsed(body) : body) ?? {};
    const model = readDashboard(object);
    suggest(model);
    const bar = variableBar(model.variables, choices, (id, value) => {
      choices = { ...choices, [id]: value };
      amend({ ...route.get().search, ...choicesSearch({ [id]: value }) });
      build(object);
    });
    variables.replaceChildren(bar.element);
    build(object);
    scope.add(range.onChange(() => refresh()));
    scope.add(
      tick.onChange(() => {
        if (range.get().kind === 'preset' && !paused.get()) loader?.refresh();
      }),
    );
    scope.add(
      paused.onChange(isPaused => {
        if (!isPaused) loader?.refresh();
      }),
    );
    scope.add(theme.onChange(() => loader?.refresh()));
    scope.add(zone.onChange(() => loader?.refresh()));
    let states = '';
    scope.add(
      alarms.onChange(list => {
        const next = list.map(each => `${each.name}${each.state}`).join();
        if (next !== states && !paused.get()) loader?.refresh();
        states = next;
      }),
    );
  };
  start().catch((error: unknown) => {
    if (!over) replace(grid, h('p', { class: 'page-said' }, error instanceof ApiError ? error.message : 'The local stack did not answer.'));
  });
  element.addEventListener('dblclick', ({ target }) => {
    if (target instanceof Element && target.closest('.u-over') !== null) zoomOut();
  });
  const onReturn = () => {
    if (!paused.get()) loader?.refresh();
  };
  element.addEventListener('resized', onReturn);
  document.addEventListener('visibilitychange', onReturn);
  scope.add(() => document.removeEventListener('visibilitychange', onReturn));
  const onEscape = (event: KeyboardEvent) => {
    if (event.key === 'Escape') shrink();
  };
  addEventListener('keydown', onEscape);
  scope.add(() => {
    removeEventListener('keydown', onEscape);
    shrink();
  });
  return element;
}

/** The strategies that the reader chose by the variables of our dashboards; undefined when all are shown. */
function strategiesIn(choices: Choices): ReadonlySet<string> | undefined {
  const bots = status.get()?.bots ?? [];
  const bot = bots.find(({ id }) => id === choices['bot']);
  const all = bots.flatMap(({ strategies }) => strategies);
  const strategy = all.find(id => id === choices['strategy']);
  if (bot === undefined && strategy === undefined) return undefined;
  return new Set((bot?.strategies ?? all).filter(id => strategy === undefined || id === strategy));
}

/** The body's own time range, as long as the reader chose none. */
function suggest({ start, end }: DashboardModel): void {
  const named = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
  const own = ownRange(named, nowMs());
  if (own !== undefined && !isRelative(named)) suggestFixed(own);
  else suggestRange(presetFor(start));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isAll = () => {
  const current = range.get();
  return current.kind === 'preset' && current.id === 'all';
};

function layOut(grid: HTMLElement, widgets: readonly LiveWidget[]): void {
  const placed = place(widgets.map(each => each.model));
  const ordered = readingOrder(placed).flatMap(index => {
    const widget = widgets[index];
    const at = placed[index];
    if (widget === undefined || at === undefined) return [];
    const { style } = widget.card.element;
    style.setProperty('--x', String(at.x + 1));
    style.setProperty('--y', String(at.y + 1));
    style.setProperty('--w', String(at.width));
    style.setProperty('--h', String(at.height));
    style.setProperty('--w-medium', String(spanFor(at.width, 'medium')));
    style.setProperty('--w-phone', String(spanFor(at.width, 'phone')));
    return [widget.card.element];
  });
  grid.toggleAttribute('data-many', widgets.length > many);
  grid.replaceChildren(...ordered);
}

/** More widgets than any dashboard of our own has. */
const many = 40;

/** Widgets that are looked at, and how far back: CloudWatch keeps 455 days. */
const lookedAt = 12;
const longestMs = 455 * 86_400_000;

/** Looks back in hours, to learn where "all" begins. What cannot be read says nothing about it. */
async function findEarliest(widgets: readonly LiveWidget[]): Promise<void> {
  const toMs = nowMs();
  const far = { fromMs: toMs - longestMs, toMs };
  const wanted = widgets.flatMap(widget => widget.wanted?.(far) ?? []).slice(0, lookedAt);
  const asked = wanted.map(({ points: _, ...each }) => ({ ...each, periodSeconds: () => 3600 }));
  const times = { from: new Date(far.fromMs).toISOString(), to: new Date(far.toMs).toISOString() };
  const answers = await Promise.all(
    asked.map(each => api.metricData({ ...times, queries: queriesOf(each) }).catch(() => ({ series: [] as readonly SeriesResult[] }))),
  );
  const firsts = answers.flatMap(({ series }) => series.flatMap(({ timestamps }) => timestamps[0] ?? []));
  if (firsts.length > 0) earliest.set(Math.min(...firsts));
}
