import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { encodeState } from '../../core/ledger/codec.ts';
import { refold } from '../../core/ledger/refold.ts';
import { add, formatDecimal, parseDecimal, subtract, zero } from '../../core/money/decimal.ts';
import { distributions } from '../../core/report/distribution.ts';
import { type InstrumentRow, type ReportInput, reportStrategy, type StrategyReport } from '../../core/report/strategy-report.ts';
import { windowOf } from '../../core/report/window.ts';
import { account, cash, folded, instrument, mark, monday, trade } from '../ledger/events.ts';

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
    instrumentId: fc.constantFrom('BTC-USD', 'ETH-USD'),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    quantity: fc.integer({ min: 1, max: 5 }),
    price: fc.integer({ min: 90, max: 110 }),
    fee: fc.integer({ min: -1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant('funding' as const),
    instrumentId: fc.constantFrom('BTC-USD', 'ETH-USD', undefined),
    amount: fc.integer({ min: -5, max: 5 }),
  }),
  fc.record({ kind: fc.constant('deposit' as const), amount: fc.integer({ min: 1, max: 50 }) }),
);

const history = fc.array(fc.record({ after: fc.integer({ min: 1, max: 40_000 }), action }), { minLength: 1, maxLength: 60 }).map(steps => {
  let at = 1;
  const events: NightdeskEvent[] = [account(0, '1000000')];
  for (const { after, action: step } of steps) {
    at += after;
    const instrumentId = 'instrumentId' in step ? step.instrumentId : undefined;
    const of = instrumentId === undefined ? {} : { instrumentId };
    if (step.kind === 'trade')
      events.push(trade(at, step.side, String(step.quantity), String(step.price), { fee: String(step.fee), ...of }));
    else events.push(cash(at, step.kind, String(step.amount), of));
  }
  return { events, days: Math.ceil(at / day) + 1 };
});

const sumOf = (rows: readonly InstrumentRow[], kind: 'gross' | 'fees' | 'funding' | 'net'): string =>
  formatDecimal(rows.reduce((sum, row) => add(sum, parseDecimal(row[kind])), zero));

test('an instrument that is renamed within the days takes along what it had before them, so that nothing of it counts twice', () => {
  const renamed = { ...instrument(day + 20, { instrumentId: 'OLD' }), kind: 'corporateAction' as const, newInstrumentId: 'NEW' };
  const events = [
    account(0, '1000'),
    trade(10, 'buy', '2', '100', { instrumentId: 'OLD', fee: '1' }),
    trade(20, 'sell', '1', '150', { instrumentId: 'OLD', fee: '1' }),
    cash(30, 'interest', '4'),
    renamed,
    trade(day + 30, 'sell', '1', '120', { instrumentId: 'NEW', fee: '3' }),
  ];
  expect(report(events, 'day', 0).byInstrument).toEqual([
    { instrumentId: 'OLD', gross: '50', fees: '2', funding: '0', net: '48' },
    { gross: '0', fees: '0', funding: '4', net: '4' },
  ]);
  expect(report(events, 'day', 1).byInstrument).toEqual([{ instrumentId: 'NEW', gross: '20', fees: '3', funding: '0', net: '17' }]);
});

test('returns of longer periods are spread as their days compound', () => {
  const days = ['2025-12-30', '2025-12-31', '2026-01-01', '2026-01-05', '2026-01-06'].map((date, at) => ({ date, return: (at + 1) / 100 }));
  const [single, weeks, months, quarters, years] = distributions(days);
  expect(single).toEqual({ label: 'Days', n: 5, least: 0.01, low: 0.02, middle: 0.03, high: 0.04, most: 0.05 });
  expect(weeks).toMatchObject({
    label: 'Weeks',
    n: 2,
    least: expect.closeTo(1.01 * 1.02 * 1.03 - 1, 12),
    most: expect.closeTo(1.04 * 1.05 - 1, 12),
  });
  expect([months, quarters, years].map(each => [each?.label, each?.n])).toEqual([
    ['Months', 2],
    ['Quarters', 2],
    ['Years', 2],
  ]);
  expect(distributions(days.slice(0, 1))).toEqual([]);
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
        for (const kind of ['gross', 'fees', 'funding', 'net'] as const) {
          for (const each of [whole, ...parts]) expect(sumOf(each.byInstrument!, kind), kind).toBe(each.money[kind]);
          for (const instrumentId of ['BTC-USD', 'ETH-USD', undefined]) {
            const own = (each: StrategyReport) => each.byInstrument!.filter(row => row.instrumentId === instrumentId);
            expect(sumOf(parts.flatMap(own), kind), instrumentId).toBe(sumOf(own(whole), kind));
          }
        }
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
