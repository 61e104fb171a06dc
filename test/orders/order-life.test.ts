import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExecutionEvent, NightdeskEvent, OrderEvent, OrderExecType } from '../../core/events/types.ts';
import { decodeState, encodeState } from '../../core/ledger/codec.ts';
import { foldBatch } from '../../core/ledger/fold.ts';
import { scoreStrategy } from '../../core/ledger/score.ts';
import { storedRetention } from '../../core/ledger/state.ts';
import { addToSketch, emptySketch, encodeSketch, mergeSketch, sketchValues } from '../../core/orders/latency-sketch.ts';
import {
  applyOrderEvent,
  applyOrderExecution,
  emptyOrderBook,
  type OrderBook,
  ordersAlone,
  unacknowledged,
  unanswered,
} from '../../core/orders/order-book.ts';
import { type Lately, noteRepeat } from '../../core/orders/repeats.ts';
import { account, bust, correction, folded, instrument, mark, monday, order, strategyState, trade } from '../ledger/events.ts';

const latencies = () => ({ orderAck: emptySketch(), orderFill: emptySketch(), orderCancel: emptySketch() });

function bookOf(events: readonly (OrderEvent | ExecutionEvent)[]): OrderBook {
  const book = emptyOrderBook({ open: 100, ended: 100 });
  const around = ordersAlone(latencies());
  for (const event of events) {
    if (event.eventType === 'order') applyOrderEvent(book, event, around);
    else applyOrderExecution(book, event, around);
  }
  return book;
}

const scored = (events: readonly NightdeskEvent[], settings = {}) => scoreStrategy(folded(events, settings).state);
const fill = (at: number, clOrdId: string, quantity: string, price = '100', more: Partial<ExecutionEvent> = {}) =>
  trade(at, 'buy', quantity, price, { clOrdId, ...more });

