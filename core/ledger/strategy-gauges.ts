/** What a strategy's state says now: gauges for CloudWatch. */
import { add, type Decimal, subtract, toApproximate, zero } from '../money/decimal.ts';
import { sketchQuantile } from '../orders/latency-sketch.ts';
import { fillRate, recentOrders } from '../orders/order-book.ts';
import type { EpochMs } from '../time/instant.ts';
import { worthOf } from './book.ts';
import { conversionAt } from './convert.ts';
import { dayValues, markPriceOn, openPositionsOf, valueNow } from './days.ts';
import { netOf } from './fold-entries.ts';
import type { StrategyGauges } from './gauges.ts';
import { incompleteReasons } from './incomplete.ts';
import { ageSeconds, quantityOf } from './positions.ts';
import { currentEquity, currentUnrealized, defined, returnFigures } from './score.ts';
import { contractOf, type OpenPosition, profitCurrencyOf, type StrategyState } from './state.ts';

export function strategyGauges(state: StrategyState, nowMs: EpochMs): StrategyGauges {
  const { totals, orders } = state;
  const { missing } = totals;
  const figures = returnFigures(state);
  const session = sessionPnl(state, nowMs);
  const recent = recentOrders(orders, nowMs);
  const answered = recent.accepted + recent.rejected;
  const open = openPositionsOf(state);
  const marked = oldestMark(state, open, nowMs);
  const sessionLoss = session === undefined ? undefined : Math.max(0, -toApproximate(session));
  const counted = totals.wins + totals.losses;
  return defined({
    realizedPnl: missing.gross > 0 ? undefined : toApproximate(totals.gross),
    grossPnl: missing.gross > 0 ? undefined : toApproximate(totals.gross),
    unrealizedPnl: approximate(currentUnrealized(state)),
    netPnl: approximate(netOf(totals)),
    fees: missing.fees > 0 ? undefined : toApproximate(totals.fees),
    funding: missing.funding > 0 ? undefined : toApproximate(totals.funding),
    equity: approximate(currentEquity(state)),
    sessionPnl: approximate(session),
    sessionLoss,
    drawdown: figures.currentDrawdown === undefined ? undefined : Math.abs(figures.currentDrawdown),
    maxDrawdown: figures.maxDrawdown === undefined ? undefined : Math.abs(figures.maxDrawdown),
    sharpe: figures.sharpe,
    sortino: figures.sortino,
    returnCount: figures.returns.n,
    winRate: totals.unresolvedTrips === 0 && counted > 0 ? totals.wins / counted : undefined,
    tradeCount: totals.trades,
    fillRate: fillRate(orders),
    rejectShare: answered > 0 ? recent.rejected / answered : undefined,
    openPositions: open.length,
    largestPositionQty: Math.max(0, ...open.map(({ position }) => Math.abs(toApproximate(quantityOf(position))))),
    grossExposure: approximate(grossExposure(state, open, nowMs)),
    openOrders: [...orders.open.values()].filter(order => order.quantity !== undefined).length,
    orderAckLatencyP50Ms: sketchQuantile(recent.ack, 0.5),
    orderAckLatencyP99Ms: sketchQuantile(recent.ack, 0.99),
    marketDataAgeSeconds: ageSeconds(state.newestDataAt, nowMs),
    markAgeSeconds: marked,
    lastFillAgeSeconds: ageSeconds(state.newestTransactTime, nowMs),
    incomplete: incompleteReasons(state).length > 0 ? 1 : 0,
  });
}

/**
 * Net plus unrealized since the open of the trading day that `nowMs` is in, flows left out. Undefined while a rate is missing.
 */
export function sessionPnl(state: StrategyState, nowMs: EpochMs): Decimal | undefined {
  const today = Math.max(state.calendar.dayOf(nowMs), state.totals.day ?? Number.NEGATIVE_INFINITY);
  const before = dayValues(state).findLast(({ day }) => day < today);
  const now = valueNow(state, today).pnl;
  if (now === undefined || (before !== undefined && before.pnl === undefined)) return undefined;
  return subtract(now, before?.pnl ?? zero);
}

function approximate(value: Decimal | undefined): number | undefined {
  return value === undefined ? undefined : toApproximate(value);
}

function oldestMark(state: StrategyState, open: readonly OpenPosition[], nowMs: EpochMs): number | undefined {
  if (open.length === 0) return undefined;
  const day = state.calendar.dayOf(nowMs);
  return Math.max(...open.map(position => ageSeconds(markPriceOn(state, position, day).at, nowMs) ?? 0));
}

/** Σ |value at the mark| in the strategy's currency; undefined while a rate is missing. */
function grossExposure(state: StrategyState, open: readonly OpenPosition[], nowMs: EpochMs): Decimal | undefined {
  const day = state.calendar.dayOf(nowMs);
  let sum: Decimal = zero;
  for (const each of open) {
    const { position, book } = each;
    const mark = markPriceOn(state, each, day);
    const value = worthOf(position, contractOf(state, book.instrumentId), position.quantity, mark.price.units, mark.price.scale);
    const currency = profitCurrencyOf(state, book) ?? state.currency;
    const rate = currency === undefined || state.currency === undefined ? undefined : conversionAt(state, currency, mark.at);
    if (currency !== state.currency && rate === undefined) return undefined;
    const size = value < 0n ? -value : value;
    sum = add(sum, { units: size * (rate?.units ?? 1n), scale: position.moneyScale + (rate?.scale ?? 0) });
  }
  return sum;
}
