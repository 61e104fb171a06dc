/** Series of unlike periods on one time axis, with honest gaps. Pure. */

export interface Points {
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
  readonly periodSeconds: number;
}

export interface Aligned {
  /** Seconds, rising, as the chart library counts. */
  readonly times: number[];
  /** Per series: a number, null for a gap, undefined where the series simply has no point. */
  readonly columns: (number | null | undefined)[][];
}

/** Brings all series onto the moments that any of them has. */
export function align(series: readonly Points[]): Aligned {
  const [first] = series;
  if (first !== undefined && series.every(each => isAlike(each, first))) return alignAlike(series, first);
  const gaps = series.map(gapMoments);
  const moments = new Set<number>();
  for (const { timestamps } of series) for (const at of timestamps) moments.add(at);
  for (const each of gaps) for (const at of each) moments.add(at);
  const times = [...moments].sort((a, b) => a - b);
  const indexOf = new Map(times.map((at, index) => [at, index]));
  const columns = series.map(({ timestamps, values }, which) => {
    const column = new Array<number | null | undefined>(times.length).fill(undefined);
    for (const at of gaps[which] ?? []) column[indexOf.get(at) ?? 0] = null;
    timestamps.forEach((at, index) => {
      column[indexOf.get(at) ?? 0] = values[index] ?? null;
    });
    return column;
  });
  return { times: times.map(at => at / 1000), columns };
}

/** Most widgets ask for one period: then all series have the same moments, and nothing has to be looked up. */
const isAlike = (one: Points, other: Points): boolean =>
  one.periodSeconds === other.periodSeconds &&
  one.timestamps.length === other.timestamps.length &&
  one.timestamps.every((at, index) => at === other.timestamps[index]);

function alignAlike(series: readonly Points[], { timestamps, periodSeconds }: Points): Aligned {
  const gaps = new Set(gapMoments({ timestamps, values: [], periodSeconds }));
  if (gaps.size === 0) return { times: timestamps.map(at => at / 1000), columns: series.map(({ values }) => [...values]) };
  const step = periodSeconds * 1000;
  const times: number[] = [];
  const columns: (number | null)[][] = series.map(() => []);
  timestamps.forEach((at, index) => {
    times.push(at / 1000);
    for (const [which, column] of columns.entries()) column.push(series[which]!.values[index] ?? null);
    if (!gaps.has(at + step)) return;
    times.push((at + step) / 1000);
    for (const column of columns) column.push(null);
  });
  return { times, columns };
}

/**
 * Two points further apart than one and a half periods leave a gap between them, unless the series simply comes at a slower, steady
 * pace there: an hourly history in front of live minutes is one line.
 */
function gapMoments({ timestamps, periodSeconds }: Points): number[] {
  const step = periodSeconds * 1000;
  const lengths = timestamps.slice(1).map((at, index) => at - (timestamps[index] ?? at));
  return lengths.flatMap((length, index) => {
    if (length <= step * 1.5) return [];
    const isPace = runAround(lengths, index) >= 3 || isSteady(lengths.slice(Math.max(0, index - 3), index), length);
    return isPace ? [] : [(timestamps[index] ?? 0) + step];
  });
}

const alike = (a: number, b: number) => Math.max(a, b) <= Math.min(a, b) * 1.2;

/** How many steps in a row, this one among them, are as long as this one. */
function runAround(lengths: readonly number[], index: number): number {
  const length = lengths[index] ?? 0;
  let from = index;
  let to = index;
  while (from > 0 && to - from < 3 && alike(lengths[from - 1] ?? 0, length)) from -= 1;
  while (to < lengths.length - 1 && to - from < 3 && alike(lengths[to + 1] ?? 0, length)) to += 1;
  return to - from + 1;
}

/** True when the three steps before are alike and this one, where the pace changes, is no longer than they. */
function isSteady(before: readonly number[], length: number): boolean {
  const [first = 0] = before;
  return before.length === 3 && before.every(each => alike(each, first)) && length <= first * 1.2;
}

