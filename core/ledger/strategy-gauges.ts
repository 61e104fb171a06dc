/** What a strategy's state says now: gauges for CloudWatch. */
import { type Decimal, subtract, toApproximate, zero } from '../money/decimal.ts';
import { highestRatio } from '../orders/flow.ts';
import { sketchQuantile } from '../orders/latency-sketch.ts';
import type { Minute } from '../orders/minutes.ts';
import { fillRate, fillRateByCount, recentOrders, unacknowledged, unanswered, type Waiting } from '../orders/order-book.ts';
import { makerShareOf, shortfallOf, slippageOf } from '../orders/quality.ts';
import type { EpochMs } from '../time/instant.ts';
import { oldestMarkAge } from './conditions.ts';
import { dailyReturns, dayValues, markPriceOn, openPositionsOf, valueNow } from './days.ts';
import { exposureOf } from './exposure.ts';
import { netOf } from './fold-entries.ts';
import type { StrategyGauges } from './gauges.ts';
import { incompleteReasons } from './incomplete.ts';
import {
  leverageOf,
  lifeOf,
  meanHoldSeconds,
  moneyDrawdownOf,
  timeInMarket,
  tripFiguresOf,
  turnoverOf,
  windowSharpe,
} from './performance.ts';
import { liquidations, unexpectedPositions } from './position-risk.ts';
import { ageSeconds, quantityOf } from './positions.ts';
import { currentEquity, currentUnrealized, defined } from './score.ts';
import type { DayValue, OpenPosition, StrategyState } from './state.ts';

export function strategyGauges(state: StrategyState, nowMs: EpochMs): StrategyGauges {
  const { totals, orders } = state;
  const { missing } = totals;
  const daily = dailyReturns(state);
  const { returns, ...figures } = lifeOf(state, daily);
  const trips = tripFiguresOf(state);
  const values = dayValues(state);
  const money = moneyDrawdownOf(values);
  const session = sessionOf(state, values, nowMs);
  const recent = recentOrders(orders, nowMs);
  const answered = recent.accepted + recent.rejected;
  const open = openPositionsOf(state);
  const exposure = exposureOf(state, open, state.calendar.dayOf(nowMs));
  const equity = currentEquity(state);
  const marked = oldestMark(state, open, nowMs);
  const sessionLoss = session === undefined ? undefined : Math.max(0, -toApproximate(session));
  return defined({
    realizedPnl: missing.gross > 0 ? undefined : toApproximate(totals.gross),
    grossPnl: missing.gross > 0 ? undefined : toApproximate(totals.gross),
    unrealizedPnl: approximate(currentUnrealized(state)),
    netPnl: approximate(netOf(totals)),
    fees: missing.fees > 0 ? undefined : toApproximate(totals.fees),
    funding: missing.funding > 0 ? undefined : toApproximate(totals.funding),
    equity: approximate(equity),
    sessionPnl: approximate(session),
    sessionLoss,
    drawdown: figures.currentDrawdown === undefined ? undefined : Math.abs(figures.currentDrawdown),
    maxDrawdown: figures.maxDrawdown === undefined ? undefined : Math.abs(figures.maxDrawdown),
    drawdownMoney: money === undefined ? undefined : Math.abs(toApproximate(money.current)),
    maxDrawdownMoney: money === undefined ? undefined : Math.abs(toApproximate(money.deepest)),
    timeUnderWaterDays: figures.timeUnderWater,
    longestRecoveryDays: figures.longestRecovery,
    sharpe: figures.sharpe,
    sortino: figures.sortino,
    calmar: figures.calmar,
    omega: figures.omega,
    cagr: figures.cagr,
    volatility: figures.volatility,
    downsideDeviation: figures.downsideDeviation,
    valueAtRisk: figures.valueAtRisk,
    conditionalValueAtRisk: figures.conditionalValueAtRisk,
    tailRatio: figures.tailRatio,
    skewness: figures.skewness,
    excessKurtosis: figures.excessKurtosis,
    probabilisticSharpe: figures.probabilisticSharpe,
    minimumTrackRecord: figures.minimumTrackRecord,
    alpha: figures.alpha,
    beta: figures.beta,
    sharpe20: windowSharpe(state, daily, 20),
    sharpe63: windowSharpe(state, daily, 63),
    sharpe252: windowSharpe(state, daily, 252),
    returnCount: returns.n,
    winRate: trips?.winRate,
    tradeCount: totals.trades,
    profitFactor: trips?.profitFactor,
    payoffRatio: trips?.payoffRatio,
    expectancy: approximate(trips?.expectancy),
    lossStreak: trips === undefined ? undefined : Math.max(0, -trips.streak),
    longestWinStreak: trips?.longestWinStreak,
    longestLossStreak: trips?.longestLossStreak,
    meanHoldSeconds: meanHoldSeconds(state),
    turnoverPerDay: turnoverOf(state, daily)?.perDay,
    timeInMarket: timeInMarket(state, nowMs),
    fillRate: fillRate(orders),
    ...orderGauges(state, recent, nowMs),
    rejectShare: answered > 0 ? recent.rejected / answered : undefined,
    openPositions: open.length,
    largestPositionQty: Math.max(0, ...open.map(({ position }) => Math.abs(toApproximate(quantityOf(position))))),
    grossExposure: approximate(exposure?.gross),
    netExposure: approximate(exposure?.net),
    leverage: leverageOf(exposure?.gross, equity),
    openOrders: [...orders.open.values()].filter(order => order.quantity !== undefined).length,
    marketDataAgeSeconds: ageSeconds(state.newestDataAt, nowMs),
    markAgeSeconds: marked,
    openMarketMarkAgeSeconds: oldestMarkAge(state, nowMs),
    unexpectedPositions: unexpectedPositions(state, nowMs).length,
    liquidationDistance: liquidations(state, nowMs)[0]?.distance,
    lastFillAgeSeconds: ageSeconds(state.newestTransactTime, nowMs),
    incomplete: incompleteReasons(state).length > 0 ? 1 : 0,
  });
}

