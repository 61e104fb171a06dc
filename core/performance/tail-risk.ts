/** How bad a bad period is. Results are returns, so usually negative. */
import { deviationOf, meanOf, percentileOf, present, type Series, sortedCopy } from './moments.ts';
import { normalQuantile } from './normal.ts';

/** The return that the worst `share` (0.05) of periods stay below: historical, type-7 percentile. Undefined without returns. */
export function valueAtRisk(returns: Series, share = 0.05): number | undefined {
  return percentileOf(sortedCopy(present(returns)), share);
}

/** The same if returns were normal: mean + z·sample deviation. */
export function normalValueAtRisk(returns: Series, share = 0.05): number | undefined {
  const values = present(returns);
  const deviation = deviationOf(values);
  const z = normalQuantile(share);
  return deviation === undefined || z === undefined ? undefined : meanOf(values)! + z * deviation;
}

/** Mean of the worst ⌊(N − 1)·share⌋ + 1 returns (expected shortfall). Undefined without returns. */
export function conditionalValueAtRisk(returns: Series, share = 0.05): number | undefined {
  const sorted = sortedCopy(present(returns));
  return sorted.length === 0 ? undefined : meanOfLowest(sorted, Math.floor((sorted.length - 1) * share) + 1);
}

export function meanOfLowest(sorted: ArrayLike<number>, count: number): number {
  let sum = 0;
  for (let at = 0; at < count; at++) sum += sorted[at]!;
  return sum / count;
}
