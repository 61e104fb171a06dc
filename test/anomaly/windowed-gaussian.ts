/**
 * The benchmark's "windowed Gaussian", run again: its published scores are rounded to six decimals, and its threshold tells 1 from
 * 0.999999999999, so the published alarms cannot be read from them. A value scores the normal probability of being nearer to the mean.
 */
import type { NabFile } from './nab-corpus.ts';

/** Values that the mean and deviation are of; once full, the window moves in steps. */
const WINDOW = 6400;
const STEP = 100;
/** Deviations at which the score, printed to twelve decimals, is 1: Φ(−7.13) is 5e-13. */
const CERTAIN = 7.13;
const NARROWEST = 1e-6;

/** Deviations from the mean of the window, in its standard deviations; 0 for the first row. */
export function deviationsOf({ points }: NabFile): readonly number[] {
  let moments = momentsOf([]);
  return points.map(({ value }, row) => {
    const deviation = moments.count === 0 ? 0 : Math.abs(value - moments.mean) / (deviationIn(moments) || NARROWEST);
    const beyond = row + 1 - WINDOW;
    if (beyond <= 0) moments = withValue(moments, value);
    else if (beyond % STEP === 0) moments = momentsOf(points.slice(beyond, row + 1).map(point => point.value));
    return deviation;
  });
}

interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

function withValue({ count, mean, squares }: Moments, value: number): Moments {
  const next = mean + (value - mean) / (count + 1);
  return { count: count + 1, mean: next, squares: squares + (value - mean) * (value - next) };
}

const momentsOf = (values: readonly number[]): Moments => values.reduce(withValue, { count: 0, mean: 0, squares: 0 });
const deviationIn = ({ count, squares }: Moments): number => Math.sqrt(squares / count);

export const gaussianFlags = (file: NabFile): readonly boolean[] => deviationsOf(file).map(deviation => deviation >= CERTAIN);
