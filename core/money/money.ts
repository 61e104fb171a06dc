import { add, type Decimal, formatDecimal, subtract } from './decimal.ts';

/** An amount of one currency. Unlike currencies never add: convert first, at a stated rate. */
export interface Money {
  readonly currency: string;
  readonly amount: Decimal;
}

/** @throws RangeError when the currencies differ. */
export function addMoney(a: Money, b: Money): Money {
  requireSameCurrency(a, b);
  return { currency: a.currency, amount: add(a.amount, b.amount) };
}

/** @throws RangeError when the currencies differ. */
export function subtractMoney(a: Money, b: Money): Money {
  requireSameCurrency(a, b);
  return { currency: a.currency, amount: subtract(a.amount, b.amount) };
}

/** `12.5 USD`. */
export function formatMoney(money: Money): string {
  return `${formatDecimal(money.amount)} ${money.currency}`;
}

function requireSameCurrency(a: Money, b: Money): void {
  if (a.currency !== b.currency) throw new RangeError(`cannot combine ${a.currency} with ${b.currency}`);
}
