import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readColumns, writeColumns } from '../../core/ledger/codec-columns.ts';
import { feeFields } from '../../core/ledger/fill.ts';
import { type Entry, type Fill, scopeOf } from '../../core/ledger/state.ts';
import { formatDecimal, parseDecimal } from '../../core/money/decimal.ts';
import { second, strategyState } from './events.ts';

const state = strategyState();
const scopes = ['BTC-USD', 'ES', 'XBT'].map(instrument => scopeOf(state, 'v1', 'a1', instrument));
const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }));
const key = fc.oneof(
  fc.integer({ min: 0, max: 99 }).map(String),
  fc.string({ minLength: 1 }),
  fc.constantFrom('007', '008', 'x99', 'x100', 'y9', '10'),
);

/** Without trailing zeros, as text keeps them. */
const plain = ([units, scale]: readonly [bigint, number]) => parseDecimal(formatDecimal({ units, scale }));
const feeOf = ([currency, amount]: readonly [string, readonly [bigint, number]]) => ({ currency, ...plain(amount) });

const fill = fc
  .record({
    quantity: decimal,
    price: decimal,
    fees: fc.array(fc.tuple(fc.constantFrom('USD', 'BNB'), decimal), { maxLength: 2 }),
    currency: fc.constantFrom(undefined, undefined, 'EUR'),
  })
  .map(({ quantity, price, fees, currency }): Fill => {
    const [size, at] = [plain(quantity), plain(price)];
    const amounts = { quantity: size.units, quantityScale: size.scale, price: at.units, priceScale: at.scale };
    return { ...amounts, ...feeFields(fees.map(feeOf)), currency };
  });

const entry = fc
  .record({
    gap: fc.constantFrom(0n, 1n, 1_000_000n, 86_400_000_000_000n),
    seq: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(Number.POSITIVE_INFINITY)),
    arrival: fc.integer({ min: 0, max: 1000 }),
    scope: fc.nat(2),
    key,
    fill,
    original: fc.constantFrom(undefined, undefined, 'unknown' as const),
    kind: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ gap, seq, arrival, scope, key: execKey, fill: traded, original, kind }) => ({
    gap,
    at: (at: bigint): Entry => {
      const place = { at, seq, arrival };
      if (kind === 0) return { kind: 'cash', ...place, effect: 'flow', accountId: 'a1', amount: plain([5n, 1]), currency: 'USD' };
      if (kind === 1) return { kind: 'split', ...place, instrumentId: 'ES', ratio: plain([2n, 0]), renamedTo: 'NQ' };
      return { kind: 'fill', ...place, scope: scopes[scope]!, execKey, fill: traded, ...(original === undefined ? {} : { original }) };
    },
  }));

test('entries come back from their columns as they were, whatever is odd among them', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), made => {
      let at = second(0);
      const entries = made.map(each => {
        at += each.gap;
        return each.at(at);
      });
      const base = { at: entries[0]!.at, arrival: entries[0]!.arrival };
      const text = JSON.parse(JSON.stringify(writeColumns(entries, base, scope => scopes.indexOf(scope))));
      expect(readColumns(text, base, scopes)).toEqual(entries);
    }),
    { numRuns: 500, seed: 3 },
  );
});
