/** Risk-adjusted ratios of returns. Undefined results stay undefined: no infinities, no sentinels. */

import { maxDrawdown } from './drawdown.ts';
import { annualGrowth, perPeriodRate } from './growth.ts';
import { deviationOf, finite, meanOf, percentileOf, present, type Series, sortedCopy, sumOf, varies } from './moments.ts';

/**
 * mean(r − rf)/deviation(r − rf)·√A (Sharpe 1994), `riskFree` per period and constant. Undefined below two returns and
 * without dispersion.
 */
export function sharpe(returns: Series, periodsPerYear: number, riskFree = 0, ddof = 1): number | undefined {
  const values = present(returns);
  if (!varies(values)) return undefined;
  const deviation = deviationOf(values, ddof);
  return deviation === undefined || deviation === 0 ? undefined : ((meanOf(values)! - riskFree) / deviation) * Math.sqrt(periodsPerYear);
}

/** Sharpe with a yearly risk-free rate, converted geometrically. */
export function sharpeOverAnnualRate(returns: Series, periodsPerYear: number, annualRiskFree: number): number | undefined {
  const rate = perPeriodRate(annualRiskFree, periodsPerYear);
  return rate === undefined ? undefined : sharpe(returns, periodsPerYear, rate);
}

/**
 * What the squares of returns below the target are divided by: `all` observations (Sortino and Price 1994, ours), only the `losers`,
 * or the `spreadOfLosers`, the sample deviation of the losers about their own mean. The latter two are other tools' conventions.
 */
export type DownsideDenominator = 'all' | 'losers' | 'spreadOfLosers';

/** Annualised downside deviation √(Σmin(r − target, 0)²/N)·√A. Undefined without returns; 0 without a return below the target. */
export function downsideDeviation(
  returns: Series,
  periodsPerYear: number,
  target = 0,
  denominator: DownsideDenominator = 'all',
): number | undefined {
  const values = present(returns);
  if (values.length === 0) return undefined;
  const root = Math.sqrt(periodsPerYear);
  if (denominator === 'spreadOfLosers') {
    const losers = values.filter(value => value < target);
    return (deviationOf(losers) ?? 0) * root;
  }
  let squares = 0;
  let losers = 0;
  for (let at = 0; at < values.length; at++) {
    const below = values[at]! - target;
    if (below >= 0) continue;
    squares += below * below;
    losers++;
  }
  if (losers === 0) return 0;
  return Math.sqrt(squares / (denominator === 'all' ? values.length : losers)) * root;
}

/** mean(r − target)·A over the annualised downside deviation; the target is per period. Undefined when nothing fell below it. */
export function sortino(returns: Series, periodsPerYear: number, target = 0, denominator: DownsideDenominator = 'all'): number | undefined {
  const values = present(returns);
  const downside = downsideDeviation(values, periodsPerYear, target, denominator);
  return downside === undefined || downside === 0 ? undefined : finite(((meanOf(values)! - target) * periodsPerYear) / downside);
}

/** Compound annual growth over the size of the largest drawdown. Undefined without a drawdown. */
export function calmar(returns: Series, periodsPerYear: number, missing: 'counted' | 'skipped' = 'counted'): number | undefined {
  const growth = annualGrowth(returns, periodsPerYear, missing);
  const drawdown = maxDrawdown(returns);
  return growth === undefined || drawdown === undefined || drawdown === 0 ? undefined : finite(growth / -drawdown);
}

/**
 * Σ gains / Σ losses of r − rf over a threshold (Keating and Shadwick 2002), the yearly `requiredReturn` as a rate per period.
 * Undefined below two returns, without a loss, and for a required return of −100 % or less.
 */
export function omega(returns: Series, periodsPerYear: number, riskFree = 0, requiredReturn = 0): number | undefined {
  const values = present(returns);
  const threshold = perPeriodRate(requiredReturn, periodsPerYear);
  if (values.length < 2 || threshold === undefined) return undefined;
  let gains = 0;
  let losses = 0;
  for (let at = 0; at < values.length; at++) {
    const over = values[at]! - riskFree - threshold;
    if (over > 0) gains += over;
    else losses -= over;
  }
  return losses > 0 ? finite(gains / losses) : undefined;
}

/** |95th percentile| over |5th percentile|: how large good days are against bad ones. */
export function tailRatio(returns: Series): number | undefined {
  const sorted = sortedCopy(present(returns));
  const low = percentileOf(sorted, 0.05);
  const high = percentileOf(sorted, 0.95);
  return low === undefined || high === undefined || low === 0 ? undefined : finite(Math.abs(high) / Math.abs(low));
}

/** Mean over deviation of the profits of single trades, not annualised. */
export function perTradeSharpe(profits: readonly number[], ddof = 1): number | undefined {
  if (!varies(profits)) return undefined;
  const deviation = deviationOf(profits, ddof);
  return deviation === undefined || deviation === 0 ? undefined : sumOf(profits) / profits.length / deviation;
}
