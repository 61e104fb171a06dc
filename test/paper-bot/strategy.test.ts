import { describe, expect, it } from 'vitest';
import { meanReversion, type Strategy, trendFollowing } from '../../examples/paper-bot/strategy.ts';

/** What is wanted after each close, as a sign, when the wish is always granted at once. */
function sidesOf(strategy: Strategy, closes: readonly number[], largest: number): number[] {
  let held = 0;
  return closes.map(close => {
    held = (strategy.onClose(close, held)?.notional ?? 0) / largest;
    return Math.sign(held);
  });
}

const calm = Array.from({ length: 20 }, (_, at) => 100 + (at % 2));

describe('mean reversion', () => {
  const settings = { window: 20, enter: 2, leave: 0.5, stop: 6, patience: 5, largest: 1000 };
  const sides = (closes: readonly number[]) => sidesOf(meanReversion(settings), [...calm, ...closes], 1000).slice(calm.length - 1);

  it('wants nothing before its window is full, nor in a calm market', () => {
    expect(sidesOf(meanReversion(settings), calm, 1000).every(side => side === 0)).toBe(true);
  });

  it('sells what is stretched upwards and is out again at the mean', () => {
    expect(sides([103, 102, 100.5, 100.5])).toEqual([0, -1, -1, 0, 0]);
  });

  it('buys what is stretched downwards', () => {
    expect(sides([98])).toEqual([0, 1]);
  });

  it('gives up after its patience and waits for the mean before it tries again', () => {
    expect(sides([104, 104, 104, 104, 104, 104, 104, 104])).toEqual([0, -1, -1, -1, -1, -1, -1, 0, 0]);
  });
});

describe('trend following', () => {
  const settings = { fast: 3, slow: 8, band: 0.5, riskPerBar: 10, largest: 1000 };

  it('follows the side on which the fast average is', () => {
    const up = Array.from({ length: 30 }, (_, at) => 100 + at);
    const down = Array.from({ length: 30 }, (_, at) => 129 - 2 * at);
    const sides = sidesOf(trendFollowing(settings), [...up, ...down], 1000);
    expect([sides[6], sides[20], sides[59]]).toEqual([0, 1, -1]);
  });

  it('takes a smaller position the wilder the bars are, and never more than the largest', () => {
    const sizeAt = (step: number) => {
      const strategy = trendFollowing(settings);
      const closes = Array.from({ length: 40 }, (_, at) => 1000 * (1 + step) ** at);
      return closes.map(close => strategy.onClose(close, 0)).at(-1)!.notional;
    };
    expect(sizeAt(0.0001)).toBe(1000);
    expect(sizeAt(0.05)).toBeLessThan(sizeAt(0.02));
  });
});
