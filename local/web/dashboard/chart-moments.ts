/** Deploys and sessions as thin lines behind a chart's own, and their words when the cursor stands at one. */
import type uPlot from 'uplot';
import { h, replace } from '../dom.ts';
import { formatMoment } from '../format.ts';
import { type ChartMoment, drawnMoments } from '../moments.ts';
import { zone } from '../theme.ts';
import type { Ink } from './chart-marks.ts';

/** CSS pixels between the cursor and a line that it is said to stand at. */
const reach = 6;
const mostSaid = 4;

interface Seen {
  readonly ink: Ink;
  /** Whether the reader is at this chart: the others show the cursor, but say nothing. */
  readonly isRead: () => boolean;
}

export function momentsPlugin({ ink, isRead }: Seen): uPlot.Plugin {
  const said = h('div', { class: 'moment-said', role: 'status', hidden: true });
  return {
    hooks: {
      init: u => void u.over.append(said),
      drawClear: u => drawMoments(u, ink),
      setCursor: u => {
        const near = isRead() ? momentsAt(u) : [];
        if (near.length > 0) sayMoments(u, said, near);
        said.hidden = near.length === 0;
      },
    },
  };
}

/** Lines that differ in more than their colour: whole with a full flag, broken with an empty one, dots with an arrow into or out of the session. */
function drawMoments(u: uPlot, ink: Ink): void {
  const { ctx } = u;
  const pixel = window.devicePixelRatio || 1;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.lineWidth = pixel;
  for (const { kind, atMs } of drawnMoments()) {
    const x = Math.round(u.valToPos(atMs / 1000, 'x', true)) + pixel / 2;
    if (x < left || x > left + width) continue;
    const isSession = kind === 'open' || kind === 'close';
    ctx.strokeStyle = isSession ? ink.faint : ink.text;
    ctx.fillStyle = ctx.strokeStyle;
    ctx.setLineDash(kind === 'deploy' ? [] : kind === 'change' ? [4 * pixel, 3 * pixel] : [pixel, 3 * pixel]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.globalAlpha = isSession ? 1 : 0.75;
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.setLineDash([]);
    const size = (isSession ? 6 : 4) * pixel;
    ctx.beginPath();
    if (isSession) {
      const tip = kind === 'open' ? size : -size;
      ctx.moveTo(x, top + height - size);
      ctx.lineTo(x + tip, top + height - size / 2);
      ctx.lineTo(x, top + height);
    } else {
      ctx.moveTo(x - size, top - size);
      ctx.lineTo(x + size, top - size);
      ctx.lineTo(x, top + size * 0.6);
    }
    ctx.closePath();
    if (kind === 'change') ctx.stroke();
    else ctx.fill();
  }
  ctx.restore();
}

function momentsAt(u: uPlot): readonly ChartMoment[] {
  const { left } = u.cursor;
  if (left === undefined || left < 0) return [];
  return drawnMoments().filter(({ atMs }) => Math.abs(u.valToPos(atMs / 1000, 'x') - left) <= reach);
}

function sayMoments(u: uPlot, said: HTMLElement, near: readonly ChartMoment[]): void {
  const lines = near
    .slice(0, mostSaid)
    .map(({ atMs, text, strategies }) =>
      h('p', {}, h('time', {}, formatMoment(atMs, zone.get())), ' ', h('b', {}, strategies.join(', ')), ` ${text}`),
    );
  replace(said, ...lines, near.length > mostSaid ? h('p', {}, `and ${near.length - mostSaid} more`) : null);
  const left = u.cursor.left ?? 0;
  said.style.left = left < u.over.clientWidth / 2 ? `${left + 10}px` : 'auto';
  said.style.right = left < u.over.clientWidth / 2 ? 'auto' : `${u.over.clientWidth - left + 10}px`;
}

/** The time of the next drawn moment in a direction, in seconds; undefined when there is none. */
export function nextMoment(fromSeconds: number, step: 1 | -1): number | undefined {
  const times = drawnMoments().map(({ atMs }) => atMs / 1000);
  const beyond = times.filter(each => (each - fromSeconds) * step > 0.5);
  return beyond.length === 0 ? undefined : step === 1 ? Math.min(...beyond) : Math.max(...beyond);
}
