/** Line charts as SVG: each line with the band between its lowest and highest value, so that narrow charts hide no extreme. */

import { LINE_COLOURS, LINE_DASHES } from '../../core/catalogue/palette.ts';
import type { Stat } from '../../core/ledger/history.ts';
import { type Html, html, nothing } from './html.ts';
import { colours, type Theme } from './style.ts';

export interface ChartPoint {
  readonly at: number;
  readonly value: Stat;
  /** How long it stands for what follows, where that is longer than the chart's usual gap. */
  readonly holdsMs?: number;
}

export interface ChartLine {
  readonly label: string;
  readonly points: readonly ChartPoint[];
  /** Place in the palette. */
  readonly place: number;
}

export interface Pane {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  /** Share of the height. */
  readonly weight: number;
  /** A tick's label; its neighbours are a step away. */
  readonly format: (value: number, step: number) => string;
  /** Whether 0 is on the axis whatever the values. */
  readonly holdsZero?: boolean;
  /** A limit, drawn with its name. */
  readonly limit?: { readonly value: number; readonly label: string };
}

export interface ChartMark {
  readonly at: number;
  readonly label: string;
  readonly kind: 'deploy' | 'session';
}

export interface Chart {
  readonly panes: readonly Pane[];
  readonly marks: readonly ChartMark[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
  readonly time: (ms: number) => string;
  /** Longest time between two points that still belong together. */
  readonly gapMs: number;
}

const LEFT = 70;
const RIGHT = 10;
const TITLE = 18;
const AXIS = 20;

export function drawChart(chart: Chart): Html {
  const { panes, width, height, theme } = chart;
  const weights = panes.reduce((sum, { weight }) => sum + weight, 0);
  const room = height - AXIS;
  let top = 0;
  const drawn = panes.map(pane => {
    const paneHeight = (room * pane.weight) / weights;
    const part = drawPane(pane, chart, top, paneHeight);
    top += paneHeight;
    return part;
  });
  return html`<svg viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" role="img" aria-label="${panes.map(({ title }) => title).join('; ')}" font-size="11">${marksOf(chart, room)}${drawn}${timeAxis(chart, room)}<line x1="${LEFT}" y1="${round(room)}" x2="${round(width - RIGHT)}" y2="${round(room)}" stroke="${colours[theme].line}"></line></svg>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  readonly step: number;
}

function drawPane(pane: Pane, chart: Chart, top: number, paneHeight: number): Html {
  const { theme, width } = chart;
  const { muted, line } = colours[theme];
  const scale = scaleOf(pane);
  const plotTop = top + TITLE;
  const plotHeight = Math.max(10, paneHeight - TITLE - 4);
  const y = (value: number) => round(plotTop + plotHeight * (1 - (value - scale.low) / (scale.high - scale.low)));
  const grid = scale.ticks.map(
    tick =>
      html`<line x1="${LEFT}" y1="${y(tick)}" x2="${round(width - RIGHT)}" y2="${y(tick)}" stroke="${line}" stroke-width="${tick === 0 ? 1.5 : 0.5}"></line><text x="${LEFT - 6}" y="${y(tick)}" fill="${muted}" text-anchor="end" dominant-baseline="middle">${pane.format(tick, scale.step)}</text>`,
  );
  const limit =
    pane.limit === undefined || pane.limit.value < scale.low || pane.limit.value > scale.high
      ? nothing
      : html`<line x1="${LEFT}" y1="${y(pane.limit.value)}" x2="${round(width - RIGHT)}" y2="${y(pane.limit.value)}" stroke="${colours[theme].bad}" stroke-dasharray="8 4"></line><text x="${round(width - RIGHT)}" y="${y(pane.limit.value) - 4}" fill="${colours[theme].bad}" text-anchor="end">${pane.limit.label}</text>`;
  const title = html`<text x="${LEFT}" y="${round(top + 12)}" fill="${muted}" font-weight="600">${pane.title}</text>`;
  return html`${title}${grid}${pane.lines.map(each => drawLine(each, chart, y))}${limit}`;
}

/** The extremes of what is drawn with a little room, and four or so round numbers between. */
function scaleOf({ lines, limit, holdsZero }: Pane): Scale {
  let low = holdsZero === true ? 0 : Number.POSITIVE_INFINITY;
  let high = holdsZero === true ? 0 : Number.NEGATIVE_INFINITY;
  for (const { points } of lines) {
    for (const { value } of points) {
      low = Math.min(low, value[1]);
      high = Math.max(high, value[2]);
    }
  }
  if (low > high) [low, high] = [0, 1];
  // A limit that is near belongs on the chart; one far away would flatten the line.
  const span = high - low || Math.abs(high) * 0.1 || 1;
  if (limit !== undefined && limit.value > low - 2 * span && limit.value < high + 2 * span) {
    low = Math.min(low, limit.value);
    high = Math.max(high, limit.value);
  }
  const padding = (high - low || span) * 0.06;
  const [from, to] = [low - padding, high + padding];
  const step = niceStep((to - from) / 4);
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to && ticks.length < 12; tick += step)
    ticks.push(Math.abs(tick) < step / 1e6 ? 0 : tick);
  return { low: from, high: to, ticks, step };
}

/** The next of 1, 2, 2.5 and 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find(each => each * power >= rough) ?? 10;
  return factor * power;
}

function drawLine({ label, points, place }: ChartLine, chart: Chart, y: (value: number) => number): Html {
  const colour = LINE_COLOURS[place % LINE_COLOURS.length]!;
  const dash = LINE_DASHES[place % LINE_DASHES.length]!;
  const thinned = thin(points, chart);
  const runs = runsOf(thinned, Math.max(chart.gapMs, (2.5 * (chart.toMs - chart.fromMs)) / columnsOf(chart)));
  const x = (at: number) => xOf(at, chart);
  const bands = runs
    .filter(run => run.some(({ value }) => value[1] !== value[2]))
    .map(run => {
      const above = run.map(({ at, value }) => `${x(at)} ${y(value[2])}`);
      const below = [...run].reverse().map(({ at, value }) => `${x(at)} ${y(value[1])}`);
      return html`<path d="M${above.join('L')}L${below.join('L')}Z" fill="${colour}" fill-opacity="0.22"></path>`;
    });
  const lines = runs.map(run => {
    if (run.length === 1) return html`<circle cx="${x(run[0]!.at)}" cy="${y(run[0]!.value[0])}" r="2" fill="${colour}"></circle>`;
    return html`<path d="M${run.map(({ at, value }) => `${x(at)} ${y(value[0])}`).join('L')}" fill="none" stroke="${colour}" stroke-width="1.6" stroke-linejoin="round" stroke-dasharray="${dash}"></path>`;
  });
  return html`<g><title>${label}</title>${bands}${lines}</g>`;
}

const xOf = (at: number, { fromMs, toMs, width }: Chart): number =>
  round(LEFT + (width - LEFT - RIGHT) * Math.min(1, Math.max(0, (at - fromMs) / (toMs - fromMs))));

/** One column for each pixel or two. */
const columnsOf = ({ width }: Chart): number => Math.max(20, Math.floor((width - LEFT - RIGHT) / 2));

/** At most one point a column, with the extremes of all that fall into it. */
function thin(points: readonly ChartPoint[], chart: Chart): readonly ChartPoint[] {
  const columns = columnsOf(chart);
  if (points.length <= columns) return points;
  const columnOf = (at: number) => Math.floor(((at - chart.fromMs) / (chart.toMs - chart.fromMs)) * columns);
  const kept: ChartPoint[] = [];
  let column = Number.NaN;
  for (const point of points) {
    const before = kept.at(-1);
    if (before === undefined || columnOf(point.at) !== column) {
      kept.push(point);
      column = columnOf(point.at);
    } else {
      const [, low, high] = before.value;
      kept[kept.length - 1] = { ...before, value: [point.value[0], Math.min(low, point.value[1]), Math.max(high, point.value[2])] };
    }
  }
  return kept;
}

/** A gap stays a gap: nobody has measured what a line across it would say. */
function runsOf(points: readonly ChartPoint[], gapMs: number): readonly (readonly ChartPoint[])[] {
  const runs: ChartPoint[][] = [];
  for (const point of points) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    if (last === undefined || before === undefined || point.at - before.at > Math.max(gapMs, before.holdsMs ?? 0)) runs.push([point]);
    else last.push(point);
  }
  return runs;
}

const MOST_MARKS = 40;

function marksOf(chart: Chart, room: number): readonly Html[] {
  const { muted } = colours[chart.theme];
  return chart.marks
    .filter(({ at }) => at >= chart.fromMs && at <= chart.toMs)
    .slice(-MOST_MARKS)
    .map(({ at, label, kind }) => {
      const x = xOf(at, chart);
      const dash = kind === 'deploy' ? '2 2' : '1 5';
      const flag = kind === 'deploy' ? html`<path d="M${x} 0 L${round(x + 8)} 4 L${x} 8 Z" fill="${muted}"></path>` : nothing;
      return html`<g><title>${label}</title><line x1="${x}" y1="0" x2="${x}" y2="${round(room)}" stroke="${muted}" stroke-dasharray="${dash}"></line>${flag}</g>`;
    });
}

function timeAxis(chart: Chart, room: number): readonly Html[] {
  const count = Math.max(2, Math.min(8, Math.floor((chart.width - LEFT - RIGHT) / 110)));
  return Array.from({ length: count }, (_, index) => {
    const at = chart.fromMs + ((chart.toMs - chart.fromMs) * (index + 0.5)) / count;
    return html`<text x="${xOf(at, chart)}" y="${round(room + 14)}" fill="${colours[chart.theme].muted}" text-anchor="middle">${chart.time(at)}</text>`;
  });
}

/** Names of the lines, each with its colour and dash. */
export function legend(lines: readonly { readonly label: string; readonly place: number; readonly text: string }[]): Html {
  const items = lines.map(({ label, place, text }) => {
    const colour = LINE_COLOURS[place % LINE_COLOURS.length]!;
    const dash = LINE_DASHES[place % LINE_DASHES.length]!;
    return html`<li><span class="nd-light"><svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true"><line x1="0" y1="4" x2="24" y2="4" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash}"></line></svg></span>&nbsp;&nbsp;&nbsp;${label} <span class="nd-muted">${text}</span></li>`;
  });
  return html`<ul class="nd-list nd-row">${items}</ul>`;
}
