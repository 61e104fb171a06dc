/** A time series chart: uPlot for the lines, our own legend, thresholds and marks. It is updated in place while its series stay the same. */
import uPlot from 'uplot';
import { thin } from '../../../core/series/thin.ts';
import { h } from '../dom.ts';
import { formatClock, formatDay, formatTick, spell, withUnit } from '../format.ts';
import { nowMs } from '../live.ts';
import { moments, shownGroups } from '../moments.ts';
import { fade, lineWidth, seriesColor, seriesDash } from '../palette.ts';
import { theme, zone } from '../theme.ts';
import { asideTurns, screenTurns } from '../turns.ts';
import { type Aligned, align, lonely, stack, valueAt, yBounds } from './align.ts';
import { colorOf, drawLegend, type Legend } from './chart-legend.ts';
import { type Ink, marksPlugin } from './chart-marks.ts';
import { momentsAt, momentsPlugin, nextMoment } from './chart-moments.ts';
import { isPanStart, panByDrag } from './chart-pan.ts';
import { drawLegendTable } from './chart-table.ts';
import { hideTip, showTip, type Tip } from './chart-tip.ts';
import { denseLinesPlugin } from './dense-plugin.ts';
import { seriesKeys } from './label.ts';
import type { Axis, HorizontalMark, VerticalMark } from './model.ts';
import { movedRange, type TimeRange } from './period.ts';
import type { TipLine } from './tip-lines.ts';

export interface ChartSeries {
  readonly label: string;
  readonly color?: string;
  readonly unit?: string;
  readonly yAxis: 'left' | 'right';
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
  readonly periodSeconds: number;
  /** Points were left out where the series is kept; its smallest and largest values are there. */
  readonly isThinned?: boolean;
}

export interface ChartData {
  readonly series: readonly ChartSeries[];
  readonly range: TimeRange;
  readonly horizontal: readonly HorizontalMark[];
  readonly vertical: readonly VerticalMark[];
  readonly stacked: boolean;
  readonly left: Axis;
  readonly right: Axis;
  readonly legend: 'bottom' | 'right' | 'hidden';
  /** Says what the chart shows to readers who cannot see it. */
  readonly title: string;
  /** Series drawn as a band between each other: indexes of the lower and the upper one. */
  readonly band?: readonly [number, number];
}

export interface Chart {
  readonly element: HTMLElement;
  draw(data: ChartData): void;
  destroy(): void;
}

export type OnZoom = (range: TimeRange) => void;

interface Size {
  readonly width: number;
  readonly height: number;
}

const sizeOf = (width: number, height: number): Size => ({ width: Math.max(40, width), height: Math.max(40, height) });

const inkOf = (element: Element): Ink => {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: value('--muted'),
    faint: value('--faint'),
    grid: value('--grid'),
    danger: value('--alarm'),
    panel: value('--panel'),
    strong: value('--text'),
  };
};

