/** Cases that libraries of this field get wrong, each with figures worked out by hand, and two laws over random histories. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StrategyConfig } from '../../core/config/types.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { missingEvents } from '../../core/ledger/incomplete.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { type Entry, type StrategyState, storedRetention } from '../../core/ledger/state.ts';
import { add, type Decimal, formatDecimal, multiply, negate, parseDecimal, subtract, zero } from '../../core/money/decimal.ts';
import { account, bust, cash, correction, folded, instrument, mark, rate, strategyState, trade } from './events.ts';

const always = { receivedAtMs: Number.POSITIVE_INFINITY };
const score = (events: readonly NightdeskEvent[], settings: Partial<StrategyConfig> = {}) => scoreStrategy(folded(events, settings).state);
const fifo = { costMethod: 'fifo' } as const;

describe('flips', () => {
  const flip = [trade(1, 'buy', '10', '100'), trade(2, 'buy', '5', '110'), trade(3, 'sell', '20', '120', { execId: 'F', fee: '4' })];

  test('close all lots first in first out, pay their share of the fee, and open the rest at the fill', () => {
    expect(score([account(0, '1000'), ...flip], fifo)).toMatchObject({
      trades: 1,
      wins: 1,
      grossPnl: '250',
      fees: '4',
      positions: [{ qty: '-5', avgPx: '120' }],
    });
    // 25 made, less 1 of the flip's fee and 1 of its own.
    const flat = score([account(0, '1000'), ...flip, trade(4, 'buy', '5', '115', { fee: '1' })], fifo);
    expect(flat).toMatchObject({ trades: 2, wins: 2, grossPnl: '275', netPnl: '270', positions: [] });
  });

  test('that a correction makes smaller are no flips any more, in whatever order the two came', () => {
    const smaller = correction(9, flip[2]!, { lastQty: '12' });
    for (const events of [
      [...flip, smaller],
      [smaller, ...flip],
      [flip[0]!, smaller, flip[2]!, flip[1]!],
    ]) {
      expect(score([account(0, '1000'), ...events], fifo)).toMatchObject({
        trades: 0,
        grossPnl: '220',
        positions: [{ qty: '3', avgPx: '110' }],
      });
    }
  });

  test('that are busted leave what they closed', () => {
    expect(score([account(0, '1000'), bust(9, flip[2]!), ...flip])).toMatchObject({ trades: 0, fees: '0', positions: [{ qty: '15' }] });
  });

  test('a correction may change the side', () => {
    const wrong = trade(1, 'buy', '2', '10', { execId: 'W' });
    const right = { ...correction(2, wrong, {}), side: 'sell' as const };
    expect(score([wrong, right]).positions).toMatchObject([{ qty: '-2', avgPx: '10' }]);
  });
});

describe('prices and contracts', () => {
  test.each([
    ['bought at −37.63 and sold at 10', ['buy', '-37.63', 'sell', '10'], '47.63'],
    ['sold at −5 and bought back at −10', ['sell', '-5', 'buy', '-10'], '5'],
    ['bought at 0 and sold at −1', ['buy', '0', 'sell', '-1'], '-1'],
  ] as const)('%s', (_name, [first, at, then, out], gross) => {
    expect(score([trade(1, first, '1', at), trade(2, then, '1', out)])).toMatchObject({ grossPnl: gross, trades: 1 });
  });

  test('an inverse short earns in its base currency, with its fees in it', () => {
    const inverse = instrument(0, { instrumentId: 'XBTUSD', inverse: true, baseCurrency: 'BTC', quoteCurrency: 'USD' });
    const of = (amount: string) => ({ instrumentId: 'XBTUSD', fees: [{ amount, currency: 'BTC' }] });
    const events = [inverse, trade(1, 'sell', '100', '50000', of('0.00001')), trade(2, 'buy', '100', '40000', of('0.00001'))];
    // 100 / 40,000 − 100 / 50,000
    expect(score(events)).toMatchObject({ currency: 'BTC', grossPnl: '0.0005', fees: '0.00002', netPnl: '0.00048', wins: 1 });
  });

  test('a quanto contract pays its fixed multiplier in its own currency, converted at the rate of the close', () => {
    const quanto = instrument(0, { instrumentId: 'NIY', multiplier: '500', quoteCurrency: 'JPY', settlCurrency: 'JPY' });
    const at = { instrumentId: 'NIY', settlCurrency: 'JPY' };
    const events = [account(0, '1000'), quanto, rate(0, 'JPY', 'USD', '0.01'), trade(1, 'buy', '1', '30000', at)];
    const closed = [...events, rate(2, 'JPY', 'USD', '0.0125'), trade(3, 'sell', '1', '30010', at)];
    expect(score(closed)).toMatchObject({ currency: 'USD', grossPnl: '62.5', trades: 1 });
  });

  test('lots, splits and a new name together: FIFO goes on in new units', () => {
    const action = { ...instrument(3, {}), kind: 'corporateAction' as const, splitRatio: '3', newInstrumentId: 'NEW' };
    const events = [trade(1, 'buy', '3', '90'), trade(2, 'buy', '3', '120'), action, trade(4, 'sell', '9', '35', { instrumentId: 'NEW' })];
    expect(score(events, fifo)).toMatchObject({ grossPnl: '45', positions: [{ instrumentId: 'NEW', qty: '9', avgPx: '40' }] });
    expect(score([...events].reverse(), fifo)).toEqual(score(events, fifo));
  });

  test('a reverse split keeps the cost, and fractions of a unit', () => {
    const action = { ...instrument(2, {}), kind: 'corporateAction' as const, splitRatio: '0.1' };
    const events = [trade(1, 'buy', '15', '2'), action];
    expect(score(events).positions).toMatchObject([{ qty: '1.5', avgPx: '20' }]);
    expect(score([...events, trade(3, 'sell', '1.5', '20')])).toMatchObject({ grossPnl: '0', breakeven: 1 });
  });
});

describe('cash', () => {
  test('funding follows the sign of its amount, for shorts as for longs, and counts in the trip', () => {
    const events = [account(0, '100'), trade(1, 'sell', '1', '10'), cash(2, 'funding', '0.25', { instrumentId: 'BTC-USD' })];
    expect(score([...events, trade(3, 'buy', '1', '10')])).toMatchObject({ grossPnl: '0', funding: '0.25', netPnl: '0.25', wins: 1 });
  });

  test('a withdrawal is no loss and a deposit no gain, in the day and over days', () => {
    const day = 86_400;
    const events = [account(0, '1000'), cash(10, 'withdrawal', '900'), cash(day + 5, 'deposit', '5000'), mark(2 * day + 5, '1')];
    expect(score(events)).toMatchObject({ netPnl: '0', equity: '5100', maxDrawdown: 0, currentDrawdown: 0 });
  });

  test('the same movement twice counts once; with another amount it is a conflict', () => {
    const deposit = cash(1, 'deposit', '5', { refId: 'R' });
    const { counts, state } = folded([
      account(0, '1'),
      deposit,
      { ...deposit, eventId: 'again' },
      { ...deposit, eventId: 'other', amount: '6' },
    ]);
    expect(counts).toMatchObject({ accepted: 2, duplicates: 1, conflicting: 1 });
    expect(scoreStrategy(state).equity).toBe('6');
  });
});

describe('identity', () => {
  test('a duplicate that says another settlement currency or another side is a conflict', () => {
    const one = trade(1, 'buy', '1', '10', { execId: 'A', settlCurrency: 'USD' });
    const { counts } = folded([one, { ...one, settlCurrency: 'EUR' }, { ...one, side: 'sell' }, { ...one, lastQty: '1.00' }]);
    expect(counts).toMatchObject({ accepted: 1, conflicting: 2, duplicates: 1 });
  });

  test('beyond what is kept in full duplicates are still duplicates, and conflicts conflicts', () => {
    const trades = Array.from({ length: 2000 }, (_, at) => trade(at, 'buy', '1', '10', { execId: `k${at}`, fee: '0.10' }));
    const state = strategyState({}, storedRetention);
    foldBatch(state, trades, always);
    expect(state.journal.entryCount).toBeLessThan(700);
    const before = scoreStrategy(state);
    const again = foldBatch(
      state,
      trades.map(each => ({ ...each, lastQty: '1.0' })),
      always,
    );
    expect(again.counts).toMatchObject({ accepted: 0, duplicates: 2000, conflicting: 0 });
    const other = foldBatch(state, [{ ...trades[3]!, lastPx: '11' }], always);
    expect(other.counts.conflicting).toBe(1);
    expect(other.findings[0]).toMatchObject({ kind: 'conflictingDuplicate', execId: 'k3' });
    expect(scoreStrategy(state)).toEqual(before);
  });
});

describe('sources that number their events', () => {
  const from = (nth: number, seq: number) =>
    trade(nth * 10 + seq, 'buy', '1', '1', { source: { system: 'bot', instanceId: `start-${nth}` }, seq });

  test('are forgotten when many have started since, but never while one of their lines is missing', () => {
    const state = strategyState({}, storedRetention);
    foldBatch(state, [from(0, 1), from(0, 3)], always);
    for (let nth = 1; nth < 100; nth++) foldBatch(state, [from(nth, 1), from(nth, 2)], always);
    expect(state.sequences.size).toBeLessThanOrEqual(33);
    expect(missingEvents(state)).toBe(1);
    foldBatch(state, [from(0, 2), from(3, 3)], always);
    expect(missingEvents(state)).toBe(0);
  });
});

/** Folds entries again under a count; what is folded for the first time counts too. */
function foldsOf(state: StrategyState, events: readonly NightdeskEvent[]): number {
  let count = 0;
  state.observer = { entry: (_entry: Entry) => void count++, tripEnded: () => {} };
  foldBatch(state, events, always);
  delete state.observer;
  return count;
}

