/**
 * The chart of a page: one series with its limit and the moment from which it was in alarm. A plain picture, the same here and in the cloud,
 * drawn without fonts, canvases or services.
 */
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import { type Bitmap, dashes, emptyBitmap, fill, line, textWidth, write } from './bitmap.ts';
import { type TickUnit, tickText } from './tick-text.ts';

export interface ChartInput {
  readonly title: string;
  /** Ascending; `null` is a minute without a value, and a gap. */
  readonly points: readonly { readonly atMs: EpochMs; readonly value: number | null }[];
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly limit?: number;
  /** When it went into alarm. */
  readonly sinceMs?: EpochMs;
}

/** Colours by their number in the bitmap, as red, green and blue. */
export const palette = [
  [255, 255, 255],
  [226, 229, 234],
  [90, 98, 110],
  [28, 34, 44],
  [37, 99, 196],
  [208, 2, 27],
  [253, 236, 238],
] as const;
const colour = { paper: 0, grid: 1, quiet: 2, ink: 3, series: 4, limit: 5, alarm: 6 } as const;

const WIDTH = 880;
const HEIGHT = 320;
const plot = { left: 96, top: 44, right: WIDTH - 18, bottom: HEIGHT - 36 } as const;

export function drawLineChart(input: ChartInput): Bitmap {
  const bitmap = emptyBitmap(WIDTH, HEIGHT);
  const { fromMs, toMs } = input;
  const ticks = valueTicks(input);
  const low = ticks[0]!;
  const high = ticks.at(-1)!;
  const x = (ms: EpochMs) => Math.round(plot.left + ((ms - fromMs) / Math.max(1, toMs - fromMs)) * (plot.right - plot.left));
  const y = (value: number) => Math.round(plot.bottom - ((value - low) / (high - low)) * (plot.bottom - plot.top));
  if (input.sinceMs !== undefined && input.sinceMs < toMs) {
    const start = Math.max(plot.left, x(input.sinceMs));
    fill(bitmap, start, plot.top, plot.right - start, plot.bottom - plot.top, colour.alarm);
  }
  write(bitmap, input.title.slice(0, 68), plot.left, 14, 2, colour.ink);
  drawTicks(bitmap, ticks, y);
  drawTimes(bitmap, input, x);
  drawSeries(bitmap, input, x, y);
  if (input.limit !== undefined) {
    const label = `LIMIT ${shortNumber(input.limit)}`;
    dashes(bitmap, plot.left, y(input.limit), plot.right - plot.left, colour.limit);
    write(bitmap, label, plot.right - textWidth(label, 2), y(input.limit) - 18, 2, colour.limit);
  }
  return bitmap;
}

function drawTicks(bitmap: Bitmap, ticks: readonly number[], y: (value: number) => number): void {
  for (const tick of ticks) {
    const label = tickText(tick, ticks[1]! - ticks[0]!, tickUnits, MOST_CHARACTERS);
    fill(bitmap, plot.left, y(tick), plot.right - plot.left, 1, colour.grid);
    write(bitmap, label, plot.left - 10 - textWidth(label, 2), y(tick) - 7, 2, colour.quiet);
  }
}

/** About six times on the hour, the quarter or the minute, in UTC. */
function drawTimes(bitmap: Bitmap, { fromMs, toMs }: ChartInput, x: (ms: EpochMs) => number): void {
  const steps = [60_000, 300_000, 900_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000, 86_400_000];
  const step = steps.find(each => (toMs - fromMs) / each <= 7) ?? 86_400_000;
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) {
    const label = isoFromMs(at).slice(11, 16);
    fill(bitmap, x(at), plot.bottom, 1, 6, colour.quiet);
    write(bitmap, label, Math.min(x(at) - textWidth(label, 2) / 2, WIDTH - textWidth(label, 2)), plot.bottom + 12, 2, colour.quiet);
  }
  write(bitmap, 'UTC', 14, plot.bottom + 12, 2, colour.quiet);
}

function drawSeries(bitmap: Bitmap, { points }: ChartInput, x: (ms: EpochMs) => number, y: (value: number) => number): void {
  let before: readonly [number, number] | undefined;
  for (const { atMs, value } of points) {
    if (value === null) {
      before = undefined;
      continue;
    }
    const here = [x(atMs), y(value)] as const;
    if (before !== undefined) line(bitmap, before, here, colour.series, 3);
    fill(bitmap, here[0] - 1, here[1] - 1, 5, 5, colour.series);
    before = here;
  }
}

/** Four to six round numbers that hold the series and its limit. */
function valueTicks({ points, limit }: ChartInput): readonly number[] {
  const values = [...points.flatMap(({ value }) => value ?? []), ...(limit === undefined ? [] : [limit])];
  const low = values.length === 0 ? 0 : Math.min(...values);
  const high = values.length === 0 ? 1 : Math.max(...values);
  const span = high > low ? high - low : Math.abs(high) || 1;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find(each => each * power >= rough) ?? 10);
  const first = Math.floor(low / step - (high > low ? 0.05 : 1)) * step;
  const count = Math.ceil((high + span * 0.05 - first) / step);
  return Array.from({ length: Math.max(2, count + 1) }, (_, index) => first + index * step);
}

/** What the room left of the plot holds. */
const MOST_CHARACTERS = 7;

const tickUnits: readonly TickUnit[] = [
  [1e9, 1e9, 'G'],
  [1e6, 1e6, 'M'],
  [1e4, 1e3, 'K'],
];

/** At most seven characters: `1234`, `0.05`, `1.2M`, `-3.4K`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  const units = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'K'],
  ] as const;
  for (const [from, unit] of units) if (size >= from) return `${trimmed(value / (unit === 'K' ? 1e3 : from))}${unit}`;
  return trimmed(value);
}

const trimmed = (value: number): string => String(Number(value.toPrecision(4)));
