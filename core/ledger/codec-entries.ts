/** Stored form of journal entries: short arrays, decimals as text. */
import { formatDecimal, parseDecimal } from '../money/decimal.ts';
import type { CashEntry, Entry, Fill, Scope } from './state.ts';

type PlaceText = readonly [at: string, seq: number | null, arrival: number];
type FillText = readonly [
  quantity: string,
  price: string,
  fees: readonly (readonly [currency: string, amount: string])[],
  currency: string | null,
];

export type EntryText =
  | readonly ['f', PlaceText, scope: number, execKey: string, FillText, original: FillText | 'unknown' | null]
  | readonly ['c', PlaceText, CashEntry['effect'], accountId: string, instrumentId: string | null, amount: string, currency: string]
  | readonly ['s', PlaceText, instrumentId: string, ratio: string];

export function writeEntry(entry: Entry, scopeIndex: (scope: Scope) => number): EntryText {
  const place: PlaceText = [entry.at.toString(), entry.seq === Number.POSITIVE_INFINITY ? null : entry.seq, entry.arrival];
  if (entry.kind === 'fill') {
    const original = entry.original === undefined ? null : entry.original === 'unknown' ? entry.original : writeFill(entry.original);
    return ['f', place, scopeIndex(entry.scope), entry.execKey, writeFill(entry.fill), original];
  }
  if (entry.kind === 'cash') {
    return ['c', place, entry.effect, entry.accountId, entry.instrumentId ?? null, formatDecimal(entry.amount), entry.currency];
  }
  return ['s', place, entry.instrumentId, formatDecimal(entry.ratio)];
}

export function readEntry(text: EntryText, scopes: readonly Scope[]): Entry {
  const [at, seq, arrival] = text[1];
  const place = { at: BigInt(at), seq: seq ?? Number.POSITIVE_INFINITY, arrival };
  if (text[0] === 'f') {
    const [, , scope, execKey, fill, original] = text;
    const entry: Entry = { kind: 'fill', ...place, scope: scopes[scope]!, execKey, fill: readFill(fill) };
    return original === null ? entry : { ...entry, original: original === 'unknown' ? original : readFill(original) };
  }
  if (text[0] === 'c') {
    const [, , effect, accountId, instrumentId, amount, currency] = text;
    const entry: Entry = { kind: 'cash', ...place, effect, accountId, amount: parseDecimal(amount), currency };
    return instrumentId === null ? entry : { ...entry, instrumentId };
  }
  return { kind: 'split', ...place, instrumentId: text[2], ratio: parseDecimal(text[3]) };
}

function writeFill(fill: Fill): FillText {
  return [
    formatDecimal(fill.quantity),
    formatDecimal(fill.price),
    fill.fees.map(fee => [fee.currency, formatDecimal(fee)] as const),
    fill.currency ?? null,
  ];
}

function readFill([quantity, price, fees, currency]: FillText): Fill {
  return {
    quantity: parseDecimal(quantity),
    price: parseDecimal(price),
    fees: fees.map(([code, amount]) => ({ currency: code, ...parseDecimal(amount) })),
    ...(currency === null ? {} : { currency }),
  };
}
