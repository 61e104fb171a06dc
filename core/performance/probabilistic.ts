/** How sure one can be of a Sharpe ratio (Bailey and López de Prado 2012, "The Sharpe ratio efficient frontier"). */
import { deviationOf, excessKurtosisOf, finite, meanOf, present, type Series, skewnessOf, varies } from './moments.ts';
import { normalCdf, normalQuantile } from './normal.ts';

export interface SharpeEvidence {
  /** Per period, not annualised. */
  readonly sharpe: number;
  readonly count: number;
  /** Variance of the estimate times N − 1: 1 − γ3·SR + (γ4 − 1)/4·SR², γ4 the raw kurtosis. */
  readonly spread: number;
}

function evidenceOf(returns: Series, riskFree: number, kind: 'adjusted' | 'population'): SharpeEvidence | undefined {
  const values = present(returns);
  if (!varies(values)) return undefined;
  const skewness = skewnessOf(values, kind);
  const excess = excessKurtosisOf(values, kind);
  if (skewness === undefined || excess === undefined) return undefined;
  const ratio = (meanOf(values)! - riskFree) / deviationOf(values)!;
  const spread = 1 - skewness * ratio + ((excess + 2) / 4) * ratio * ratio;
  return spread > 0 ? { sharpe: ratio, count: values.length, spread } : undefined;
}

/** Probability that the true Sharpe ratio per period exceeds `benchmark`, also per period. Undefined below 4 returns. */
export function probabilisticSharpe(
  returns: Series,
  benchmark = 0,
  riskFree = 0,
  kind: 'adjusted' | 'population' = 'adjusted',
): number | undefined {
  const evidence = evidenceOf(returns, riskFree, kind);
  if (evidence === undefined) return undefined;
  return normalCdf(((evidence.sharpe - benchmark) * Math.sqrt(evidence.count - 1)) / Math.sqrt(evidence.spread));
}

/** Number of returns from which the Sharpe ratio would exceed `benchmark` with the given confidence. Undefined when it does not exceed it. */
export function minimumTrackRecord(returns: Series, benchmark = 0, confidence = 0.95, riskFree = 0): number | undefined {
  const evidence = evidenceOf(returns, riskFree, 'adjusted');
  const z = normalQuantile(confidence);
  if (evidence === undefined || z === undefined || evidence.sharpe <= benchmark) return undefined;
  return finite(1 + evidence.spread * (z / (evidence.sharpe - benchmark)) ** 2);
}
