import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { encodeState } from '../../core/ledger/codec.ts';
import { refold } from '../../core/ledger/refold.ts';
import { add, formatDecimal, parseDecimal, subtract, zero } from '../../core/money/decimal.ts';
import { type ReportInput, reportStrategy } from '../../core/report/strategy-report.ts';
import { windowOf } from '../../core/report/window.ts';
import { account, cash, folded, mark, monday, trade } from '../ledger/events.ts';

const day = 86_400;
const firstDay = monday / 86_400_000;

const report = (events: readonly NightdeskEvent[], period: 'all' | 'day' | 'week', dayOffset: number, more: Partial<ReportInput> = {}) =>
  reportStrategy({
    state: folded(events).state,
    window: windowOf(period, firstDay + dayOffset),
    nowMs: monday + 40 * day * 1000,
    limits: {},
    ...more,
  });

/** Won 50 less 2 on Monday; lost 30 less 2 on Tuesday, opened on Monday. */
const twoDays = [
  account(0, '1000'),
  trade(10, 'buy', '10', '100', { fee: '1' }),
  trade(20, 'sell', '10', '105', { fee: '1' }),
  trade(30, 'buy', '10', '100', { fee: '1' }),
  mark(day - 10, '98'),
  trade(day + 10, 'sell', '10', '97', { fee: '1' }),
  mark(day + 20, '97'),
];

describe('a report of one day', () => {
  test('counts the trips that ended in it, and the money of its entries', () => {
    const monday = report(twoDays, 'day', 0);
    expect(monday.trades).toMatchObject({ n: 1, wins: 1, fills: 3, profits: [48] });
    expect(monday.money).toMatchObject({ gross: '50', fees: '3', net: '47', pnl: '27', equityStart: '1000' });
    const tuesday = report(twoDays, 'day', 1);
    expect(tuesday.trades).toMatchObject({ n: 1, losses: 1, fills: 1, profits: [-32] });
    expect(tuesday.money).toMatchObject({ gross: '-30', fees: '1', net: '-31', pnl: '-11', equityStart: '1027', equityEnd: '1016' });
  });

  test('knows the return, the deepest fall, and how much was at stake', () => {
    const tuesday = report(twoDays, 'day', 1);
    expect(tuesday.days).toEqual([{ date: '2026-03-10', pnl: '-11', return: expect.closeTo(-11 / 1027, 12), equity: 1016 }]);
    expect(tuesday.drawdowns).toEqual([
      { peak: 'before 2026-03-10', trough: '2026-03-10', depth: expect.closeTo(-11 / 1027, 12), days: 1 },
    ]);
    expect(report(twoDays, 'day', 0).exposure).toMatchObject({ peakGross: 1000, largest: new Map([['BTC-USD', 10]]) });
    expect(report(twoDays, 'day', 0).exposure.timeInMarket).toBeCloseTo((10 + day - 30) / day, 12);
  });

  test('is empty where nothing happened, and says nothing that it cannot know', () => {
    const later = report(twoDays, 'day', 9);
    expect(later.days).toEqual([]);
    expect(later.figures.summary.n).toBe(0);
    expect(later.trades).toMatchObject({ n: 0, fills: 0 });
    expect(later.money.gross).toBe('0');
  });

  test('without capital there are profits but no returns', () => {
    const unknown = report(twoDays.slice(1), 'all', 1);
    expect(unknown.money).toMatchObject({ pnl: '16', net: '16' });
    expect(unknown.figures.summary.n).toBe(0);
    expect(unknown.days[0]).toEqual({ date: '2026-03-09', pnl: '27' });
  });
});

test('compares with a market day by day', () => {
  const closes = new Map([99, 100, 110, 99].map((close, at) => [firstDay - 1 + at, close] as const));
  const { benchmark } = report(twoDays, 'all', 1, { benchmark: { name: 'market', closes } });
  expect(benchmark).toMatchObject({ n: 2, totalReturn: expect.closeTo(110 / 99 - 1, 12) });
});

const action = fc.oneof(
  fc.record({
    kind: fc.constant('trade' as const),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    quantity: fc.integer({ min: 1, max: 5 }),
    price: fc.integer({ min: 90, max: 110 }),
    fee: fc.integer({ min: -1, max: 3 }),
  }),
  fc.record({ kind: fc.constant('funding' as const), amount: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ kind: fc.constant('deposit' as const), amount: fc.integer({ min: 1, max: 50 }) }),
);

const history = fc.array(fc.record({ after: fc.integer({ min: 1, max: 40_000 }), action }), { minLength: 1, maxLength: 60 }).map(steps => {
  let at = 1;
  const events: NightdeskEvent[] = [account(0, '1000000')];
  for (const { after, action: step } of steps) {
    at += after;
    if (step.kind === 'trade') events.push(trade(at, step.side, String(step.quantity), String(step.price), { fee: String(step.fee) }));
    else events.push(cash(at, step.kind, String(step.amount), step.kind === 'funding' ? { instrumentId: 'BTC-USD' } : {}));
  }
  return { events, days: Math.ceil(at / day) + 1 };
});

describe('for any history', () => {
  test('days sum to the whole, exactly', () => {
    fc.assert(
      fc.property(history, ({ events, days }) => {
        const whole = report(events, 'all', days);
        const parts = Array.from({ length: days }, (_, at) => report(events, 'day', at));
        for (const name of ['gross', 'fees', 'funding', 'net', 'flows', 'pnl'] as const) {
          const sum = parts.reduce((total, part) => add(total, parseDecimal(part.money[name] ?? '0')), zero);
          expect(formatDecimal(sum), name).toBe(whole.money[name]);
        }
        expect(parts.reduce((sum, part) => sum + part.trades.n, 0)).toBe(whole.trades.n);
      }),
      { numRuns: 60 },
    );
  });

  test('telling the history again leaves the state as it was, and the trips sum to what the totals say', () => {
    fc.assert(
      fc.property(history, ({ events }) => {
        const { state } = folded(events);
        const before = encodeState(state);
        let won = zero;
        let trips = 0;
        refold(state, {
          entry: () => undefined,
          tripEnded: (_, net) => {
            trips++;
            won = add(won, net ?? zero);
          },
        });
        expect(encodeState(state)).toEqual(before);
        expect(trips).toBe(state.totals.trades);
        expect(formatDecimal(subtract(won, add(state.totals.winSum, state.totals.lossSum)))).toBe('0');
      }),
      { numRuns: 60 },
    );
  });
});
