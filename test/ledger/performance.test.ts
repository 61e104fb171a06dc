import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarNamed } from '../../core/calendar/calendar.ts';
import { openTimeBetween } from '../../core/calendar/open-time.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { storedRetention } from '../../core/ledger/state.ts';
import { strategyGauges } from '../../core/ledger/strategy-gauges.ts';
import { account, cash, folded, mark, monday, strategyState, trade } from './events.ts';

const day = 86_400;

/** A strategy that only receives funding: its daily profits are exactly these. Deposits by day are no profit. */
function earning(profits: readonly number[], deposits: Readonly<Record<number, number>> = {}): NightdeskEvent[] {
  return [
    account(0, '1000'),
    ...profits.flatMap((profit, at) => [
      cash(at * day + 3600, 'funding', String(profit)),
      ...(deposits[at] === undefined ? [] : [cash(at * day + 7200, 'deposit', String(deposits[at]))]),
    ]),
  ];
}

const scored = (events: readonly NightdeskEvent[], settings = {}) => scoreStrategy(folded(events, settings).state);

/** The same figures, written from the definitions without looking at ours. Returns are plain numbers, the risk-free rate is per day. */
function bruteForce(r: readonly number[], perYear: number, rf: number) {
  const n = r.length;
  const mean = r.reduce((a, b) => a + b, 0) / n;
  const moment = (k: number) => r.reduce((sum, x) => sum + (x - mean) ** k, 0) / n;
  const deviation = Math.sqrt((moment(2) * n) / (n - 1));
  const below = Math.sqrt(r.reduce((sum, x) => sum + Math.min(x - rf, 0) ** 2, 0) / n);
  const curve = [1];
  for (const x of r) curve.push(curve.at(-1)! * (1 + x));
  const falls = curve.map((value, at) => value / Math.max(...curve.slice(0, at + 1)) - 1);
  const cagr = curve.at(-1)! ** (perYear / n) - 1;
  const deepest = Math.min(...falls);
  const ordered = [...r].sort((a, b) => a - b);
  const quantile = (share: number) => {
    const rank = share * (n - 1);
    const low = ordered[Math.floor(rank)]!;
    return low + ((ordered[Math.ceil(rank)] ?? low) - low) * (rank - Math.floor(rank));
  };
  const worst = ordered.slice(0, Math.floor((n - 1) * 0.05) + 1);
  const gains = r.reduce((sum, x) => sum + Math.max(x - rf, 0), 0);
  const losses = r.reduce((sum, x) => sum + Math.max(rf - x, 0), 0);
  return {
    totalReturn: curve.at(-1)! - 1,
    sharpe: ((mean - rf) / deviation) * Math.sqrt(perYear),
    sortino: ((mean - rf) / below) * Math.sqrt(perYear),
    volatility: deviation * Math.sqrt(perYear),
    downsideDeviation: below * Math.sqrt(perYear),
    cagr,
    calmar: cagr / -deepest,
    omega: gains / losses,
    maxDrawdown: deepest,
    currentDrawdown: falls.at(-1)!,
    skewness: (Math.sqrt(n * (n - 1)) / (n - 2)) * (moment(3) / moment(2) ** 1.5),
    excessKurtosis: ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * (moment(4) / moment(2) ** 2 - 3) + 6),
    valueAtRisk: quantile(0.05),
    conditionalValueAtRisk: worst.reduce((a, b) => a + b, 0) / worst.length,
    tailRatio: Math.abs(quantile(0.95)) / Math.abs(quantile(0.05)),
  };
}