describe('a strategy that is never flat', () => {
  const buys = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => trade((from + at) / 10, 'buy', '1', `${100 + (at % 7)}`, { execId: `n${from + at}` }));

  test('is folded again from the checkpoint before a late fill, however long its history is', () => {
    const counts = [8_000, 16_000].map(length => {
      const state = strategyState({}, storedRetention);
      for (let at = 0; at < length; at += 1000) foldBatch(state, buys(at, at + 1000), always);
      expect(scoreStrategy(state).trades).toBe(0);
      const late = (seconds: number, execId: string) => trade(length / 10 - seconds, 'buy', '1', '100', { execId });
      return [foldsOf(state, [late(1, 'a')]), foldsOf(state, [late(60, 'b')]), foldsOf(state, [late(299, 'c')]), state.journal.entryCount];
    });
    for (const [near, minute, five, kept] of counts) {
      const segment = 2 * storedRetention.segmentSize;
      expect(near).toBeLessThanOrEqual(10 + segment + 1);
      expect(minute).toBeLessThanOrEqual(600 + segment + 2);
      expect(five).toBeLessThanOrEqual(2990 + segment + 3);
      expect(kept).toBeLessThanOrEqual(4500 + segment + 3);
    }
    expect(counts[1]!.slice(0, 3)).toEqual(counts[0]!.slice(0, 3));
  });

  test('never folds again more than is kept, for a bust, a rate or an instrument that changes everything', () => {
    const state = strategyState({ currency: 'USD' }, storedRetention);
    for (let at = 0; at < 6_000; at += 1000) foldBatch(state, buys(at, at + 1000), always);
    const kept = state.journal.entryCount;
    expect(kept).toBeLessThan(4700);
    const oldest = state.journal.segments[0]!.entries[0]!;
    if (oldest.kind !== 'fill') throw new Error('a fill was expected');
    const events = [
      bust(601, { ...trade(1, 'buy', '1', '100'), execId: oldest.execKey }),
      rate(0, 'USD', 'EUR', '0.9'),
      instrument(0, { multiplier: '2' }),
    ];
    for (const event of events) expect(foldsOf(state, [event])).toBeLessThanOrEqual(kept);
  });
});

