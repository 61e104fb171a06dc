import { describe, expect, it } from 'vitest';
import { parseCandles, randomCandles } from '../../examples/paper-bot/market.ts';

const csv = 'timestamp,open,high,low,close,volume\n2021-12-31 23:01:00.000000,46319.0,46385.0,46319.0,46377.0,2300413.7295\n';

describe('candles', () => {
  it('of a file are read as UTC', () => {
    expect(parseCandles(csv)).toEqual([{ closeMs: Date.UTC(2021, 11, 31, 23, 1), open: 46_319, high: 46_385, low: 46_319, close: 46_377 }]);
  });

  it('of a broken file are refused with the line', () => {
    expect(() => parseCandles(`${csv}2021-12-31 23:02:00,1,2,oops,4,5`)).toThrow(/^line 3: not a candle/);
    expect(() => parseCandles('a,b\n1,2')).toThrow(/^line 1: the header must be/);
  });

  it('that are made up are the same for the same seed, and have high and low around open and close', () => {
    const market = { startPrice: 100, trendShare: 0.5, firstCloseMs: 60_000, intervalMs: 60_000 };
    const make = (seed: number) => {
      const next = randomCandles({ ...market, seed });
      return Array.from({ length: 500 }, () => next()!);
    };
    expect(make(1)).toEqual(make(1));
    expect(make(1)).not.toEqual(make(2));
    const isSound = make(1).every(({ open, high, low, close }) => low <= Math.min(open, close) && high >= Math.max(open, close) && low > 0);
    expect(isSound).toBe(true);
  });
});
