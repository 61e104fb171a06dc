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

/** Two points further apart than one and a half periods leave a gap between them. */
export function align(series: readonly Points[]): Aligned {
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

function gapMoments({ timestamps, periodSeconds }: Points): number[] {
  const step = periodSeconds * 1000;
  return timestamps.flatMap((at, index) => {
    const next = timestamps[index + 1];
    return next !== undefined && next - at > step * 1.5 ? [at + step] : [];
  });
}

/** Sums from the first series up; gaps and missing points count as nothing. */
export function stack(columns: readonly (readonly (number | null | undefined)[])[]): number[][] {
  const running: number[] = [];
  return columns.map(column =>
    column.map((value, index) => {
      running[index] = (running[index] ?? 0) + (value ?? 0);
      return running[index];
    }),
  );
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
  if (min > 0 && min < max * 0.6) min = 0;
  if (max < 0 && max > min * 0.6) max = 0;
  const room = (max - min || Math.abs(max) || 1) * 0.06;
  const low = fixed.min ?? (min === 0 ? 0 : min - room);
  const high = fixed.max ?? (max === 0 && min < 0 ? 0 : max + room);
  return low < high ? { min: low, max: high } : { min: low, max: low + 1 };
}
