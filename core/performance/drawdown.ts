/** Losses from a peak. The first peak is the initial capital, so that a loss on the first day counts. Drawdowns are ≤ 0. */
import { type Series, sumOf } from './moments.ts';

/** Largest fall from a peak as a fraction; undefined without returns. `start` says whether the first peak is the capital or the first value. */
export function maxDrawdown(returns: Series, start: 'capital' | 'firstValue' = 'capital'): number | undefined {
  if (returns.length === 0) return undefined;
  return drawdownFrom(returns, 0, returns.length, start).deepest;
}

/** Fall from the highest value so far, as a fraction; undefined without returns. */
export function currentDrawdown(returns: Series): number | undefined {
  return returns.length === 0 ? undefined : drawdownFrom(returns, 0, returns.length, 'capital').current;
}

/** Both over returns[from, to). */
export function drawdownFrom(
  returns: Series,
  from: number,
  to: number,
  start: 'capital' | 'firstValue',
): { deepest: number; current: number } {
  let value = 1;
  let at = from;
  if (start === 'firstValue' && from < to) value *= 1 + (returns[at++] ?? 0);
  let peak = value;
  let deepest = 0;
  for (; at < to; at++) {
    value *= 1 + (returns[at] ?? 0);
    if (value > peak) peak = value;
    else if (value / peak - 1 < deepest) deepest = value / peak - 1;
  }
  return { deepest, current: value / peak - 1 };
}

export interface MoneyDrawdown {
  readonly money: number;
  /** Share of the peak equity; undefined when the peak was not positive. */
  readonly ratio: number | undefined;
}

/**
 * The largest fall in money and the largest in proportion, from `capital` plus cumulated profits. They are different events:
 * both are positive sizes.
 */
export function moneyDrawdowns(profits: readonly number[], capital: number): { byMoney: MoneyDrawdown; byRatio: MoneyDrawdown } {
  let equity = capital;
  let peak = capital;
  let byMoney: MoneyDrawdown = { money: 0, ratio: 0 };
  let byRatio: MoneyDrawdown = { money: 0, ratio: 0 };
  for (const profit of profits) {
    equity += profit;
    if (equity > peak) peak = equity;
    const here: MoneyDrawdown = { money: peak - equity, ratio: peak > 0 ? (peak - equity) / peak : undefined };
    if (here.money > byMoney.money) byMoney = here;
    if ((here.ratio ?? 0) > (byRatio.ratio ?? 0)) byRatio = here;
  }
  return { byMoney, byRatio };
}

/** Periods since the last value that was at least as high as all before; 0 at a high; undefined without values. */
export function timeUnderWater(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  let peakAt = 0;
  for (let at = 1; at < values.length; at++) if (values[at]! >= values[peakAt]!) peakAt = at;
  return values.length - 1 - peakAt;
}

/** Longest time from a peak to the first value that is at least as high. `ongoing` drawdowns are left out unless counted. */
export function longestRecovery(values: readonly number[], ongoing: 'skipped' | 'counted' = 'skipped'): number {
  let peakAt = 0;
  let longest = 0;
  let isUnder = false;
  for (let at = 1; at < values.length; at++) {
    if (values[at]! < values[peakAt]!) {
      isUnder = true;
      continue;
    }
    if (isUnder) longest = Math.max(longest, at - peakAt);
    isUnder = false;
    peakAt = at;
  }
  return isUnder && ongoing === 'counted' ? Math.max(longest, values.length - 1 - peakAt) : longest;
}

/**
 * Root mean square of the drawdowns at every value (Martin and McCann 1989), as a fraction; ddof 1 divides by N − 1.
 * Undefined below 1 + ddof values, and when a peak is not positive.
 */
export function ulcerIndex(values: readonly number[], ddof = 0): number | undefined {
  if (values.length <= ddof) return undefined;
  let peak = values[0]!;
  let squares = 0;
  for (const value of values) {
    if (value > peak) peak = value;
    if (!(peak > 0)) return undefined;
    squares += (value / peak - 1) ** 2;
  }
  return Math.sqrt(squares / (values.length - ddof));
}

/** Mean return over `riskFree` per period, divided by the ulcer index as a fraction. Undefined without a drawdown. */
export function ulcerPerformance(values: readonly number[], ddof = 0, riskFree = 0): number | undefined {
  const ulcer = ulcerIndex(values, ddof);
  if (ulcer === undefined || ulcer === 0 || values.length < 2) return undefined;
  const returns = values.slice(1).map((value, at) => value / values[at]! - 1 - riskFree);
  return sumOf(returns) / returns.length / ulcer;
}
