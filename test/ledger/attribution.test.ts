import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { type Attribution, attributionOf, netOf, type Result, together } from '../../core/ledger/attribution.ts';
import { canonicalState } from '../../core/ledger/canonical.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { conversionAt } from '../../core/ledger/convert.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { refold } from '../../core/ledger/refold.ts';
import { type Retention, type StrategyState, storedRetention } from '../../core/ledger/state.ts';
import { viewOf } from '../../core/ledger/view-of.ts';
import { add, compare, type Decimal, formatDecimal, multiply, negate, zero } from '../../core/money/decimal.ts';
import { account, cash, correction, folded, instrument, mark, monday, rate, strategyState, trade } from './events.ts';
import { cut, historyOf, shuffled, step } from './histories.ts';

const histories = Number(process.env['HISTORIES'] ?? 300);
const timeout = 10_000 + histories * 200;
const always = { receivedAtMs: Number.POSITIVE_INFINITY };
const wide: Retention = { ...storedRetention, horizonMs: 400 * 86_400_000 };
const RENAME = 19;

const attributed = (state: StrategyState): Attribution => attributionOf(state, state.calendar.dayOf(monday + 40 * 86_400_000));

/** Gross, fees, funding, net and unrealized of each row; `account` is under no name. */
function rowsOf(state: StrategyState) {
  const { instruments, account: rest } = attributed(state);
  const row = (result: Result) =>
    [result.gross, result.fees, result.funding, netOf(result), result.unrealized].map(formatDecimal).join(' ');
  return Object.fromEntries([...instruments.map(each => [each.instrumentId, row(each)]), ['', row(rest)]]) as Record<string, string>;
}

function expectSums(state: StrategyState) {
  const { instruments, account: rest } = attributed(state);
  const sum = together([...instruments, rest]);
  const { gross, fees, funding, missing } = state.totals;
  expect([sum.gross, sum.fees, sum.funding].map(formatDecimal)).toEqual([gross, fees, funding].map(formatDecimal));
  expect([sum.missing.gross, sum.missing.fees, sum.missing.funding]).toEqual([missing.gross, missing.fees, missing.funding]);
}

/** Fees and funding by instrument, added up from the kept entries without any book; what names no instrument is under ''. */
function addedUp(state: StrategyState): Map<string, { fees: Decimal; funding: Decimal }> {
  const sums = new Map<string, { fees: Decimal; funding: Decimal }>();
  const take = (instrumentId: string, kind: 'fees' | 'funding', amount: Decimal, currency: string, at: bigint) => {
    const conversion = conversionAt(state, currency, at);
    if (conversion === undefined) return;
    const row = sums.get(instrumentId) ?? { fees: zero, funding: zero };
    sums.set(instrumentId, { ...row, [kind]: add(row[kind], multiply(amount, conversion)) });
  };
  for (const entry of state.journal.segments.flatMap(({ entries }) => entries)) {
    if (entry.kind === 'fill') {
      const { instrumentId } = entry.scope.book;
      const { fee, moreFees, price, priceScale } = entry.fill;
      const known = state.instruments.get(instrumentId);
      for (const each of fee === undefined ? [] : [fee, ...moreFees]) {
        const isInKind = known?.spotBase === each.currency;
        const amount = isInKind ? multiply(each, { units: price, scale: priceScale }) : each;
        take(instrumentId, 'fees', amount, isInKind ? known!.currency! : each.currency, entry.at);
      }
    } else if (entry.kind === 'cash' && entry.effect !== 'flow') {
      const amount = entry.effect === 'fee' ? negate(entry.amount) : entry.amount;
      take(entry.instrumentId ?? '', entry.effect === 'fee' ? 'fees' : 'funding', amount, entry.currency, entry.at);
    }
  }
  return sums;
}

const disorder = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 90 }),
  keys: fc.array(fc.nat(100_000), { minLength: 7, maxLength: 60 }),
  reach: fc.constantFrom(2, 10, 1000),
  sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
});

function foldedIn(batches: readonly (readonly NightdeskEvent[])[], isStored: boolean): StrategyState {
  let state = strategyState({}, wide);
  for (const batch of batches) {
    foldBatch(state, batch, always);
    if (!isStored) continue;
    const { head, parts } = encodeState(state);
    state = decodeState(head, parts, undefined, wide);
  }
  return state;
}

