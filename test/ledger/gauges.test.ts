import { describe, expect, test } from 'vitest';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { breachesOf } from '../../core/ledger/breaches.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { incompleteReasons } from '../../core/ledger/incomplete.ts';
import { positionsOf } from '../../core/ledger/positions.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { type Retention, storedRetention } from '../../core/ledger/state.ts';
import { strategyGauges } from '../../core/ledger/strategy-gauges.ts';
import { account, cash, folded, mark, monday, order, strategyState, trade } from './events.ts';

const day = 86_400;
const at = (seconds: number) => monday + seconds * 1000;

describe('gauges', () => {
  test('session profit starts anew each day and leaves deposits out', () => {
    const { state } = folded([
      account(0, '1000'),
      trade(1, 'buy', '1', '100'),
      mark(100, '90'),
      cash(day + 5, 'deposit', '500'),
      mark(day + 10, '70'),
    ]);
    expect(strategyGauges(state, at(day + 20))).toMatchObject({
      sessionPnl: -20,
      sessionLoss: 20,
      equity: 1470,
      unrealizedPnl: -30,
      markAgeSeconds: 10,
    });
    expect(strategyGauges(state, at(2 * day + 1))).toMatchObject({ sessionPnl: 0, sessionLoss: 0 });
  });

  test('money gauges are absent while a rate is missing, and say so', () => {
    const { state } = folded([account(0, '1000'), trade(1, 'buy', '1', '100', { fees: [{ amount: '1', currency: 'BNB' }] })]);
    const gauges = strategyGauges(state, at(2));
    for (const name of ['netPnl', 'fees', 'equity', 'sessionPnl', 'drawdown'] as const) expect(gauges).not.toHaveProperty(name);
    expect(gauges).toMatchObject({ incomplete: 1, grossPnl: 0, openPositions: 1 });
  });

  test('reject share and latency look at the last five minutes', () => {
    const { state } = folded([order(1, 'a', 'rejected'), order(900, 'b', 'new', { tsSubmitted: BigInt(at(899.9)) * 1_000_000n })]);
    expect(strategyGauges(state, at(901))).toMatchObject({ rejectShare: 0, openOrders: 1 });
    expect(strategyGauges(state, at(901)).orderAckLatencyP99Ms).toBeCloseTo(100, -1);
    expect(strategyGauges(state, at(3000))).not.toHaveProperty('rejectShare');
    expect(scoreStrategy(state).rejectRate).toBe(0.5);
  });

  test('positions come with the age of their mark and its origin', () => {
    const { state } = folded([trade(1, 'buy', '2', '100'), trade(1, 'sell', '1', '10', { instrumentId: 'ETH-USD' }), mark(61, '95')]);
    expect(positionsOf(state, at(121))).toMatchObject([
      {
        instrumentId: 'BTC-USD',
        qty: '2',
        avgPx: '100',
        markPx: '95',
        markFrom: 'mark',
        markAgeSeconds: 60,
        unrealizedPnl: '-10',
        ageSeconds: 120,
      },
      { instrumentId: 'ETH-USD', qty: '-1', markPx: '10', markFrom: 'execution', markAgeSeconds: 120, unrealizedPnl: '0' },
    ]);
  });
});

