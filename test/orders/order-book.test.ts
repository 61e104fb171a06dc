import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExecutionEvent, OrderEvent } from '../../core/events/types.ts';
import { parseDecimal } from '../../core/money/decimal.ts';
import {
  addToSketch,
  decodeSketch,
  emptySketch,
  encodeSketch,
  type LatencySketch,
  mergeSketch,
  sketchQuantile,
  sketchValues,
} from '../../core/orders/latency-sketch.ts';
import {
  applyOrderEvent,
  applyOrderExecution,
  emptyOrderBook,
  fillRate,
  type OrderBook,
  type OrderSurroundings,
  recentOrders,
  rejectRate,
} from '../../core/orders/order-book.ts';
import { decodeOrderBook, encodeOrderBook } from '../../core/orders/order-codec.ts';
import { monday, order, second, trade } from '../ledger/events.ts';

const limits = { open: 100, ended: 100 };

/** Everything is worth quantity × price; the newest price is 105. */
const around: OrderSurroundings = {
  latencies: { orderAck: emptySketch(), orderFill: emptySketch(), orderCancel: emptySketch() },
  market: { valueOf: (_account, _instrument, quantity, price) => quantity * Math.abs(price), priceOf: () => parseDecimal('105') },
  dayOf: atMs => Math.floor(atMs / 86_400_000),
  feesOf: event => (event.fees ?? []).reduce((sum, fee) => sum + Number(fee.amount), 0),
};

function bookOf(events: readonly (OrderEvent | ExecutionEvent)[]): OrderBook {
  const book = emptyOrderBook(limits);
  for (const event of events) {
    if (event.eventType === 'order') applyOrderEvent(book, event, around);
    else applyOrderExecution(book, event, around);
  }
  return book;
}

const fill = (at: number, clOrdId: string, quantity: string) => trade(at, 'buy', quantity, '100', { clOrdId });

describe('order life', () => {
  test('fill rate is by quantity over ended orders', () => {
    const book = bookOf([
      order(1, 'full', 'new'),
      fill(2, 'full', '4'),
      fill(3, 'full', '6'),
      order(4, 'part', 'new'),
      fill(5, 'part', '4'),
      order(6, 'part', 'canceled', { cumQty: '4' }),
      order(7, 'open', 'new'),
      fill(8, 'open', '1'),
    ]);
    expect(fillRate(book)).toBe(0.7);
    expect([...book.open.keys()].map(key => key.split('\u0001')[1])).toEqual(['open']);
  });

  test('reject rate counts new orders only: no cancel rejects, no risk denials', () => {
    const book = bookOf([
      order(1, 'a', 'new'),
      order(2, 'b', 'rejected', { reject: { source: 'venue' } }),
      order(3, 'a', 'rejected', { reject: { source: 'venue', request: 'cancel' } }),
      order(4, 'c', 'denied', { reject: { source: 'risk' } }),
      order(5, 'd', 'pendingNew'),
    ]);
    expect(rejectRate(book)).toBe(0.5);
    expect(book).toMatchObject({ accepted: 1, rejected: 1, denied: 1, cancelRejected: 1 });
    expect(book.open.size).toBe(2);
  });

  test.each([
    ['from pendingNew to new', [order(1, 'a', 'pendingNew'), order(1.25, 'a', 'new')]],
    ['from the new event’s own times', [order(9, 'a', 'new', { tsSubmitted: second(1), tsAcked: second(1.25) })]],
    ['when new comes before pendingNew', [order(1.25, 'a', 'new'), order(1, 'a', 'pendingNew')]],
  ])('acknowledgement latency %s', (_, events) => {
    expect(sketchQuantile(bookOf(events).ackLatency, 0.5)).toBeGreaterThan(245);
    expect(sketchQuantile(bookOf(events).ackLatency, 0.5)).toBeLessThan(255);
  });

  test('a negative latency is counted and never averaged in', () => {
    const book = bookOf([order(9, 'a', 'new', { tsSubmitted: second(2), tsAcked: second(1) })]);
    expect(book.ackLatency.count).toBe(0);
    expect(book.negativeLatencies).toBe(1);
  });

  test('a late event does not reopen an ended order', () => {
    const book = bookOf([order(2, 'a', 'canceled'), order(1, 'a', 'new')]);
    expect(book.open.size).toBe(0);
    expect(book.endedCount).toBe(1);
  });

  test('a replace carries the order on under its new id', () => {
    const book = bookOf([
      order(1, 'a', 'new'),
      fill(2, 'a', '4'),
      order(3, 'b', 'replaced', { origClOrdId: 'a', orderQty: '8' }),
      fill(4, 'b', '4'),
    ]);
    expect(book.open.size).toBe(0);
    expect(fillRate(book)).toBe(1);
  });

  test('open orders are bounded', () => {
    const book = bookOf(Array.from({ length: 250 }, (_, at) => order(at, `o${at}`, 'new')));
    expect(book.open.size).toBe(limits.open);
  });

  test('the last minutes are told from the lifetime', () => {
    const book = bookOf([order(1, 'a', 'rejected'), order(1200, 'b', 'new'), order(1210, 'c', 'rejected')]);
    expect(recentOrders(book, monday + 1_220_000)).toMatchObject({ accepted: 1, rejected: 1 });
    expect(rejectRate(book)).toBeCloseTo(2 / 3, 12);
  });

  test('what is stored goes on as before', () => {
    const book = bookOf([order(1, 'a', 'pendingNew'), order(2, 'b', 'new'), fill(3, 'b', '3'), order(4, 'c', 'rejected')]);
    const text = JSON.stringify(encodeOrderBook(book));
    expect(JSON.stringify(encodeOrderBook(decodeOrderBook(JSON.parse(text), limits)))).toBe(text);
  });
});

describe('latency sketch', () => {
  const values = fc.array(fc.double({ min: 0.001, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 300 });
  const sketchOf = (list: readonly number[]): LatencySketch => {
    const sketch = emptySketch();
    for (const value of list) addToSketch(sketch, value);
    return sketch;
  };

  test('quantiles are within 2 % of the truth', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, quantile) => {
        const sorted = [...list].sort((a, b) => a - b);
        const truth = sorted[Math.floor(quantile * (sorted.length - 1))]!;
        const found = sketchQuantile(sketchOf(list), quantile)!;
        return Math.abs(found - truth) <= truth * 0.0201;
      }),
    );
  });

  test('merging two is the same as adding all', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const merged = sketchOf(a);
        mergeSketch(merged, sketchOf(b));
        expect(encodeSketch(merged)).toEqual(encodeSketch(sketchOf([...a, ...b])));
        expect(decodeSketch(encodeSketch(merged))).toEqual(merged);
      }),
    );
  });

  test('what is no latency is refused; zero is one', () => {
    const sketch = emptySketch();
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) expect(addToSketch(sketch, value)).toBe(false);
    expect(sketchQuantile(sketch, 0.5)).toBeUndefined();
    addToSketch(sketch, 0);
    expect(sketchQuantile(sketch, 0.99)).toBe(0);
    expect(sketchValues(sketch)).toEqual({ values: [0], counts: [1] });
  });
});
