import { describe, expect, it } from 'vitest';
import { decimalsOf, type TickUnit, tickText } from '../../core/chart/tick-text.ts';

const units: readonly TickUnit[] = [
  [1e6, 1e6, 'M'],
  [1e4, 1e3, 'k'],
];

describe('labels of an axis', () => {
  it.each([
    [25_000, 5_000, '25k'],
    [102_500, 500, '102.5k'],
    [102_980, 10, '102.98k'],
    [102_985, 5, '102,985'],
    [102_985.5, 0.5, '102,985.5'],
    [1_000_200, 100, '1,000,200'],
    [1_250_000, 50_000, '1.25M'],
    [-2_500_000, 500_000, '-2.5M'],
    [1_500, 500, '1500'],
    [0.25, 0.25, '0.25'],
    [-1e-12, 0.5, '0'],
    [1e-7, 5e-8, '1e-7'],
  ])('%d with its neighbours %d away reads %s', (value, step, expected) => {
    expect(tickText(value, step, units)).toBe(expected);
  });

  it('are never alike for neighbours, whatever the size', () => {
    for (const start of [0, 99_990, 100_000, 999_950, 12_345_670])
      for (const step of [0.25, 0.5, 1, 2.5, 10, 200]) {
        const labels = [0, 1, 2, 3, 4].map(n => tickText(start + n * step, step, units));
        expect(new Set(labels).size, labels.join()).toBe(5);
      }
  });

  it('stay within their room, where a digit cut off would be another number', () => {
    expect(tickText(-1_000_200, 100, units, 10)).toBe('-1,000,200');
    expect(tickText(-1_000_200, 100, units, 9)).toBe('-1M');
  });

  it('have the decimals that their step has', () => {
    expect([5, 2.5, 0.25, 0.1, 1e-3, 0.3000000000000001].map(decimalsOf)).toEqual([0, 1, 2, 1, 3, 1]);
  });
});
