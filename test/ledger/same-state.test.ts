import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StrategyConfig } from '../../core/config/types.ts';
import type { ExecutionEvent, NightdeskEvent } from '../../core/events/types.ts';
import { canonicalMemory, canonicalState } from '../../core/ledger/canonical.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { incompleteReasons } from '../../core/ledger/incomplete.ts';
import { positionsOf } from '../../core/ledger/positions.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { type Retention, type StrategyState, storedRetention } from '../../core/ledger/state.ts';
import { strategyGauges } from '../../core/ledger/strategy-gauges.ts';
import {
  account,
  bust,
  cash,
  control,
  correction,
  heartbeat,
  instrument,
  mark,
  monday,
  order,
  rate,
  snapshot,
  strategyState,
  trade,
} from './events.ts';

/** Histories a run; `npm run test:nightly` takes 10,000, and other ones each night: a failure names its seed, and SEED repeats it. */
const histories = Number(process.env['HISTORIES'] ?? 300);
const seed = Number(process.env['SEED'] ?? (process.env['HISTORIES'] === undefined ? 20260309 : Date.now() % 2 ** 31));
const always = { receivedAtMs: Number.POSITIVE_INFINITY };
const numRuns = { numRuns: histories, seed };
const timeout = 10_000 + histories * 200;

interface Step {
  readonly kind: number;
  readonly gap: number;
  readonly quantity: number;
  readonly price: number;
  readonly pick: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.integer({ min: 0, max: 26 }),
  gap: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 400 }) },
    { weight: 1, arbitrary: fc.integer({ min: 20_000, max: 90_000 }) },
  ),
  quantity: fc.integer({ min: 1, max: 30 }),
  price: fc.integer({ min: -50, max: 4000 }),
  pick: fc.nat(),
});

const instruments = ['BTC-USD', 'ETH-USD', 'ES', 'XBTUSD'];

/** A history in order of time, with every kind of event that money depends on. Each event has its own place in time. */
function historyOf(steps: readonly Step[]): NightdeskEvent[] {
  const events: NightdeskEvent[] = [account(0, '10000')];
  const trades: ExecutionEvent[] = [];
  const amendments: ExecutionEvent[] = [];
  let at = 0;
  const amend = (event: ExecutionEvent) => {
    amendments.push(event);
    events.push(event);
  };
  for (const { kind, gap, quantity, price, pick } of steps) {
    at += gap;
    const instrumentId = instruments[pick % instruments.length]!;
    const size = kind % 3 === 0 ? `${quantity}` : kind % 3 === 1 ? `0.${quantity}` : `${quantity}.125`;
    const px = kind % 2 === 0 ? `${price}` : `${price}.${pick % 1000}`;
    const chosen = trades[pick % Math.max(1, trades.length)];
    if (kind < 12) {
      const fees = pick % 4 === 0 ? [{ amount: '0.003', currency: 'BNB' }] : [{ amount: `0.${quantity}`, currency: 'USD' }];
      const next = trade(at, pick % 2 === 0 ? 'buy' : 'sell', size, px, { instrumentId, fees });
      trades.push(next);
      events.push(next);
    } else if (kind === 12) events.push(mark(at, px, instrumentId));
    else if (kind === 13) events.push(rate(at, 'BNB', 'USD', `${200 + (pick % 100)}.5`));
    else if (kind === 14) events.push(cash(at, pick % 2 === 0 ? 'funding' : 'withdrawal', `-0.${quantity}`, { instrumentId }));
    else if (kind === 15 && chosen !== undefined) amend(bust(at, chosen));
    else if (kind === 16 && chosen !== undefined) amend(correction(at, chosen, { lastPx: px, lastQty: size }));
    // What was corrected is busted, and what was busted is corrected after all.
    else if (kind === 22 && amendments.length > 0) amend(bust(at, amendments[pick % amendments.length]!));
    else if (kind === 23 && amendments.length > 0) amend(correction(at, amendments[pick % amendments.length]!, { lastPx: px }));
    else if (kind === 24) events.push(control(at, pick % 2 === 0 ? 'halt' : 'resume'));
    else if (kind === 25) events.push(instrument(at, { instrumentId: 'XBTUSD', inverse: true, multiplier: '100', baseCurrency: 'BTC' }));
    else if (kind === 26) events.push(rate(at, 'BTC', 'USD', `${30_000 + (pick % 1000)}`));
    else if (kind === 17) events.push(instrument(at, { instrumentId: 'ES', multiplier: '50', quoteCurrency: 'USD' }));
    else if (kind === 18) events.push({ ...instrument(at, { instrumentId }), kind: 'corporateAction', splitRatio: '2' });
    else if (kind === 19) events.push({ ...instrument(at, { instrumentId: 'BTC-USD' }), kind: 'corporateAction', newInstrumentId: 'XBT' });
    else if (kind === 20) events.push(instrument(at, { instrumentId: 'ETH-USD', baseCurrency: 'BNB', quoteCurrency: 'USD' }));
    else events.push(snapshot(at, size), heartbeat(at), cash(at, 'deposit', `${quantity}`));
  }
  return events;
}

