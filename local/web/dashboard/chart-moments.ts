/** Deploys and sessions as thin lines behind a chart's own, and which of them the cursor stands at. */
import type uPlot from 'uplot';
import { type ChartMoment, drawnMoments } from '../moments.ts';
import type { Ink } from './chart-marks.ts';

/** CSS pixels between the cursor and a line that it is said to stand at. */
const reach = 6;

export const momentsPlugin = ({ ink }: { readonly ink: Ink }): uPlot.Plugin => ({ hooks: { drawClear: u => drawMoments(u, ink) } });

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

/** The marks that the cursor stands at. */
export function momentsAt(u: uPlot): readonly ChartMoment[] {
  const { left } = u.cursor;
  if (left === undefined || left < 0) return [];
  return drawnMoments().filter(({ atMs }) => Math.abs(u.valToPos(atMs / 1000, 'x') - left) <= reach);
}

/** The time of the next drawn moment in a direction, in seconds; undefined when there is none. */
export function nextMoment(fromSeconds: number, step: 1 | -1): number | undefined {
  const times = drawnMoments().map(({ atMs }) => atMs / 1000);
  const beyond = times.filter(each => (each - fromSeconds) * step > 0.5);
  return beyond.length === 0 ? undefined : step === 1 ? Math.min(...beyond) : Math.max(...beyond);
}