export function createChart(onZoom: OnZoom): Chart {
  const canvasHost = h('div', { class: 'plot', tabindex: '0', role: 'img', 'aria-label': 'Chart' });
  const legendHost = h('ul', { class: 'legend' });
  const tableHost = h('div', { hidden: true });
  const element = h('div', { class: 'chart' }, canvasHost, legendHost, tableHost);
  let plot: uPlot | undefined;
  let shape = '';
  let data: ChartData | undefined;
  let whole: ChartData | undefined;
  /** What a drag shows while it lasts. */
  let panned: TimeRange | undefined;
  /** Where the reader has moved to, until it is drawn: the next move goes on from there. */
  let asked: TimeRange | undefined;
  let isLarge = false;
  let aligned: Aligned = { times: [], columns: [] };
  let isDense = false;
  let legend: Legend | undefined;
  const hidden = new Set<string>();

  // Asking the page for sizes between two drawings would have it laid out each time.
  let known: Size | undefined;
  const size = (): Size => {
    known ??= sizeOf(canvasHost.clientWidth, canvasHost.clientHeight);
    return known;
  };
  const resizing = new ResizeObserver(entries => {
    const box = entries.at(-1)?.contentRect;
    known = box === undefined || box.width === 0 ? undefined : sizeOf(Math.round(box.width), Math.round(box.height));
    if (plot !== undefined && known !== undefined && (plot.width !== known.width || plot.height !== known.height)) plot.setSize(known);
    if (whole !== undefined && isLarge !== isEnlarged(element)) draw(whole);
  });
  resizing.observe(canvasHost);
  let inView = true;
  const watching = new IntersectionObserver(entries => {
    inView = entries.at(-1)?.isIntersecting ?? inView;
  });
  watching.observe(canvasHost);

  const shown = (): uPlot.AlignedData => {
    const keys = data?.stacked === true ? seriesKeys(data.series) : [];
    const columns = data?.stacked === true ? stack(aligned, which => !hidden.has(keys[which] ?? '')) : aligned.columns;
    return [aligned.times, ...columns] as uPlot.AlignedData;
  };

  const isRead = () => canvasHost.matches(':hover, :focus');
  /** Arrow keys speak until a pointer is at some chart. */
  let isByKey = false;
  const isPointedAt = () => {
    if (canvasHost.matches(':hover')) return true;
    isByKey &&= canvasHost.matches(':focus') && document.querySelector('.plot:hover') === null;
    return isByKey;
  };
  const sayTip = () => {
    const tip = plot === undefined || data === undefined || panned !== undefined || !isPointedAt() ? undefined : tipOf(plot, data, aligned);
    if (tip === undefined) hideTip(canvasHost);
    else showTip(canvasHost, tip);
  };
  const sayValues = () => {
    if (data !== undefined) legend?.show(plot?.cursor.idx ?? undefined, aligned, data);
  };
  /** The chart below the pointer says its values at once, the others when it is their turn. */
  let isWaiting = false;
  const sayCursor = () => {
    sayTip();
    if (isRead()) return sayValues();
    if (isWaiting) return;
    isWaiting = true;
    void asideTurns.run(() => {
      isWaiting = false;
      sayValues();
    });
  };

  const build = (now: ChartData) => {
    plot?.destroy();
    const range = () => panned ?? asked ?? (data ?? now).range;
    const at = { ink: inkOf(canvasHost), data: () => data ?? now, range, isDense: () => isDense, inView: () => inView };
    const toggle = (key: string, show: boolean) => {
      if (show) hidden.delete(key);
      else hidden.add(key);
      plot?.batch(() => {
        plot?.setSeries(seriesKeys((data ?? now).series).indexOf(key) + 1, { show });
        // What lies above a hidden series comes down.
        if ((data ?? now).stacked) plot?.setData(shown(), true);
      });
    };
    tableHost.hidden = !isLarge;
    legend = isLarge ? drawLegendTable(tableHost, now, hidden, toggle) : drawLegend(legendHost, now, hidden, toggle);
    legendHost.hidden = isLarge || now.legend === 'hidden';
    plot = new uPlot({ ...optionsFor(now, at, hidden), ...size() }, shown(), canvasHost);
    panByDrag(plot.over, {
      range,
      nowMs,
      preview: next => {
        panned = next;
        const { fromMs, toMs } = range();
        hideTip(canvasHost);
        plot?.setScale('x', { min: fromMs / 1000, max: toMs / 1000 });
      },
      done: next => {
        panned = undefined;
        ask(next);
      },
    });
    plot.hooks['setCursor'] = [...(plot.hooks['setCursor'] ?? []), sayCursor];
    plot.hooks['setSelect'] = [
      ...(plot.hooks['setSelect'] ?? []),
      u => {
        if (u.select.width < 6) return;
        onZoom({
          fromMs: Math.round(u.posToVal(u.select.left, 'x') * 1000),
          toMs: Math.round(u.posToVal(u.select.left + u.select.width, 'x') * 1000),
        });
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      },
    ];
  };

  const ask = (range: TimeRange) => {
    asked = range;
    onZoom(range);
  };

  const draw = (next: ChartData) => {
    asked = undefined;
    const most = Math.max(200, size().width * 2);
    whole = next;
    isLarge = isEnlarged(element);
    data = { ...next, series: next.series.map(each => thinned(each, next.range, most)) };
    aligned = align(data.series);
    isDense = hasDenseLines(next, aligned.times.length, size().width);
    element.dataset['legend'] = next.legend;
    const nextShape = JSON.stringify([
      next.series.map(each => [each.label, each.color, each.yAxis, each.unit]),
      next.stacked,
      next.horizontal.length > 0,
      next.legend,
      next.left,
      next.right,
      next.band,
      isLarge,
      theme.get(),
      zone.get(),
    ]);
    if (nextShape !== shape || plot === undefined) {
      shape = nextShape;
      build(next);
    } else {
      plot.batch(() => {
        plot?.setData(shown(), true);
      });
    }
    legend?.sum?.(next);
    sayValues();
    sayTip();
    const said = describe(next);
    if (canvasHost.getAttribute('aria-label') !== said) canvasHost.setAttribute('aria-label', said);
  };

  canvasHost.addEventListener('keydown', event => {
    if (plot === undefined || data === undefined || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return;
    event.preventDefault();
    const step = event.key === 'ArrowLeft' ? -1 : 1;
    if (event.ctrlKey) return moveBy(step * half);
    isByKey = true;
    const idx = Math.min(aligned.times.length - 1, Math.max(0, (plot.cursor.idx ?? aligned.times.length) + step));
    const before = plot.cursor.left ?? -1;
    const moment = event.shiftKey
      ? nextMoment(before < 0 ? Number(aligned.times.at(step === 1 ? 0 : -1)) : plot.posToVal(before, 'x'), step)
      : undefined;
    if (event.shiftKey && moment === undefined) return;
    const left = plot.valToPos(moment ?? aligned.times[idx] ?? 0, 'x');
    plot.setCursor({ left, top: 10 });
  });
  canvasHost.addEventListener('blur', () => {
    isByKey = false;
    hideTip(canvasHost);
  });
  const moveBy = (share: number) => {
    const range = asked ?? data!.range;
    const next = movedRange(range, Math.round((range.toMs - range.fromMs) * share), nowMs());
    if (next.fromMs !== range.fromMs) ask(next);
  };

  const redraw = () => void screenTurns.run(() => plot?.redraw(false));
  const stops = [moments.onChange(redraw), shownGroups.onChange(redraw)];

  return {
    element,
    draw,
    destroy: () => {
      for (const stop of stops) stop();
      hideTip(canvasHost);
      resizing.disconnect();
      watching.disconnect();
      plot?.destroy();
      plot = undefined;
    },
  };
}

/** Of a range, that one press of a key moves it by. */
const half = 0.5;

const isEnlarged = (element: Element) => element.closest('.enlarged') !== null;

/** What the lines that are shown are worth where the cursor stands. Undefined while it stands nowhere. */
function tipOf(u: uPlot, data: ChartData, aligned: Aligned): Tip | undefined {
  const { left = -1, top = -1, idx, event } = u.cursor;
  if (left < 0) return undefined;
  const isPointer = u.over.matches(':hover') && event !== null && event !== undefined;
  const box = isPointer ? undefined : u.over.getBoundingClientRect();
  const lines = data.series.flatMap((each, which): TipLine[] => {
    const value = u.series[which + 1]?.show === false || typeof idx !== 'number' ? undefined : valueAt(aligned, which, idx);
    if (value === undefined) return [];
    const drawn = data.stacked ? u.data[which + 1]?.[idx ?? 0] : value;
    return [
      {
        label: each.label,
        color: colorOf(each, which),
        isDashed: seriesDash(which).length > 0,
        value,
        ...(each.unit === undefined ? {} : { unit: each.unit }),
        top: u.valToPos(drawn ?? value, each.yAxis === 'right' ? 'r' : 'y'),
      },
    ];
  });
  const seconds = typeof idx === 'number' ? aligned.times[idx] : undefined;
  return {
    x: box === undefined ? (event?.clientX ?? 0) : box.left + left,
    y: box === undefined ? (event?.clientY ?? 0) : box.top + box.height / 3,
    ...(seconds === undefined ? {} : { atMs: seconds * 1000 }),
    lines,
    ...(box === undefined ? { nearTop: top } : {}),
    moments: momentsAt(u),
  };
}

/** Lines of many points are drawn from fewer, without losing extremes. */
function thinned(series: ChartSeries, range: TimeRange, most: number): ChartSeries {
  const { timestamps, values, slotMs } = thin(series, range, most * 1.5);
  return slotMs === undefined
    ? series
    : { ...series, timestamps, values, periodSeconds: Math.max(series.periodSeconds, (slotMs * 0.9) / 1000) };
}

function describe(data: ChartData): string {
  const parts = data.series.slice(0, 6).map(each => {
    const last = each.values.at(-1);
    return `${each.label} ${last === undefined ? 'has no data' : `is ${spell(withUnit(last, each.unit))}`}`;
  });
  return `${data.title}: ${parts.join(', ')}`;
}

/** Several plain lines of more points than every other column of the plot could show one of. */
const hasDenseLines = ({ series, stacked, band }: ChartData, moments: number, width: number): boolean =>
  series.length > 1 && !stacked && band === undefined && moments > width / 2;

interface Seen {
  readonly ink: Ink;
  readonly data: () => ChartData;
  readonly isDense: () => boolean;
  readonly inView: () => boolean;
  /** What the time axis shows. */
  readonly range: () => TimeRange;
}

function optionsFor(data: ChartData, seen: Seen, hidden: ReadonlySet<string>): uPlot.Options {
  const { ink } = seen;
  const hasRight = data.series.some(each => each.yAxis === 'right');
  const font = '11px system-ui, sans-serif';
  const utc = zone.get() === 'utc';
  return {
    width: 100,
    height: 100,
    padding: [data.horizontal.length > 0 ? 17 : 8, hasRight ? 0 : 18, 0, 0],
    legend: { show: false },
    focus: { alpha: 0.35 },
    tzDate: seconds => (utc ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000)),
    cursor: {
      y: false,
      points: { size: 7, width: 1.5 },
      drag: { x: true, y: false, setScale: false, dist: 5 },
      // What moves time marks no stretch of it.
      bind: {
        mousedown: (_u, over, handler) => event => {
          if (event.button === 0 && event.target === over && !isPanStart(event)) handler(event);
          return null;
        },
      },
      // Fifty charts that follow one pointer cost frames, and those out of sight help nobody; what the pointer leaves is cleared everywhere.
      sync: {
        key: 'nightdesk',
        setSeries: false,
        scales: ['x', null],
        filters: { sub: type => type === 'mouseleave' || seen.inView() },
      },
    },
    scales: {
      x: { time: true, auto: false, range: () => [seen.range().fromMs / 1000, seen.range().toMs / 1000] },
      y: { range: (_, min, max) => boundsOf('left', { min, max }, seen.data()) },
      ...(hasRight ? { r: { range: (_: uPlot, min: number, max: number) => boundsOf('right', { min, max }, seen.data()) } } : {}),
    },
    axes: [
      { stroke: ink.text, font, size: 26, gap: 4, space: 64, grid: { show: false }, ticks: { show: false }, values: timeLabels },
      yAxisOf('y', 3, ink, font, unitOf(data, 'left'), quietAxis(data, data.left)),
      ...(hasRight ? [yAxisOf('r', 1, ink, font, unitOf(data, 'right'), quietAxis(data, data.right))] : []),
    ],
    series: [{}, ...data.series.map((each, index) => seriesOf(each, index, { data, hidden, isDense: seen.isDense }))],
    ...(data.stacked
      ? { bands: data.series.slice(1).map((_, index) => ({ series: [index + 2, index + 1] as [number, number] })) }
      : data.band === undefined
        ? {}
        : { bands: [{ series: [data.band[1] + 1, data.band[0] + 1] as [number, number], fill: fade(seriesColor(1, theme.get()), 0.14) }] }),
    plugins: [momentsPlugin(seen), denseLinesPlugin({ ...seen, colors: data.series.map(colorOf) }), marksPlugin(seen)],
  };
}

