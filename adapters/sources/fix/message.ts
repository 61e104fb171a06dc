/** FIX messages in the lines of a log. */
import { isoOfText } from '../field-reader.ts';
import { plainDecimal } from '../plain-decimal.ts';

export interface FixMessage {
  /** Tag and value in the order of the message, so that repeating groups keep theirs. */
  readonly fields: readonly (readonly [tag: number, value: string])[];
  readonly get: (tag: number) => string | undefined;
  /** False where tag 10 disagrees with the bytes, as in a log that was edited. */
  readonly checksumHolds: boolean;
}

export type FoundMessage =
  | { readonly kind: 'message'; readonly message: FixMessage }
  | { readonly kind: 'broken'; readonly message: string };

const soh = '\u0001';
const begin = /8=FIXT?\.\d\.\d/g;

/**
 * The messages of one line. What comes before `8=FIX` (a time, a direction) is skipped; fields are parted by SOH, `|`, `^A` or `;`,
 * whichever follows the first field. A line can hold several messages, as the body files of QuickFIX do.
 */
export function messagesIn(line: string): readonly FoundMessage[] {
  const starts = [...line.matchAll(begin)].map(match => match.index).filter(at => at === 0 || !/[\d=]/.test(line[at - 1] ?? ''));
  return starts.map((start, index) => readMessage(line.slice(start, starts[index + 1] ?? line.length)));
}

function separatorOf(text: string): string | undefined {
  const rest = text.slice('8=FIX.4.4'.length);
  return [soh, '|', '^A', ';', '<SOH>'].find(each => rest.startsWith(each) || rest.slice(1).startsWith(each));
}

function readMessage(text: string): FoundMessage {
  const separator = separatorOf(text);
  if (separator === undefined) return { kind: 'broken', message: 'has no separator after BeginString (8)' };
  const fields: (readonly [number, string])[] = [];
  const values = new Map<number, string>();
  for (const part of text.split(separator)) {
    const equals = part.indexOf('=');
    const tag = Number(part.slice(0, equals));
    if (equals <= 0 || !Number.isInteger(tag)) continue;
    const value = part.slice(equals + 1);
    fields.push([tag, value]);
    if (!values.has(tag)) values.set(tag, value);
    if (tag === 10) break;
  }
  const stated = values.get(10)?.trim();
  if (stated === undefined) return { kind: 'broken', message: 'ends before its CheckSum (10)' };
  if (values.get(35) === undefined) return { kind: 'broken', message: 'has no MsgType (35)' };
  const summed = fields.slice(0, -1).map(([tag, value]) => `${tag}=${value}${soh}`);
  const message: FixMessage = {
    fields,
    get: tag => {
      const value = values.get(tag);
      return value === undefined || value === '' ? undefined : value;
    },
    checksumHolds: checksum(summed.join('')) === Number(stated),
  };
  return { kind: 'message', message };
}

/** Sum of the bytes modulo 256 (FIX session layer, "CheckSum"). */
function checksum(text: string): number {
  let sum = 0;
  for (const byte of new TextEncoder().encode(text)) sum += byte;
  return sum % 256;
}

export const decimalIn = (message: FixMessage, tag: number): string | undefined => {
  const text = message.get(tag);
  return text === undefined ? undefined : plainDecimal(text);
};

/** A UTCTimestamp, to the nanosecond where it has that. */
export const timeIn = (message: FixMessage, tag: number): string | undefined => isoOfText(message.get(tag));

/** The entries of a repeating group: `first` begins each entry, `members` belong to it. */
export function groupIn(message: FixMessage, first: number, members: readonly number[]): readonly ReadonlyMap<number, string>[] {
  const entries: Map<number, string>[] = [];
  for (const [tag, value] of message.fields) {
    if (tag === first) entries.push(new Map([[tag, value]]));
    else if (members.includes(tag)) entries.at(-1)?.set(tag, value);
  }
  return entries;
}