describe('figures of daily returns', () => {
  test('a hand-made month: ten days of +1 %, ten of −1 % of the capital at the start', () => {
    const figures = scored(earning([...Array(10).fill(10), ...Array(10).fill(-10)]));
    expect(figures).toMatchObject({
      equity: '1000',
      returns: { n: 20, annualization: 365, riskFree: 0, provisional: true },
      maxDrawdownMoney: '-100',
      currentDrawdownMoney: '-100',
      timeUnderWater: 10,
      longestRecovery: 0,
    });
    expect(figures.maxDrawdown).toBeCloseTo(1000 / 1100 - 1, 14);
    expect(figures.totalReturn).toBeCloseTo(0, 14);
    expect(figures.windows[20]?.sharpe).toBe(figures.sharpe);
    expect(figures.windows[63]).toBeUndefined();
  });

  const profits = fc.array(fc.integer({ min: -60, max: 70 }), { minLength: 100, maxLength: 150 });

  test('equal a second implementation, for the whole life and in every window, whatever is deposited', () => {
    fc.assert(
      fc.property(
        profits,
        fc.dictionary(fc.integer({ min: 0, max: 99 }).map(String), fc.integer({ min: 1, max: 500 }), { maxKeys: 4 }),
        (series, deposits) => {
          fc.pre(new Set(series).size > 3);
          const figures = scored(earning(series, deposits), { riskFree: 0.03, annualization: 252 });
          let equity = 1000;
          const returns = series.map((profit, at) => {
            const r = profit / equity;
            equity += profit + (deposits[at] ?? 0);
            return r;
          });
          fc.pre(returns.every(r => r > -1) && equity > 0);
          for (const size of [returns.length, 20, 63] as const) {
            const found: Readonly<Record<string, unknown>> = { ...(size === returns.length ? figures : figures.windows[size as 20 | 63]) };
            const expected = bruteForce(returns.slice(-size), 252, 1.03 ** (1 / 252) - 1);
            const { valueAtRisk, conditionalValueAtRisk, tailRatio, ...always } = expected;
            const wanted = size >= 100 ? expected : always;
            for (const [name, value] of Object.entries(wanted)) {
              if (!Number.isFinite(value)) expect(found[name]).toBeUndefined();
              else expect(found[name], `${name} of ${size}`).toBeCloseTo(value, 7);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test.each([
    [19, { sharpe: false, provisional: undefined, tail: false }],
    [20, { sharpe: true, provisional: true, tail: false }],
    [59, { sharpe: true, provisional: true, tail: false }],
    [60, { sharpe: true, provisional: undefined, tail: false }],
    [99, { sharpe: true, provisional: undefined, tail: false }],
    [100, { sharpe: true, provisional: undefined, tail: true }],
  ])('%i returns are enough for some and not for others', (count, { sharpe, provisional, tail }) => {
    const figures = scored(earning(Array.from({ length: count }, (_, at) => (at % 3 === 0 ? -5 : 4))));
    expect(figures.sharpe !== undefined).toBe(sharpe);
    expect(figures.probabilisticSharpe !== undefined).toBe(sharpe);
    expect(figures.returns.provisional).toBe(provisional);
    expect(figures.valueAtRisk !== undefined).toBe(tail);
    expect(figures.maxDrawdown).toBeLessThan(0);
  });

  test('the deepest fall in money is another event than the deepest as a share', () => {
    const figures = scored(earning([-200, 200, 9000, -1000]));
    expect(figures.maxDrawdown).toBeCloseTo(-0.2, 12);
    expect(figures).toMatchObject({ maxDrawdownMoney: '-1000', currentDrawdownMoney: '-1000' });
  });

  test('a loss of the first day counts, and a recovery is measured in days', () => {
    const figures = scored(earning([-100, 50, 50, 10, -5]));
    expect(figures.maxDrawdown).toBeCloseTo(-0.1, 12);
    expect(figures).toMatchObject({ longestRecovery: 3, timeUnderWater: 1 });
  });
});

describe('a benchmark', () => {
  const prices = Array.from({ length: 40 }, (_, at) => 100 + 10 * Math.sin(at));
  const events = (own: (benchmark: number) => number): NightdeskEvent[] => {
    let equity = 1_000_000;
    return [
      account(0, '1000000'),
      ...prices.flatMap((price, at) => {
        const last = prices[at - 1];
        const gain = last === undefined ? 0 : Math.round(equity * own(price / last - 1));
        equity += gain;
        return [mark(at * day + 100, String(price), 'SPX'), cash(at * day + 200, 'funding', String(gain))];
      }),
    ];
  };

  test('gives beta, and alpha beyond it', () => {
    const figures = scored(
      events(r => 1.5 * r + 0.001),
      { benchmark: 'SPX', annualization: 252 },
    );
    expect(figures.beta).toBeCloseTo(1.5, 4);
    expect(figures.alpha).toBeCloseTo(1.001 ** 252 - 1, 3);
  });

  test('survives closed days, saving and loading', () => {
    const settings = { benchmark: 'SPX', initialCapital: '1000000', currency: 'USD' };
    let state = strategyState(settings, { ...storedRetention, horizonMs: 5 * day * 1000 });
    const history = events(r => 0.5 * r);
    for (let from = 0; from < history.length; from += 9) {
      foldBatch(state, history.slice(from, from + 9), { receivedAtMs: Number.POSITIVE_INFINITY });
      const { head, parts } = encodeState(state);
      state = decodeState(head, parts, state.settings, state.retention);
    }
    expect(state.closedDays.length).toBeGreaterThan(20);
    expect(scoreStrategy(state)).toEqual(scored(history, settings));
    const { head, parts } = encodeState(state);
    const other = decodeState(head, parts, { ...state.settings, benchmark: 'NDX' }, state.retention);
    expect(scoreStrategy(other).beta).toBeUndefined();
  });

  test.each([
    ['none is configured', {}],
    ['it has no marks', { benchmark: 'NDX' }],
  ])('says nothing while %s', (_, settings) => {
    expect(
      scored(
        events(r => r),
        settings,
      ).beta,
    ).toBeUndefined();
  });
});

describe('round trips', () => {
  const trip = (at: number, profit: number) => [trade(at, 'buy', '1', '100'), trade(at + 60, 'sell', '1', String(100 + profit))];
  const story = [account(0, '1000'), ...[5, 5, -2, 0, -2, -2, 8].flatMap((profit, at) => trip(at * 3600, profit))];

  test('payoff, expectancy, streaks, holding time: by hand', () => {
    expect(scored(story)).toMatchObject({
      trades: 7,
      wins: 3,
      losses: 3,
      breakeven: 1,
      winRate: 0.5,
      profitFactor: 3,
      payoffRatio: 3,
      averageWin: '6',
      averageLoss: '2',
      expectancy: '2',
      expectancyRatio: 1,
      streak: 1,
      longestWinStreak: 2,
      longestLossStreak: 3,
      meanHoldSeconds: 60,
      traded: '1412',
    });
  });

  test('in any order of arrival', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(story, { minLength: story.length }), shuffled => {
        expect(scored(shuffled)).toEqual(scored(story));
      }),
      { numRuns: 50 },
    );
  });

  test('time in the market is that of the open market: a weekend with a position is none', () => {
    // From Friday 15:00 to Monday 10:30 New York: one hour and one hour; the days are on both sides of the change to summer time.
    const at = (text: string) => (Date.parse(text) - monday) / 1000;
    const events = [
      trade(at('2026-03-06T20:00:00Z'), 'buy', '1', '100'),
      trade(at('2026-03-09T14:30:00Z'), 'sell', '1', '100'),
      trade(at('2026-03-09T18:30:00Z'), 'buy', '1', '100', { instrumentId: 'OTHER' }),
      trade(at('2026-03-09T19:30:00Z'), 'sell', '1', '100', { instrumentId: 'OTHER' }),
    ];
    const { state } = folded(events, { calendar: 'XNYS' });
    expect(strategyGauges(state, Date.parse('2026-03-09T20:00:00Z')).timeInMarket).toBeCloseTo(3 / 7.5, 12);
  });
});

describe('open time', () => {
  test.each(['24x7', 'XNYS', 'CME-equity', 'weekdays'])('of %s adds up over any division', name => {
    const calendar = calendarNamed(name);
    const instant = fc.integer({ min: Date.parse('2025-12-20T00:00:00Z'), max: Date.parse('2026-11-10T00:00:00Z') });
    fc.assert(
      fc.property(instant, instant, instant, (...instants) => {
        const [a, b, c] = instants.sort((x, y) => x - y) as [number, number, number];
        expect(openTimeBetween(calendar, a, b) + openTimeBetween(calendar, b, c)).toBe(openTimeBetween(calendar, a, c));
        expect(openTimeBetween(calendar, b, a)).toBe(0);
      }),
    );
  });

  test('of a New York day is six and a half hours, on both sides of a change of the clock', () => {
    const xnys = calendarNamed('XNYS');
    for (const date of ['2026-03-06', '2026-03-09', '2026-10-30', '2026-11-02'])
      expect(openTimeBetween(xnys, Date.parse(`${date}T00:00:00Z`), Date.parse(`${date}T23:59:00Z`))).toBe(6.5 * 3_600_000);
  });
});
