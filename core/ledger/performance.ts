/** How well a strategy has done: every figure of its daily returns and round trips that there is enough evidence for. */
import { openTimeBetween } from '../calendar/open-time.ts';
import { compare, type Decimal, divideHalfEven, negate, subtract, toApproximate, zero } from '../money/decimal.ts';
import { alpha, beta } from '../performance/benchmark.ts';
import { perPeriodRate } from '../performance/growth.ts';
import { finite, meanOf } from '../performance/moments.ts';
import { sharpe } from '../performance/ratios.ts';
import { type PerformanceSummary, summarize } from '../performance/summary.ts';
import type { EpochMs } from '../time/instant.ts';
import { type DailyReturns, ratioOf } from './days.ts';
import type { DayValue, StrategyState } from './state.ts';

/** Ratios of fewer daily returns say nothing and are left out. */
export const minimumReturns = 20;
/** Below it a ratio is shown, and marked as provisional. */
export const firmReturns = 60;
/** One in twenty of fewer returns is no tail. */
export const minimumTailReturns = 100;

/** Days in the windows that are shown beside the whole life. */
export const windowSizes = [20, 63, 252] as const;
export type WindowSize = (typeof windowSizes)[number];

type Ratio =
  | 'sharpe'
  | 'sortino'
  | 'calmar'
  | 'omega'
  | 'cagr'
  | 'volatility'
  | 'downsideDeviation'
  | 'skewness'
  | 'excessKurtosis'
  | 'probabilisticSharpe'
  | 'minimumTrackRecord'
  | 'ulcerIndex'
  | 'stability';
type Tail = 'valueAtRisk' | 'conditionalValueAtRisk' | 'normalValueAtRisk' | 'tailRatio';
type Path = 'totalReturn' | 'maxDrawdown' | 'currentDrawdown' | 'timeUnderWater' | 'longestRecovery';

export type ReturnFigures = Partial<Record<Ratio | Tail | Path | 'alpha' | 'beta', number>>;

export interface EvidencedFigures extends ReturnFigures {
  readonly returns: Evidence;
}

/** What a ratio rests on; travels with every one. */
export interface Evidence {
  readonly n: number;
  readonly annualization: number;
  /** Annual, as a fraction. */
  readonly riskFree: number;
  /** Enough returns to show the ratios, too few to rely on them. */
  readonly provisional?: true;
}

const ratios: readonly Ratio[] = [
  'sharpe',
  'sortino',
  'calmar',
  'omega',
  'cagr',
  'volatility',
  'downsideDeviation',
  'skewness',
  'excessKurtosis',
  'probabilisticSharpe',
  'minimumTrackRecord',
  'ulcerIndex',
  'stability',
];
const tails: readonly Tail[] = ['valueAtRisk', 'conditionalValueAtRisk', 'normalValueAtRisk', 'tailRatio'];
const paths: readonly Path[] = ['totalReturn', 'maxDrawdown', 'currentDrawdown', 'timeUnderWater', 'longestRecovery'];

export interface Performance extends EvidencedFigures {
  /** Only windows that are full. */
  readonly windows: Readonly<Partial<Record<WindowSize, EvidencedFigures>>>;
}

/** The running day counts as it stands. Ratios need `minimumReturns` returns, tails `minimumTailReturns`, alpha and beta as many pairs. */
export function performanceOf(state: StrategyState, daily: DailyReturns): Performance {
  const windows = windowSizes.flatMap(size => (daily.returns.length < size ? [] : [[size, figuresOf(state, daily, size)] as const]));
  return { ...figuresOf(state, daily, daily.returns.length), windows: Object.fromEntries(windows) };
}

/** The whole life alone: what a sweep over many strategies needs. */
export const lifeOf = (state: StrategyState, daily: DailyReturns): EvidencedFigures => figuresOf(state, daily, daily.returns.length);

/** Sharpe ratio of a window; undefined until it is full. */
export function windowSharpe({ settings }: StrategyState, { returns }: DailyReturns, size: WindowSize): number | undefined {
  const rate = perPeriodRate(settings.riskFree, settings.annualization);
  return returns.length < size || rate === undefined ? undefined : sharpe(returns.slice(-size), settings.annualization, rate);
}

function figuresOf({ settings }: StrategyState, { returns, benchmark }: DailyReturns, size: number): EvidencedFigures {
  const { annualization, riskFree } = settings;
  const own = returns.slice(returns.length - size);
  const theirs = benchmark.slice(returns.length - size);
  const n = own.length;
  const summary = summarize(own, { periodsPerYear: annualization, riskFree });
  const pairs = theirs.reduce((count: number, value) => (value === null ? count : count + 1), 0);
  const rate = perPeriodRate(riskFree, annualization);
  const against =
    pairs < minimumReturns || rate === undefined
      ? {}
      : withoutUndefined({ alpha: alpha(own, theirs, annualization, rate), beta: beta(own, theirs) });
  const provisional = n >= minimumReturns && n < firmReturns ? { provisional: true as const } : {};
  return {
    ...picked(summary, paths),
    ...(n >= minimumReturns ? picked(summary, ratios) : {}),
    ...(n >= minimumTailReturns ? picked(summary, tails) : {}),
    ...against,
    returns: { n, annualization, riskFree, ...provisional },
  };
}

