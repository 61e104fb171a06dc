/** Statistics of the profits of closed round trips, net of everything. */
import { deviationOf } from './moments.ts';

/** Whether trades of exactly zero count in the rates: `excluded` is ours, they are shown as breakeven. */
export type ZeroTrades = 'excluded' | 'counted';

export interface TradeStatistics {
  readonly wins: number;
  readonly losses: number;
  readonly breakeven: number;
  readonly grossProfit: number;
  /** Positive. */
  readonly grossLoss: number;
  readonly winRate?: number;
  readonly lossRate?: number;
  readonly profitFactor?: number;
  readonly averageWin?: number;
  /** Positive. */
  readonly averageLoss?: number;
  readonly payoffRatio?: number;
  /** Mean profit of a trade: win rate × average win − loss rate × average loss. */
  readonly expectancy?: number;
  /** (1 + payoff) × win rate − 1: expectancy in units of the average loss. */
  readonly expectancyRatio?: number;
  readonly mean?: number;
  /** Sample deviation. */
  readonly deviation?: number;
  /** System quality number: √n·mean/sample deviation (Tharp). */
  readonly systemQuality?: number;
  readonly longestWinStreak: number;
  readonly longestLossStreak: number;
}

/** Each figure is absent while it is undefined: rates without trades, ratios without a loss. */
export function tradeStatistics(profits: readonly number[], zero: ZeroTrades = 'excluded'): TradeStatistics {
  const streak = { win: 0, loss: 0, longestWin: 0, longestLoss: 0 };
  let wins = 0;
  let losses = 0;
  let grossProfit = 0;
  let grossLoss = 0;
  for (const profit of profits) {
    if (profit > 0) {
      wins++;
      grossProfit += profit;
      streak.loss = 0;
      streak.longestWin = Math.max(streak.longestWin, ++streak.win);
    } else if (profit < 0) {
      losses++;
      grossLoss -= profit;
      streak.win = 0;
      streak.longestLoss = Math.max(streak.longestLoss, ++streak.loss);
    }
  }
  const counted = zero === 'counted' ? profits.length : wins + losses;
  const deviation = deviationOf(profits);
  const mean = profits.length === 0 ? undefined : (grossProfit - grossLoss) / profits.length;
  const payoff = wins > 0 && losses > 0 ? grossProfit / wins / (grossLoss / losses) : undefined;
  return {
    wins,
    losses,
    breakeven: profits.length - wins - losses,
    grossProfit,
    grossLoss,
    longestWinStreak: streak.longestWin,
    longestLossStreak: streak.longestLoss,
    ...(counted > 0 && { winRate: wins / counted, lossRate: losses / counted, expectancy: (grossProfit - grossLoss) / counted }),
    ...(grossLoss > 0 && { profitFactor: grossProfit / grossLoss }),
    ...(wins > 0 && { averageWin: grossProfit / wins }),
    ...(losses > 0 && { averageLoss: grossLoss / losses }),
    ...(payoff !== undefined && { payoffRatio: payoff, expectancyRatio: (1 + payoff) * (wins / counted) - 1 }),
    ...(mean !== undefined && { mean }),
    ...(deviation !== undefined && { deviation }),
    ...(mean !== undefined &&
      deviation !== undefined &&
      deviation > 0 && { systemQuality: (Math.sqrt(profits.length) * mean) / deviation }),
  };
}
