import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StrategyConfig } from '../../core/config/types.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { canonicalMemory, canonicalState } from '../../core/ledger/canonical.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { incompleteReasons } from '../../core/ledger/incomplete.ts';
import { positionsOf } from '../../core/ledger/positions.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { type Retention, type StrategyState, storedRetention } from '../../core/ledger/state.ts';
import { strategyGauges } from '../../core/ledger/strategy-gauges.ts';
import { monday, order, strategyState, trade } from './events.ts';
import { cut, historyOf, shuffled, step } from './histories.ts';

/** Histories a run; `npm run test:nightly` takes 10,000, and other ones each night: a failure names its seed, and SEED repeats it. */
const histories = Number(process.env['HISTORIES'] ?? 300);
const seed = Number(process.env['SEED'] ?? (process.env['HISTORIES'] === undefined ? 20260309 : Date.now() % 2 ** 31));
const always = { receivedAtMs: Number.POSITIVE_INFINITY };
const numRuns = { numRuns: histories, seed };
const timeout = 10_000 + histories * 200;

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
