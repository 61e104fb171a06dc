/** The life of orders: from submission through acknowledgement and fills to an end, and what that says about quality. */
import type { ExecutionEvent, OrderEvent } from '../events/types.ts';
import { hash53, hashText, readHashText } from '../hash.ts';
import { add, compare, type Decimal, parseDecimal, toApproximate, zero } from '../money/decimal.ts';
import { type EpochMs, type EpochNs, toEpochMs } from '../time/instant.ts';
import {
  addToSketch,
  decodeSketch,
  emptySketch,
  encodeSketch,
  type LatencySketch,
  mergeSketch,
  type SketchText,
} from './latency-sketch.ts';

export interface TrackedOrder {
  /** Absent while only an execution has named the order. */
  quantity?: Decimal;
  instrumentId: string;
  side: 'buy' | 'sell';
  /** Highest cumulative quantity that anybody stated. */
  stated: Decimal;
  /** When it was stated. */
  statedAt?: EpochNs;
  /** Sum of the executions. */
  filled: Decimal;
  submittedAt?: EpochNs;
  ackedAt?: EpochNs;
  accepted: boolean;
  firstFillAt?: EpochNs;
  hasAckLatency: boolean;
  hasFillLatency: boolean;
  /** A cancel or replace that was asked for and not answered. */
  pendingSince?: EpochNs;
}

interface Minute {
  readonly minute: number;
  accepted: number;
  rejected: number;
  readonly ack: LatencySketch;
}

export interface OrderBook {
  /** Open orders by account and client order id. */
  readonly open: Map<string, TrackedOrder>;
  /** Hashes of ended orders, newest last, so that late events do not reopen them. */
  readonly ended: Set<number>;
  readonly limits: { readonly open: number; readonly ended: number };
  submitted: number;
  accepted: number;
  rejected: number;
  denied: number;
  cancelRejected: number;
  /** Over ended orders. */
  endedQuantity: Decimal;
  endedFilled: Decimal;
  endedCount: number;
  /** Ended orders that were filled whole, and in part. */
  filledWhole: number;
  filledPartly: number;
  readonly ackLatency: LatencySketch;
  readonly fillLatency: LatencySketch;
  /** The last minutes, oldest first. */
  recent: Minute[];
  negativeLatencies: number;
  /** Statements of less cumulative quantity than an earlier one: ignored, since fills do not come undone but by a cancellation of the trade. */
  backwards: number;
}

/** What the orders of one batch measured, in milliseconds. */
export interface OrderLatencies {
  readonly orderAck: LatencySketch;
  readonly orderFill: LatencySketch;
}

/** Minutes that `recentOrders` looks back. */
export const recentMinutes = 5;
const keptMinutes = 15;

export function emptyOrderBook(limits: OrderBook['limits']): OrderBook {
  return {
    open: new Map(),
    ended: new Set(),
    limits,
    submitted: 0,
    accepted: 0,
    rejected: 0,
    denied: 0,
    cancelRejected: 0,
    endedQuantity: zero,
    endedFilled: zero,
    endedCount: 0,
    filledWhole: 0,
    filledPartly: 0,
    ackLatency: emptySketch(),
    fillLatency: emptySketch(),
    recent: [],
    negativeLatencies: 0,
    backwards: 0,
  };
}

const endings: ReadonlySet<string> = new Set(['canceled', 'rejected', 'expired', 'done', 'denied']);