describe('each execution type', () => {
  test.each<[OrderExecType, { open: boolean; accepted: boolean }]>([
    ['pendingNew', { open: true, accepted: false }],
    ['new', { open: true, accepted: true }],
    ['triggered', { open: true, accepted: true }],
    ['stopped', { open: true, accepted: true }],
    ['suspended', { open: true, accepted: true }],
    ['restated', { open: true, accepted: true }],
    ['replaced', { open: true, accepted: true }],
    ['pendingCancel', { open: true, accepted: false }],
    ['pendingReplace', { open: true, accepted: false }],
    ['canceled', { open: false, accepted: true }],
    ['expired', { open: false, accepted: true }],
    ['done', { open: false, accepted: true }],
    ['calculated', { open: false, accepted: true }],
    ['rejected', { open: false, accepted: false }],
    ['denied', { open: false, accepted: false }],
  ])('%s, of an order that nobody has heard of: %j', (execType, { open, accepted }) => {
    const book = bookOf([order(1, 'a', execType)]);
    expect(book.open.size).toBe(open ? 1 : 0);
    expect(book.endedCount).toBe(open ? 0 : 1);
    expect(book.accepted).toBe(accepted ? 1 : 0);
  });

  test.each([
    ['new', true],
    ['partiallyFilled', true],
    ['canceled', false],
    ['expired', false],
    ['doneForDay', false],
  ])('status says how the order stands: %s', (ordStatus, open) => {
    expect(bookOf([order(1, 'a', 'status', { ordStatus })]).open.size).toBe(open ? 1 : 0);
  });

  test('a cancel has an id of its own and ends the order that it was asked for, with the time that it took', () => {
    const book = bookOf([
      order(1, 'a', 'new'),
      order(2, 'c', 'pendingCancel', { origClOrdId: 'a' }),
      order(2.5, 'c', 'canceled', { origClOrdId: 'a' }),
      order(2.6, 'c', 'canceled', { origClOrdId: 'a' }),
    ]);
    expect(book).toMatchObject({ submitted: 1, endedCount: 1, cancelLatency: { count: 1 } });
    expect(book.open.size).toBe(0);
  });

  test('a refused cancel leaves the order open, measured and counted by what was asked', () => {
    const book = bookOf([
      order(1, 'a', 'new'),
      order(2, 'a', 'pendingReplace'),
      order(3, 'a', 'rejected', { reject: { source: 'venue', request: 'replace' } }),
      order(4, 'c', 'pendingCancel', { origClOrdId: 'a' }),
      order(5, 'c', 'rejected', { origClOrdId: 'a', reject: { source: 'venue', request: 'cancel' } }),
    ]);
    expect(book.open.size).toBe(1);
    expect(book).toMatchObject({ rejected: 0, refusals: { cancel: 1, replace: 1, venue: 0 }, cancelLatency: { count: 2 } });
    expect(unanswered(book, monday + 60_000)).toBeUndefined();
  });

  test('refusals are told apart by who refused, and count in a row until one is accepted', () => {
    const book = bookOf([
      order(1, 'a', 'rejected', { reject: { source: 'venue' } }),
      order(2, 'b', 'denied'),
      order(3, 'c', 'rejected', { reject: { source: 'local' } }),
    ]);
    expect(book).toMatchObject({ refusals: { venue: 1, risk: 1, local: 1 }, rejectRun: 3 });
    expect(bookOf([order(1, 'a', 'rejected'), order(2, 'b', 'new')]).rejectRun).toBe(0);
  });

  test('who waits: the oldest order without an answer', () => {
    const book = bookOf([order(1, 'a', 'pendingNew'), order(5, 'b', 'pendingNew'), order(6, 'c', 'new'), order(8, 'c', 'pendingCancel')]);
    expect(unacknowledged(book, monday + 11_000)).toMatchObject({ clOrdId: 'a', longestMs: 10_000, count: 2 });
    expect(unanswered(book, monday + 11_000)).toMatchObject({ clOrdId: 'c', longestMs: 3000, count: 1 });
  });

  test('slices of one parent must not fill more than it asked for', () => {
    const slice = (at: number, id: string) => order(at, id, 'new', { parentOrderId: 'p', orderQty: '6' });
    const book = bookOf([order(1, 'p', 'new'), slice(2, 'x'), slice(3, 'y'), fill(4, 'x', '6'), fill(5, 'y', '4')]);
    expect(book.overfilled).toBe(0);
    expect(bookOf([order(1, 'p', 'new'), slice(2, 'x'), slice(3, 'y'), fill(4, 'x', '6'), fill(5, 'y', '5')]).overfilled).toBe(1);
  });

  test('a cancelled or corrected trade gives the order its quantity back', () => {
    const first = fill(2, 'a', '4');
    const { state } = folded([order(1, 'a', 'new'), first, bust(3, first), fill(4, 'a', '9')]);
    expect([...state.orders.open.values()]).toMatchObject([{ filled: { units: 9n } }]);
    const corrected = folded([order(1, 'a', 'new'), first, correction(3, first, { lastQty: '1' }), fill(4, 'a', '9')]).state;
    expect(corrected.orders).toMatchObject({ filledWhole: 1, overfilled: 0 });
    const early = folded([order(1, 'a', 'new'), bust(1.5, first), first]).state;
    expect([...early.orders.open.values()]).toMatchObject([{ filled: { units: 0n } }]);
  });
});

