/** DynamoDB attribute values in their wire form, with the comparisons and the exact arithmetic that expressions need. */
import { validation } from '../../endpoint/errors.ts';

/** `{ S: 'text' }`, `{ N: '12.5' }`, `{ M: {…} }`, … */
export type AttributeValue = Readonly<Record<string, unknown>>;
export type Item = Record<string, AttributeValue>;

export function typeOf(value: AttributeValue): string {
  for (const name in value) return name;
  throw validation('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
}

interface Exact {
  readonly digits: bigint;
  readonly scale: number;
}

function exact(number: string): Exact {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(number);
  if (match === null || (match[2] === '' && (match[3] ?? '') === '')) {
    throw validation(`The parameter cannot be converted to a numeric value: ${number}`);
  }
  const fraction = match[3] ?? '';
  const digits = BigInt(`${match[2]}${fraction}` || '0') * (match[1] === '-' ? -1n : 1n);
  const scale = fraction.length - Number(match[4] ?? 0);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function plain({ digits, scale }: Exact): string {
  const sign = digits < 0n ? '-' : '';
  const padded = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = padded.slice(0, padded.length - scale);
  const fraction = scale === 0 ? '' : padded.slice(-scale).replace(/0+$/, '');
  const body = fraction === '' ? whole : `${whole}.${fraction}`;
  return body === '0' ? '0' : sign + body;
}

/** Exact sum of two number texts; `sign` −1 subtracts. */
export function addNumbers(a: string, b: string, sign: 1 | -1 = 1): string {
  const left = exact(a);
  const right = exact(b);
  const scale = Math.max(left.scale, right.scale);
  const lift = (value: Exact) => value.digits * 10n ** BigInt(scale - value.scale);
  return plain({ digits: lift(left) + BigInt(sign) * lift(right), scale });
}

function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length < 15 && b.length < 15) return Number(a) - Number(b);
  const left = exact(a);
  const right = exact(b);
  const scale = Math.max(left.scale, right.scale);
  const difference = left.digits * 10n ** BigInt(scale - left.scale) - right.digits * 10n ** BigInt(scale - right.scale);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** Negative, zero or positive; undefined when the types differ or have no order. */
export function compare(a: AttributeValue, b: AttributeValue): number | undefined {
  const type = typeOf(a);
  if (type !== typeOf(b)) return undefined;
  const left = a[type];
  const right = b[type];
  if (type === 'N') return compareNumbers(left as string, right as string);
  if (type === 'S') return left === right ? 0 : (left as string) < (right as string) ? -1 : 1;
  if (type === 'B') return Buffer.compare(Buffer.from(left as string, 'base64'), Buffer.from(right as string, 'base64'));
  return undefined;
}

export function isEqual(a: AttributeValue, b: AttributeValue): boolean {
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  const left = a[type];
  const right = b[type];
  switch (type) {
    case 'N':
      return compareNumbers(left as string, right as string) === 0;
    case 'L':
      return isEqualList(left as AttributeValue[], right as AttributeValue[]);
    case 'M':
      return isEqualMap(left as Item, right as Item);
    case 'SS':
    case 'NS':
    case 'BS':
      return isEqualSet(left as string[], right as string[]);
    default:
      return left === right;
  }
}

function isEqualList(a: readonly AttributeValue[], b: readonly AttributeValue[]): boolean {
  return a.length === b.length && a.every((value, index) => isEqual(value, b[index]!));
}

function isEqualMap(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every(name => b[name] !== undefined && isEqual(a[name]!, b[name]));
}

function isEqualSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every(member => b.includes(member));
}

/** Bytes of the item as DynamoDB counts them, closely enough for the 400 KB limit. */
export function sizeOf(item: Item): number {
  return Buffer.byteLength(JSON.stringify(item));
}

/** What `size(path)` gives: characters, bytes or members. */
export function lengthOf(value: AttributeValue): number | undefined {
  const type = typeOf(value);
  const content = value[type];
  if (type === 'S') return Buffer.byteLength(content as string);
  if (type === 'B') return Buffer.from(content as string, 'base64').length;
  if (type === 'M') return Object.keys(content as Item).length;
  return Array.isArray(content) ? content.length : undefined;
}
