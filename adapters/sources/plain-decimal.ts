/** Numbers of other programs as the plain decimals that events carry. */
import { maxDecimalLength } from '../../core/events/decimal-text.ts';
import {
  type Decimal,
  divideHalfEven,
  formatDecimal,
  multiply,
  parseDecimal,
  roundHalfEven,
  subtract,
  zero,
} from '../../core/money/decimal.ts';

/** Digits after the point that quotients and estimated fees are rounded to, half-even: those of the ledger's average cost. */
export const derivedDigits = 16;

/**
 * The literal as a plain decimal, digit for digit: `1.50e-3` → `0.0015`, `+2` → `2`, `.5` → `0.5`. Trailing zeros go.
 * Undefined when the text is no finite number or is longer than events allow when written out.
 */
export function plainDecimal(literal: string): string | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(literal.trim());
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const exponent = Number(power);
  if (Math.abs(exponent) > 2 * maxDecimalLength) return /[1-9]/.test(whole + fraction) ? undefined : '0';
  const places = fraction.length - exponent;
  const digits = whole + fraction;
  const units = BigInt(places < 0 ? digits + '0'.repeat(-places) : digits);
  const text = formatDecimal({ units: sign === '-' ? -units : units, scale: Math.max(places, 0) });
  return text.length > maxDecimalLength ? undefined : text;
}

/** Text of a computed value, rounded half-even at 1e-16 where it has more digits. */
export function derivedText(value: Decimal): string {
  return formatDecimal(roundHalfEven(value, derivedDigits));
}

/** a × b, exact. */
export function product(a: string, b: string): Decimal {
  return multiply(parseDecimal(a), parseDecimal(b));
}

/** What an order has filled so far, as last seen. */
export interface FilledSoFar {
  readonly quantity: string;
  /** Sum of quantity × price over the fills that were told. */
  readonly notional: string;
}

export interface NextFill {
  readonly quantity: string;
  readonly price: string;
  readonly now: FilledSoFar;
}

/**
 * The fill between two looks at an order that states its cumulative quantity and average price: Δq, and
 * (cum × average − what was told) / Δq, half-even at 1e-16. Undefined when nothing was filled; a lower quantity is ignored.
 */
export function fillBetween(before: FilledSoFar | undefined, cumulative: string, average: string): NextFill | undefined {
  const told = before === undefined ? zero : parseDecimal(before.quantity);
  const toldNotional = before === undefined ? zero : parseDecimal(before.notional);
  const quantity = subtract(parseDecimal(cumulative), told);
  if (quantity.units <= 0n) return undefined;
  const spent = subtract(product(cumulative, average), toldNotional);
  const price = before === undefined ? average : formatDecimal(divideHalfEven(spent, quantity, derivedDigits));
  const quantityText = formatDecimal(quantity);
  const notional = subtract(toldNotional, multiply({ units: -quantity.units, scale: quantity.scale }, parseDecimal(price)));
  return { quantity: quantityText, price, now: { quantity: formatDecimal(parseDecimal(cumulative)), notional: derivedText(notional) } };
}
