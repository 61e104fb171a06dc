import { describe, expect, it, test } from 'vitest';
import { createRandom } from '../../examples/paper-bot/random.ts';
import { acknowledgementMs, type Bar, feeOf, fillsOf, refusalOf, type Trouble, type WorkingOrder } from '../../examples/paper-bot/venue.ts';
import { venues } from '../../examples/paper-bot/venues.ts';

const venue = venues['kraken-sim'];
const calm: Trouble = { rejecting: false, slow: false, slippage: 0 };
const bar: Bar = { openMs: 0, closeMs: 60_000, open: 1000, high: 1010, low: 990, close: 1005 };

const order: WorkingOrder = {
  clOrdId: 'o1',
  orderId: 'v1',
  side: 'buy',
  ordType: 'limit',
  limitTicks: 995,
  lots: 100,
  filledLots: 0,
  submittedMs: 20,
  ackedMs: 60,
  cancelMs: 180_000,
  reduceOnly: false,
  arrivalTicks: 1000,
  traceId: 't1',
};

const fill = (changes: Partial<WorkingOrder>, trouble = calm, seed = 1) =>
  fillsOf({ ...order, ...changes }, bar, trouble, createRandom(seed, 'test'));
const lotsOf = (fills: readonly { readonly lots: number }[]) => fills.reduce((sum, { lots }) => sum + lots, 0);
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

describe('a limit order', () => {
  test.each([
    ['that the bar trades through fills whole', 995, 100],
    ['beyond the bar does not fill', 980, 0],
  ])('%s', (_what, limitTicks, lots) => {
    for (const seed of seeds) expect(lotsOf(fill({ limitTicks }, calm, seed))).toBe(lots);
  });

  it('that the bar only touches fills in part, at its price, as maker', () => {
    for (const seed of seeds) {
      const fills = fill({ limitTicks: 990 }, calm, seed);
      expect(lotsOf(fills)).toBeGreaterThan(0);
      expect(lotsOf(fills)).toBeLessThan(100);
      expect(fills.every(({ ticks, liquidity }) => ticks === 990 && liquidity === 'maker')).toBe(true);
    }
  });

  it('fills between its acknowledgement and its cancel', () => {
    for (const seed of seeds) {
      const times = fill({ cancelMs: 5000 }, calm, seed).map(({ atMs }) => atMs);
      expect(times.every(atMs => atMs > 60 && atMs < 5000)).toBe(true);
    }
  });
});

describe('a market order', () => {
  const market = { ordType: 'market' as const, limitTicks: undefined as unknown as number };

  it('fills whole, never better than the mid, as taker', () => {
    for (const seed of seeds) {
      const fills = fill(market, calm, seed);
      expect(lotsOf(fills)).toBe(100);
      expect(fills.every(({ ticks, liquidity }) => ticks > 1000 && liquidity === 'taker')).toBe(true);
    }
  });

  it('fills far away when the book is nearly empty', () => {
    expect(fill(market, { ...calm, slippage: 0.05 }).every(({ ticks }) => ticks > 1050)).toBe(true);
    expect(fill({ ...market, side: 'sell' }, { ...calm, slippage: 0.05 }).every(({ ticks }) => ticks < 950)).toBe(true);
  });
});

describe('a fee', () => {
  test.each([
    ['taker', 2_000_000n, 700n],
    ['maker', -2_000_000n, 200n],
    ['maker', 5000n, 0n],
    ['maker', 15_000n, 2n],
  ] as const)('of a %s for %s is %s', (liquidity, notional, fee) => {
    expect(feeOf(venue, liquidity, notional)).toBe(fee);
  });

  it('is negative where the venue pays makers', () => {
    expect(feeOf(venues['okx-sim'], 'maker', 2_000_000n)).toBe(-100n);
  });
});

describe('a venue', () => {
  const many = Array.from({ length: 2000 });

  it('answers within half a second, and within seconds when it is slow', () => {
    const random = createRandom(3, 'test');
    expect(many.every(() => acknowledgementMs(venue, calm, random) < 500)).toBe(true);
    expect(many.every(() => acknowledgementMs(venue, { ...calm, slow: true }, random) >= 1500)).toBe(true);
  });

  it('refuses few orders, and nine in ten when it is told to', () => {
    const random = createRandom(3, 'test');
    const share = (trouble: Trouble) => many.filter(() => refusalOf(venue, trouble, random) !== undefined).length / many.length;
    expect(share(calm)).toBeLessThan(0.02);
    expect(share({ ...calm, rejecting: true })).toBeCloseTo(0.9, 1);
  });
});
