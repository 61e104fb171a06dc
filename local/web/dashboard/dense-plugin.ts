/** Puts dense lines onto a chart's canvas: all of them into one picture of pixels, and that in one stroke. */
import uPlot from 'uplot';
import { lineWidth, seriesDash } from '../palette.ts';
import { ink, type Picture, spansOf } from './dense-lines.ts';

interface Seen {
  readonly isDense: () => boolean;
  /** `#rrggbb` of each series. */
  readonly colors: readonly string[];
}

export function denseLinesPlugin({ isDense, colors }: Seen): uPlot.Plugin {
  return {
    hooks: {
      draw: u => {
        if (isDense()) drawLines(u, colors);
      },
    },
  };
}

function drawLines(u: uPlot, colors: readonly string[]): void {
  const width = Math.round(u.bbox.width);
  const height = Math.round(u.bbox.height);
  if (width < 1 || height < 1) return;
  const { canvas, context } = sheetOf(width, height);
  const image = context.createImageData(width, height);
  for (const [index, color] of colors.entries()) drawLine(u, { color, index, picture: image });
  context.putImageData(image, 0, 0);
  u.ctx.drawImage(canvas, Math.round(u.bbox.left), Math.round(u.bbox.top));
}

function drawLine(u: uPlot, line: { readonly color: string; readonly index: number; readonly picture: Picture }): void {
  const series = u.series[line.index + 1];
  const values = u.data[line.index + 1];
  const x = rangeOf(u, 'x');
  const y = rangeOf(u, series?.scale ?? 'y');
  if (series?.show === false || values === undefined || x === undefined || y === undefined) return;
  const { width, height } = line.picture;
  const spans = spansOf({ times: u.data[0], values, x, y, width, height });
  const pixels = uPlot.pxRatio;
  ink(line.picture, spans, {
    ...channelsOf(line.color),
    thickness: lineWidth * pixels,
    dash: seriesDash(line.index).map(each => Math.round(each * pixels)),
  });
}

function rangeOf(u: uPlot, scale: string): { readonly min: number; readonly max: number } | undefined {
  const { min, max } = u.scales[scale] ?? {};
  return typeof min === 'number' && typeof max === 'number' && min < max ? { min, max } : undefined;
}

const channelsOf = (color: string) => ({
  red: Number.parseInt(color.slice(1, 3), 16),
  green: Number.parseInt(color.slice(3, 5), 16),
  blue: Number.parseInt(color.slice(5, 7), 16),
});

let sheet: { readonly canvas: HTMLCanvasElement; readonly context: CanvasRenderingContext2D } | undefined;

/** One canvas serves all charts, which draw one after the other. It is cleared, and stays in memory that the processor reaches. */
function sheetOf(width: number, height: number) {
  if (sheet === undefined) {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('this browser draws no canvas');
    sheet = { canvas, context };
  }
  if (sheet.canvas.width !== width || sheet.canvas.height !== height) Object.assign(sheet.canvas, { width, height });
  return sheet;
}