/**
 * A series' value at a moment that others brought: its own point there, else the nearer of the two that its line runs between. Undefined in a gap
 * and outside the series.
 */
export function valueAt({ times, columns }: Aligned, which: number, index: number): number | undefined {
  const column = columns[which] ?? [];
  const own = column[index];
  if (typeof own === 'number') return own;
  const ends = own === null ? undefined : endsAround(column, index);
  if (ends === undefined) return undefined;
  const [left, right] = ends;
  const isLeft = (times[index] ?? 0) - (times[left] ?? 0) <= (times[right] ?? 0) - (times[index] ?? 0);
  return column[isLeft ? left : right] ?? undefined;
}

type Column = readonly (number | null | undefined)[];

/** Indexes of the points that the line at a moment without a point of its own runs between; undefined where there is no line. */
function endsAround(column: Column, index: number): readonly [number, number] | undefined {
  let left = index;
  let right = index;
  while (left >= 0 && column[left] === undefined) left -= 1;
  while (right < column.length && column[right] === undefined) right += 1;
  return typeof column[left] === 'number' && typeof column[right] === 'number' ? [left, right] : undefined;
}

/**
 * Sums from the first series up. Gaps, and what lies before or after a series, count as nothing; at a moment that only other series have, the
 * height of its line counts. Those that `isShown` leaves out count as nothing everywhere.
 */
export function stack({ times, columns }: Aligned, isShown: (which: number) => boolean = () => true): number[][] {
  const running = new Array<number>(times.length).fill(0);
  return columns.map((column, which) => {
    if (isShown(which))
      heights(column, times).forEach((height, index) => {
        running[index] = (running[index] ?? 0) + height;
      });
    return [...running];
  });
}

function heights(column: Column, times: readonly number[]): number[] {
  const out = times.map((_, index) => column[index] ?? 0);
  let before: number | undefined;
  column.forEach((value, index) => {
    if (value === undefined) return;
    if (value !== null && before !== undefined) {
      const from = times[before]!;
      const slope = (value - out[before]!) / (times[index]! - from);
      for (let between = before + 1; between < index; between += 1) out[between] = out[before]! + slope * (times[between]! - from);
    }
    before = value === null ? undefined : index;
  });
  return out;
}

/** Indexes of points without a neighbour: a line alone would not show them. */
export function lonely(column: ArrayLike<number | null | undefined>): number[] {
  const endsAt = (from: number, step: number): boolean => {
    let at = from + step;
    while (at >= 0 && at < column.length && column[at] === undefined) at += step;
    return typeof column[at] !== 'number';
  };
  const out: number[] = [];
  for (let at = 0; at < column.length; at += 1) if (typeof column[at] === 'number' && endsAt(at, -1) && endsAt(at, 1)) out.push(at);
  return out;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * The y range that shows the data well, and the marks too unless they are so far off that the data would become a flat line.
 * Zero is included when the data is not far from it.
 */
export function yBounds(
  data: Bounds | undefined,
  marks: readonly number[],
  fixed: { readonly min?: number; readonly max?: number },
): Bounds {
  let min = data?.min ?? Math.min(0, ...marks);
  let max = data?.max ?? Math.max(1, ...marks);
  const span = max - min || Math.abs(max) || 1;
  for (const mark of marks) {
    if (Math.max(max, mark) - Math.min(min, mark) > span * 8 && data !== undefined && max - min > 0) continue;
    min = Math.min(min, mark);
    max = Math.max(max, mark);
  }
  if (min > 0 && (min < max * 0.6 || min === max)) min = 0;
  if (max < 0 && (max > min * 0.6 || min === max)) max = 0;
  const room = (max - min || Math.abs(max) || 1) * 0.06;
  const low = fixed.min ?? (min === 0 ? 0 : min - room);
  const high = fixed.max ?? (max === 0 && min < 0 ? 0 : max + room);
  return low < high ? { min: low, max: high } : { min: low, max: low + 1 };
}