describe('what executing cost', () => {
  // 10 ordered at a decision of 100, sent at a mid of 101; 4 at 102 and 2 at 103; the rest given up at 105; fees 1.2.
  const story = [
    account(0, '10000'),
    order(1, 'a', 'new', { decisionPx: '100', arrivalMid: '101' }),
    fill(2, 'a', '4', '102', { liquidity: 'maker', fee: '0.8' } as Partial<ExecutionEvent>),
    fill(3, 'a', '2', '103', { liquidity: 'taker', fee: '0.4' } as Partial<ExecutionEvent>),
    mark(4, '105'),
    order(5, 'a', 'canceled', { cumQty: '6' }),
  ];

  test('slippage, shortfall with what was missed, maker share, order-to-trade ratio: by hand', () => {
    const { orders } = scored(story);
    expect(orders.slippage.n).toBe(1);
    expect(orders.slippage.bps).toBeCloseTo(((4 * 1 + 2 * 2) / (6 * 101)) * 10_000, 8);
    expect(orders.shortfall).toMatchObject({ n: 1, unknown: 0 });
    expect(orders.shortfall.executionBps).toBeCloseTo(((4 * 2 + 2 * 3) / 1000) * 10_000, 8);
    expect(orders.shortfall.opportunityBps).toBeCloseTo(((4 * 5) / 1000) * 10_000, 8);
    expect(orders.shortfall.feesBps).toBeCloseTo((1.2 / 1000) * 10_000, 8);
    expect(orders.shortfall.bps).toBeCloseTo(352, 8);
    expect(orders.makerShare).toBeCloseTo(408 / 614, 12);
    expect(orders.orderToTrade).toEqual([
      { instrumentId: 'BTC-USD', day: '2026-03-09', byNumber: 0, byVolume: expect.closeTo(10 / 6 - 1, 12) },
    ]);
  });

  test('a sale has the opposite sign', () => {
    const sale = (price: string) =>
      scored([account(0, '1'), order(1, 'a', 'new', { side: 'sell', arrivalMid: '100' }), trade(2, 'sell', '10', price, { clOrdId: 'a' })])
        .orders.slippage.bps;
    expect(sale('99')).toBeCloseTo(100, 8);
    expect(sale('101')).toBeCloseTo(-100, 8);
  });

  test('a multiplier weighs, unlike currencies convert or are left out', () => {
    const es = (quote: string) => [
      account(0, '10000'),
      instrument(0.5, { instrumentId: 'BTC-USD', multiplier: '50', quoteCurrency: quote }),
      order(1, 'a', 'new', { arrivalMid: '100' }),
      fill(2, 'a', '10', '101'),
    ];
    expect(scored(es('USD')).orders.slippage.bps).toBeCloseTo(100, 8);
    expect(folded(es('USD')).state.orders.quality.slippage.paper).toBe(50_000);
    expect(scored(es('EUR')).orders.slippage).toEqual({ n: 0 });
  });

  test('what cannot be measured is counted', () => {
    expect(scored(story.filter(event => event.eventType !== 'marketData')).orders.shortfall).toMatchObject({ n: 0, unknown: 1 });
  });

  test('goes on after saving and loading between any two events', () => {
    let state = strategyState({}, storedRetention);
    for (const event of story) {
      foldBatch(state, [event], { receivedAtMs: Number.POSITIVE_INFINITY });
      const { head, parts } = encodeState(state);
      state = decodeState(head, parts, state.settings);
    }
    expect(scoreStrategy(state).orders).toEqual(scored(story).orders);
  });
});

describe('latency sketches', () => {
  /** ln 300 ÷ ln(1.02 ÷ 0.98) is 143 buckets; a wider minute goes out as several data of 150 values each. */
  const minute = fc.array(
    fc.double({ min: 0, max: 1, noNaN: true }).map(share => 300 ** share),
    { minLength: 1, maxLength: 3000 },
  );

  test('a minute of latencies between 1 and 300 ms fits one datum, whatever they are', () => {
    const sketch = emptySketch();
    fc.assert(
      fc.property(minute, values => {
        for (const value of values) addToSketch(sketch, value);
      }),
    );
    for (let at = 0; at <= 10_000; at++) addToSketch(sketch, 300 ** (at / 10_000));
    const { values, counts } = sketchValues(sketch);
    expect(values.length).toBeLessThanOrEqual(150);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(sketch.count);
  });

  test('merging is associative and commutes', () => {
    const few = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 50 });
    const sketchOf = (...lists: readonly (readonly number[])[]) => {
      const sum = emptySketch();
      for (const list of lists) {
        const one = emptySketch();
        for (const value of list) addToSketch(one, value);
        mergeSketch(sum, one);
      }
      return sum;
    };
    fc.assert(
      fc.property(few, few, few, (a, b, c) => {
        const left = sketchOf(a, b);
        mergeSketch(left, sketchOf(c));
        const right = sketchOf(a);
        mergeSketch(right, sketchOf(b, c));
        expect(encodeSketch(left)).toEqual(encodeSketch(right));
        expect(encodeSketch(sketchOf(c, a, b))).toEqual(encodeSketch(left));
      }),
    );
  });
});

describe('repeats', () => {
  test('count what stands within one second, in any order of arrival', () => {
    const times = fc.array(fc.integer({ min: 0, max: 1900 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(times, list => {
        const lately: Lately = [];
        const found = Math.max(...list.map(at => noteRepeat(lately, 7, at)));
        const truth = Math.max(...list.map(start => list.filter(at => at >= start && at - start < 1000).length));
        expect(found).toBe(truth);
      }),
    );
  });

  test('of other orders are none, and the memory is bounded', () => {
    const lately: Lately = [];
    for (let at = 0; at < 500; at++) expect(noteRepeat(lately, at, at)).toBe(1);
    expect(lately.length).toBeLessThanOrEqual(64);
    expect(noteRepeat(lately, 499, 10_000)).toBe(1);
  });
});
