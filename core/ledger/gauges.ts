/**
 * What one strategy's state says right now, as numbers for CloudWatch. Undefined is absent: a field is missing
 * while it cannot be told (no capital, too few days, a stale rate). Money is approximate here (float) because
 * CloudWatch stores doubles; exact values stay in the state and in `score`.
 */
export interface StrategyGauges {
  /** Money in the strategy's currency. */
  readonly realizedPnl?: number;
  readonly unrealizedPnl?: number;
  readonly netPnl?: number;
  readonly grossPnl?: number;
  readonly fees?: number;
  readonly funding?: number;
  readonly equity?: number;
  /** Net plus unrealized since the session's open. */
  readonly sessionPnl?: number;
  /** Positive twin of sessionPnl: max(0, −sessionPnl). */
  readonly sessionLoss?: number;
  /** Fraction below the equity peak, ≥ 0. */
  readonly drawdown?: number;
  readonly maxDrawdown?: number;
  /** The same as money: below the highest profit since the start, ≥ 0. */
  readonly drawdownMoney?: number;
  readonly maxDrawdownMoney?: number;
  /** Trading days since the last high of equity, and those of the longest fall that was made good. */
  readonly timeUnderWaterDays?: number;
  readonly longestRecoveryDays?: number;
  readonly sharpe?: number;
  readonly sortino?: number;
  readonly calmar?: number;
  readonly omega?: number;
  /** Fractions a year. */
  readonly cagr?: number;
  readonly volatility?: number;
  readonly downsideDeviation?: number;
  /** Returns of a day, usually negative. */
  readonly valueAtRisk?: number;
  readonly conditionalValueAtRisk?: number;
  readonly tailRatio?: number;
  readonly skewness?: number;
  readonly excessKurtosis?: number;
  /** Probability, 0 to 1. */
  readonly probabilisticSharpe?: number;
  /** In daily returns. */
  readonly minimumTrackRecord?: number;
  readonly alpha?: number;
  readonly beta?: number;
  /** Sharpe ratio of the last 20, 63 and 252 daily returns. */
  readonly sharpe20?: number;
  readonly sharpe63?: number;
  readonly sharpe252?: number;
  /** Number of daily returns behind the ratios. */
  readonly returnCount?: number;
  readonly winRate?: number;
  readonly tradeCount?: number;
  readonly profitFactor?: number;
  readonly payoffRatio?: number;
  readonly expectancy?: number;
  /** Losing round trips in a row: now, and at most. */
  readonly lossStreak?: number;
  readonly longestLossStreak?: number;
  readonly longestWinStreak?: number;
  readonly meanHoldSeconds?: number;
  /** Traded value of an average day over average equity. */
  readonly turnoverPerDay?: number;
  /** Share of the market's open time with a position, 0 to 1. */
  readonly timeInMarket?: number;
  readonly fillRate?: number;
  readonly rejectShare?: number;
  /** Open positions, in number of instruments. */
  readonly openPositions?: number;
  /** Largest absolute position in units of the instrument. */
  readonly largestPositionQty?: number;
  readonly grossExposure?: number;
  readonly netExposure?: number;
  /** Gross exposure over equity. */
  readonly leverage?: number;
  readonly openOrders?: number;
  /** Over the last five minutes. */
  readonly orderAckLatencyP50Ms?: number;
  readonly orderAckLatencyP99Ms?: number;
  readonly orderFillLatencyP50Ms?: number;
  readonly orderFillLatencyP99Ms?: number;
  readonly orderCancelLatencyP50Ms?: number;
  readonly orderCancelLatencyP99Ms?: number;
  /** Share of ended orders that were filled in full. */
  readonly filledOrdersShare?: number;
  /** Basis points; positive is a cost. */
  readonly slippageBps?: number;
  readonly shortfallBps?: number;
  readonly makerShare?: number;
  /** Of the instrument with the highest, in the running session. */
  readonly orderToTradeRatio?: number;
  /** Refused since the beginning: new orders by who refused, and requests to cancel or replace. */
  readonly venueRejects?: number;
  readonly riskRejects?: number;
  readonly localRejects?: number;
  readonly cancelRejects?: number;
  /** New orders refused since the last that was accepted. */
  readonly consecutiveRejects?: number;
  /** Over the last five minutes, and of the busiest of the last two for orders. */
  readonly duplicateOrders?: number;
  readonly overfilledOrders?: number;
  readonly haltedFills?: number;
  readonly priceDeviation?: number;
  readonly ordersPerMinute?: number;
  /** Absent while nothing waits. */
  readonly oldestUnacknowledgedSeconds?: number;
  readonly oldestUnansweredSeconds?: number;
  /** Positions that the limits do not allow. */
  readonly unexpectedPositions?: number;
  /** Fraction of the mark; the smallest of all positions. */
  readonly liquidationDistance?: number;
  /** Seconds since the oldest mark in use while the market is open. */
  readonly openMarketMarkAgeSeconds?: number;
  /** Seconds since the newest market data, mark and fill. */
  readonly marketDataAgeSeconds?: number;
  readonly markAgeSeconds?: number;
  readonly lastFillAgeSeconds?: number;
  /** 1 when a sequence gap, a missing rate or an unreconciled snapshot makes the numbers incomplete, else 0. */
  readonly incomplete?: number;
}