export function applyOrderEvent(book: OrderBook, event: OrderEvent, latencies: OrderLatencies): void {
  const request = event.reject?.request;
  if (event.execType === 'rejected' && request !== undefined && request !== 'new') {
    book.cancelRejected++;
    const order = book.open.get(keyOf(event.accountId, event.clOrdId));
    if (order !== undefined) delete order.pendingSince;
    return;
  }
  const key = keyOf(event.accountId, event.clOrdId);
  const previous = event.origClOrdId === undefined ? undefined : keyOf(event.accountId, event.origClOrdId);
  if (event.execType === 'replaced' && previous !== undefined && previous !== key) renameOrder(book, previous, key);
  if (hasEnded(book, key)) return;
  const order = trackedOrder(book, key, event);
  const quantity = parseDecimal(event.orderQty);
  if (order.quantity === undefined || event.execType === 'replaced' || event.execType === 'new') order.quantity = quantity;
  noteStated(book, order, parseDecimal(event.cumQty), event.tsEvent);
  if (event.execType === 'pendingNew') order.submittedAt ??= event.tsSubmitted ?? event.tsEvent;
  else if (event.tsSubmitted !== undefined) order.submittedAt ??= event.tsSubmitted;
  if (event.execType === 'pendingCancel') order.pendingSince = event.tsEvent;
  if (event.execType === 'new') {
    order.ackedAt ??= event.tsAcked ?? event.tsEvent;
    accept(book, order, event.tsEvent);
  }
  measureAck(book, order, event.tsEvent, latencies);
  if (endings.has(event.execType) || event.ordStatus === 'filled') {
    if (event.execType === 'rejected') countRejection(book, event.tsEvent);
    else if (event.execType === 'denied') book.denied++;
    endOrder(book, key, order);
  } else if (isFilled(order)) {
    endOrder(book, key, order);
  }
}

export function applyOrderExecution(book: OrderBook, event: ExecutionEvent, latencies: OrderLatencies): void {
  if (event.clOrdId === undefined || event.execType !== 'trade') return;
  const key = keyOf(event.accountId, event.clOrdId);
  if (hasEnded(book, key)) return;
  const order = trackedOrder(book, key, event);
  order.filled = add(order.filled, parseDecimal(event.lastQty));
  if (event.cumQty !== undefined) noteStated(book, order, parseDecimal(event.cumQty), event.transactTime);
  if (order.firstFillAt === undefined || event.transactTime < order.firstFillAt) order.firstFillAt = event.transactTime;
  if (order.quantity !== undefined) {
    accept(book, order, event.transactTime);
    measureFill(book, order, latencies);
  }
  if (isFilled(order)) endOrder(book, key, order);
}

/** The highest statement stands. Less, and later than it, is a source that goes backwards; less and earlier came out of order. */
function noteStated(book: OrderBook, order: TrackedOrder, quantity: Decimal, at: EpochNs): void {
  const difference = compare(quantity, order.stated);
  if (difference < 0) {
    if (order.statedAt !== undefined && at > order.statedAt) book.backwards++;
    return;
  }
  if (difference > 0 || order.statedAt === undefined || at < order.statedAt) order.statedAt = at;
  order.stated = quantity;
}

/** Counts over the last minutes before `nowMs`, the running one included. */
export function recentOrders(book: OrderBook, nowMs: EpochMs): { accepted: number; rejected: number; ack: LatencySketch } {
  const from = Math.floor(nowMs / 60_000) - recentMinutes + 1;
  const sum = { accepted: 0, rejected: 0, ack: emptySketch() };
  for (const minute of book.recent) {
    if (minute.minute < from) continue;
    sum.accepted += minute.accepted;
    sum.rejected += minute.rejected;
    mergeSketch(sum.ack, minute.ack);
  }
  return sum;
}

/** Filled share of the quantity of ended orders, 0 to 1; undefined before an order has ended. */
export function fillRate(book: OrderBook): number | undefined {
  return book.endedQuantity.units > 0n ? toApproximate(book.endedFilled) / toApproximate(book.endedQuantity) : undefined;
}

/** Rejected share of answered new orders, 0 to 1; undefined before the first answer. Risk denials never reached a venue and do not count. */
export function rejectRate(book: OrderBook): number | undefined {
  const answered = book.accepted + book.rejected;
  return answered > 0 ? book.rejected / answered : undefined;
}

function keyOf(accountId: string, clOrdId: string): string {
  return `${accountId}\u0001${clOrdId}`;
}

