/** What is at stake while somebody wakes up: positions, today's result, and whether the strategy still trades, each with its age. */

import type { StrategyGauges } from '../ledger/gauges.ts';

export interface OpenPosition {
  readonly instrumentId: string;
  /** Signed decimal. */
  readonly qty: string;
  readonly avgPx?: string;
  /** Unrealized profit in the position's currency, a decimal. */
  readonly unrealizedPnl?: string;
  readonly currency?: string;
  /** Seconds since the mark that valued it. */
  readonly markAgeSeconds?: number;
}

export interface MoneyAtRisk {
  readonly strategyId: string;
  readonly venue?: string;
  readonly environment?: string;
  readonly currency?: string;
  readonly positions: readonly OpenPosition[];
  /** Net plus unrealized since the session's open. */
  readonly sessionPnl?: number;
  readonly equity?: number;
  readonly openOrders?: number;
  readonly tradingState?: 'active' | 'reducing' | 'halted';
  /** Seconds since the last event of the strategy. */
  readonly ageSeconds?: number;
  readonly incomplete?: boolean;
  /** Everything that the ledger measures, as of now. */
  readonly gauges?: StrategyGauges;
  /** Newest deploy, halt or change, as one line. */
  readonly lastChange?: string;
}
