/** The result of a strategy, exact where it is money. */

import { add, type Decimal, formatDecimal, toApproximate } from '../money/decimal.ts';
import { sketchQuantile } from '../orders/latency-sketch.ts';
import { fillRate, rejectRate } from '../orders/order-book.ts';
import { currentDrawdown, maxDrawdown } from '../performance/drawdown.ts';
import { annualGrowth, perPeriodRate, volatility } from '../performance/growth.ts';
import { sharpe, sortino } from '../performance/ratios.ts';
import { averagePrice } from './book.ts';
import { dailyReturns, daySpan, openPositionsOf, totalUnrealized, unrealizedOn } from './days.ts';
import { flowsOf, netOf } from './fold-entries.ts';
import { capitalOf, contractOf, type StrategyState } from './state.ts';

/** Annualised ratios of fewer daily returns say nothing and are left out. */
export const minimumReturns = 20;

export interface ScoredPosition {
  readonly accountId: string;
  readonly instrumentId: string;
  /** Signed. */
  readonly qty: string;
  readonly avgPx?: string;
  /** Before fees, of the whole history of the position's instrument and account. */
  readonly realizedPnl: string;
  readonly unrealizedPnl: string;
}

/** Decimals are strings, ratios numbers; what is undefined is absent. */
export interface StrategyScore {
  readonly currency?: string;
  readonly fills: number;
  readonly trades: number;
  readonly wins?: number;
  readonly losses?: number;
  readonly breakeven?: number;
  readonly grossPnl?: string;
  readonly fees?: string;
  readonly feesByCurrency: Readonly<Record<string, string>>;
  readonly funding?: string;
  readonly netPnl?: string;
  readonly unrealizedPnl?: string;
  readonly equity?: string;
  readonly winRate?: number;
  readonly profitFactor?: number;
  readonly sharpe?: number;
  readonly sortino?: number;
  readonly cagr?: number;
  readonly volatility?: number;
  readonly maxDrawdown?: number;
  readonly currentDrawdown?: number;
  readonly returns: { readonly n: number; readonly annualization: number; readonly riskFree: number };
  readonly fillRate?: number;
  readonly rejectRate?: number;
  readonly ackLatencyMs: { readonly p50?: number; readonly p99?: number; readonly n: number };
  readonly positions: readonly ScoredPosition[];
}

export function scoreStrategy(state: StrategyState): StrategyScore {
  const { totals, orders } = state;
  const { missing } = totals;
  const known = (amount: Decimal, gaps: number) => (gaps > 0 ? undefined : formatDecimal(amount));
  const text = (amount: Decimal | undefined) => (amount === undefined ? undefined : formatDecimal(amount));
  const unrealized = currentUnrealized(state);
  return defined({
    currency: state.currency,
    fills: totals.fills,
    trades: totals.trades,
    ...tripFigures(state),
    grossPnl: known(totals.gross, missing.gross),
    fees: known(totals.fees, missing.fees),
    feesByCurrency: Object.fromEntries(
      [...totals.feesByCurrency].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sum]) => [name, formatDecimal(sum)]),
    ),
    funding: known(totals.funding, missing.funding),
    netPnl: text(netOf(totals)),
    unrealizedPnl: text(unrealized),
    equity: text(currentEquity(state)),
    ...returnFigures(state),
    fillRate: fillRate(orders),
    rejectRate: rejectRate(orders),
    ackLatencyMs: defined({
      p50: sketchQuantile(orders.ackLatency, 0.5),
      p99: sketchQuantile(orders.ackLatency, 0.99),
      n: orders.ackLatency.count,
    }),
    positions: scoredPositions(state),
  });
}

function tripFigures({ totals }: StrategyState) {
  if (totals.unresolvedTrips > 0) return {};
  const { wins, losses, breakeven, winSum, lossSum } = totals;
  return {
    wins,
    losses,
    breakeven,
    winRate: wins + losses > 0 ? wins / (wins + losses) : undefined,
    profitFactor: lossSum.units < 0n ? toApproximate(winSum) / -toApproximate(lossSum) : undefined,
  };
}

/** Ratios of the daily returns, the running day included as it stands. */
export function returnFigures(state: StrategyState) {
  const { annualization, riskFree } = state.settings;
  const { returns } = dailyReturns(state);
  const isLong = returns.length >= minimumReturns;
  const perDay = perPeriodRate(riskFree, annualization);
  return {
    sharpe: isLong && perDay !== undefined ? sharpe(returns, annualization, perDay) : undefined,
    sortino: isLong && perDay !== undefined ? sortino(returns, annualization, perDay) : undefined,
    cagr: isLong ? annualGrowth(returns, annualization) : undefined,
    volatility: isLong ? volatility(returns, annualization) : undefined,
    maxDrawdown: maxDrawdown(returns),
    currentDrawdown: currentDrawdown(returns),
    returns: { n: returns.length, annualization, riskFree },
  };
}

/** Unrealized profit of all open positions at their newest marks; undefined while a rate is missing. */
export function currentUnrealized(state: StrategyState): Decimal | undefined {
  const span = daySpan(state);
  return totalUnrealized(state, openPositionsOf(state), span?.last ?? 0);
}

/** Capital + flows + net + unrealized; undefined without capital or rates. */
export function currentEquity(state: StrategyState): Decimal | undefined {
  const parts = [capitalOf(state), flowsOf(state.totals), netOf(state.totals), currentUnrealized(state)];
  let sum: Decimal = { units: 0n, scale: 0 };
  for (const part of parts) {
    if (part === undefined) return undefined;
    sum = add(sum, part);
  }
  return sum;
}

function scoredPositions(state: StrategyState): ScoredPosition[] {
  const day = daySpan(state)?.last ?? 0;
  return openPositionsOf(state)
    .map(open => {
      const { position, book } = open;
      const average = averagePrice(position, contractOf(state, book.instrumentId));
      return defined({
        accountId: book.accountId,
        instrumentId: book.instrumentId,
        qty: formatDecimal({ units: position.quantity, scale: position.quantityScale }),
        avgPx: average === undefined ? undefined : formatDecimal(average),
        realizedPnl: formatDecimal({ units: position.realized, scale: position.moneyScale }),
        unrealizedPnl: formatDecimal(unrealizedOn(state, open, day).own),
      });
    })
    .sort((a, b) => (a.accountId + a.instrumentId < b.accountId + b.instrumentId ? -1 : 1));
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined fields. */
export function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
