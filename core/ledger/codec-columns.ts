/**
 * Stored form of a segment's entries: what nearly all fills have stands in columns, one value after the other, so that equal things compress
 * well; an entry that is out of the ordinary stands in full beside them, under its place.
 */
import { formatDecimal, parseDecimal, parseUnits, scaleOf } from '../money/decimal.ts';
import { type EntryBase, type EntryText, readEntry, writeEntry } from './codec-entries.ts';
import { feeFields, priceOfFill, quantityOfFill } from './fill.ts';
import type { Entry, FillEntry, Scope } from './state.ts';

/** `n` entries, of which those under `odd` stand in no column. */
export interface ColumnsText {
  readonly n: number;
  /** Nanoseconds that the times count. */
  readonly unit: number;
  /** Time since the entry before, a column entry as all others here. */
  readonly time: readonly number[];
  readonly scope: readonly number[];
  /** What `seq` and `arrival` are more than the one before plus one; absent when it is always nothing. */
  readonly seq?: readonly number[];
  readonly arrival?: readonly number[];
  /** Execution keys: in full, or by how much the number at the end of the one before has grown. */
  readonly key: readonly (string | number)[];
  /** A text for each scope, in which its values stand with a blank between. */
  readonly quantity: readonly string[];
  readonly price: readonly string[];
  /** Amounts of the only fee, in `feeCurrency`. */
  readonly fee?: readonly string[];
  readonly feeCurrency?: string;
  readonly currency?: string;
  readonly odd?: readonly (readonly [index: number, entry: EntryText])[];
}

/** What the columns have in common, and the base of their first differences. */
interface Common {
  readonly hasFee: boolean;
  readonly feeCurrency: string | undefined;
  readonly currency: string | undefined;
  readonly hasSeq: boolean;
}

type ScopeIndex = (scope: Scope) => number;

export function writeColumns(entries: readonly Entry[], base: EntryBase, scopeIndex: ScopeIndex): ColumnsText {
  const first = entries.find(entry => entry.kind === 'fill');
  const common = commonOf(first);
  const isPlain = (entry: Entry): entry is FillEntry => entry.kind === 'fill' && fits(entry, common);
  const plain = entries.filter(isPlain);
  const times = differences(plain.map(({ at }) => at - base.at));
  const unit = commonUnit(times);
  const seq = common.hasSeq ? steps(plain.map(entry => entry.seq)) : [];
  const arrival = steps(plain.map(entry => entry.arrival - base.arrival));
  const scopes = plain.map(({ scope }) => scopeIndex(scope));
  const byScope = (value: (entry: FillEntry) => string): string[] => {
    const texts: string[] = Array.from({ length: Math.max(-1, ...scopes) + 1 }, () => '');
    plain.forEach((entry, at) => {
      const known = texts[scopes[at]!]!;
      texts[scopes[at]!] = known === '' ? value(entry) : `${known} ${value(entry)}`;
    });
    return texts;
  };
  const odd = entries.flatMap((entry, at) => (isPlain(entry) ? [] : [[at, writeEntry(entry, base, scopeIndex)] as const]));
  return {
    n: entries.length,
    unit: Number(unit),
    time: times.map(time => Number(time / unit)),
    scope: scopes,
    ...(common.hasSeq ? { seq } : {}),
    ...(arrival.some(step => step !== 0) ? { arrival } : {}),
    key: keySteps(plain.map(({ execKey }) => execKey)),
    quantity: byScope(({ fill }) => formatDecimal(quantityOfFill(fill))),
    price: byScope(({ fill }) => formatDecimal(priceOfFill(fill))),
    ...(common.hasFee ? { fee: byScope(({ fill }) => formatDecimal(fill.fee!)), feeCurrency: common.feeCurrency! } : {}),
    ...(common.currency === undefined ? {} : { currency: common.currency }),
    ...(odd.length === 0 ? {} : { odd }),
  };
}

