import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alpha, beta, captureRatio, informationRatio, trackingError } from '../../core/performance/benchmark.ts';
import {
  currentDrawdown,
  longestRecovery,
  maxDrawdown,
  moneyDrawdowns,
  timeUnderWater,
  ulcerIndex,
} from '../../core/performance/drawdown.ts';
import { annualGrowth, compoundReturn, growthOf, perPeriodRate, stability, volatility } from '../../core/performance/growth.ts';
import { deviationOf, excessKurtosisOf, percentileOf, skewnessOf, sumOf, varies } from '../../core/performance/moments.ts';
import { normalCdf, normalQuantile } from '../../core/performance/normal.ts';
import { minimumTrackRecord, probabilisticSharpe } from '../../core/performance/probabilistic.ts';
import { calmar, omega, sharpe, sharpeOverAnnualRate, sortino, tailRatio } from '../../core/performance/ratios.ts';
import { rollingMaxDrawdown, rollingSharpe } from '../../core/performance/rolling.ts';
import { summarize } from '../../core/performance/summary.ts';
import { conditionalValueAtRisk, normalValueAtRisk, valueAtRisk } from '../../core/performance/tail-risk.ts';
import { tradeStatistics } from '../../core/performance/trades.ts';

const returns = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 5, maxLength: 80 });

describe('what means nothing is absent', () => {
  const constant = Array.from({ length: 100 }, () => 1e-7);
  test.each([
    ['Sharpe of a constant series', sharpe(constant, 252)],
    ['Sharpe of one return', sharpe([0.01], 252)],
    ['Sortino without a loss', sortino([0.01, 0.02], 252)],
    ['Calmar without a drawdown', calmar([0.01, 0.02], 252)],
    ['Omega without a loss', omega([0.01, 0.02], 252)],
    ['Omega with a required return of −1000 %', omega([0.01, -0.02], 252, 0, -10)],
    ['tail ratio of nothing', tailRatio([])],
    ['drawdown of nothing', maxDrawdown([])],
    ['growth of an account below zero', annualGrowth([-1.5], 252)],
    ['volatility of one return', volatility([0.01], 252)],
    ['beta against a constant', beta([0.1, 0.2], [0.01, 0.01])],
    ['information ratio against itself', informationRatio([0.1, 0.2], [0.1, 0.2], 252)],
    ['value at risk of nothing', valueAtRisk([])],
    ['PSR of three returns', probabilisticSharpe([0.1, 0.2, 0.05])],
    ['minimum track record of a loser', minimumTrackRecord([-0.1, 0.02, -0.05, -0.01])],
    ['profit factor without a loss', tradeStatistics([10, 20]).profitFactor],
    ['win rate of breakevens only', tradeStatistics([0, 0]).winRate],
  ])('%s', (_, value) => {
    expect(value).toBeUndefined();
  });

  test('no function answers NaN or infinity', () => {
    const wild = fc.array(fc.oneof(fc.double({ min: -1.5, max: 2, noNaN: true }), fc.constant(0), fc.constant(null), fc.constant(-1)), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(wild, series => {
        for (const value of Object.values(summarize(series, { periodsPerYear: 252, riskFree: 0.02 })))
          expect(Number.isFinite(value)).toBe(true);
      }),
    );
  });
});

