/** The result of a strategy, exact where it is money. */

import { isoDate } from '../calendar/calendar.ts';
import { add, type Decimal, formatDecimal } from '../money/decimal.ts';
import { orderToTradeRatios } from '../orders/flow.ts';
import { type LatencySketch, sketchQuantile } from '../orders/latency-sketch.ts';
import { fillRate, fillRateByCount, rejectRate } from '../orders/order-book.ts';
import { makerShareOf, shortfallOf, slippageOf } from '../orders/quality.ts';
import { toEpochMs } from '../time/instant.ts';
import { attributionOf, isNothing, netOf as netOfResult, type Result, type resultKinds } from './attribution.ts';
import { averagePrice } from './book.ts';
import { dailyReturns, daySpan, dayValues, openPositionsOf, totalUnrealized, unrealizedOn } from './days.ts';
import { exposureOf } from './exposure.ts';
import { flowsOf, netOf } from './fold-entries.ts';
import {
  type EvidencedFigures,
  leverageOf,
  meanHoldSeconds,
  moneyDrawdownOf,
  performanceOf,
  type ReturnFigures,
  timeInMarket,
  tripFiguresOf,
  turnoverOf,
  type WindowSize,
} from './performance.ts';
import { capitalOf, contractOf, type StrategyState } from './state.ts';

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
export interface StrategyScore extends ReturnFigures {
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
  readonly payoffRatio?: number;
  readonly expectancy?: string;
  readonly averageWin?: string;
  readonly averageLoss?: string;
  readonly expectancyRatio?: number;
  /** Wins (positive) or losses (negative) in a row, now. */
  readonly streak?: number;
  readonly longestWinStreak?: number;
  readonly longestLossStreak?: number;
  readonly meanHoldSeconds?: number;
  readonly returns: EvidencedFigures['returns'];
  /** Only windows that are full, in trading days. */
  readonly windows: Readonly<Partial<Record<WindowSize, EvidencedFigures>>>;
  /** Both ≤ 0. */
  readonly maxDrawdownMoney?: string;
  readonly currentDrawdownMoney?: string;
  readonly traded?: string;
  readonly turnover?: { readonly perDay: number; readonly perYear: number };
  readonly exposure: { readonly gross?: string; readonly net?: string; readonly leverage?: number; readonly timeInMarket?: number };
  readonly fillRate?: number;
  readonly rejectRate?: number;
  readonly ackLatencyMs: LatencyFigures;
  readonly orders: OrderFigures;
  readonly positions: readonly ScoredPosition[];
  /** How gross, fees, funding and net come about; the rows sum up to them. */
  readonly attribution: readonly ScoredResult[];
}

/** In the strategy's currency; what lacks a conversion rate is absent. */
export interface ScoredResult {
  /** Absent from the row of what names no instrument. */
  readonly instrumentId?: string;
  readonly grossPnl?: string;
  readonly fees?: string;
  readonly funding?: string;
  readonly netPnl?: string;
  readonly unrealizedPnl?: string;
}

export interface LatencyFigures {
  readonly p50?: number;
  readonly p99?: number;
  readonly n: number;
}

export interface OrderFigures {
  readonly submitted: number;
  readonly open: number;
  readonly ended: number;
  /** Shares of ended orders. */
  readonly filled?: { readonly full: number; readonly any: number };
  /** Refused new orders by who refused, and refused requests. */
  readonly refused: {
    readonly venue: number;
    readonly risk: number;
    readonly local: number;
    readonly cancel: number;
    readonly replace: number;
  };
  readonly fillLatencyMs: LatencyFigures;
  readonly cancelLatencyMs: LatencyFigures;
  /** Basis points; positive is a cost. */
  readonly slippage: { readonly bps?: number; readonly n: number };
  readonly shortfall: {
    readonly bps?: number;
    readonly executionBps?: number;
    readonly opportunityBps?: number;
    readonly feesBps?: number;
    readonly n: number;
    /** Orders with a price at the decision that could not be measured. */
    readonly unknown: number;
  };
  readonly makerShare?: number;
  /** Of each instrument's newest session. */
  readonly orderToTrade: readonly {
    readonly instrumentId: string;
    readonly day: string;
    readonly byNumber?: number;
    readonly byVolume?: number;
  }[];
  readonly overfilled: number;
}