export function readColumns(text: ColumnsText, base: EntryBase, scopes: readonly Scope[]): Entry[] {
  const odd = new Map(text.odd);
  const cut = (column: readonly string[]) => column.map(each => each.split(' '));
  const [quantities, prices, fees] = [cut(text.quantity), cut(text.price), text.fee === undefined ? undefined : cut(text.fee)];
  const next = scopes.map(() => 0);
  const unit = BigInt(text.unit);
  let [at, seq, arrival, key] = [base.at, -1, base.arrival - 1, ''];
  let column = 0;
  return Array.from({ length: text.n }, (_, index): Entry => {
    const other = odd.get(index);
    if (other !== undefined) return readEntry(other, base, scopes);
    const row = column++;
    at += BigInt(text.time[row]!) * unit;
    arrival += 1 + (text.arrival?.[row] ?? 0);
    if (text.seq !== undefined) seq += 1 + text.seq[row]!;
    key = readKey(key, text.key[row]!);
    const scope = text.scope[row]!;
    const nth = next[scope]!++;
    const [quantity, price] = [quantities[scope]![nth]!, prices[scope]![nth]!];
    const fee = fees === undefined ? [] : [{ currency: text.feeCurrency!, ...parseDecimal(fees[scope]![nth]!) }];
    const fill = {
      quantity: parseUnits(quantity),
      quantityScale: scaleOf(quantity),
      price: parseUnits(price),
      priceScale: scaleOf(price),
      ...feeFields(fee),
      currency: text.currency,
    };
    const seqOf = text.seq === undefined ? Number.POSITIVE_INFINITY : seq;
    return { kind: 'fill', at, seq: seqOf, arrival, scope: scopes[scope]!, execKey: key, fill };
  });
}

function commonOf(first: FillEntry | undefined): Common {
  return {
    hasFee: first?.fill.fee !== undefined,
    feeCurrency: first?.fill.fee?.currency,
    currency: first?.fill.currency,
    hasSeq: first !== undefined && first.seq !== Number.POSITIVE_INFINITY,
  };
}

function fits({ fill, original, seq }: FillEntry, common: Common): boolean {
  if (original !== undefined || fill.moreFees.length > 0 || fill.currency !== common.currency) return false;
  if ((seq !== Number.POSITIVE_INFINITY) !== common.hasSeq) return false;
  return fill.fee?.currency === common.feeCurrency && (fill.fee !== undefined) === common.hasFee;
}

const differences = (values: readonly bigint[]): bigint[] => values.map((value, at) => value - (at === 0 ? 0n : values[at - 1]!));

/** The largest of a second, milli-, micro- and nanosecond that all are whole multiples of; at most a day fits a double of any of them. */
function commonUnit(values: readonly bigint[]): bigint {
  return [1_000_000_000n, 1_000_000n, 1_000n].find(unit => values.every(value => value % unit === 0n)) ?? 1n;
}

/** By how much each number is more than the one before plus one; before the first is −1. */
function steps(values: readonly number[]): number[] {
  return values.map((value, at) => value - (at === 0 ? -1 : values[at - 1]!) - 1);
}

function keySteps(keys: readonly string[]): (string | number)[] {
  return keys.map((key, at) => {
    const before = at === 0 ? '' : keys[at - 1]!;
    const step = Number(endNumber(key)) - Number(endNumber(before));
    return step !== 0 && Number.isSafeInteger(step) && readKey(before, step) === key ? step : key;
  });
}

/** At most fifteen digits at the end of the key: a double counts them exactly. */
const endNumber = (key: string): string => /\d{1,15}$/.exec(key)?.[0] ?? '';

function readKey(before: string, step: string | number): string {
  if (typeof step === 'string') return step;
  const digits = endNumber(before);
  return `${before.slice(0, before.length - digits.length)}${String(Number(digits) + step).padStart(digits.length, '0')}`;
}