/** What anybody can see of a state. */
function visible(state: StrategyState) {
  const nowMs = monday + 40 * 86_400_000;
  return {
    score: scoreStrategy(state),
    gauges: strategyGauges(state, nowMs),
    positions: positionsOf(state, nowMs),
    incomplete: incompleteReasons(state),
  };
}

const wide: Retention = { ...storedRetention, horizonMs: 400 * 86_400_000 };

type CostMethod = StrategyConfig['costMethod'];

function foldAll(
  batches: readonly (readonly NightdeskEvent[])[],
  retention?: Retention,
  costMethod: CostMethod = 'average',
): StrategyState {
  const state = strategyState({ costMethod }, retention);
  for (const batch of batches) foldBatch(state, batch, { receivedAtMs: Number.POSITIVE_INFINITY });
  return state;
}

function foldStored(
  batches: readonly (readonly NightdeskEvent[])[],
  retention: Retention,
  costMethod: CostMethod = 'average',
): StrategyState {
  let state = strategyState({ costMethod }, retention);
  for (const batch of batches) {
    foldBatch(state, batch, { receivedAtMs: Number.POSITIVE_INFINITY });
    const { head, parts } = encodeState(state);
    state = decodeState(head, JSON.parse(JSON.stringify(parts)), undefined, retention);
  }
  return state;
}

function cut<T>(items: readonly T[], sizes: readonly number[]): T[][] {
  const batches: T[][] = [];
  let at = 0;
  for (let turn = 0; at < items.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    batches.push(items.slice(at, at + size));
    at += size;
  }
  return batches;
}

/** Deterministic shuffle by a list of random numbers. */
function shuffled<T>(items: readonly T[], keys: readonly number[], reach: number): T[] {
  return items
    .map((item, at) => ({ item, key: at + ((keys[at % keys.length] ?? 0) % (2 * reach + 1)) - reach, at }))
    .sort((a, b) => a.key - b.key || a.at - b.at)
    .map(({ item }) => item);
}

/** Rates, busts, corrections and instruments: they change what has been folded before. */
const changesThePast: ReadonlySet<number> = new Set([13, 15, 16, 17, 20, 22, 23, 25, 26]);

const disorder = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 90 }),
  keys: fc.array(fc.nat(100_000), { minLength: 7, maxLength: 60 }),
  reach: fc.constantFrom(2, 10, 1000),
  sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
  copies: fc.array(fc.nat(), { maxLength: 20 }),
  costMethod: fc.constantFrom<CostMethod>('average', 'fifo'),
});

