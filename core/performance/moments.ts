/** Means, deviations and percentiles. A missing observation is `null` and left out; a result that means nothing is undefined. */

/** Observations in order of time; `null` is missing. */
export type Series = readonly (number | null)[];

/** The observations that exist; the same array when none is missing. */
export function present(series: Series): readonly number[] {
  for (let at = 0; at < series.length; at++) {
    if (series[at] === null) return series.filter((value): value is number => value !== null);
  }
  return series as readonly number[];
}

/** Neumaier's compensated sum (ZAMM 54, 1974): the error does not grow with the number of terms. */
export function sumOf(values: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

export function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : sumOf(values) / values.length;
}

/** Square root of Σ(x − mean)²/(n − ddof); undefined for n ≤ ddof. `ddof` 1 is the sample deviation, 0 that of a population. */
export function deviationOf(values: readonly number[], ddof = 1): number | undefined {
  const count = values.length;
  if (count === 0 || count <= ddof) return undefined;
  const mean = sumOf(values) / count;
  let squares = 0;
  for (let at = 0; at < count; at++) squares += (values[at]! - mean) ** 2;
  return Math.sqrt(squares / (count - ddof));
}

/**
 * Whether the values differ by more than rounding: range > 4ε·max|x|. A constant series must not get a deviation of
 * 1e-19 and a ratio of 1e15 from residue.
 */
export function varies(values: readonly number[]): boolean {
  if (values.length < 2) return false;
  let low = values[0]!;
  let high = low;
  for (let at = 1; at < values.length; at++) {
    const value = values[at]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low > Math.max(4 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high)), smallestRange);
}

/** Below it the fourth powers of differences underflow. */
const smallestRange = 1e-70;

/** The value when it is a number that can be published; overflow is undefined. */
export function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Skewness and excess kurtosis; `adjusted` for small samples (G1 and G2 of Joanes and Gill 1998, as pandas and Excel)
 * or the `population` moments. Undefined without dispersion, or below 3 and 4 observations when adjusted.
 */
export function skewnessOf(values: readonly number[], kind: 'adjusted' | 'population' = 'adjusted'): number | undefined {
  const moments = centralMoments(values);
  const count = values.length;
  if (moments === undefined || (kind === 'adjusted' && count < 3)) return undefined;
  const plain = moments.third / moments.second ** 1.5;
  return kind === 'adjusted' ? (Math.sqrt(count * (count - 1)) / (count - 2)) * plain : plain;
}

export function excessKurtosisOf(values: readonly number[], kind: 'adjusted' | 'population' = 'adjusted'): number | undefined {
  const moments = centralMoments(values);
  const count = values.length;
  if (moments === undefined || (kind === 'adjusted' && count < 4)) return undefined;
  const plain = moments.fourth / moments.second ** 2 - 3;
  return kind === 'adjusted' ? ((count - 1) / ((count - 2) * (count - 3))) * ((count + 1) * plain + 6) : plain;
}

function centralMoments(values: readonly number[]): { second: number; third: number; fourth: number } | undefined {
  if (!varies(values)) return undefined;
  const count = values.length;
  const mean = sumOf(values) / count;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let at = 0; at < count; at++) {
    const off = values[at]! - mean;
    const square = off * off;
    second += square;
    third += square * off;
    fourth += square * square;
  }
  return { second: second / count, third: third / count, fourth: fourth / count };
}

/** Ascending copy. */
export function sortedCopy(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

/** Percentile with linear interpolation (type 7 of Hyndman and Fan 1996, numpy's default); `share` is 0 to 1. */
export function percentileOf(sorted: ArrayLike<number>, share: number): number | undefined {
  const count = sorted.length;
  if (count === 0) return undefined;
  const rank = share * (count - 1);
  const below = Math.floor(rank);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, count - 1)]!;
  return low + (high - low) * (rank - below);
}
