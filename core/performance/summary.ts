/** Every metric of one series of returns, sharing what they have in common. */
import { drawdownFrom, longestRecovery, timeUnderWater, ulcerIndex } from './drawdown.ts';
import { annualGrowth, cumulativeReturns, perPeriodRate, stability, volatility } from './growth.ts';
import { excessKurtosisOf, finite, meanOf, percentileOf, present, type Series, skewnessOf, sortedCopy } from './moments.ts';
import { minimumTrackRecord, probabilisticSharpe } from './probabilistic.ts';
import { downsideDeviation, omega, sharpe, sortino } from './ratios.ts';
import { meanOfLowest, normalValueAtRisk } from './tail-risk.ts';

export interface SummaryOptions {
  readonly periodsPerYear: number;
  /** Annual, as a fraction. */
  readonly riskFree: number;
}

/** Each figure is absent while it is undefined; `n` says how many returns are behind them. */
export interface PerformanceSummary {
  readonly n: number;
  readonly annualization: number;
  readonly riskFree: number;
  readonly totalReturn?: number;
  readonly mean?: number;
  readonly cagr?: number;
  readonly volatility?: number;
  readonly sharpe?: number;
  readonly sortino?: number;
  readonly calmar?: number;
  readonly omega?: number;
  readonly downsideDeviation?: number;
  readonly maxDrawdown?: number;
  readonly currentDrawdown?: number;
  readonly timeUnderWater?: number;
  readonly longestRecovery?: number;
  readonly ulcerIndex?: number;
  readonly valueAtRisk?: number;
  readonly normalValueAtRisk?: number;
  readonly conditionalValueAtRisk?: number;
  readonly tailRatio?: number;
  readonly skewness?: number;
  readonly excessKurtosis?: number;
  readonly probabilisticSharpe?: number;
  readonly minimumTrackRecord?: number;
  readonly stability?: number;
}

const tail = 0.05;

export function summarize(series: Series, options: SummaryOptions): PerformanceSummary {
  const { periodsPerYear, riskFree } = options;
  const returns = present(series);
  const rate = perPeriodRate(riskFree, periodsPerYear) ?? 0;
  const values = cumulativeReturns(returns, 1);
  const withStart = [1, ...values];
  const sorted = sortedCopy(returns);
  const drawdown = returns.length === 0 ? undefined : drawdownFrom(returns, 0, returns.length, 'capital');
  const cagr = annualGrowth(returns, periodsPerYear);
  const low = percentileOf(sorted, tail);
  const high = percentileOf(sorted, 1 - tail);
  const figures = {
    totalReturn: returns.length === 0 ? undefined : values[values.length - 1]! - 1,
    mean: meanOf(returns),
    cagr,
    volatility: volatility(returns, periodsPerYear),
    sharpe: sharpe(returns, periodsPerYear, rate),
    sortino: sortino(returns, periodsPerYear, rate),
    calmar: cagr === undefined || drawdown === undefined || drawdown.deepest === 0 ? undefined : finite(cagr / -drawdown.deepest),
    omega: omega(returns, periodsPerYear, rate),
    downsideDeviation: downsideDeviation(returns, periodsPerYear, rate),
    maxDrawdown: drawdown?.deepest,
    currentDrawdown: drawdown?.current,
    timeUnderWater: returns.length === 0 ? undefined : timeUnderWater(withStart),
    longestRecovery: returns.length === 0 ? undefined : longestRecovery(withStart),
    ulcerIndex: returns.length === 0 ? undefined : ulcerIndex(withStart),
    valueAtRisk: low,
    normalValueAtRisk: normalValueAtRisk(returns, tail),
    conditionalValueAtRisk: returns.length === 0 ? undefined : meanOfLowest(sorted, Math.floor((sorted.length - 1) * tail) + 1),
    tailRatio: low === undefined || high === undefined || low === 0 ? undefined : finite(Math.abs(high) / Math.abs(low)),
    skewness: skewnessOf(returns),
    excessKurtosis: excessKurtosisOf(returns),
    probabilisticSharpe: probabilisticSharpe(returns, 0, rate),
    minimumTrackRecord: minimumTrackRecord(returns, 0, 0.95, rate),
    stability: stability(returns),
  };
  const defined = Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
  return { n: returns.length, annualization: periodsPerYear, riskFree, ...defined };
}