describe('hard limits', () => {
  const limits = { dailyLoss: '50', drawdown: 0.1, positionQty: '2', rejectShare: 0.4 };
  const broken = (events: readonly NightdeskEvent[], now = 200) => {
    const { state } = folded(events, { limits });
    return breachesOf(state, state.settings, at(now)).map(({ alarm, value, limit }) => [alarm, Math.round(value * 1000) / 1000, limit]);
  };
  const rejects = Array.from({ length: 10 }, (_, index) => order(100 + index, `o${index}`, index < 5 ? 'rejected' : 'new'));

  test.each([
    ['a loss at the limit is quiet', [account(0, '1000'), trade(1, 'buy', '1', '100'), mark(9, '50')], []],
    ['a loss beyond it is not', [account(0, '1000'), trade(1, 'buy', '1', '100'), mark(9, '49.99')], [['session-loss', 50.01, 50]]],
    ['a fall from the peak', [account(0, '300'), trade(1, 'buy', '1', '100'), mark(9, '69')], [['drawdown', 0.103, 0.1]]],
    ['a position, either way', [trade(1, 'sell', '2.001', '1')], [['position-limit', 2.001, 2]]],
    ['half of ten orders rejected', rejects, [['reject-share', 0.5, 0.4]]],
    ['fewer than ten orders say nothing', rejects.slice(0, 9), []],
    ['without capital a drawdown cannot be judged', [trade(1, 'buy', '1', '40'), mark(9, '1')], []],
  ])('%s', (_, events, expected) => {
    expect(broken(events)).toEqual(expected);
  });
});

describe('what is no longer kept', () => {
  const tight: Retention = { ...storedRetention, entries: 10, horizonMs: 3_600_000 };
  const history = Array.from({ length: 200 }, (_, index) =>
    trade(index * 600, index % 2 === 0 ? 'buy' : 'sell', '1', `${100 + (index % 7)}`, { fee: '0.5' }),
  );

  const stored = (events: readonly NightdeskEvent[]) => {
    const state = strategyState({ initialCapital: '1000', currency: 'USD' }, tight);
    for (let from = 0; from < events.length; from += 7)
      foldBatch(state, events.slice(from, from + 7), { receivedAtMs: Number.POSITIVE_INFINITY });
    return state;
  };

  test('is bounded, and the numbers are those of the whole', () => {
    const state = stored(history);
    expect(state.journal.entryCount).toBeLessThan(60);
    expect(scoreStrategy(state)).toEqual(scoreStrategy(folded(history, { initialCapital: '1000', currency: 'USD' }).state));
    expect(incompleteReasons(state)).toEqual([]);
  });

  test('is still known as a duplicate or a conflict, also after a save', () => {
    const { head, parts } = encodeState(stored(history));
    const state = decodeState(head, parts, undefined, tight);
    const { counts } = foldBatch(state, [history[0]!, { ...history[1]!, lastPx: '5' }, { ...history[2]!, lastQty: '1.000' }], {
      receivedAtMs: Number.POSITIVE_INFINITY,
    });
    expect(counts).toEqual({ accepted: 0, duplicates: 2, conflicting: 1, late: 0 });
  });

  test('cannot be changed without a rebuild, and says so', () => {
    const state = stored(history);
    const { findings, counts } = foldBatch(state, [trade(3, 'buy', '1', '100')], { receivedAtMs: Number.POSITIVE_INFINITY });
    expect(counts).toMatchObject({ accepted: 1, late: 1 });
    expect(findings.map(finding => finding.kind)).toContain('beyondRetention');
    expect(incompleteReasons(state)).toEqual(['needsRebuild']);
    expect(scoreStrategy(state).fills).toBe(201);
  });

  test('a stored state is small: the head below 16 KB, a batch below 10 KB', () => {
    const state = stored(history);
    const before = encodeState(state);
    foldBatch(state, [trade(200 * 600, 'buy', '1', '101', { fee: '0.5' })], { receivedAtMs: Number.POSITIVE_INFINITY });
    const after = encodeState(state);
    const written = Object.entries(after.parts).filter(([name, text]) => before.parts[name] !== text);
    expect(after.head.length).toBeLessThan(16_384);
    expect(after.head.length + written.reduce((sum, [, text]) => sum + text.length, 0)).toBeLessThan(10_000);
  });

  test('a new cost method or currency waits for a rebuild', () => {
    const { head, parts } = encodeState(stored(history));
    const before = decodeState(head, parts, undefined, tight);
    const state = decodeState(head, parts, { ...before.settings, costMethod: 'fifo', annualization: 252 }, tight);
    expect(state.settings).toMatchObject({ costMethod: 'average', annualization: 252 });
    expect(incompleteReasons(state)).toEqual(['needsRebuild']);
  });
});
