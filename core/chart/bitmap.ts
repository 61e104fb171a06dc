/** A picture of few colours, and the strokes that charts need. Points outside of it are not drawn. */
import { GLYPH_HEIGHT, GLYPH_WIDTH, isInk } from './font.ts';

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** One colour number a point, row by row from the top. */
  readonly points: Uint8Array;
}

export const emptyBitmap = (width: number, height: number): Bitmap => ({ width, height, points: new Uint8Array(width * height) });

export function dot({ width, height, points }: Bitmap, x: number, y: number, colour: number): void {
  if (x >= 0 && y >= 0 && x < width && y < height) points[y * width + x] = colour;
}

export function fill(bitmap: Bitmap, x: number, y: number, width: number, height: number, colour: number): void {
  for (let row = y; row < y + height; row++) for (let column = x; column < x + width; column++) dot(bitmap, column, row, colour);
}

/** Bresenham's line, `thick` points wide downwards and to the right. */
export function line(bitmap: Bitmap, from: readonly [number, number], to: readonly [number, number], colour: number, thick = 1): void {
  let [x, y] = from;
  const [toX, toY] = to;
  const dx = Math.abs(toX - x);
  const dy = -Math.abs(toY - y);
  const stepX = x < toX ? 1 : -1;
  const stepY = y < toY ? 1 : -1;
  let error = dx + dy;
  for (let left = dx - dy + 1; left > 0; left--) {
    fill(bitmap, x, y, thick, thick, colour);
    if (x === toX && y === toY) return;
    const twice = 2 * error;
    if (twice >= dy) {
      error += dy;
      x += stepX;
    }
    if (twice <= dx) {
      error += dx;
      y += stepY;
    }
  }
}

/** A level line of dashes. */
export function dashes(bitmap: Bitmap, x: number, y: number, width: number, colour: number): void {
  for (let at = 0; at < width; at += 12) fill(bitmap, x + at, y, Math.min(7, width - at), 2, colour);
}

export const textWidth = (text: string, scale: number): number => [...text].length * (GLYPH_WIDTH + 1) * scale;

export function write(bitmap: Bitmap, text: string, x: number, y: number, scale: number, colour: number): void {
  [...text].forEach((character, index) => {
    const left = x + index * (GLYPH_WIDTH + 1) * scale;
    for (let row = 0; row < GLYPH_HEIGHT; row++)
      for (let column = 0; column < GLYPH_WIDTH; column++)
        if (isInk(character, column, row)) fill(bitmap, left + column * scale, y + row * scale, scale, scale, colour);
  });
}