function trackedOrder(book: OrderBook, key: string, event: OrderEvent | ExecutionEvent): TrackedOrder {
  let order = book.open.get(key);
  if (order !== undefined) return order;
  order = {
    instrumentId: event.instrumentId,
    side: event.side,
    stated: zero,
    filled: zero,
    accepted: false,
    hasAckLatency: false,
    hasFillLatency: false,
  };
  if (event.eventType === 'order') book.submitted++;
  book.open.set(key, order);
  if (book.open.size > book.limits.open) book.open.delete(book.open.keys().next().value!);
  return order;
}

function hasEnded(book: OrderBook, key: string): boolean {
  return book.ended.size > 0 && book.ended.has(hash53(key));
}

function renameOrder(book: OrderBook, from: string, to: string): void {
  const order = book.open.get(from);
  if (order === undefined) return;
  book.open.delete(from);
  delete order.pendingSince;
  book.open.set(to, order);
}

function filledQuantity(order: TrackedOrder): Decimal {
  return compare(order.stated, order.filled) > 0 ? order.stated : order.filled;
}

function isFilled(order: TrackedOrder): boolean {
  return order.quantity !== undefined && order.quantity.units > 0n && compare(filledQuantity(order), order.quantity) >= 0;
}

function endOrder(book: OrderBook, key: string, order: TrackedOrder): void {
  book.open.delete(key);
  book.ended.add(hash53(key));
  if (book.ended.size > book.limits.ended) book.ended.delete(book.ended.keys().next().value!);
  book.endedCount++;
  if (isFilled(order)) book.filledWhole++;
  else if (filledQuantity(order).units > 0n) book.filledPartly++;
  book.endedQuantity = add(book.endedQuantity, order.quantity ?? zero);
  book.endedFilled = add(book.endedFilled, filledQuantity(order));
}

function accept(book: OrderBook, order: TrackedOrder, at: EpochNs): void {
  if (order.accepted) return;
  order.accepted = true;
  book.accepted++;
  minuteOf(book, at).accepted++;
}

function countRejection(book: OrderBook, at: EpochNs): void {
  book.rejected++;
  minuteOf(book, at).rejected++;
}

function measureAck(book: OrderBook, order: TrackedOrder, at: EpochNs, latencies: OrderLatencies): void {
  if (order.hasAckLatency || order.submittedAt === undefined || order.ackedAt === undefined) return;
  order.hasAckLatency = true;
  const ms = Number(order.ackedAt - order.submittedAt) / 1e6;
  if (!addToSketch(book.ackLatency, ms)) {
    book.negativeLatencies++;
    return;
  }
  addToSketch(latencies.orderAck, ms);
  addToSketch(minuteOf(book, at).ack, ms);
}

function measureFill(book: OrderBook, order: TrackedOrder, latencies: OrderLatencies): void {
  if (order.hasFillLatency || order.ackedAt === undefined || order.firstFillAt === undefined) return;
  order.hasFillLatency = true;
  const ms = Number(order.firstFillAt - order.ackedAt) / 1e6;
  if (addToSketch(book.fillLatency, ms)) addToSketch(latencies.orderFill, ms);
  else book.negativeLatencies++;
}

function minuteOf(book: OrderBook, at: EpochNs): Minute {
  const minute = Math.floor(toEpochMs(at) / 60_000);
  const last = book.recent.at(-1);
  if (last?.minute === minute) return last;
  const known = book.recent.find(other => other.minute === minute);
  if (known !== undefined) return known;
  const fresh: Minute = { minute, accepted: 0, rejected: 0, ack: emptySketch() };
  book.recent.push(fresh);
  if (last !== undefined && minute < last.minute) book.recent.sort((a, b) => a.minute - b.minute);
  if (book.recent.length > keptMinutes) book.recent = book.recent.slice(-keptMinutes);
  return fresh;
}

type DecimalText = readonly [units: string, scale: number];
const decimalText = (value: Decimal): DecimalText => [value.units.toString(), value.scale];
const readDecimal = (text: DecimalText): Decimal => ({ units: BigInt(text[0]), scale: text[1] });
const readTime = (text: string | 0): EpochNs | undefined => (text === 0 ? undefined : BigInt(text));