/** An axis does not repeat what the title says. */
function quietAxis(data: ChartData, axis: Axis): Axis {
  const { label, ...others } = axis;
  return label === undefined || data.title.includes(label) ? others : axis;
}

function yAxisOf(scale: string, side: 1 | 3, ink: Ink, font: string, unit: string | undefined, axis: Axis): uPlot.Axis {
  const suffix = !axis.showUnits ? '' : unit === 'Percent' ? '%' : '';
  return {
    scale,
    side,
    stroke: ink.text,
    font,
    gap: 6,
    space: 34,
    ...(unit === 'Count' ? { incrs: wholeSteps } : {}),
    size: (_, values) => Math.max(36, ...(values ?? []).map(value => value.length * 7 + 14)),
    grid: side === 3 ? { stroke: ink.grid, width: 1 } : { show: false },
    ticks: { show: false },
    values: (_, splits, __, ___, step) => splits.map(value => formatTick(value, step, unit) + suffix),
    ...(axis.label === undefined ? {} : { label: axis.label, labelSize: 16, labelGap: 0, labelFont: font }),
  };
}

const wholeSteps = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map(digit => digit * 10 ** power)).flat();

/** Hours and minutes, with the date in place of midnight; days alone when the ticks are days apart. */
function timeLabels(_: uPlot, splits: readonly number[], __: number, ___: number, increment: number): string[] {
  return splits.map(seconds => {
    const clock = formatClock(seconds * 1000, zone.get());
    if (increment >= 86_400 || clock === '00:00:00') return formatDay(seconds * 1000, zone.get()).replace(/ \d{4}$/, '');
    return increment < 60 ? clock : clock.slice(0, 5);
  });
}

