/**
 * What a tear sheet says of returns beside the summary: wins and losses of periods, bets, serial correlation, and composites of these.
 * Each figure is absent while it is undefined. Returns are simple, as fractions, one a period.
 */
import { ulcerIndex } from './drawdown.ts';
import { cumulativeReturns, growthOf } from './growth.ts';
import { deviationOf, finite, meanOf, percentileOf, present, type Series, sortedCopy, sumOf, varies } from './moments.ts';
import { meanOfLowest } from './tail-risk.ts';

export interface ReturnShape {
  readonly best?: number;
  readonly worst?: number;
  /** Periods above zero over those that are not zero. */
  readonly winRate?: number;
  readonly averageWin?: number;
  /** Negative. */
  readonly averageLoss?: number;
  /** Average win over the size of the average loss. */
  readonly payoffRatio?: number;
  /** Σ gains / Σ losses. */
  readonly profitFactor?: number;
  /** Σ returns / Σ losses (Schwager). */
  readonly gainToPain?: number;
  /** Share of capital that maximises growth for bets of this win rate and payoff (Kelly 1956); negative means: do not bet. */
  readonly kelly?: number;
  /** ((1 − w)/(1 + w))^n with the win rate w of n periods. */
  readonly riskOfRuin?: number;
  readonly longestWinStreak: number;
  readonly longestLossStreak: number;
  /** 99th percentile over the average win. */
  readonly outlierWinRatio?: number;
  /** 1st percentile over the average loss. */
  readonly outlierLossRatio?: number;
  /** Profit factor × tail ratio. */
  readonly commonSenseRatio?: number;
  /** Profit factor × win rate × payoff. */
  readonly cpcIndex?: number;
  /** Geometric mean of a period. */
  readonly expectedReturn?: number;
  /** Correlation of each return with the one before. */
  readonly autocorrelation?: number;
  /** √(1 + 2·Σ(1 − k/n)·|ρ|^k): by how much serial correlation flatters a deviation scaled by √time (after Lo 2002). */
  readonly serialPenalty?: number;
  /** Σ returns over the size of the deepest drawdown. */
  readonly recoveryFactor?: number;
  /** Σ returns over ulcer index × pitfall, the latter the mean of the worst 5 % of drawdowns over the deviation of the returns. */
  readonly serenityIndex?: number;
}

export function returnShape(series: Series): ReturnShape {
  const returns = present(series);
  const sorted = sortedCopy(returns);
  const wins = returns.filter(value => value > 0);
  const losses = returns.filter(value => value < 0);
  const averageWin = meanOf(wins);
  const averageLoss = meanOf(losses);
  const lost = -sumOf(losses);
  const decided = wins.length + losses.length;
  const winRate = decided === 0 ? undefined : wins.length / decided;
  const payoffRatio = averageWin === undefined || averageLoss === undefined ? undefined : averageWin / -averageLoss;
  const profitFactor = lost > 0 ? sumOf(wins) / lost : undefined;
  const low = percentileOf(sorted, 0.05);
  const tail = low === undefined || low === 0 ? undefined : finite(Math.abs(percentileOf(sorted, 0.95)! / low));
  const figures = {
    best: returns.length === 0 ? undefined : sorted[sorted.length - 1],
    worst: sorted[0],
    winRate,
    averageWin,
    averageLoss,
    payoffRatio,
    profitFactor,
    gainToPain: lost > 0 ? sumOf(returns) / lost : undefined,
    kelly: payoffRatio === undefined || winRate === undefined ? undefined : winRate - (1 - winRate) / payoffRatio,
    riskOfRuin: winRate === undefined ? undefined : ((1 - winRate) / (1 + winRate)) ** returns.length,
    outlierWinRatio: averageWin === undefined ? undefined : finite(percentileOf(sorted, 0.99)! / averageWin),
    outlierLossRatio: averageLoss === undefined ? undefined : finite(percentileOf(sorted, 0.01)! / averageLoss),
    commonSenseRatio: profitFactor === undefined || tail === undefined ? undefined : profitFactor * tail,
    cpcIndex:
      profitFactor === undefined || winRate === undefined || payoffRatio === undefined ? undefined : profitFactor * winRate * payoffRatio,
    expectedReturn: returns.length === 0 ? undefined : meanGrowth(returns),
    ...serial(returns),
    ...recovery(returns),
  };
  const defined = Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
  return { longestWinStreak: longestRun(returns, 1), longestLossStreak: longestRun(returns, -1), ...defined };
}

function meanGrowth(returns: readonly number[]): number | undefined {
  const growth = growthOf(returns);
  return growth > 0 ? growth ** (1 / returns.length) - 1 : undefined;
}

function longestRun(returns: readonly number[], sign: 1 | -1): number {
  let run = 0;
  let longest = 0;
  for (const value of returns) {
    run = value * sign > 0 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** Pearson's correlation of two lists of one length; undefined when either does not vary. */
export function correlationOf(a: readonly number[], b: readonly number[]): number | undefined {
  if (!varies(a) || !varies(b)) return undefined;
  const [meanA, meanB] = [meanOf(a)!, meanOf(b)!];
  let both = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let at = 0; at < a.length; at++) {
    const [offA, offB] = [a[at]! - meanA, b[at]! - meanB];
    both += offA * offB;
    squaresA += offA * offA;
    squaresB += offB * offB;
  }
  return finite(both / Math.sqrt(squaresA * squaresB));
}

function serial(returns: readonly number[]): { autocorrelation?: number; serialPenalty?: number } {
  if (returns.length < 3) return {};
  const autocorrelation = correlationOf(returns.slice(1), returns.slice(0, -1));
  if (autocorrelation === undefined) return {};
  const size = Math.abs(autocorrelation);
  let sum = 0;
  for (let lag = 1; lag < returns.length; lag++) sum += (1 - lag / returns.length) * size ** lag;
  return { autocorrelation, serialPenalty: Math.sqrt(1 + 2 * sum) };
}

function recovery(returns: readonly number[]): { recoveryFactor?: number; serenityIndex?: number } {
  if (returns.length < 2) return {};
  const values = [1, ...cumulativeReturns(returns, 1)];
  let peak = 1;
  const under = values.map(value => {
    peak = Math.max(peak, value);
    return value / peak - 1;
  });
  const deepest = under.reduce((a, b) => Math.min(a, b), 0);
  if (deepest === 0) return {};
  const total = sumOf(returns);
  const deviation = deviationOf(returns);
  const ulcer = ulcerIndex(values);
  const worst = sortedCopy(under);
  const pitfall =
    deviation === undefined || deviation === 0 ? undefined : -meanOfLowest(worst, Math.floor((worst.length - 1) * 0.05) + 1) / deviation;
  const serenity = ulcer === undefined || pitfall === undefined ? undefined : finite(total / (ulcer * pitfall));
  return { recoveryFactor: Math.abs(total) / -deepest, ...(serenity === undefined ? {} : { serenityIndex: serenity }) };
}