describe('ratios', () => {
  test('a yearly risk-free rate is converted geometrically, never subtracted raw', () => {
    const sample = [0.01, -0.02, 0.03, 0.005];
    expect(sharpeOverAnnualRate(sample, 252, 0.02)).toBe(sharpe(sample, 252, 1.02 ** (1 / 252) - 1));
    expect(perPeriodRate(-1, 252)).toBeUndefined();
  });

  test('Sharpe does not change when returns and rate shift together', () => {
    fc.assert(
      fc.property(returns, fc.double({ min: -0.01, max: 0.01, noNaN: true }), (series, shift) => {
        const plain = sharpe(series, 252, 0.001);
        const shifted = sharpe(
          series.map(value => value + shift),
          252,
          0.001 + shift,
        );
        if (plain === undefined || shifted === undefined || deviationOf(series)! < 1e-6) return;
        expect(shifted).toBeCloseTo(plain, 5);
      }),
    );
  });

  test('Sortino does not care for the order of returns', () => {
    fc.assert(
      fc.property(returns, series => {
        const forward = sortino(series, 252);
        const backward = sortino([...series].reverse(), 252);
        if (forward === undefined) expect(backward).toBeUndefined();
        else expect(backward! / forward).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('drawdown', () => {
  test('the first day’s loss counts', () => {
    const series = [-0.1, 0.02, -0.05, 0.01];
    expect(maxDrawdown(series)).toBeCloseTo(-0.1279, 12);
    expect(maxDrawdown(series, 'firstValue')).toBeCloseTo(-0.05, 12);
    expect(currentDrawdown(series)).toBeCloseTo(0.9 * 1.02 * 0.95 * 1.01 - 1, 12);
  });

  test('is never deeper over a part than over the whole', () => {
    fc.assert(fc.property(returns, series => rollingMaxDrawdown(series, 3).every(part => part >= maxDrawdown(series)! - 1e-12)));
  });

  test('the largest in money and the largest in proportion are different events', () => {
    expect(moneyDrawdowns([0, -500, 500, 10000, -1000], 1000)).toEqual({
      byMoney: { money: 1000, ratio: 1000 / 11000 },
      byRatio: { money: 500, ratio: 0.5 },
    });
  });

  test.each([
    [[100, 90, 95, 90], 3, 0],
    [[100, 90, 100], 0, 2],
    [[100], 0, 0],
    [[100, 90, 80, 100, 99, 101], 0, 3],
  ])('%j is under water for %i and took %i to recover', (values, under, recovery) => {
    expect(timeUnderWater(values)).toBe(under);
    expect(longestRecovery(values)).toBe(recovery);
  });

  test('ulcer index of one dip', () => {
    expect(ulcerIndex([100, 90, 100])).toBeCloseTo(0.1 / Math.sqrt(3), 12);
  });
});

describe('distribution', () => {
  test.each([
    [0, 0.5],
    [1, 0.8413447460685429],
    [-1.959963984540054, 0.025],
    [3.5, 0.9997673709209645],
    [-6, 9.865876450376981e-10],
  ])('normal distribution at %f is %f', (z, p) => {
    expect(normalCdf(z)).toBeCloseTo(p, 14);
    expect(normalQuantile(p)).toBeCloseTo(z, 7);
  });

  test('type-7 percentiles as numpy', () => {
    expect(percentileOf([1, 2], 0.3)).toBeCloseTo(1.3, 12);
    expect(percentileOf([1, 81, 82, 83, 84, 85], 0.3)).toBe(81.5);
  });

  test('the mean of the worst is at most the value at risk', () => {
    fc.assert(fc.property(returns, series => conditionalValueAtRisk(series)! <= valueAtRisk(series)! + 1e-12));
    expect(normalValueAtRisk([0.01, 0.03])).toBeCloseTo(0.02 - 1.6448536269514722 * Math.SQRT2 * 0.01, 12);
  });

  test('skewness and kurtosis of a symmetric sample', () => {
    expect(skewnessOf([-2, -1, 0, 1, 2])).toBeCloseTo(0, 12);
    expect(excessKurtosisOf([-2, -1, 0, 1, 2])).toBeCloseTo(-1.2, 12);
  });

  test('long sums do not drift', () => {
    expect(sumOf([1e9, ...Array.from({ length: 100_000 }, () => 0.1)])).toBeCloseTo(1e9 + 1e4, 6);
    expect(varies([0.1 + 0.2, 0.3])).toBe(false);
  });
});

describe('growth and benchmarks', () => {
  test('intraday returns compound, never sum', () => {
    expect(compoundReturn([0.05, -0.05])).toBeCloseTo(-0.0025, 12);
    expect(growthOf([0.1, null, 0.1])).toBeCloseTo(1.21, 12);
  });

  test('twice the benchmark has beta two and no alpha', () => {
    const benchmark = [0.01, -0.02, 0.015, -0.005, 0.025];
    const double = benchmark.map(value => 2 * value);
    expect(beta(double, benchmark)).toBeCloseTo(2, 12);
    expect(alpha(double, benchmark, 252)).toBeCloseTo(0, 12);
    expect(trackingError(double, benchmark, 1)).toBeCloseTo(deviationOf(benchmark)!, 12);
    expect(captureRatio(benchmark, benchmark, 252)).toBe(1);
  });

  test('an outlier that leaves the window leaves nothing behind', () => {
    const series = [1e6, ...Array.from({ length: 30 }, (_, at) => (at % 2 === 0 ? 0.01 : -0.005))];
    expect(rollingSharpe(series, 20, 252).at(-1)).toBe(sharpe(series.slice(-20), 252));
  });

  test('a straight line of growth is perfectly stable', () => {
    expect(stability([0.01, 0.01, 0.01])).toBeCloseTo(1, 12);
  });
});

describe('the summary', () => {
  test('says the same as the single functions', () => {
    fc.assert(
      fc.property(returns, series => {
        const rate = perPeriodRate(0.02, 252)!;
        expect(summarize(series, { periodsPerYear: 252, riskFree: 0.02 })).toMatchObject(
          JSON.parse(
            JSON.stringify({
              n: series.length,
              sharpe: sharpe(series, 252, rate),
              sortino: sortino(series, 252, rate),
              calmar: calmar(series, 252),
              omega: omega(series, 252, rate),
              maxDrawdown: maxDrawdown(series),
              valueAtRisk: valueAtRisk(series),
              conditionalValueAtRisk: conditionalValueAtRisk(series),
              tailRatio: tailRatio(series),
              probabilisticSharpe: probabilisticSharpe(series, 0, rate),
            }),
            (_, value) => (value === null ? undefined : value),
          ),
        );
      }),
    );
  });
});
