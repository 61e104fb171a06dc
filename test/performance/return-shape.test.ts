import { describe, expect, test } from 'vitest';
import { drawdownsOf, underWater } from '../../core/performance/drawdown-list.ts';
import { returnShape } from '../../core/performance/return-shape.ts';

const returns = [0.02, -0.01, 0.03, 0, -0.02, 0.01, 0.01];

test('says how periods were won and lost', () => {
  const shape = returnShape(returns);
  expect(shape).toMatchObject({ best: 0.03, worst: -0.02, longestWinStreak: 2, longestLossStreak: 1 });
  expect(shape.winRate).toBeCloseTo(4 / 6, 12);
  expect(shape.averageWin).toBeCloseTo(0.0175, 12);
  expect(shape.averageLoss).toBeCloseTo(-0.015, 12);
  expect(shape.payoffRatio).toBeCloseTo(0.0175 / 0.015, 12);
  expect(shape.profitFactor).toBeCloseTo(0.07 / 0.03, 12);
  expect(shape.gainToPain).toBeCloseTo(0.04 / 0.03, 12);
  expect(shape.kelly).toBeCloseTo(4 / 6 - 2 / 6 / (0.0175 / 0.015), 12);
  expect(shape.riskOfRuin).toBeCloseTo((2 / 6 / (10 / 6)) ** 7, 12);
  expect(shape.expectedReturn).toBeCloseTo(returns.reduce((growth, value) => growth * (1 + value), 1) ** (1 / 7) - 1, 12);
});

test('the serial penalty is one without correlation and grows with it', () => {
  const alternating = [0.01, -0.01, 0.012, -0.011, 0.01, -0.01];
  const steady = [0.01, 0.011, 0.012, -0.01, -0.011, -0.012];
  expect(returnShape(alternating).autocorrelation).toBeLessThan(-0.9);
  expect(returnShape(alternating).serialPenalty).toBeGreaterThan(1.5);
  expect(returnShape(steady).serialPenalty).toBeGreaterThan(1);
});

describe('what is undefined is absent', () => {
  test.each([
    ['no returns', [], ['best', 'winRate', 'kelly', 'expectedReturn', 'recoveryFactor']],
    ['only wins', [0.01, 0.02], ['averageLoss', 'payoffRatio', 'profitFactor', 'kelly', 'recoveryFactor', 'serenityIndex']],
    ['no dispersion', [0.01, 0.01, 0.01], ['autocorrelation', 'serialPenalty']],
  ])('%s', (_, series, absent) => {
    const shape = returnShape(series);
    for (const name of absent) expect(shape, name).not.toHaveProperty(name);
    for (const value of Object.values(shape)) expect(Number.isFinite(value)).toBe(true);
  });
});

test.each([
  [
    'one that recovered, one that lasts',
    [100, 90, 95, 100, 110, 99, 105],
    [
      { peakAt: 4, troughAt: 5, depth: 99 / 110 - 1 },
      { peakAt: 0, troughAt: 1, recoveredAt: 3, depth: -0.1 },
    ],
  ],
  ['a fall from the capital on the first day', [1, 0.8], [{ peakAt: 0, troughAt: 1, depth: -0.2 }]],
  ['never below a high', [1, 1, 2], []],
  ['nothing', [], []],
])('lists drawdowns, deepest first: %s', (_, values, expected) => {
  const found = drawdownsOf(values);
  expect(
    found.map(({ depth, ...places }) => ({ ...places, depth: Number(depth.toFixed(12)) })).sort((a, b) => a.peakAt - b.peakAt),
  ).toEqual(expected.map(({ depth, ...places }) => ({ ...places, depth: Number(depth.toFixed(12)) })).sort((a, b) => a.peakAt - b.peakAt));
  for (let at = 1; at < found.length; at++) expect(found[at]!.depth).toBeGreaterThanOrEqual(found[at - 1]!.depth);
});

test('under water is the fall from the highest so far', () => {
  expect(underWater([1, 2, 1, 3])).toEqual([0, 0, -0.5, 0]);
});
