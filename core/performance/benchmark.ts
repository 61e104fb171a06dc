/** Returns against a benchmark's, period by period. A period that either side lacks is left out. */
import { annualGrowth } from './growth.ts';
import { deviationOf, finite, meanOf, type Series, sumOf, varies } from './moments.ts';

interface Pairs {
  readonly own: readonly number[];
  readonly benchmark: readonly number[];
}

function pairsOf(returns: Series, benchmark: Series): Pairs {
  const own: number[] = [];
  const other: number[] = [];
  for (let at = 0; at < Math.min(returns.length, benchmark.length); at++) {
    const a = returns[at];
    const b = benchmark[at];
    if (a === null || a === undefined || b === null || b === undefined) continue;
    own.push(a);
    other.push(b);
  }
  return { own, benchmark: other };
}

/** Covariance with the benchmark over the benchmark's variance. Undefined below two periods and for a constant benchmark. */
export function beta(returns: Series, benchmark: Series): number | undefined {
  return betaOf(pairsOf(returns, benchmark));
}

function betaOf(pairs: Pairs): number | undefined {
  const count = pairs.own.length;
  if (!varies(pairs.benchmark)) return undefined;
  const mean = sumOf(pairs.own) / count;
  const benchmarkMean = sumOf(pairs.benchmark) / count;
  let both = 0;
  let squares = 0;
  for (let at = 0; at < count; at++) {
    const off = pairs.benchmark[at]! - benchmarkMean;
    both += (pairs.own[at]! - mean) * off;
    squares += off * off;
  }
  return both / squares;
}

/** Jensen's alpha per period, mean(r − rf) − β·mean(b − rf), compounded over a year. `riskFree` is per period. */
export function alpha(returns: Series, benchmark: Series, periodsPerYear: number, riskFree = 0): number | undefined {
  const pairs = pairsOf(returns, benchmark);
  const slope = betaOf(pairs);
  if (slope === undefined) return undefined;
  const perPeriod = meanOf(pairs.own)! - riskFree - slope * (meanOf(pairs.benchmark)! - riskFree);
  return perPeriod > -1 ? finite((1 + perPeriod) ** periodsPerYear - 1) : undefined;
}

/** (Compound annual growth − annualised risk-free rate) / β (Treynor 1965). `riskFree` is per period. */
export function treynor(returns: Series, benchmark: Series, periodsPerYear: number, riskFree = 0): number | undefined {
  const slope = beta(returns, benchmark);
  const growth = annualGrowth(pairsOf(returns, benchmark).own, periodsPerYear);
  if (slope === undefined || slope === 0 || growth === undefined) return undefined;
  return finite((growth - ((1 + riskFree) ** periodsPerYear - 1)) / slope);
}

function differences(returns: Series, benchmark: Series): number[] {
  const pairs = pairsOf(returns, benchmark);
  return pairs.own.map((value, at) => value - pairs.benchmark[at]!);
}

/** Annualised deviation of the difference to the benchmark. */
export function trackingError(returns: Series, benchmark: Series, periodsPerYear: number, ddof = 1): number | undefined {
  const deviation = deviationOf(differences(returns, benchmark), ddof);
  return deviation === undefined ? undefined : deviation * Math.sqrt(periodsPerYear);
}

/** Mean difference to the benchmark over its deviation, annualised. Undefined without dispersion. */
export function informationRatio(returns: Series, benchmark: Series, periodsPerYear: number, ddof = 1): number | undefined {
  const active = differences(returns, benchmark);
  if (!varies(active)) return undefined;
  const deviation = deviationOf(active, ddof);
  return deviation === undefined || deviation === 0 ? undefined : (meanOf(active)! / deviation) * Math.sqrt(periodsPerYear);
}

/** Annual growth in the periods in which the benchmark rose, over the benchmark's own. Undefined without such periods. */
export function upCapture(returns: Series, benchmark: Series, periodsPerYear: number): number | undefined {
  return captureWhere(pairsOf(returns, benchmark), periodsPerYear, value => value > 0);
}

/** The same for the periods in which the benchmark fell. */
export function downCapture(returns: Series, benchmark: Series, periodsPerYear: number): number | undefined {
  return captureWhere(pairsOf(returns, benchmark), periodsPerYear, value => value < 0);
}

/** Annual growth over the benchmark's. Undefined without returns, or when the benchmark did not move. */
export function captureRatio(returns: Series, benchmark: Series, periodsPerYear: number): number | undefined {
  const growth = annualGrowth(returns, periodsPerYear);
  const benchmarkGrowth = annualGrowth(benchmark, periodsPerYear);
  return growth === undefined || benchmarkGrowth === undefined || benchmarkGrowth === 0 ? undefined : growth / benchmarkGrowth;
}

/** Up capture over down capture. */
export function upDownCapture(returns: Series, benchmark: Series, periodsPerYear: number): number | undefined {
  const up = upCapture(returns, benchmark, periodsPerYear);
  const down = downCapture(returns, benchmark, periodsPerYear);
  return up === undefined || down === undefined || down === 0 ? undefined : up / down;
}

function captureWhere(pairs: Pairs, periodsPerYear: number, holds: (benchmark: number) => boolean): number | undefined {
  const own = pairs.own.filter((_, at) => holds(pairs.benchmark[at]!));
  const growth = annualGrowth(own, periodsPerYear);
  const benchmarkGrowth = annualGrowth(pairs.benchmark.filter(holds), periodsPerYear);
  return growth === undefined || benchmarkGrowth === undefined || benchmarkGrowth === 0 ? undefined : growth / benchmarkGrowth;
}
