/**
 * Lines with more points than the screen has columns, drawn pixel by pixel: of each column the span that the line covers there. The cost
 * follows the pixels, where stroking a path costs ten times that. No spike is lost: every point lies in the span of its column. Pure.
 */

/** Of each column the smallest and the largest y that the line covers, in pixels from the top; `low` above `high` where there is no line. */
export interface Spans {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

export interface Scale {
  readonly min: number;
  readonly max: number;
}

export interface Line {
  /** Rising, in the unit of `x`. */
  readonly times: ArrayLike<number>;
  /** A number, null for a gap, undefined where the line has no point of its own and goes on. */
  readonly values: ArrayLike<number | null | undefined>;
  readonly x: Scale;
  readonly y: Scale;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Far outside every canvas, and still exact in 32 bits. */
const farOff = 100_000;
/** Pixels that rounding may move a point by. */
const hair = 1e-6;

export function spansOf({ times, values, x, y, width, height }: Line): Spans {
  const low = new Float32Array(width).fill(Number.POSITIVE_INFINITY);
  const high = new Float32Array(width).fill(Number.NEGATIVE_INFINITY);
  const perTime = width / (x.max - x.min);
  const perValue = height / (y.max - y.min);
  const cover = (column: number, a: number, b: number) => {
    if (a < low[column]!) low[column] = a;
    if (b < low[column]!) low[column] = b;
    if (a > high[column]!) high[column] = a;
    if (b > high[column]!) high[column] = b;
  };
  let isJoined = false;
  let beforeX = 0;
  let beforeY = 0;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at];
    if (value === undefined) continue;
    if (value === null) {
      isJoined = false;
      continue;
    }
    const nextX = (times[at]! - x.min) * perTime;
    const nextY = Math.max(-farOff, Math.min(farOff, (y.max - value) * perValue));
    const column = Math.floor(nextX);
    // The moments at the edges of the range belong to the first and the last column, also where arithmetic puts them a hair outside.
    if (nextX > -hair && nextX < width + hair) cover(Math.max(0, Math.min(column, width - 1)), nextY, nextY);
    if (isJoined) {
      const first = Math.max(0, Math.floor(beforeX));
      const last = Math.min(width - 1, column);
      if (first === column) cover(Math.min(first, width - 1), beforeY, nextY);
      else {
        const slope = (nextY - beforeY) / (nextX - beforeX);
        for (let each = first; each <= last; each += 1) {
          const from = beforeY + (Math.max(beforeX, each) - beforeX) * slope;
          const to = beforeY + (Math.min(nextX, each + 1) - beforeX) * slope;
          cover(each, from, to);
        }
      }
    }
    isJoined = true;
    beforeX = nextX;
    beforeY = nextY;
  }
  return { low, high };
}

export interface Stroke {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** Pixels. */
  readonly thickness: number;
  /** Pixels drawn and left out in turn, along the time axis; empty for a whole line. */
  readonly dash: readonly number[];
}

export interface Picture {
  /** Red, green, blue, alpha; not premultiplied. Its buffer is aligned to four bytes, as that of an `ImageData` is. */
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Draws the spans over what the picture holds. Ends of a span are blended by how much of their pixel they cover. */
export function ink(picture: Picture, spans: Spans, stroke: Stroke): void {
  const { data, width, height } = picture;
  const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const solid = new Uint32Array(Uint8Array.of(stroke.red, stroke.green, stroke.blue, 255).buffer)[0]!;
  const half = stroke.thickness / 2;
  // Steep parts of a thick line are wider than one column.
  const reach = Math.max(0, Math.round(stroke.thickness / 2) - 1);
  for (let column = 0; column < width; column += 1) {
    if (!isDrawn(column, stroke.dash)) continue;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let near = Math.max(0, column - reach); near <= Math.min(width - 1, column + reach); near += 1) {
      low = Math.min(low, spans.low[near]!);
      high = Math.max(high, spans.high[near]!);
    }
    if (low > high) continue;
    const top = low - half;
    const bottom = high + half;
    const last = Math.min(height - 1, Math.ceil(bottom) - 1);
    for (let row = Math.max(0, Math.floor(top)); row <= last; row += 1) {
      const share = Math.min(bottom, row + 1) - Math.max(top, row);
      if (share >= 1) pixels[row * width + column] = solid;
      else blend(data, (row * width + column) * 4, stroke, share);
    }
  }
}

function isDrawn(column: number, dash: readonly number[]): boolean {
  const length = dash.reduce((sum, each) => sum + each, 0);
  if (length === 0) return true;
  let at = column % length;
  for (let index = 0; index < dash.length; index += 1) {
    if (at < dash[index]!) return index % 2 === 0;
    at -= dash[index]!;
  }
  return true;
}

/** "Source over" of a colour that covers `share` of the pixel. */
function blend(data: Uint8ClampedArray, at: number, { red, green, blue }: Stroke, share: number): void {
  const under = (data[at + 3]! / 255) * (1 - share);
  const alpha = share + under;
  const kept = under / alpha;
  data[at] = red + (data[at]! - red) * kept;
  data[at + 1] = green + (data[at + 1]! - green) * kept;
  data[at + 2] = blue + (data[at + 2]! - blue) * kept;
  data[at + 3] = alpha * 255;
}