/** Plain JSON of the whole book. */
export function encodeOrderBook(book: OrderBook): OrderBookText {
  return {
    open: [...book.open].map(([key, order]) => [
      key,
      order.instrumentId,
      order.side,
      order.quantity === undefined ? 0 : decimalText(order.quantity),
      decimalText(order.stated),
      decimalText(order.filled),
      [order.submittedAt, order.ackedAt, order.firstFillAt, order.pendingSince, order.statedAt].map(time => time?.toString() ?? 0),
      (order.accepted ? 1 : 0) + (order.hasAckLatency ? 2 : 0) + (order.hasFillLatency ? 4 : 0),
    ]),
    ended: [...book.ended].map(hashText).join(' '),
    counts: [
      book.submitted,
      book.accepted,
      book.rejected,
      book.denied,
      book.cancelRejected,
      book.endedCount,
      book.negativeLatencies,
      book.backwards,
      book.filledWhole,
      book.filledPartly,
    ],
    endedQuantity: decimalText(book.endedQuantity),
    endedFilled: decimalText(book.endedFilled),
    ack: encodeSketch(book.ackLatency),
    fill: encodeSketch(book.fillLatency),
    recent: book.recent.map(minute => [minute.minute, minute.accepted, minute.rejected, encodeSketch(minute.ack)]),
  };
}

type OpenText = readonly [
  key: string,
  instrumentId: string,
  side: 'buy' | 'sell',
  quantity: DecimalText | 0,
  stated: DecimalText,
  filled: DecimalText,
  times: readonly (string | 0)[],
  flags: number,
];

export interface OrderBookText {
  readonly open: readonly OpenText[];
  readonly ended: string;
  readonly counts: readonly number[];
  readonly endedQuantity: DecimalText;
  readonly endedFilled: DecimalText;
  readonly ack: SketchText;
  readonly fill: SketchText;
  readonly recent: readonly (readonly [number, number, number, SketchText])[];
}

export function decodeOrderBook(text: OrderBookText, limits: OrderBook['limits']): OrderBook {
  const [submitted = 0, accepted = 0, rejected = 0, denied = 0, cancelRejected = 0, endedCount = 0, ...later] = text.counts;
  const [negativeLatencies = 0, backwards = 0, filledWhole = 0, filledPartly = 0] = later;
  return {
    open: new Map(text.open.map(row => [row[0], readOpen(row)])),
    ended: new Set(text.ended === '' ? [] : text.ended.split(' ').map(readHashText)),
    limits,
    submitted,
    accepted,
    rejected,
    denied,
    cancelRejected,
    endedCount,
    negativeLatencies,
    backwards,
    filledWhole,
    filledPartly,
    endedQuantity: readDecimal(text.endedQuantity),
    endedFilled: readDecimal(text.endedFilled),
    ackLatency: decodeSketch(text.ack),
    fillLatency: decodeSketch(text.fill),
    recent: text.recent.map(([minute, ok, no, ack]) => ({ minute, accepted: ok, rejected: no, ack: decodeSketch(ack) })),
  };
}

function readOpen([, instrumentId, side, quantity, stated, filled, times, flags]: OpenText): TrackedOrder {
  const [submittedAt, ackedAt, firstFillAt, pendingSince, statedAt] = times.map(readTime);
  return {
    instrumentId,
    side,
    stated: readDecimal(stated),
    filled: readDecimal(filled),
    accepted: (flags & 1) !== 0,
    hasAckLatency: (flags & 2) !== 0,
    hasFillLatency: (flags & 4) !== 0,
    ...(quantity === 0 ? {} : { quantity: readDecimal(quantity) }),
    ...(submittedAt === undefined ? {} : { submittedAt }),
    ...(ackedAt === undefined ? {} : { ackedAt }),
    ...(firstFillAt === undefined ? {} : { firstFillAt }),
    ...(pendingSince === undefined ? {} : { pendingSince }),
    ...(statedAt === undefined ? {} : { statedAt }),
  };
}
