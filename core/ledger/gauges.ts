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
  readonly sharpe?: number;
  readonly sortino?: number;
  /** Number of daily returns behind the ratios. */
  readonly returnCount?: number;
  readonly winRate?: number;
  readonly tradeCount?: number;
  readonly fillRate?: number;
  readonly rejectShare?: number;
  /** Open positions, in number of instruments. */
  readonly openPositions?: number;
  /** Largest absolute position in units of the instrument. */
  readonly largestPositionQty?: number;
  readonly grossExposure?: number;
  readonly openOrders?: number;
  readonly orderAckLatencyP50Ms?: number;
  readonly orderAckLatencyP99Ms?: number;
  /** Seconds since the newest market data, mark and fill. */
  readonly marketDataAgeSeconds?: number;
  readonly markAgeSeconds?: number;
  readonly lastFillAgeSeconds?: number;
  /** 1 when a sequence gap, a missing rate or an unreconciled snapshot makes the numbers incomplete, else 0. */
  readonly incomplete?: number;
}
