/** What returns compound to. Returns are simple, as fractions; a missing one leaves the value where it was. */
import { deviationOf, finite, present, type Series } from './moments.ts';

/** Π(1 + r): 1 for no returns. */
export function growthOf(returns: Series): number {
  let growth = 1;
  for (let at = 0; at < returns.length; at++) growth *= 1 + (returns[at] ?? 0);
  return growth;
}

/** Several returns of one day as one: they compound, +5 % then −5 % is −0.25 %. */
export function compoundReturn(returns: Series): number {
  return growthOf(returns) - 1;
}

/** Value after each return, from `start`; with start 0 the gain as a fraction. */
export function cumulativeReturns(returns: Series, start = 0): number[] {
  let growth = 1;
  return returns.map(value => {
    growth *= 1 + (value ?? 0);
    return start === 0 ? growth - 1 : growth * start;
  });
}

/**
 * Compound annual growth: growth^(periods per year / N) − 1. Missing returns count in N unless `missing` is `skipped`.
 * Undefined without returns, and when the account is below zero.
 */
export function annualGrowth(returns: Series, periodsPerYear: number, missing: 'counted' | 'skipped' = 'counted'): number | undefined {
  const count = missing === 'counted' ? returns.length : present(returns).length;
  const growth = growthOf(returns);
  if (count === 0 || growth < 0) return undefined;
  return finite(growth ** (periodsPerYear / count) - 1);
}

/** Compound annual growth between two values some calendar days apart; undefined unless start and days are positive and end is not negative. */
export function calendarGrowth(start: number, end: number, days: number, daysPerYear: number): number | undefined {
  return start > 0 && days > 0 && end >= 0 ? finite((end / start) ** (daysPerYear / days) - 1) : undefined;
}

/** Deviation of returns × √(periods per year). Undefined for N ≤ ddof. */
export function volatility(returns: Series, periodsPerYear: number, ddof = 1): number | undefined {
  const deviation = deviationOf(present(returns), ddof);
  return deviation === undefined ? undefined : deviation * Math.sqrt(periodsPerYear);
}

/** A yearly rate as one per period, geometrically: (1 + rate)^(1/A) − 1. Undefined at −100 % and below. */
export function perPeriodRate(annual: number, periodsPerYear: number): number | undefined {
  if (annual === 0) return 0;
  return annual > -1 ? (1 + annual) ** (1 / periodsPerYear) - 1 : undefined;
}

/** R² of a straight line through the cumulated log returns (how steadily the account grew). Undefined below 2 returns or at −100 %. */
export function stability(returns: Series): number | undefined {
  const logs: number[] = [];
  let sum = 0;
  for (const value of present(returns)) {
    if (value <= -1) return undefined;
    sum += Math.log1p(value);
    logs.push(sum);
  }
  const count = logs.length;
  if (count < 2) return undefined;
  const middle = (count - 1) / 2;
  const mean = logs.reduce((a, b) => a + b, 0) / count;
  let both = 0;
  let time = 0;
  let value = 0;
  for (let at = 0; at < count; at++) {
    both += (at - middle) * (logs[at]! - mean);
    time += (at - middle) ** 2;
    value += (logs[at]! - mean) ** 2;
  }
  return value > 0 ? finite((both * both) / (time * value)) : undefined;
}
