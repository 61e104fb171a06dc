/** Windows over a series, each computed afresh: removing what leaves the window would let rounding pile up after an outlier. */
import { drawdownFrom } from './drawdown.ts';
import type { Series } from './moments.ts';
import { sharpe, sortino } from './ratios.ts';

/** One result per full window of `size` periods, the oldest first; missing returns inside a window are left out of it. */
export function rolling<T>(returns: Series, size: number, measure: (window: Series) => T): T[] {
  const results: T[] = [];
  for (let end = size; end <= returns.length; end++) results.push(measure(returns.slice(end - size, end)));
  return results;
}

export function rollingSharpe(returns: Series, size: number, periodsPerYear: number, riskFree = 0, ddof = 1): (number | undefined)[] {
  return rolling(returns, size, window => sharpe(window, periodsPerYear, riskFree, ddof));
}

export function rollingSortino(returns: Series, size: number, periodsPerYear: number, target = 0): (number | undefined)[] {
  return rolling(returns, size, window => sortino(window, periodsPerYear, target));
}

/** Each window starts from its own capital. */
export function rollingMaxDrawdown(returns: Series, size: number): number[] {
  const results: number[] = [];
  for (let end = size; end <= returns.length; end++) results.push(drawdownFrom(returns, end - size, end, 'capital').deepest);
  return results;
}