describe('rows by instrument', { timeout }, () => {
  test('sum up to the totals, whatever happens in whatever order, saved or not', () => {
    fc.assert(
      fc.property(disorder, ({ steps, keys, reach, sizes }) => {
        const events = historyOf(steps);
        const ordered = foldedIn([events], false);
        expectSums(ordered);
        for (const isStored of [false, true]) {
          const messy = foldedIn(cut(shuffled(events, keys, reach), sizes), isStored);
          expectSums(messy);
          expect(rowsOf(messy)).toEqual(rowsOf(ordered));
        }
        const before = canonicalState(ordered);
        refold(ordered, { entry: () => {}, tripEnded: () => {} });
        expect(canonicalState(ordered)).toBe(before);
      }),
      { numRuns: histories, seed: 7 },
    );
  });

  test('are those that the entries add up to', () => {
    fc.assert(
      fc.property(disorder, ({ steps, keys, reach, sizes }) => {
        const events = historyOf(steps.filter(({ kind }) => kind !== RENAME));
        const state = foldedIn(cut(shuffled(events, keys, reach), sizes), true);
        const expected = addedUp(state);
        const { instruments, account: rest } = attributed(state);
        for (const { instrumentId, fees, funding } of [...instruments, { instrumentId: '', ...rest }]) {
          const row = expected.get(instrumentId) ?? { fees: zero, funding: zero };
          expect([instrumentId, formatDecimal(fees), formatDecimal(funding)]).toEqual([
            instrumentId,
            formatDecimal(row.fees),
            formatDecimal(row.funding),
          ]);
          expected.delete(instrumentId);
        }
        for (const { fees, funding } of expected.values()) expect([fees.units, funding.units]).toEqual([0n, 0n]);
        expect(compare(rest.gross, zero)).toBe(0);
      }),
      { numRuns: histories, seed: 8 },
    );
  });
});

const roundTrip = (at: number, instrumentId: string, fee: string, to = '110') => [
  trade(at, 'buy', '1', '100', { instrumentId, fee }),
  trade(at + 1, 'sell', '1', to, { instrumentId, fee }),
];

test('fees and funding stand with their instrument, and without one with the account', () => {
  const { state } = folded([
    account(0, '1000'),
    ...roundTrip(1, 'A', '1'),
    ...roundTrip(3, 'B', '0.5', '90'),
    cash(5, 'funding', '-0.25', { instrumentId: 'A' }),
    cash(6, 'interest', '0.125'),
    cash(7, 'fee', '-3'),
  ]);
  expect(rowsOf(state)).toEqual({ A: '10 2 -0.25 7.75 0', B: '-10 1 0 -11 0', '': '0 3 0.125 -2.875 0' });
});

test('gross in another currency is converted when it was made, and counted while there is no rate', () => {
  const events = [
    account(0, '1000'),
    instrument(0, { instrumentId: 'DAX', quoteCurrency: 'EUR' }),
    ...roundTrip(10, 'DAX', '1'),
    trade(20, 'buy', '1', '100', { instrumentId: 'DAX' }),
    mark(21, '101', 'DAX'),
  ];
  const without = attributed(folded(events).state);
  expect(without.instruments[0]).toMatchObject({ instrumentId: 'DAX', missing: { gross: 1, fees: 0, unrealized: 1 } });
  expect(viewOf(folded(events).state, monday + 30_000).attribution).toEqual({ instruments: [['DAX', null, '2', '0', null, 2]] });
  expect(rowsOf(folded([...events, rate(5, 'EUR', 'USD', '1.5')]).state)['DAX']).toBe('15 2 0 13 1.5');
});

test('a renamed instrument takes its past along, under its new name, also when the new name comes late', () => {
  const action = { ...instrument(5, { instrumentId: 'OLD' }), kind: 'corporateAction' as const, newInstrumentId: 'NEW', splitRatio: '2' };
  const events = [
    account(0, '1000'),
    ...roundTrip(1, 'OLD', '1'),
    trade(3, 'buy', '1', '100', { instrumentId: 'OLD', fee: '1' }),
    cash(4, 'funding', '-0.5', { instrumentId: 'OLD' }),
    trade(6, 'sell', '2', '60', { instrumentId: 'NEW', fee: '1' }),
  ];
  const expected = { NEW: '30 4 -0.5 25.5 0', '': '0 0 0 0 0' };
  expect(rowsOf(folded([...events, action]).state)).toEqual(expected);
  const state = strategyState({}, wide);
  for (const event of [...events, action]) foldBatch(state, [event], always);
  expect(rowsOf(state)).toEqual(expected);
});

