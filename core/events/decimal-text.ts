/** Decimals as they stand in events: plain digits, a point, a sign. Nothing is computed here. */

/** Longest decimal that is read, in characters. */
export const maxDecimalLength = 64;

/** Digits that survive the way through a double. IEEE 754 binary64 keeps any 15 significant decimal digits. */
export const maxNumberDigits = 15;

/** True for `-?digits[.digits]` of at most 64 characters. No exponent, no plus, no bare point, no spaces. */
export function isPlainDecimal(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > maxDecimalLength) return false;
  const first = text.charCodeAt(0) === 45 ? 1 : 0;
  const point = endOfDigits(text, first);
  if (point === first) return false;
  if (point === length) return true;
  return text.charCodeAt(point) === 46 && point + 1 < length && endOfDigits(text, point + 1) === length;
}

/** Index of the first character from `from` on that is no digit. */
function endOfDigits(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) break;
    at++;
  }
  return at;
}

/** True for a plain decimal below zero; `-0.00` is not. */
export function isNegative(decimal: string): boolean {
  return decimal.charCodeAt(0) === 45 && /[1-9]/.test(decimal);
}

interface Scientific {
  readonly negative: boolean;
  /** Significant digits without leading or trailing zeros; empty for zero. */
  readonly digits: string;
  /** The value is 0.DIGITS × 10^exponent. */
  readonly exponent: number;
}

function readScientific(literal: string): Scientific | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  const all = whole + fraction;
  const leading = all.length - all.replace(/^0+/, '').length;
  const digits = all.slice(leading).replace(/0+$/, '');
  return { negative: sign === '-', digits, exponent: whole.length - leading + Number(power) };
}

/**
 * The literal of a JSON number as a plain decimal without trailing zeros or `-0`, for example `1.50e-3` → `0.0015`.
 * Undefined when it has more than 15 significant digits (leading and trailing zeros do not count) or is too long when written out.
 */
export function decimalFromLiteral(literal: string): string | undefined {
  const number = readScientific(literal);
  if (number === undefined || number.digits.length > maxNumberDigits) return undefined;
  if (number.digits === '') return '0';
  const { digits, exponent } = number;
  if (exponent > maxDecimalLength || exponent < -maxDecimalLength) return undefined;
  const plain =
    exponent <= 0
      ? `0.${'0'.repeat(-exponent)}${digits}`
      : exponent >= digits.length
        ? digits + '0'.repeat(exponent - digits.length)
        : `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
  const signed = number.negative ? `-${plain}` : plain;
  return signed.length > maxDecimalLength ? undefined : signed;
}

/**
 * The text of a JSON number as it stood in the line, because JSON.parse has already rounded it to a double. Looks for
 * the key and takes the last literal with that value; falls back to the shortest text of the double when there is none.
 */
export function numberLiteral(line: string, key: string, value: number): string {
  const pattern = new RegExp(`"${key}"\\s*:\\s*(-?\\d[0-9.eE+-]*)`, 'g');
  let found: string | undefined;
  for (const [, literal] of line.matchAll(pattern)) if (Number(literal) === value) found = literal;
  return found ?? String(value);
}
