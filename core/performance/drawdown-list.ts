/** The drawdowns of a curve, one by one. */

export interface Drawdown {
  /** Index of the peak: the value that was not reached again. */
  readonly peakAt: number;
  readonly troughAt: number;
  /** Index of the first value that is at least the peak's; absent while it is under water. */
  readonly recoveredAt?: number;
  /** ≤ 0, as a fraction of the peak. */
  readonly depth: number;
}

/** Deepest first. `values` begins with the capital; equal values are no drawdown, and neither is anything below a peak that is not positive. */
export function drawdownsOf(values: readonly number[]): readonly Drawdown[] {
  const found: Drawdown[] = [];
  let peakAt = 0;
  let troughAt = 0;
  const close = (recoveredAt?: number) => {
    const peak = values[peakAt] ?? 0;
    if (troughAt > peakAt && peak > 0)
      found.push({ peakAt, troughAt, depth: values[troughAt]! / peak - 1, ...(recoveredAt === undefined ? {} : { recoveredAt }) });
  };
  for (let at = 1; at < values.length; at++) {
    if (values[at]! >= values[peakAt]!) {
      close(at);
      peakAt = at;
      troughAt = at;
    } else if (troughAt === peakAt || values[at]! < values[troughAt]!) troughAt = at;
  }
  close();
  return found.sort((a, b) => a.depth - b.depth);
}

/** Fall from the highest value so far at each value, ≤ 0. */
export function underWater(values: readonly number[]): number[] {
  let peak = values[0] ?? 0;
  return values.map(value => {
    peak = Math.max(peak, value);
    return peak > 0 ? value / peak - 1 : 0;
  });
}