describe('the same events give the same state', { timeout }, () => {
  test('in any order, with any duplicates, in any batches', () => {
    fc.assert(
      fc.property(disorder, ({ steps, keys, reach, sizes, copies, costMethod }) => {
        const events = historyOf(steps);
        const ordered = foldAll([events], undefined, costMethod);
        const doubled = [...events, ...copies.map(at => events[at % events.length]!)];
        const messy = foldAll(cut(shuffled(doubled, keys, reach), sizes), undefined, costMethod);
        expect(visible(messy)).toEqual(visible(ordered));
        expect(canonicalState(messy)).toBe(canonicalState(ordered));
        expect(canonicalMemory(messy)).toBe(canonicalMemory(ordered));
        expect(messy.counts.accepted).toBe(ordered.counts.accepted);
        expect(messy.counts.duplicates).toBe(copies.length);
      }),
      numRuns,
    );
  });

  test('when it is saved and loaded after every batch', () => {
    fc.assert(
      fc.property(disorder, ({ steps, keys, reach, sizes, copies, costMethod }) => {
        const events = historyOf(steps);
        const messy = shuffled([...events, ...copies.map(at => events[at % events.length]!)], keys, reach);
        const [stored, ordered] = [foldStored(cut(messy, sizes), wide, costMethod), foldAll([events], wide, costMethod)];
        expect(visible(stored)).toEqual(visible(ordered));
        expect(canonicalState(stored)).toBe(canonicalState(ordered));
        expect(canonicalMemory(stored)).toBe(canonicalMemory(ordered));
        expect(stored.counts.duplicates).toBe(copies.length);
      }),
      numRuns,
    );
  });

  test('when old entries have been forgotten, as long as nothing older comes', () => {
    fc.assert(
      fc.property(disorder, ({ steps, sizes, costMethod }) => {
        const events = historyOf(steps.filter(({ kind }) => !changesThePast.has(kind)));
        const bounded: Retention = { ...storedRetention, entries: 40, horizonMs: 86_400_000 };
        const [stored, whole] = [foldStored(cut(events, sizes), bounded, costMethod), foldAll([events], undefined, costMethod)];
        expect(visible(stored)).toEqual(visible(whole));
        expect(canonicalState(stored)).toBe(canonicalState(whole));
        expect(canonicalMemory(stored)).toBe(canonicalMemory(whole));
      }),
      numRuns,
    );
  });
});

test('encoding what was decoded gives the same text', { timeout }, () => {
  fc.assert(
    fc.property(disorder, ({ steps, sizes }) => {
      const state = foldStored(cut([...historyOf(steps), order(1, 'o1', 'pendingNew'), order(2, 'o1', 'new')], sizes), wide);
      const encoded = encodeState(state);
      expect(encodeState(decodeState(encoded.head, encoded.parts, undefined, wide))).toEqual(encoded);
    }),
    { ...numRuns, numRuns: Math.ceil(histories / 5) },
  );
});

test('a strategy of many instruments rewrites those that it trades', () => {
  const state = strategyState({}, storedRetention);
  const at = (nth: number) => trade(nth, nth % 2 === 0 ? 'buy' : 'sell', '1', '100', { instrumentId: `OPT-${nth % 400}` });
  for (let from = 0; from < 2000; from += 100)
    foldBatch(
      state,
      Array.from({ length: 100 }, (_, nth) => at(from + nth)),
      always,
    );
  const before = encodeState(state).parts;
  foldBatch(state, [at(2000), at(2001), at(2399)], always);
  const { head, parts } = encodeState(state);
  const rewritten = Object.keys(parts).filter(name => name.startsWith('books') && parts[name] !== before[name]);
  expect(rewritten).toEqual(['books-0', 'books-49']);
  expect(head.length).toBeLessThan(6000);
  const loaded = decodeState(head, parts);
  expect(canonicalState(loaded)).toBe(canonicalState(state));
  expect(encodeState(loaded)).toEqual({ head, parts });
});