function unitOf(data: ChartData, side: 'left' | 'right'): string | undefined {
  const units = new Set(data.series.filter(each => each.yAxis === side).map(each => each.unit));
  return units.size === 1 ? [...units][0] : undefined;
}

/** `seen` is what the shown series of the axis reach in the range; without data it has no numbers. */
function boundsOf(
  side: 'left' | 'right',
  seen: { readonly min: number | null; readonly max: number | null },
  data: ChartData,
): [number, number] {
  const marks = data.horizontal
    .filter(mark => mark.yAxis === side)
    .flatMap(mark => (mark.to === undefined ? [mark.value] : [mark.value, mark.to.value]));
  const low = data.stacked ? Math.min(0, seen.min ?? 0) : seen.min;
  const bounds = low === null || seen.max === null ? undefined : { min: low, max: seen.max };
  const { min, max } = yBounds(bounds, marks, side === 'left' ? data.left : data.right);
  return [min, max];
}

const strokedPath = uPlot.paths.linear?.();

interface Drawn {
  readonly data: ChartData;
  readonly hidden: ReadonlySet<string>;
  readonly isDense: () => boolean;
}

function seriesOf(each: ChartSeries, index: number, { data, hidden, isDense }: Drawn): uPlot.Series {
  const color = colorOf(each, index);
  const dash = seriesDash(index);
  const key = seriesKeys(data.series)[index] ?? each.label;
  const isBandEdge = data.band?.includes(index) === true;
  return {
    label: each.label,
    scale: each.yAxis === 'right' ? 'r' : 'y',
    show: !hidden.has(key),
    stroke: isBandEdge ? fade(seriesColor(1, theme.get()), 0.5) : color,
    width: isBandEdge ? 1 : lineWidth,
    // The plugin draws dense lines: no path is made for them.
    paths: (u, which, from, to) => (isDense() ? null : (strokedPath?.(u, which, from, to) ?? null)),
    ...(dash.length > 0 ? { dash: [...dash] } : {}),
    ...(data.stacked ? { fill: fade(color, 0.35) } : data.series.length === 1 ? { fill: softFill(color) } : {}),
    points: {
      show: () => false,
      size: 5,
      fill: color,
      filter: (u, seriesIndex) => {
        const idxs = lonely(u.data[seriesIndex] ?? []);
        return idxs.length > 0 ? idxs : null;
      },
    },
  };
}

/** A faint wash below a single line, fading towards the bottom. */
const softFill = (color: string) => (u: uPlot) => {
  const { top, height } = u.bbox;
  if (!Number.isFinite(top) || !Number.isFinite(height) || height <= 0) return fade(color, 0.08);
  const wash = u.ctx.createLinearGradient(0, top, 0, top + height);
  wash.addColorStop(0, fade(color, 0.18));
  wash.addColorStop(1, fade(color, 0.01));
  return wash;
};