export function scoreStrategy(state: StrategyState): StrategyScore {
  const { totals, orders } = state;
  const { missing } = totals;
  const known = (amount: Decimal, gaps: number) => (gaps > 0 ? undefined : formatDecimal(amount));
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
    meanHoldSeconds: meanHoldSeconds(state),
    traded: totals.untraded > 0 ? undefined : formatDecimal(totals.traded),
    exposure: exposureFigures(state),
    orders: orderFigures(state),
    fillRate: fillRate(orders),
    rejectRate: rejectRate(orders),
    ackLatencyMs: latencyFigures(orders.ackLatency),
    positions: scoredPositions(state),
    attribution: scoredResults(state),
  });
}

function tripFigures(state: StrategyState) {
  const figures = tripFiguresOf(state);
  if (figures === undefined) return {};
  const { wins, losses, breakeven } = state.totals;
  const { expectancy, averageWin, averageLoss, ...rest } = figures;
  return { wins, losses, breakeven, ...rest, expectancy: text(expectancy), averageWin: text(averageWin), averageLoss: text(averageLoss) };
}

function returnFigures(state: StrategyState) {
  const daily = dailyReturns(state);
  const money = moneyDrawdownOf(dayValues(state));
  return {
    ...performanceOf(state, daily),
    maxDrawdownMoney: text(money?.deepest),
    currentDrawdownMoney: text(money?.current),
    turnover: turnoverOf(state, daily),
  };
}

function exposureFigures(state: StrategyState) {
  const exposure = exposureOf(state, openPositionsOf(state), daySpan(state)?.last ?? 0);
  const now = state.newestEventAt;
  return defined({
    gross: text(exposure?.gross),
    net: text(exposure?.net),
    leverage: leverageOf(exposure?.gross, currentEquity(state)),
    timeInMarket: now === undefined ? undefined : timeInMarket(state, toEpochMs(now)),
  });
}

function latencyFigures(sketch: LatencySketch): LatencyFigures {
  return defined({ p50: sketchQuantile(sketch, 0.5), p99: sketchQuantile(sketch, 0.99), n: sketch.count });
}

function orderFigures({ orders }: StrategyState): OrderFigures {
  const { quality, submitted, endedCount, refusals, overfilled } = orders;
  const { slippage, shortfall } = quality;
  const part = (money: number) => (shortfall.paper > 0 ? (money / shortfall.paper) * 10_000 : undefined);
  return defined({
    submitted,
    open: [...orders.open.values()].filter(order => order.quantity !== undefined).length,
    ended: endedCount,
    filled: fillRateByCount(orders),
    refused: { ...refusals },
    fillLatencyMs: latencyFigures(orders.fillLatency),
    cancelLatencyMs: latencyFigures(orders.cancelLatency),
    slippage: defined({ bps: slippageOf(slippage), n: slippage.count }),
    shortfall: defined({
      bps: shortfallOf(shortfall),
      executionBps: part(shortfall.execution),
      opportunityBps: part(shortfall.opportunity),
      feesBps: part(shortfall.fees),
      n: shortfall.count,
      unknown: shortfall.unknown,
    }),
    makerShare: makerShareOf(quality.liquidity),
    orderToTrade: orderToTradeRatios(orders.flows).map(row => ({ ...row, day: isoDate(row.day) })),
    overfilled,
  });
}

const text = (amount: Decimal | undefined): string | undefined => (amount === undefined ? undefined : formatDecimal(amount));

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

function scoredResults(state: StrategyState): ScoredResult[] {
  const { instruments, account } = attributionOf(state, daySpan(state)?.last ?? 0);
  const scored = (result: Result) => {
    const { missing } = result;
    const known = (kind: (typeof resultKinds)[number]) => (missing[kind] > 0 ? undefined : formatDecimal(result[kind]));
    const isWhole = missing.gross + missing.fees + missing.funding === 0;
    return {
      grossPnl: known('gross'),
      fees: known('fees'),
      funding: known('funding'),
      netPnl: isWhole ? formatDecimal(netOfResult(result)) : undefined,
      unrealizedPnl: known('unrealized'),
    };
  };
  const rows = instruments.map(row => defined({ instrumentId: row.instrumentId, ...scored(row) }));
  return isNothing(account) ? rows : [...rows, defined(scored(account))];
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined fields. */
export function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
