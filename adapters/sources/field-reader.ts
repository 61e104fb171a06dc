/** Reads the fields of a record of another program. Absent, null and unreadable values are undefined; nothing throws. */
import { isoFromMs } from '../../core/time/instant.ts';
import { isNumberText } from './exact-json.ts';
import { plainDecimal } from './plain-decimal.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumberText(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text of a text or number; undefined when empty. */
export function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : isNumberText(value) ? value['#'] : typeof value === 'number' ? String(value) : undefined;
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

/** A plain decimal, from a number as written, a double (its shortest text), or text. */
export function decimalOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : plainDecimal(text);
}

/** True, false, or undefined; `1`, `0`, `"true"` and `"False"` count. */
export function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = textOf(value)?.toLowerCase();
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined;
}

const exponents = { s: 9, ms: 6, us: 3, ns: 0 } as const;
export type EpochUnit = keyof typeof exponents;

/** ISO 8601 of a count since 1970 in the unit, with fractions; all digits down to the nanosecond count. */
export function isoOfEpoch(value: unknown, unit: EpochUnit): string | undefined {
  const literal = decimalOf(value);
  if (literal === undefined || literal.startsWith('-')) return undefined;
  const [whole = '0', fraction = ''] = literal.split('.');
  const places = exponents[unit];
  const nanoseconds = BigInt(whole + fraction.slice(0, places).padEnd(places, '0'));
  return isoOfNanoseconds(nanoseconds);
}

/** The finest needed of milliseconds and nanoseconds. Undefined beyond the year 9999. */
function isoOfNanoseconds(nanoseconds: bigint): string | undefined {
  const milliseconds = Number(nanoseconds / 1_000_000n);
  if (milliseconds >= 253_402_300_800_000) return undefined;
  const text = isoFromMs(milliseconds);
  const rest = nanoseconds % 1_000_000n;
  return rest === 0n ? text : `${text.slice(0, -1)}${rest.toString().padStart(6, '0')}Z`;
}

const dateTime =
  /^(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?:[T -](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * ISO 8601 in UTC of a date and time as other programs write them: `2026-03-09 13:30:00+00:00`, `20260309-13:30:00.123`,
 * `2026-03-09T14:30:00.5+01:00`. Without a zone it is taken as UTC; a date alone is its midnight.
 */
export function isoOfText(value: unknown): string | undefined {
  const match = dateTime.exec(textOf(value) ?? '');
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  // A leap second is the first second of the next minute, as POSIX counts.
  const isLeap = second === '60';
  const base = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${isLeap ? '59' : second}Z`);
  if (Number.isNaN(base) || isoFromMs(base).slice(0, 10) !== `${year}-${month}-${day}`) return undefined;
  const ms = base + (isLeap ? 1000 : 0) - offsetMs(zone);
  if (ms < 0) return undefined;
  return isoOfNanoseconds(BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}

function offsetMs(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (match === null) return 0;
  const [, sign, hours, minutes = '0'] = match;
  return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
}

/** Currencies of a unified symbol: `BTC/USDT`, `BTC/USDT:USDT` (settled in), `BTC/USD:BTC-261225`; `BTC-USDT` too. */
export interface SymbolParts {
  readonly base: string;
  readonly quote: string;
  /** What profit is paid in; the quote currency unless the symbol says otherwise. */
  readonly settle: string;
  /** A derivative, as the symbol says. */
  readonly isContract: boolean;
}

export function symbolParts(symbol: string): SymbolParts | undefined {
  const match = /^([^/:-]+)[/-]([^/:-]+)(?::([^-:]+)(?:-.+)?)?$/.exec(symbol);
  if (match === null) return undefined;
  const [, base = '', quote = '', settle] = match;
  return { base, quote, settle: settle ?? quote, isContract: settle !== undefined };
}
