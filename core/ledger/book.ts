/**
 * One position: what executions do to quantity, cost and realized profit. Everything is exact; the only rounding is the
 * division of average cost (and of inverse values), half-even at 1e-16, and its remainder stays in the cost basis,
 * so that realized profit is exact again whenever the position is flat.
 *
 * The value of a quantity q at price p is q·p·multiplier, or −q·multiplier/p for an inverse contract (in base currency).
 * Cost is the value at entry; profit is value at exit minus cost. Signs take care of shorts and of negative prices.
 */
import { type Decimal, divideUnitsHalfEven, pow10 } from '../money/decimal.ts';

export type CostMethod = 'average' | 'fifo' | 'lifo';

export interface Contract {
  readonly multiplier: Decimal;
  readonly inverse: boolean;
}

export const plainContract: Contract = { multiplier: { units: 1n, scale: 0 }, inverse: false };

/** Signed quantity and its signed cost, in the scales of the position. */
export interface Lot {
  readonly quantity: bigint;
  readonly cost: bigint;
}

export interface Position {
  quantityScale: number;
  priceScale: number;
  /** Scale of cost and realized: at least `costDigits`. */
  moneyScale: number;
  /** Signed: negative is short. */
  quantity: bigint;
  cost: bigint;
  realized: bigint;
  lastPrice: bigint;
  lastPriceScale: number;
  /** Open lots, oldest first; always empty with average cost. Replaced, never changed in place. */
  lots: readonly Lot[];
}

/** Digits that cost is rounded to when it is divided. */
export const costDigits = 16;

export function flatPosition(): Position {
  return {
    quantityScale: 0,
    priceScale: 0,
    moneyScale: costDigits,
    quantity: 0n,
    cost: 0n,
    realized: 0n,
    lastPrice: 0n,
    lastPriceScale: 0,
    lots: [],
  };
}

/** Makes room for a finer quantity, price or multiplier; values stay the same. */
export function refine(position: Position, quantityScale: number, priceScale: number, multiplierScale: number): void {
  if (quantityScale > position.quantityScale) {
    const factor = pow10(quantityScale - position.quantityScale);
    position.quantity *= factor;
    position.lots = position.lots.map(lot => ({ quantity: lot.quantity * factor, cost: lot.cost }));
    position.quantityScale = quantityScale;
  }
  if (priceScale > position.priceScale) position.priceScale = priceScale;
  const moneyScale = position.quantityScale + position.priceScale + multiplierScale;
  if (moneyScale > position.moneyScale) {
    const factor = pow10(moneyScale - position.moneyScale);
    position.cost *= factor;
    position.realized *= factor;
    position.lots = position.lots.map(lot => ({ quantity: lot.quantity, cost: lot.cost * factor }));
    position.moneyScale = moneyScale;
  }
}

/** Value of a signed quantity at a price, in units of the position's money scale. Zero for an inverse contract at price zero. */
export function worthOf(position: Position, contract: Contract, quantity: bigint, price: bigint, priceScale = position.priceScale): bigint {
  const { units, scale } = contract.multiplier;
  if (!contract.inverse) {
    const shift = position.moneyScale - position.quantityScale - priceScale - scale;
    const product = units === 1n ? quantity * price : quantity * price * units;
    return shift >= 0 ? product * pow10(shift) : divideUnitsHalfEven(product, pow10(-shift));
  }
  if (price === 0n) return 0n;
  return -divideUnitsHalfEven(quantity * units * pow10(position.moneyScale + priceScale - position.quantityScale - scale), price);
}

/**
 * Applies a signed quantity at a price, both in the position's scales (`refine` first). Returns the absolute quantity
 * that closed an existing position: 0 when opening or adding, less than the whole when the position flips. `value` is what is traded is worth.
 */