function picked<K extends keyof PerformanceSummary>(
  summary: PerformanceSummary,
  names: readonly K[],
): Partial<Pick<PerformanceSummary, K>> {
  const found: Partial<Pick<PerformanceSummary, K>> = {};
  for (const name of names) if (summary[name] !== undefined) found[name] = summary[name];
  return found;
}

function withoutUndefined<T extends object>(figures: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

export interface MoneyDrawdown {
  /** Both ≤ 0, in the strategy's currency. The deepest in money is often another event than the deepest as a fraction. */
  readonly current: Decimal;
  readonly deepest: Decimal;
}

/** Falls of the profit since the start below its highest end of a day, deposits left out. Undefined while a rate is missing. */
export function moneyDrawdownOf(values: readonly DayValue[]): MoneyDrawdown | undefined {
  let peak: Decimal = zero;
  let deepest: Decimal = zero;
  let current: Decimal = zero;
  for (const { pnl } of values) {
    if (pnl === undefined) return undefined;
    if (compare(pnl, peak) > 0) peak = pnl;
    current = subtract(pnl, peak);
    if (compare(current, deepest) < 0) deepest = current;
  }
  return { current, deepest };
}

export interface TripFigures {
  readonly winRate?: number;
  readonly profitFactor?: number;
  /** Average win over average loss. */
  readonly payoffRatio?: number;
  /** Money of an average round trip that won or lost, at 1e-8. */
  readonly expectancy?: Decimal;
  readonly averageWin?: Decimal;
  /** Positive. */
  readonly averageLoss?: Decimal;
  /** (1 + payoff) × win rate − 1: expectancy in average losses. */
  readonly expectancyRatio?: number;
  /** Wins (positive) or losses (negative) in a row, now. */
  readonly streak: number;
  readonly longestWinStreak: number;
  readonly longestLossStreak: number;
}

const averageDigits = 8;

/** Undefined while a rate that a round trip needs is missing. */
export function tripFiguresOf({ totals }: StrategyState): TripFigures | undefined {
  const { wins, losses, winSum, lossSum, streak, longestWins, longestLosses, unresolvedTrips } = totals;
  if (unresolvedTrips > 0) return undefined;
  const counted = wins + losses;
  const count = (n: number): Decimal => ({ units: BigInt(n), scale: 0 });
  const averageWin = wins === 0 ? undefined : divideHalfEven(winSum, count(wins), averageDigits);
  const averageLoss = losses === 0 ? undefined : divideHalfEven(negate(lossSum), count(losses), averageDigits);
  const gains = toApproximate(winSum);
  const lost = -toApproximate(lossSum);
  const payoffRatio = wins === 0 || losses === 0 || lost === 0 ? undefined : gains / wins / (lost / losses);
  const winRate = counted === 0 ? undefined : wins / counted;
  return {
    streak,
    longestWinStreak: longestWins,
    longestLossStreak: longestLosses,
    ...withoutUndefined({
      winRate,
      profitFactor: lost > 0 ? gains / lost : undefined,
      payoffRatio,
      averageWin,
      averageLoss,
      expectancy: counted === 0 ? undefined : divideHalfEven(subtract(winSum, negate(lossSum)), count(counted), averageDigits),
      expectancyRatio: payoffRatio === undefined || winRate === undefined ? undefined : (1 + payoffRatio) * winRate - 1,
    }),
  };
}

/** Mean length of closed round trips in seconds; undefined without one. */
export function meanHoldSeconds({ totals }: StrategyState): number | undefined {
  return totals.trades === 0 ? undefined : totals.heldMs / totals.trades / 1000;
}

export interface Turnover {
  /** Traded value of an average day over average equity. */
  readonly perDay: number;
  readonly perYear: number;
}

/** Undefined without returns, and while a rate is missing. */
export function turnoverOf({ totals, settings }: StrategyState, { equity }: DailyReturns): Turnover | undefined {
  const average = meanOf(equity);
  if (totals.untraded > 0 || average === undefined || average <= 0) return undefined;
  const perDay = finite(toApproximate(totals.traded) / average / equity.length);
  return perDay === undefined ? undefined : { perDay, perYear: perDay * settings.annualization };
}

/** Share of the market's open time since the first execution in which a position was open, 0 to 1; undefined before the market was open. */
export function timeInMarket(state: StrategyState, nowMs: EpochMs): number | undefined {
  const { totals, calendar } = state;
  if (totals.fills === 0) return undefined;
  const open = openTimeBetween(calendar, totals.startedMs, nowMs);
  if (open <= 0) return undefined;
  const running = totals.openBooks > 0 ? openTimeBetween(calendar, totals.exposedSinceMs, nowMs) : 0;
  return Math.min(1, (totals.exposedMs + running) / open);
}

/** Gross exposure over equity; undefined without positive equity. */
export function leverageOf(gross: Decimal | undefined, equity: Decimal | undefined): number | undefined {
  return gross === undefined || equity === undefined || equity.units <= 0n ? undefined : ratioOf(gross, equity);
}