describe('busts and corrections', () => {
  test('do not pile up: those of long ago become identities, and come again as duplicates', () => {
    let state = strategyState({}, storedRetention);
    const all: NightdeskEvent[] = [];
    const sizes: number[] = [];
    for (let nth = 0; nth < 450; nth++) {
      const trades = Array.from({ length: 5 }, (_, at) => trade(nth * 10 + at, 'buy', '1', '10', { execId: `t${nth}-${at}` }));
      const batch = [...trades, bust(nth * 10 + 6, trades[0]!), correction(nth * 10 + 7, trades[1]!, { lastPx: '11' })];
      all.push(...batch);
      foldBatch(state, batch, always);
      if (nth % 50 !== 49) continue;
      const { head, parts } = encodeState(state);
      sizes.push(head.length + (parts['amended']?.length ?? 0));
      state = decodeState(head, parts);
    }
    expect(sizes.at(-1)).toBeLessThan(sizes[3]! * 1.1);
    expect(scoreStrategy(state)).toMatchObject({ fills: 1800, positions: [{ qty: '1800' }] });
    const again = foldBatch(state, all, always);
    expect(again.counts).toMatchObject({ accepted: 0, conflicting: 0, duplicates: all.length });
    expect(scoreStrategy(state)).toMatchObject({ fills: 1800, positions: [{ qty: '1800' }] });
    expect(state.needsRebuild).toBe(false);
  });

  test('of what is no longer kept ask for a rebuild, and say so', () => {
    const trades = Array.from({ length: 2000 }, (_, at) => trade(at, 'buy', '1', '10', { execId: `o${at}` }));
    const state = strategyState({}, storedRetention);
    foldBatch(state, trades, always);
    const { findings } = foldBatch(state, [bust(2001, trades[0]!)], always);
    expect(findings.map(({ kind }) => kind)).toContain('beyondRetention');
    expect(state.needsRebuild).toBe(true);
  });
});