test('a corrected execution changes the row of its instrument alone', () => {
  const [buy, sell] = roundTrip(1, 'A', '1') as [ReturnType<typeof trade>, ReturnType<typeof trade>];
  const { state } = folded([account(0, '1000'), buy, sell, ...roundTrip(3, 'B', '1'), correction(9, sell, { lastPx: '120' })]);
  expect(rowsOf(state)).toEqual({ A: '20 2 0 18 0', B: '10 2 0 8 0', '': '0 0 0 0 0' });
});

test('a view names the instruments that made or lost most, and sums up the others', () => {
  const events = Array.from({ length: 45 }, (_, at) => roundTrip(at * 2 + 1, `I${at}`, '1', `${101 + at}`)).flat();
  const { attribution } = viewOf(folded([account(0, '1000'), ...events]).state, monday);
  expect(attribution?.instruments.map(([id]) => id)).toEqual(Array.from({ length: 40 }, (_, at) => `I${44 - at}`));
  expect(attribution?.others).toEqual([5, '15', '10', '0', '0']);
});

/** Written by a release of version 1, of 120 executions and some funding, of which it keeps the last 40 or so. */
interface OldState {
  readonly head: string;
  readonly parts: Readonly<Record<string, string>>;
}
const old = JSON.parse(readFileSync(new URL('fixtures/state-1.json', import.meta.url), 'utf8')) as OldState;

describe('a state of version 1', () => {
  const stored = () => decodeState(old.head, old.parts, undefined, { ...storedRetention, entries: 40, segmentSize: 16 });
  /** With the next batch, of nothing here. */
  const read = () => foldBatch(stored(), [], always).state;

  test('has everything with the account until then, never a wrong zero', () => {
    const state = stored();
    const { instruments, account: rest } = attributed(state);
    expectSums(state);
    expect(instruments.filter(({ gross, fees, funding }) => gross.units + fees.units + funding.units !== 0n)).toEqual([]);
    expect(formatDecimal(rest.fees)).toBe(formatDecimal(state.totals.fees));
    expect(state.attributedSince).toBe(state.journal.floor);
  });

  test('goes on with the same totals, and attributes what it keeps', () => {
    const state = read();
    const floor = state.journal.floor!;
    expect(state.attributedSince).toBe(floor);
    expect(state.totals.fills).toBe((JSON.parse(old.head) as { totals: { n: number[] } }).totals.n[0]);
    expectSums(state);
    const kept = addedUp(state);
    for (const { instrumentId, fees, funding } of attributed(state).instruments)
      expect([fees, funding].map(formatDecimal)).toEqual(
        [kept.get(instrumentId)!.fees, kept.get(instrumentId)!.funding].map(formatDecimal),
      );
    expect(attributed(state).account.fees.units).not.toBe(0n);
    expect(viewOf(state, monday).attribution?.sinceMs).toBe(Number(floor / 1_000_000n));
  });

  test('is written in the new version, and still says since when', () => {
    const { head, parts } = encodeState(read());
    expect(head.startsWith('{"schemaVersion":2,')).toBe(true);
    const again = decodeState(head, parts);
    expect(rowsOf(again)).toEqual(rowsOf(read()));
    expect(again.attributedSince).toBe(read().attributedSince);
  });

  test('counts what comes from then on, also what comes late', () => {
    const state = read();
    const before = attributed(state).account;
    const newest = Number((state.newestEventAt! - BigInt(monday) * 1_000_000n) / 1_000_000_000n);
    foldBatch(state, [cash(newest - 1, 'funding', '7', { instrumentId: 'LATE' }), ...roundTrip(newest + 1, 'NEW', '1')], always);
    expectSums(state);
    expect(rowsOf(state)).toMatchObject({ LATE: '0 0 7 7 0', NEW: '10 2 0 8 0' });
    expect(attributed(state).account).toEqual(before);
  });
});
