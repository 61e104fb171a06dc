/** What executing orders cost against the market, summed over orders. Ratios only: sums are doubles in the strategy's currency. */
import type { Side } from '../events/types.ts';
import { compare, type Decimal, subtract, toApproximate } from '../money/decimal.ts';

export interface Slippage {
  /** Orders, and executions without one, whose mid at arrival is known. */
  count: number;
  /** Positive is a cost. */
  cost: number;
  /** Value of what was filled at the mid of its arrival. */
  paper: number;
}

export interface ShortfallSums {
  /** Ended orders whose price at the decision is known. */
  count: number;
  execution: number;
  opportunity: number;
  fees: number;
  /** Value of what was ordered at the price of the decision. */
  paper: number;
  /** Ended orders that had a price at the decision, but whose rest has no price or whose fee has no rate. */
  unknown: number;
}

export interface Liquidity {
  /** Value of executions that rested in the book, and of all that say whether they did. */
  maker: number;
  stated: number;
}

export interface Quality {
  readonly slippage: Slippage;
  readonly shortfall: ShortfallSums;
  readonly liquidity: Liquidity;
}

export const emptyQuality = (): Quality => ({
  slippage: { count: 0, cost: 0, paper: 0 },
  shortfall: { count: 0, execution: 0, opportunity: 0, fees: 0, paper: 0, unknown: 0 },
  liquidity: { maker: 0, stated: 0 },
});

/** What orders cannot know by themselves. */
export interface Market {
  /** Value of a quantity at a price in the strategy's currency, never negative; undefined while a rate is missing. */
  readonly valueOf: (accountId: string, instrumentId: string, quantity: number, price: number) => number | undefined;
  /** Newest price of the instrument; undefined without one. */
  readonly priceOf: (instrumentId: string) => Decimal | undefined;
}

export interface Filled {
  readonly accountId: string;
  readonly instrumentId: string;
  readonly side: Side;
  readonly quantity: Decimal;
  /** Σ quantity × price. */
  readonly notional: Decimal;
}

const signOf = (side: Side): 1 | -1 => (side === 'buy' ? 1 : -1);

/** Adds what was filled against the mid at its arrival: side × (average price − mid) ÷ mid, weighted by value. */
export function addSlippage(sums: Slippage, filled: Filled, arrivalMid: Decimal, market: Market): void {
  const quantity = toApproximate(filled.quantity);
  const mid = toApproximate(arrivalMid);
  if (quantity === 0 || mid === 0) return;
  const paper = market.valueOf(filled.accountId, filled.instrumentId, quantity, mid);
  if (paper === undefined) return;
  sums.count++;
  sums.paper += paper;
  sums.cost += (paper * signOf(filled.side) * (toApproximate(filled.notional) / quantity - mid)) / Math.abs(mid);
}

export interface Ended extends Filled {
  readonly ordered: Decimal;
  readonly decisionPx: Decimal;
  /** Price at which the rest was given up; undefined when nobody knows. */
  readonly endPx: Decimal | undefined;
  /** In the strategy's currency; undefined while a rate is missing. */
  readonly fees: number | undefined;
}

/** Adds an ended order: the executed part at fill − decision, the rest at end − decision, and fees (Perold 1988). */
export function addShortfall(sums: ShortfallSums, ended: Ended, market: Market): void {
  const { accountId, instrumentId, side, ordered, quantity, decisionPx, endPx, fees } = ended;
  const decision = toApproximate(decisionPx);
  const whole = toApproximate(ordered);
  const paper = market.valueOf(accountId, instrumentId, whole, decision);
  const rest = compare(ordered, quantity) > 0 ? toApproximate(subtract(ordered, quantity)) : 0;
  if (whole === 0 || decision === 0 || paper === undefined || fees === undefined || (rest > 0 && endPx === undefined)) {
    sums.unknown++;
    return;
  }
  // Value of one unit of price times quantity, at the decision.
  const point = (paper * signOf(side)) / (whole * Math.abs(decision));
  sums.count++;
  sums.paper += paper;
  sums.fees += fees;
  sums.execution += point * (toApproximate(ended.notional) - toApproximate(quantity) * decision);
  if (rest > 0) sums.opportunity += point * rest * (toApproximate(endPx!) - decision);
}

/** Value-weighted, in basis points; positive is a cost. Undefined before anything was filled against a known mid. */
export function slippageOf({ cost, paper }: Slippage): number | undefined {
  return paper > 0 ? (cost / paper) * 10_000 : undefined;
}

/** Σ shortfall over Σ value at the decision, in basis points. */
export function shortfallOf({ execution, opportunity, fees, paper }: ShortfallSums): number | undefined {
  return paper > 0 ? ((execution + opportunity + fees) / paper) * 10_000 : undefined;
}

/** Share of the value whose executions rested in the book, among those that say so; 0 to 1. */
export function makerShareOf({ maker, stated }: Liquidity): number | undefined {
  return stated > 0 ? maker / stated : undefined;
}

export const encodeQuality = ({ slippage, shortfall, liquidity }: Quality): readonly number[] => {
  const numbers = [
    ...[slippage.count, slippage.cost, slippage.paper, shortfall.count, shortfall.execution, shortfall.opportunity],
    ...[shortfall.fees, shortfall.paper, shortfall.unknown, liquidity.maker, liquidity.stated],
  ];
  return numbers.some(number => number !== 0) ? numbers : [];
};

export function decodeQuality(numbers: readonly number[] = []): Quality {
  const [
    count = 0,
    cost = 0,
    paper = 0,
    ended = 0,
    execution = 0,
    opportunity = 0,
    fees = 0,
    decided = 0,
    unknown = 0,
    maker = 0,
    stated = 0,
  ] = numbers;
  return {
    slippage: { count, cost, paper },
    shortfall: { count: ended, execution, opportunity, fees, paper: decided, unknown },
    liquidity: { maker, stated },
  };
}