describe('laws', () => {
  const fill = fc.record({
    buys: fc.boolean(),
    quantity: fc.integer({ min: 0, max: 5000 }),
    digits: fc.integer({ min: 0, max: 8 }),
    price: fc.integer({ min: -20_000, max: 90_000 }),
    pick: fc.nat(2),
    fee: fc.integer({ min: -50, max: 500 }),
  });
  const text = (units: number, scale: number) => formatDecimal({ units: BigInt(units), scale });
  const names = ['A', 'B', 'C'];

  test('equity is capital plus what cash came in and out plus what is held at its mark, to the last digit', () => {
    fc.assert(
      fc.property(
        fc.array(fill, { maxLength: 60 }),
        fc.constantFrom<StrategyConfig['costMethod']>('average', 'fifo'),
        (fills, costMethod) => {
          let paid: Decimal = zero;
          const held = new Map<string, Decimal>();
          const events: NightdeskEvent[] = [account(0, '1000')];
          fills.forEach(({ buys, quantity, digits, price, pick, fee }, at) => {
            const [size, px, cost] = [text(quantity, digits), text(price, 2), text(fee, 3)];
            const signed = buys ? parseDecimal(size) : negate(parseDecimal(size));
            events.push(trade(at + 1, buys ? 'buy' : 'sell', size, px, { instrumentId: names[pick]!, fee: cost }));
            paid = add(paid, add(multiply(signed, parseDecimal(px)), parseDecimal(cost)));
            held.set(names[pick]!, add(held.get(names[pick]!) ?? zero, signed));
          });
          const marks = names.map((name, at) => ({ name, px: `${at + 1}.375` }));
          events.push(...marks.map(({ name, px }) => mark(100, px, name)));
          const worth = marks.reduce((sum, { name, px }) => add(sum, multiply(held.get(name) ?? zero, parseDecimal(px))), zero);
          const wanted = formatDecimal(add(subtract(parseDecimal('1000'), paid), worth));
          expect(score(events, { costMethod }).equity).toBe(wanted);
        },
      ),
      { numRuns: 300, seed: 11 },
    );
  });

  test('at flat, profit before fees is what was received less what was paid', () => {
    fc.assert(
      fc.property(
        fc.array(fill, { minLength: 1, maxLength: 40 }),
        fc.constantFrom<StrategyConfig['costMethod']>('average', 'fifo'),
        (fills, costMethod) => {
          let [received, position]: Decimal[] = [zero, zero];
          const events = fills.map(({ buys, quantity, digits, price }, at) => {
            const signed = parseDecimal(text(buys ? quantity : -quantity, digits));
            received = subtract(received!, multiply(signed, parseDecimal(text(price, 2))));
            position = add(position!, signed);
            return trade(at + 1, buys ? 'buy' : 'sell', text(quantity, digits), text(price, 2));
          });
          const closing = position!.units < 0n ? negate(position!) : position!;
          if (position!.units !== 0n) {
            events.push(trade(99, position!.units < 0n ? 'buy' : 'sell', formatDecimal(closing), '7.77'));
            received = add(received!, multiply(position!, parseDecimal('7.77')));
          }
          expect(score(events, { costMethod })).toMatchObject({ grossPnl: formatDecimal(received!), positions: [] });
        },
      ),
      { numRuns: 300, seed: 12 },
    );
  });
});
