/**
 * Exact decimals: an integer count of 10^-scale.
 *
 * | operation | result |
 * | --- | --- |
 * | add, subtract | exact, at the finer of the two scales |
 * | multiply | exact, scales add |
 * | divideHalfEven, roundHalfEven | rounded to a named scale, ties to the even digit |
 * | compare | by value: 1.0 equals 1.00 |
 * | toApproximate | the one conversion to a float, for statistics and charts |
 */
export interface Decimal {
  readonly units: bigint;
  /** Digits after the point, 0 or more. */
  readonly scale: number;
}

/** Longer texts are refused: no price or balance needs them, and arithmetic on them would be slow. */
const maxLength = 80;
const powers: bigint[] = [1n];

export const zero: Decimal = { units: 0n, scale: 0 };

/** 10^exponent. */
export function pow10(exponent: number): bigint {
  for (let next = powers.length; next <= exponent; next++) powers.push(powers[next - 1]! * 10n);
  return powers[exponent]!;
}

/** The value of a plain decimal (`-12.50`; no exponent, no spaces), or undefined when the text is none. */
export function tryParseDecimal(text: string): Decimal | undefined {
  const length = text.length;
  if (length === 0 || length > maxLength) return undefined;
  let at = 0;
  const first = text.charCodeAt(0);
  const negative = first === 45;
  if (negative || first === 43) at = 1;
  const start = at;
  let point = -1;
  let small = 0;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (point >= 0) return undefined;
      point = at;
    } else {
      const digit = code - 48;
      if (digit < 0 || digit > 9) return undefined;
      small = small * 10 + digit;
    }
  }
  const digits = length - start - (point < 0 ? 0 : 1);
  if (digits === 0) return undefined;
  const scale = point < 0 ? 0 : length - point - 1;
  // Up to 15 digits a double is exact, and making a bigint from a number is several times faster than from text.
  const magnitude =
    digits <= 15 ? bigintOf(small) : BigInt(point < 0 ? text.slice(start) : text.slice(start, point) + text.slice(point + 1));
  return { units: negative ? -magnitude : magnitude, scale };
}

const words = new BigInt64Array(1);
const halves = new Int32Array(words.buffer);
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A whole number from 0 to 2^53 as bigint, through memory: a third of the time that `BigInt(value)` takes. */
function bigintOf(value: number): bigint {
  if (!isLittleEndian) return BigInt(value);
  halves[0] = value | 0;
  halves[1] = (value / 4_294_967_296) | 0;
  return words[0]!;
}

/** Units of a plain decimal that has been validated, at `scaleOf` it: what `parseDecimal` gives, without the object. */
export function parseUnits(text: string): bigint {
  const { length } = text;
  if (length > 16) return parseDecimal(text).units;
  const negative = text.charCodeAt(0) === 45;
  let small = 0;
  for (let at = negative ? 1 : 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit !== -2) small = small * 10 + digit;
  }
  if (small > 9_007_199_254_740_991) return parseDecimal(text).units;
  const magnitude = bigintOf(small);
  return negative ? -magnitude : magnitude;
}

/** Digits after the point of a plain decimal. */
export function scaleOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/** @throws RangeError when the text is not a plain decimal; use `tryParseDecimal` for text that nobody has validated. */
export function parseDecimal(text: string): Decimal {
  const value = tryParseDecimal(text);
  if (value === undefined) throw new RangeError(`not a plain decimal: "${text.slice(0, maxLength)}"`);
  return value;
}

/** Plain decimal without exponent, trailing zeros or `-0`. */
export function formatDecimal(value: Decimal): string {
  const { units, scale } = value;
  if (scale === 0) return units.toString();
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(scale + 1, '0');
  let end = digits.length;
  const point = digits.length - scale;
  while (end > point && digits.charCodeAt(end - 1) === 48) end--;
  const whole = digits.slice(0, point);
  const text = end === point ? whole : `${whole}.${digits.slice(point, end)}`;
  return negative && units !== 0n ? `-${text}` : text;
}

/** The same value in units of 10^-scale; `scale` must not be coarser than the value's own. */
export function unitsAt(value: Decimal, scale: number): bigint {
  return value.scale === scale ? value.units : value.units * pow10(scale - value.scale);
}

export function add(a: Decimal, b: Decimal): Decimal {
  if (a.scale === b.scale) return { units: a.units + b.units, scale: a.scale };
  const scale = Math.max(a.scale, b.scale);
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale };
}

export function negate(value: Decimal): Decimal {
  return { units: -value.units, scale: value.scale };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, negate(b));
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

export function absolute(value: Decimal): Decimal {
  return value.units < 0n ? negate(value) : value;
}

/** Negative, 0 or positive as a is less than, equal to or greater than b. */
export function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = unitsAt(a, scale);
  const right = unitsAt(b, scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Integer quotient rounded to nearest, ties to even. Throws RangeError on division by zero. */
export function divideUnitsHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const rest = numerator - quotient * denominator;
  if (rest === 0n) return quotient;
  const twice = rest < 0n ? -rest * 2n : rest * 2n;
  const size = denominator < 0n ? -denominator : denominator;
  if (twice < size || (twice === size && (quotient & 1n) === 0n)) return quotient;
  return numerator < 0n === denominator < 0n ? quotient + 1n : quotient - 1n;
}

/** a / b at `scale` digits. Throws RangeError when b is zero. */
export function divideHalfEven(a: Decimal, b: Decimal, scale: number): Decimal {
  const shift = scale + b.scale - a.scale;
  const numerator = shift >= 0 ? a.units * pow10(shift) : a.units;
  const denominator = shift >= 0 ? b.units : b.units * pow10(-shift);
  return { units: divideUnitsHalfEven(numerator, denominator), scale };
}

/** The value with at most `scale` digits after the point. */
export function roundHalfEven(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return value;
  return { units: divideUnitsHalfEven(value.units, pow10(value.scale - scale)), scale };
}

/** The nearest double. For statistics and charts only. */
export function toApproximate(value: Decimal): number {
  return Number(formatDecimal(value));
}
