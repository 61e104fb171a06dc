/** Thresholds and moments drawn behind and over a chart's lines. */
import type uPlot from 'uplot';
import { formatShort } from '../format.ts';
import { fade, plainColor } from '../palette.ts';
import type { HorizontalMark, VerticalMark } from './model.ts';

/** Colours of the page, read once per chart. */
export interface Ink {
  readonly text: string;
  readonly faint: string;
  readonly grid: string;
  readonly danger: string;
  readonly panel: string;
  readonly strong: string;
}

interface Seen {
  readonly ink: Ink;
  readonly data: () => { readonly horizontal: readonly HorizontalMark[]; readonly vertical: readonly VerticalMark[] };
}

export function marksPlugin(seen: Seen): uPlot.Plugin {
  return {
    hooks: {
      drawClear: [u => clipped(u, () => drawFills(u, seen))],
      draw: [
        u => {
          clipped(u, () => {
            for (const mark of seen.data().vertical) drawVertical(u, mark, seen.ink);
            for (const mark of seen.data().horizontal) drawHorizontal(u, mark, seen.ink);
          });
          for (const mark of seen.data().horizontal) drawOutside(u, mark, seen.ink);
        },
      ],
    },
  };
}

function clipped(u: uPlot, paint: () => void): void {
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(left, top, width, height);
  u.ctx.clip();
  paint();
  u.ctx.restore();
}

/** Reds become the page's own, which can be read on both grounds. */
function markColor(text: string | undefined): string | undefined {
  const color = plainColor(text);
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color ?? '');
  const [red = 0, green = 0, blue = 0] = (match?.slice(1) ?? []).map(each => Number.parseInt(each, 16));
  return red > 170 && green < 90 && blue < 90 ? undefined : color;
}

const scaleOf = (u: uPlot, mark: HorizontalMark) => (mark.yAxis === 'right' && u.scales['r'] !== undefined ? 'r' : 'y');
const tint = (mark: { readonly color?: string }, ink: Ink) => markColor(mark.color) ?? ink.danger;

function drawFills(u: uPlot, seen: Seen): void {
  const { left, top, width, height } = u.bbox;
  for (const mark of seen.data().horizontal) {
    if (mark.fill === 'none') continue;
    const scale = scaleOf(u, mark);
    const y = u.valToPos(mark.value, scale, true);
    const other = mark.to === undefined ? (mark.fill === 'above' ? top : top + height) : u.valToPos(mark.to.value, scale, true);
    u.ctx.fillStyle = fade(tint(mark, seen.ink), 0.09);
    u.ctx.fillRect(left, Math.min(y, other), width, Math.abs(other - y));
  }
  for (const mark of seen.data().vertical) {
    if (mark.fill === 'none') continue;
    const x = u.valToPos(mark.atMs / 1000, 'x', true);
    const other = mark.toMs === undefined ? (mark.fill === 'before' ? left : left + width) : u.valToPos(mark.toMs / 1000, 'x', true);
    u.ctx.fillStyle = fade(plainColor(mark.color) ?? seen.ink.text, 0.08);
    u.ctx.fillRect(Math.min(x, other), top, Math.abs(other - x), height);
  }
}

function drawHorizontal(u: uPlot, mark: HorizontalMark, ink: Ink): void {
  const color = tint(mark, ink);
  const edges = mark.to === undefined ? [{ value: mark.value, label: mark.label }] : [{ value: mark.value, label: mark.label }, mark.to];
  for (const { value, label } of edges) {
    const y = u.valToPos(value, scaleOf(u, mark), true);
    const { left, top, width, height } = u.bbox;
    if (y < top || y > top + height) continue;
    line(u, { color, from: [left, y], to: [left + width, y], dash: [6, 4] });
    const isHigh = y - 4 * ratio() < top + 9 * ratio();
    const at = isHigh ? y + 13 * ratio() : y - 4 * ratio();
    tag(u, { text: label ?? formatShort(value), x: left + width - 5 * ratio(), y: at, color, ink, align: 'right' });
  }
}

/** A limit beyond the drawn range is named above or below the plot, with an arrow: the data keeps its room. */
function drawOutside(u: uPlot, mark: HorizontalMark, ink: Ink): void {
  const { left, top, width, height } = u.bbox;
  const y = u.valToPos(mark.value, scaleOf(u, mark), true);
  if (y >= top && y <= top + height) return;
  const isAbove = y < top;
  const text = `${isAbove ? '↑' : '↓'} ${mark.label ?? formatShort(mark.value)}`;
  const at = isAbove ? top - 5 * ratio() : top + height - 5 * ratio();
  tag(u, { text, x: left + width - 5 * ratio(), y: at, color: tint(mark, ink), ink, align: 'right' });
}

function drawVertical(u: uPlot, mark: VerticalMark, ink: Ink): void {
  const color = plainColor(mark.color) ?? ink.text;
  const { left, top, width, height } = u.bbox;
  for (const ms of mark.toMs === undefined ? [mark.atMs] : [mark.atMs, mark.toMs]) {
    const x = u.valToPos(ms / 1000, 'x', true);
    if (x < left || x > left + width) continue;
    line(u, { color, from: [x, top], to: [x, top + height], dash: [2, 3] });
  }
  const x = u.valToPos(mark.atMs / 1000, 'x', true);
  if (mark.label === undefined || x < left || x > left + width) return;
  const flip = x > left + width * 0.75;
  tag(u, { text: mark.label, x: x + (flip ? -5 : 5) * ratio(), y: top + height - 6 * ratio(), color, ink, align: flip ? 'right' : 'left' });
}

const ratio = () => window.devicePixelRatio || 1;

interface Stroke {
  readonly color: string;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly dash: readonly number[];
}

function line(u: uPlot, stroke: Stroke): void {
  const { ctx } = u;
  ctx.beginPath();
  ctx.strokeStyle = stroke.color;
  ctx.lineWidth = 1.25 * ratio();
  ctx.setLineDash(stroke.dash.map(each => each * ratio()));
  ctx.moveTo(...stroke.from);
  ctx.lineTo(...stroke.to);
  ctx.stroke();
  ctx.setLineDash([]);
}

interface Tag {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly color: string;
  readonly ink: Ink;
  readonly align: 'left' | 'right';
}

/** Text with a halo of the panel's colour, so that lines behind do not eat it. */
function tag(u: uPlot, { text, x, y, color, ink, align }: Tag): void {
  const { ctx } = u;
  ctx.save();
  ctx.font = `600 ${10.5 * ratio()}px system-ui, sans-serif`;
  ctx.textAlign = align;
  ctx.textBaseline = 'alphabetic';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 3.5 * ratio();
  ctx.strokeStyle = ink.panel;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = color;
  ctx.fillText(text, x, y);
  ctx.restore();
}
