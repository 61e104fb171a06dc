/** What trading cost against the market at the time of the decision or arrival. Exact decimals in, ratios out. */
import { add, type Decimal, multiply, negate, subtract, toApproximate, zero } from '../money/decimal.ts';

export interface PricedQuantity {
  readonly quantity: Decimal;
  readonly price: Decimal;
}

export type TradeSide = 'buy' | 'sell';

/** Σ quantity × price. */
export function notionalOf(fills: readonly PricedQuantity[]): Decimal {
  return fills.reduce((sum, { quantity, price }) => add(sum, multiply(quantity, price)), zero);
}

export function quantityOf(fills: readonly PricedQuantity[]): Decimal {
  return fills.reduce((sum, fill) => add(sum, fill.quantity), zero);
}

/**
 * side·(average fill price − arrival mid)/arrival mid in basis points: positive is a cost, price improvement is negative.
 * Undefined without fills or at an arrival mid of zero.
 */
export function slippageBps(side: TradeSide, arrivalMid: Decimal, fills: readonly PricedQuantity[]): number | undefined {
  const paper = multiply(quantityOf(fills), arrivalMid);
  if (paper.units === 0n) return undefined;
  const cost = signed(side, subtract(notionalOf(fills), paper));
  return (toApproximate(cost) / Math.abs(toApproximate(paper))) * 10_000;
}

export interface Shortfall {
  readonly executionCost: Decimal;
  readonly opportunityCost: Decimal;
  readonly fees: Decimal;
  readonly total: Decimal;
  /** Of the paper notional; absent when that is zero. */
  readonly bps?: number;
}

export interface ShortfallInput {
  readonly side: TradeSide;
  readonly orderQuantity: Decimal;
  readonly decisionPrice: Decimal;
  /** Price at which the unfilled part is given up. */
  readonly endPrice: Decimal;
  readonly fills: readonly PricedQuantity[];
  readonly fees: Decimal;
}

/** Implementation shortfall (Perold 1988): the executed part at fill − decision, the rest at end − decision, plus fees. */
export function implementationShortfall(input: ShortfallInput): Shortfall {
  const { side, orderQuantity, decisionPrice, endPrice, fills, fees } = input;
  const filled = quantityOf(fills);
  const executionCost = signed(side, subtract(notionalOf(fills), multiply(filled, decisionPrice)));
  const opportunityCost = signed(side, multiply(subtract(orderQuantity, filled), subtract(endPrice, decisionPrice)));
  const total = add(add(executionCost, opportunityCost), fees);
  const paper = Math.abs(toApproximate(multiply(orderQuantity, decisionPrice)));
  return { executionCost, opportunityCost, fees, total, ...(paper > 0 && { bps: (toApproximate(total) / paper) * 10_000 }) };
}

export interface MessageCounts {
  readonly added: number;
  readonly modified: number;
  readonly deleted: number;
  readonly transactions: number;
  readonly orderVolume: number;
  readonly tradedVolume: number;
}

/**
 * Order-to-trade ratios of Commission Delegated Regulation (EU) 2017/566, article 3, for limit orders: an addition and a deletion
 * weigh one, a modification two. Absent without a transaction or volume.
 */
export function orderToTradeRatio(counts: MessageCounts): { byNumber?: number; byVolume?: number } {
  const orders = counts.added + counts.deleted + 2 * counts.modified;
  return {
    ...(counts.transactions > 0 && { byNumber: orders / counts.transactions - 1 }),
    ...(counts.tradedVolume > 0 && { byVolume: counts.orderVolume / counts.tradedVolume - 1 }),
  };
}

/** Share of the traded notional that rested in the book; undefined without notional. */
export function makerShare(makerNotional: Decimal, totalNotional: Decimal): number | undefined {
  return totalNotional.units > 0n ? toApproximate(makerNotional) / toApproximate(totalNotional) : undefined;
}

function signed(side: TradeSide, value: Decimal): Decimal {
  return side === 'buy' ? value : negate(value);
}