export function applyTrade(
  position: Position,
  contract: Contract,
  method: CostMethod,
  quantity: bigint,
  price: bigint,
  value = worthOf(position, contract, quantity, price),
): bigint {
  position.lastPrice = price;
  position.lastPriceScale = position.priceScale;
  const held = position.quantity;
  if (held === 0n || held < 0n === quantity < 0n) {
    open(position, method, quantity, value);
    return 0n;
  }
  const heldSize = held < 0n ? -held : held;
  const size = quantity < 0n ? -quantity : quantity;
  const closes = size <= heldSize ? size : heldSize;
  const closed = held < 0n ? -closes : closes;
  const whole = size === closes;
  // The closed part leaves at −(its share of the trade's value): a sale of what was bought.
  const exit = whole ? -value : worthOf(position, contract, closed, price);
  const removed = method === 'average' ? averageCostOf(position, closed) : takeLots(position, method, closed);
  position.realized += exit - removed;
  position.cost -= removed;
  position.quantity = held - closed;
  if (!whole) open(position, method, quantity + closed, value + exit);
  return closes;
}

function open(position: Position, method: CostMethod, quantity: bigint, value: bigint): void {
  position.quantity += quantity;
  position.cost += value;
  if (method !== 'average') position.lots = [...position.lots, { quantity, cost: value }];
}

function averageCostOf(position: Position, closed: bigint): bigint {
  return closed === position.quantity ? position.cost : shareOfCost(position.moneyScale, position.cost, closed, position.quantity);
}

function shareOfCost(moneyScale: number, cost: bigint, part: bigint, whole: bigint): bigint {
  if (moneyScale === costDigits) return divideUnitsHalfEven(cost * part, whole);
  const finer = pow10(moneyScale - costDigits);
  return divideUnitsHalfEven(cost * part, whole * finer) * finer;
}

/** Takes the closed quantity from the oldest (fifo) or newest (lifo) lots and returns its cost. */
function takeLots(position: Position, method: CostMethod, closed: bigint): bigint {
  const lots = [...position.lots];
  let left = closed;
  let cost = 0n;
  while (left !== 0n) {
    const lot = method === 'fifo' ? lots.shift() : lots.pop();
    if (lot === undefined) break;
    const takesAll = left < 0n ? lot.quantity >= left : lot.quantity <= left;
    const taken = takesAll ? lot.quantity : left;
    const takenCost = takesAll ? lot.cost : shareOfCost(position.moneyScale, lot.cost, taken, lot.quantity);
    cost += takenCost;
    left -= taken;
    if (!takesAll) {
      const rest = { quantity: lot.quantity - taken, cost: lot.cost - takenCost };
      if (method === 'fifo') lots.unshift(rest);
      else lots.push(rest);
    }
  }
  position.lots = lots;
  return cost;
}

/** Average entry price rounded half-even at 1e-16 (harmonic for inverse contracts), or undefined when flat. */
export function averagePrice(position: Position, contract: Contract): Decimal | undefined {
  const { quantity, cost, quantityScale, moneyScale } = position;
  if (quantity === 0n || contract.multiplier.units === 0n) return undefined;
  const { units, scale } = contract.multiplier;
  if (contract.inverse) {
    if (cost === 0n) return undefined;
    const shift = moneyScale + costDigits - quantityScale - scale;
    return { units: divideUnitsHalfEven(-quantity * units * pow10(shift), cost), scale: costDigits };
  }
  const shift = quantityScale + scale + costDigits - moneyScale;
  const denominator = quantity * units;
  return {
    units: shift >= 0 ? divideUnitsHalfEven(cost * pow10(shift), denominator) : divideUnitsHalfEven(cost, denominator * pow10(-shift)),
    scale: costDigits,
  };
}

/** Profit of the open quantity at a mark, in the contract's currency. */
export function unrealizedAt(position: Position, contract: Contract, mark: Decimal): Decimal {
  if (position.quantity === 0n) return { units: 0n, scale: 0 };
  const scale = Math.max(position.moneyScale, position.quantityScale + mark.scale + contract.multiplier.scale);
  const wide = scale === position.moneyScale ? position : { ...position, moneyScale: scale };
  const cost = position.cost * pow10(scale - position.moneyScale);
  return { units: worthOf(wide, contract, position.quantity, mark.units, mark.scale) - cost, scale };
}
