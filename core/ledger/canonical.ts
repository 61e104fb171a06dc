/**
 * What a state says, as one text: byte for byte the same whatever order, batches and duplicates its events came in, however finely amounts were
 * written, and wherever the journal was cut. Delivery is not part of it (duplicates, late arrivals, numbers of arrival), nor is what has been
 * forgotten of what no longer matters.
 */
import { type Decimal, formatDecimal } from '../money/decimal.ts';
import { dayValues } from './days.ts';
import { entriesOf } from './execution-index.ts';
import { contentHash, contentOf, executionIdentity } from './fill.ts';
import { gapsIn } from './incomplete.ts';
import { identitiesOf, identityText } from './seen.ts';
import type { Book, BookResults, Scope, StrategyState } from './state.ts';

/** JSON, an aspect to a line, so that two texts can be compared line by line. */
export function canonicalState(state: StrategyState): string {
  const { settings, totals } = state;
  const rows: readonly (readonly [string, unknown])[] = [
    ['computed with', [settings.calendar, settings.costMethod, settings.initialCapital, settings.rateMaxAgeSeconds]],
    ['currency', [state.currency, state.fillCurrency, state.feeCurrency]],
    ['first account', state.firstAccount && [state.firstAccount.at, state.firstAccount.equity, state.firstAccount.currency]],
    ['accepted', state.counts.accepted],
    ['totals', { ...totals, feesByCurrency: [...totals.feesByCurrency].sort(byFirst), dayEnd: undefined }],
    ['days', dayValues(state).map(({ day, pnl, flows }) => [day, pnl, flows])],
    [
      'books',
      [...state.books]
        .filter(([, book]) => book.lastAt > 0n)
        .sort(byFirst)
        .map(([key, book]) => [key, bookRow(book)]),
    ],
    ['attributed', [...state.books].sort(byFirst).flatMap(([key, { results }]) => (isEmpty(results) ? [] : [[key, results]]))],
    [
      'instruments',
      [...state.instruments]
        .sort(byFirst)
        .map(([id, { at, contract, currency, spotBase }]) => [id, at, contract.multiplier, contract.inverse, currency, spotBase]),
    ],
    ['marks', [...state.marks].sort(byFirst).map(([id, line]) => [id, line.at(-1)?.at, line.at(-1)?.price])],
    ['rates', [...state.rates].sort(byFirst).map(([pair, line]) => [pair, line.at(-1)?.at, line.at(-1)?.value])],
    ['asserted', [...state.assertions].map(([book, { at, quantity }]) => [nameOf(book), at, quantity] as const).sort(byFirst)],
    [
      'missing numbers',
      [...state.sequences].flatMap(([source, range]) => (gapsIn(range) === 0 ? [] : [[source, gapsIn(range)] as const])).sort(byFirst),
    ],
    ['heartbeats', [...state.heartbeats].sort(byFirst).map(([component, { at }]) => [component, at])],
    ['errors', state.errors.map(({ minute, counts }) => [minute, Object.entries(counts).sort(byFirst)])],
    ['trading', state.tradingState?.is],
    ['times', [state.newestTransactTime, state.newestEventAt, state.firstEntryAt, state.newestEntryAt, state.newestDataAt]],
  ];
  return rows.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value ?? null, plainly)}\n`).join('');
}

/** An aspect in which two canonical texts differ, with what each says. */
export interface CanonicalDifference {
  readonly aspect: string;
  readonly first: string;
  readonly second: string;
}

export function canonicalDifferences(first: string, second: string): readonly CanonicalDifference[] {
  const aspects = (text: string) => text.split('\n').map(line => /^"([^"]*)":(.*)$/.exec(line) ?? [line, '', line]);
  const others = aspects(second);
  return aspects(first).flatMap(([, aspect = '', value = ''], at) => {
    const other = others[at]?.[2] ?? '';
    return value === other ? [] : [{ aspect, first: value, second: other }];
  });
}

/**
 * What is remembered of single executions and cash movements, in full or as identities: equal for equal events while nothing has been
 * forgotten for good, and with it what becomes of any later duplicate, bust or correction.
 */
export function canonicalMemory(state: StrategyState): string {
  const scopes = [...state.scopes.values()];
  const remembered = new Set([...scopes.flatMap(keptIn), ...identitiesOf(state.seen)]);
  return [...[...remembered].sort(), ...scopes.flatMap(amendmentsIn).sort(), ''].join('\n');
}

function keptIn(scope: Scope): string[] {
  return [...entriesOf(scope.fills)].map(({ at, execKey, fill, original = fill }) => {
    const identity = executionIdentity(scope, execKey);
    return original === 'unknown' ? `${execKey} is unknown` : identityText(identity, contentHash(at, original));
  });
}

function amendmentsIn(scope: Scope): string[] {
  return [...scope.amendments].flatMap(([root, list]) =>
    list.map(({ kind, execKey, at, fill }) => `${root} ${kind} ${execKey} ${contentOf(at, fill)}`),
  );
}

function bookRow({ position, trip, currency, lastAt, splitAt, venue }: Book) {
  const { quantityScale, moneyScale } = position;
  const quantity = (units: bigint): Decimal => ({ units, scale: quantityScale });
  const money = (units: bigint): Decimal => ({ units, scale: moneyScale });
  return {
    quantity: quantity(position.quantity),
    cost: money(position.cost),
    realized: money(position.realized),
    last: { units: position.lastPrice, scale: position.lastPriceScale },
    lots: position.lots.map(lot => [quantity(lot.quantity), money(lot.cost)]),
    trip: position.quantity === 0n ? undefined : [trip.gain, trip.fees, trip.unresolved, trip.openedAt],
    currency,
    lastAt,
    splitAt,
    venue,
  };
}

const isEmpty = ({ converted, fees, funding, missing }: BookResults): boolean =>
  [converted, fees, funding].every(({ units }) => units === 0n) && missing.gross + missing.fees + missing.funding === 0;

const nameOf = ({ accountId, instrumentId }: Book): string => `${accountId}\u0001${instrumentId}`;

const byFirst = (a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]): number => (a[0] < b[0] ? -1 : 1);

/** For JSON: decimals by value, other integers in digits. */
function plainly(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  const { units, scale } = (value ?? {}) as Partial<Decimal>;
  return typeof units === 'bigint' && typeof scale === 'number' ? formatDecimal({ units, scale }) : value;
}
