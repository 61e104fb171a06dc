/**
 * Keeps the widgets of a dashboard fresh: the visible ones first and on every tick, the others once and when they come into view.
 * Series of many widgets share a request; when such a request fails, each widget asks alone, so that one bad expression harms only itself.
 */
import { api, type SeriesResult } from '../api.ts';
import { screenTurns } from '../turns.ts';
import { batches, type Wanted } from './batch.ts';
import type { LiveWidget } from './live-widget.ts';
import type { TimeRange } from './period.ts';

export interface Loader {
  /** Something changed (time range, a tick): every widget is stale from now on. */
  refresh(): void;
  destroy(): void;
}

interface Loading {
  readonly dashboard: string;
  readonly rangeNow: () => TimeRange;
  /** Called when everything due was drawn. */
  readonly loaded: (range: TimeRange) => void;
}

export function createLoader(widgets: readonly LiveWidget[], { dashboard, rangeNow, loaded }: Loading): Loader {
  const byElement = new Map(widgets.map(widget => [widget.card.element as Element, widget]));
  const visible = new Set<LiveWidget>();
  const stale = new Set<LiveWidget>(widgets);
  let busy = false;
  let over = false;

  const run = async () => {
    if (busy || over) return;
    busy = true;
    while (!over) {
      const due = widgets.filter(widget => stale.has(widget) && visible.has(widget));
      const never = widgets.filter(widget => stale.has(widget) && widget.card.element.dataset['status'] === 'loading');
      const next = due.length > 0 ? due : never;
      if (next.length === 0) break;
      for (const widget of next) stale.delete(widget);
      const range = rangeNow();
      await loadAll(next, dashboard, range, () => over);
      if (!over) loaded(range);
    }
    busy = false;
  };

  const watching = new IntersectionObserver(
    entries => {
      for (const { target, isIntersecting } of entries) {
        const widget = byElement.get(target);
        if (widget === undefined) continue;
        if (isIntersecting) visible.add(widget);
        else visible.delete(widget);
      }
      void run();
    },
    { rootMargin: '200px' },
  );
  for (const widget of widgets) watching.observe(widget.card.element);

  return {
    refresh: () => {
      for (const widget of widgets) stale.add(widget);
      if (document.visibilityState === 'visible') void run();
    },
    destroy: () => {
      over = true;
      watching.disconnect();
      for (const widget of widgets) widget.destroy();
    },
  };
}

async function loadAll(widgets: readonly LiveWidget[], dashboard: string, range: TimeRange, isOver: () => boolean): Promise<void> {
  const series = widgets.flatMap(widget => (widget.wanted === undefined ? [] : [{ widget, wanted: widget.wanted(range) }]));
  const alone = widgets.filter(widget => widget.load !== undefined);
  const byKey = new Map(series.map(each => [each.wanted.key, each.widget]));
  await Promise.all([
    ...byRange(
      series.map(each => each.wanted),
      range,
    ).flatMap(([asked, wanted]) =>
      batches(wanted).map(batch =>
        loadBatch(
          wanted.filter(each => batch.keys.includes(each.key)),
          { range, asked, byKey, isOver },
        ),
      ),
    ),
    ...alone.map(widget =>
      Promise.resolve(widget.load?.(range, dashboard)).catch((error: unknown) => {
        if (!isOver()) widget.failed(error);
      }),
    ),
  ]);
}

/** Widgets with a range of their own are asked for apart. */
function byRange(all: readonly Wanted[], range: TimeRange): readonly (readonly [TimeRange, readonly Wanted[]])[] {
  const groups = new Map<string, [TimeRange, Wanted[]]>();
  for (const wanted of all) {
    const own = wanted.range ?? range;
    const key = `${own.fromMs} ${own.toMs}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [own, [wanted]]);
    else group[1].push(wanted);
  }
  return [...groups.values()];
}

interface Batching {
  /** The page's. */
  readonly range: TimeRange;
  readonly asked: TimeRange;
  readonly byKey: ReadonlyMap<string, LiveWidget>;
  readonly isOver: () => boolean;
}

async function loadBatch(parts: readonly Wanted[], at: Batching): Promise<void> {
  const queries = batches(parts, Number.POSITIVE_INFINITY).flatMap(batch => batch.queries);
  if (queries.length === 0) {
    for (const part of parts) at.byKey.get(part.key)?.drawSeries?.([], at.range);
    return;
  }
  let series: readonly SeriesResult[];
  try {
    const times = { from: new Date(at.asked.fromMs).toISOString(), to: new Date(at.asked.toMs).toISOString() };
    series = (await api.metricData({ ...times, queries })).series;
  } catch (error) {
    if (at.isOver()) return;
    if (parts.length > 1) await Promise.all(parts.map(part => loadBatch([part], at)));
    else for (const part of parts) at.byKey.get(part.key)?.failed(error);
    return;
  }
  const found = groupByKey(series);
  await Promise.all(
    parts.map(part => {
      const widget = at.byKey.get(part.key);
      const draw = () => {
        if (!at.isOver()) widget?.drawSeries?.(found.get(part.key) ?? [], at.range);
      };
      return screenTurns.run(draw).catch((error: unknown) => widget?.failed(error));
    }),
  );
}

/** Results by the key of their widget, which is what stands before the first `_` of an id. */
function groupByKey(series: readonly SeriesResult[]): ReadonlyMap<string, SeriesResult[]> {
  const groups = new Map<string, SeriesResult[]>();
  for (const each of series) {
    const key = each.id.slice(0, each.id.indexOf('_'));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return groups;
}