function orderGauges({ orders, calendar }: StrategyState, recent: Minute, nowMs: EpochMs) {
  const { quality, refusals } = orders;
  const seconds = (waiting: Waiting | undefined) => (waiting === undefined ? undefined : waiting.longestMs / 1000);
  return {
    orderAckLatencyP50Ms: sketchQuantile(recent.ack, 0.5),
    orderAckLatencyP99Ms: sketchQuantile(recent.ack, 0.99),
    orderFillLatencyP50Ms: sketchQuantile(recent.fill, 0.5),
    orderFillLatencyP99Ms: sketchQuantile(recent.fill, 0.99),
    orderCancelLatencyP50Ms: sketchQuantile(recent.cancel, 0.5),
    orderCancelLatencyP99Ms: sketchQuantile(recent.cancel, 0.99),
    filledOrdersShare: fillRateByCount(orders)?.full,
    slippageBps: slippageOf(quality.slippage),
    shortfallBps: shortfallOf(quality.shortfall),
    makerShare: makerShareOf(quality.liquidity),
    orderToTradeRatio: highestRatio(orders.flows, calendar.dayOf(nowMs)),
    ...(orders.submitted === 0
      ? {}
      : {
          venueRejects: refusals.venue,
          riskRejects: refusals.risk,
          localRejects: refusals.local,
          cancelRejects: refusals.cancel + refusals.replace,
          consecutiveRejects: orders.rejectRun,
          duplicateOrders: recent.repeats,
          overfilledOrders: recent.overfilled,
          ordersPerMinute: recentOrders(orders, nowMs, 2).submitted,
        }),
    haltedFills: recent.halted,
    priceDeviation: recent.deviation > 0 ? recent.deviation : undefined,
    oldestUnacknowledgedSeconds: seconds(unacknowledged(orders, nowMs)),
    oldestUnansweredSeconds: seconds(unanswered(orders, nowMs)),
  };
}

/**
 * Net plus unrealized since the open of the trading day that `nowMs` is in, flows left out. Undefined while a rate is missing.
 */
export function sessionPnl(state: StrategyState, nowMs: EpochMs): Decimal | undefined {
  return sessionOf(state, dayValues(state), nowMs);
}

function sessionOf(state: StrategyState, values: readonly DayValue[], nowMs: EpochMs): Decimal | undefined {
  const today = Math.max(state.calendar.dayOf(nowMs), state.totals.day ?? Number.NEGATIVE_INFINITY);
  const before = values.findLast(({ day }) => day < today);
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
