/**
 * Stored form of journal entries: flat arrays, times and arrivals as differences to those of the segment's first entry, decimals as text.
 * `["f", 12000000, 7, 1, 0, "e17", "-0.5", "101.25", "USD", "0.1"]` is the second-arrived sale of half a unit, 12 ms in.
 */
import { formatDecimal, parseDecimal, parseUnits, scaleOf } from '../money/decimal.ts';
import { feeFields, feesOf, priceOfFill, quantityOfFill } from './fill.ts';
import type { CashEntry, Entry, Fill, Scope } from './state.ts';

/** What the numbers of entries are relative to. */
export interface EntryBase {
  readonly at: bigint;
  readonly arrival: number;
}

/** A difference that a double holds exactly is a number. */
export type TimeText = number | string;
type Place = readonly [after: TimeText, seq: number | null, arrival: number];
/** Quantity, price, settlement currency or null, then currency and amount of each fee. */
type FillText = readonly [quantity: string, price: string, currency: string | null, ...fees: string[]];

export type EntryText =
  | readonly ['f', ...Place, scope: number, execKey: string, ...FillText]
  | readonly ['a', ...Place, scope: number, execKey: string, original: FillText | null, ...FillText]
  | readonly ['c', ...Place, CashEntry['effect'], accountId: string, instrumentId: string | null, amount: string, currency: string]
  | readonly ['s', ...Place, instrumentId: string, ratio: string, ...renamedTo: string[]];

export function writeEntry(entry: Entry, base: EntryBase, scopeIndex: (scope: Scope) => number): EntryText {
  const seq = entry.seq === Number.POSITIVE_INFINITY ? null : entry.seq;
  const place = [writeTime(entry.at - base.at), seq, entry.arrival - base.arrival] as const;
  if (entry.kind === 'fill') {
    const scope = scopeIndex(entry.scope);
    if (entry.original === undefined) return ['f', ...place, scope, entry.execKey, ...writeFill(entry.fill)];
    return ['a', ...place, scope, entry.execKey, entry.original === 'unknown' ? null : writeFill(entry.original), ...writeFill(entry.fill)];
  }
  if (entry.kind === 'cash') {
    return ['c', ...place, entry.effect, entry.accountId, entry.instrumentId ?? null, formatDecimal(entry.amount), entry.currency];
  }
  return ['s', ...place, entry.instrumentId, formatDecimal(entry.ratio), ...(entry.renamedTo === undefined ? [] : [entry.renamedTo])];
}

export function readEntry(text: EntryText, base: EntryBase, scopes: readonly Scope[]): Entry {
  const [, after, seq, arrival] = text;
  const place = { at: base.at + BigInt(after), seq: seq ?? Number.POSITIVE_INFINITY, arrival: base.arrival + arrival };
  if (text[0] === 'f') {
    const [, , , , scope, execKey, ...fill] = text;
    return { kind: 'fill', ...place, scope: scopes[scope]!, execKey, fill: readFill(fill) };
  }
  if (text[0] === 'a') {
    const [, , , , scope, execKey, original, ...fill] = text;
    return {
      kind: 'fill',
      ...place,
      scope: scopes[scope]!,
      execKey,
      fill: readFill(fill),
      original: original === null ? 'unknown' : readFill(original),
    };
  }
  if (text[0] === 'c') {
    const [, , , , effect, accountId, instrumentId, amount, currency] = text;
    const entry: Entry = { kind: 'cash', ...place, effect, accountId, amount: parseDecimal(amount), currency };
    return instrumentId === null ? entry : { ...entry, instrumentId };
  }
  const [, , , , instrumentId, ratio, renamedTo] = text;
  const split: Entry = { kind: 'split', ...place, instrumentId, ratio: parseDecimal(ratio) };
  return renamedTo === undefined ? split : { ...split, renamedTo };
}

export function writeTime(after: bigint): TimeText {
  const number = Number(after);
  return Number.isSafeInteger(number) ? number : after.toString();
}

function writeFill(fill: Fill): FillText {
  const fees = feesOf(fill).flatMap(fee => [fee.currency, formatDecimal(fee)]);
  return [formatDecimal(quantityOfFill(fill)), formatDecimal(priceOfFill(fill)), fill.currency ?? null, ...fees];
}

function readFill([quantity, price, currency, ...fees]: FillText): Fill {
  return {
    quantity: parseUnits(quantity),
    quantityScale: scaleOf(quantity),
    price: parseUnits(price),
    priceScale: scaleOf(price),
    ...feeFields(fees.flatMap((code, at) => (at % 2 === 0 ? [{ currency: code, ...parseDecimal(fees[at + 1]!) }] : []))),
    currency: currency ?? undefined,
  };
}
