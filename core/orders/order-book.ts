/** The life of orders: from submission through acknowledgement and fills to an end, and what that says about quality. */
import type { ExecutionEvent, OrderEvent, OrderExecType, Reject } from '../events/types.ts';
import { hash53 } from '../hash.ts';
import { add, compare, type Decimal, multiply, parseDecimal, toApproximate, zero } from '../money/decimal.ts';
import { type EpochMs, type EpochNs, toEpochMs } from '../time/instant.ts';
import { addQuantity, type Flow, type Flows, flowOf } from './flow.ts';
import { addToSketch, emptySketch, type LatencySketch } from './latency-sketch.ts';
import { type Minute, minuteAt, recentOf } from './minutes.ts';
import { addShortfall, addSlippage, emptyQuality, type Market, type Quality } from './quality.ts';
import { type Lately, noteRepeat, signatureOf } from './repeats.ts';

export interface TrackedOrder {
  /** Absent while only an execution has named the order. */
  quantity?: Decimal;
  accountId: string;
  instrumentId: string;
  side: 'buy' | 'sell';
  /** Highest cumulative quantity that anybody stated. */
  stated: Decimal;
  /** When it was stated. */
  statedAt?: EpochNs;
  /** Sum of the executions, and of quantity × price. */
  filled: Decimal;
  notional: Decimal;
  /** Fees in the strategy's currency; NaN once one has no rate. */
  fees: number;
  submittedAt?: EpochNs;
  ackedAt?: EpochNs;
  accepted: boolean;
  firstFillAt?: EpochNs;
  hasAckLatency: boolean;
  hasFillLatency: boolean;
  /** A cancel or replace that was asked for and not answered. */
  pendingSince?: EpochNs;
  /** The venue holds it back on purpose. */
  isSuspended?: boolean;
  /** Middle of the book when it was sent, and the price at which the strategy decided. */
  arrivalMid?: Decimal;
  decisionPx?: Decimal;
  /** The order that this one is a slice of, and what all slices of this one have filled. */
  parent?: string;
  sliced?: Decimal;
}

/** Who refused what. */
export interface Refusals {
  venue: number;
  risk: number;
  local: number;
  cancel: number;
  replace: number;
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
  readonly refusals: Refusals;
  /** New orders refused since the last one that was accepted. */
  rejectRun: number;
  /** Over ended orders. */
  endedQuantity: Decimal;
  endedFilled: Decimal;
  endedCount: number;
  /** Ended orders that were filled whole, and in part. */
  filledWhole: number;
  filledPartly: number;
  readonly ackLatency: LatencySketch;
  readonly fillLatency: LatencySketch;
  readonly cancelLatency: LatencySketch;
  /** The last minutes, oldest first. */
  readonly recent: Minute[];
  readonly lately: Lately;
  readonly flows: Flows;
  readonly quality: Quality;
  negativeLatencies: number;
  /** Statements of less cumulative quantity than an earlier one: ignored, since fills do not come undone but by a cancellation of the trade. */
  backwards: number;
  /** Orders that were filled beyond their quantity, and slices beyond that of their parent. */
  overfilled: number;
}

/** What the orders of one batch measured, in milliseconds. */
export interface OrderLatencies {
  readonly orderAck: LatencySketch;
  readonly orderFill: LatencySketch;
  readonly orderCancel: LatencySketch;
}

/** What surrounds the orders of one batch. */
export interface OrderSurroundings {
  readonly latencies: OrderLatencies;
  readonly market: Market;
  /** Trading day of an instant. */
  readonly dayOf: (atMs: EpochMs) => number;
  /** Fees of an execution in the strategy's currency; undefined while a rate is missing. */
  readonly feesOf: (event: ExecutionEvent) => number | undefined;
}

/** Surroundings of an order book beside no ledger: life cycle, counts and latencies are whole; what needs a value is left out. */
export const ordersAlone = (latencies: OrderLatencies): OrderSurroundings => ({
  latencies,
  market: { valueOf: () => undefined, priceOf: () => undefined },
  dayOf: atMs => Math.floor(atMs / 86_400_000),
  feesOf: () => undefined,
});

/** What an event says that a person should know at once. */
export interface OrderNews {
  /** New orders like this one within a second, when this is one. */
  readonly repeats?: number;
  readonly overfilled?: { readonly clOrdId: string; readonly filled: Decimal; readonly ordered: Decimal };
}

export const noNews: OrderNews = {};

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
    refusals: { venue: 0, risk: 0, local: 0, cancel: 0, replace: 0 },
    rejectRun: 0,
    endedQuantity: zero,
    endedFilled: zero,
    endedCount: 0,
    filledWhole: 0,
    filledPartly: 0,
    ackLatency: emptySketch(),
    fillLatency: emptySketch(),
    cancelLatency: emptySketch(),
    recent: [],
    lately: [],
    flows: new Map(),
    quality: emptyQuality(),
    negativeLatencies: 0,
    backwards: 0,
    overfilled: 0,
  };
}

interface Step {
  /** The venue has the order: it counts as accepted even if its acknowledgement never came. */
  readonly accepts?: true;
  readonly ends?: true;
  /** A request of ours waits for its answer, or has it. */
  readonly pending?: 'begins' | 'answered';
  /** The quantity that the event states is the order's from now on. */
  readonly restates?: true;
  readonly suspends?: true;
  readonly message?: 'added' | 'modified' | 'deleted';
}

/** What each step does to an order (FIX ExecType 150). */
const steps: Readonly<Record<OrderExecType, Step>> = {
  pendingNew: {},
  new: { accepts: true, restates: true },
  triggered: { accepts: true },
  stopped: { accepts: true },
  suspended: { accepts: true, suspends: true },
  status: {},
  restated: { accepts: true, restates: true },
  pendingCancel: { pending: 'begins' },
  pendingReplace: { pending: 'begins' },
  replaced: { accepts: true, restates: true, pending: 'answered', message: 'modified' },
  canceled: { accepts: true, ends: true, pending: 'answered', message: 'deleted' },
  expired: { accepts: true, ends: true },
  done: { accepts: true, ends: true },
  calculated: { accepts: true, ends: true },
  rejected: { ends: true },
  denied: { ends: true },
};

/** OrdStatus (39) of orders that are over, as a report of the status alone says it. */
const endedStatuses: ReadonlySet<string> = new Set(['filled', 'doneForDay', 'canceled', 'rejected', 'calculated', 'expired']);

export function applyOrderEvent(book: OrderBook, event: OrderEvent, around: OrderSurroundings): OrderNews {
  const key = keyOf(event.accountId, event.clOrdId);
  const request = event.reject?.request;
  if (event.execType === 'rejected' && request !== undefined && request !== 'new') {
    refuseRequest(book, event, request, around);
    return noNews;
  }
  const previous = event.origClOrdId === undefined ? undefined : keyOf(event.accountId, event.origClOrdId);
  const step = steps[event.execType];
  // A cancel has an id of its own, and ends the order that it was asked for; a replaced order goes on under the new id.
  if (previous !== undefined && step.pending !== undefined && hasEnded(book, previous)) return noNews;
  const isOfOther = previous !== undefined && previous !== key && book.open.has(previous);
  const target = isOfOther && step.pending !== undefined && event.execType !== 'replaced' ? previous : key;
  if (isOfOther && event.execType === 'replaced') renameOrder(book, previous, key);
  if (hasEnded(book, target)) return noNews;
  const isFirst = !book.open.has(target);
  const order = trackedOrder(book, target, event);
  const quantity = parseDecimal(event.orderQty);
  if (order.quantity === undefined || step.restates === true) order.quantity = quantity;
  noteStated(book, order, parseDecimal(event.cumQty), event.tsEvent);
  noteFacts(order, event);
  if (step.pending === 'answered') measureCancel(book, order, event.tsEvent, around.latencies);
  if (step.pending === 'begins') order.pendingSince ??= event.tsEvent;
  if (step.suspends === true) order.isSuspended = true;
  else delete order.isSuspended;
  if (event.execType === 'new') order.ackedAt ??= event.tsAcked ?? event.tsEvent;
  const isAtVenue = event.execType === 'status' && event.ordStatus !== 'pendingNew';
  if (step.accepts === true || isAtVenue || filledQuantity(order).units > 0n) accept(book, order, event.tsEvent);
  measureAck(book, order, event.tsEvent, around.latencies);
  const news = isFirst && (event.execType === 'pendingNew' || event.execType === 'new') ? noteNew(book, order, event, around) : noNews;
  const flow = step.message === undefined ? undefined : flowAt(book, order.instrumentId, event.tsEvent, around);
  if (flow !== undefined && step.message !== undefined) flow[step.message]++;
  if (event.execType === 'rejected' || event.execType === 'denied') countRefusal(book, event);
  const hasStatus = event.ordStatus === 'filled' || (event.execType === 'status' && endedStatuses.has(event.ordStatus));
  if (step.ends === true || hasStatus || isFilled(order)) {
    const endPx = event.arrivalMid === undefined ? undefined : parseDecimal(event.arrivalMid);
    const ended = endOrder(book, target, order, { endPx, at: event.tsEvent, around });
    return ended === noNews ? news : { ...news, ...ended };
  }
  return news;
}

export function applyOrderExecution(book: OrderBook, event: ExecutionEvent, around: OrderSurroundings): OrderNews {
  if (event.clOrdId === undefined || event.execType !== 'trade') return noNews;
  const key = keyOf(event.accountId, event.clOrdId);
  // Without messages there is no ratio of them.
  const flow = book.flows.has(event.instrumentId) ? flowAt(book, event.instrumentId, event.transactTime, around) : undefined;
  const quantity = parseDecimal(event.lastQty);
  if (flow !== undefined) {
    flow.trades++;
    addQuantity(flow, 'traded', quantity);
  }
  if (hasEnded(book, key)) return noNews;
  const order = trackedOrder(book, key, event);
  order.filled = add(order.filled, quantity);
  order.notional = add(order.notional, multiply(quantity, parseDecimal(event.lastPx)));
  order.fees += around.feesOf(event) ?? Number.NaN;
  if (event.arrivalMid !== undefined) order.arrivalMid ??= parseDecimal(event.arrivalMid);
  if (event.cumQty !== undefined) noteStated(book, order, parseDecimal(event.cumQty), event.transactTime);
  if (order.firstFillAt === undefined || event.transactTime < order.firstFillAt) order.firstFillAt = event.transactTime;
  if (order.quantity !== undefined) {
    accept(book, order, event.transactTime);
    measureFill(book, order, event.transactTime, around.latencies);
  }
  const sliced = noteSlice(book, order, quantity, event.transactTime);
  if (!isFilled(order)) return sliced;
  const ended = endOrder(book, key, order, { endPx: undefined, at: event.transactTime, around });
  return ended === noNews ? sliced : { ...sliced, ...ended };
}

/** A cancelled or corrected trade changes what an open order has filled by `change`; an ended order stays ended. */
export function amendOrderExecution(book: OrderBook, event: ExecutionEvent, change: Decimal): void {
  if (event.clOrdId === undefined) return;
  const order = book.open.get(keyOf(event.accountId, event.clOrdId));
  if (order === undefined) return;
  order.filled = notNegative(add(order.filled, change));
  order.stated = event.cumQty === undefined ? notNegative(add(order.stated, change)) : parseDecimal(event.cumQty);
  order.statedAt = event.transactTime;
}

const notNegative = (value: Decimal): Decimal => (value.units < 0n ? zero : value);

function noteFacts(order: TrackedOrder, event: OrderEvent): void {
  if (event.execType === 'pendingNew') order.submittedAt ??= event.tsSubmitted ?? event.tsEvent;
  else if (event.tsSubmitted !== undefined) order.submittedAt ??= event.tsSubmitted;
  const isEnd = steps[event.execType].ends === true;
  if (event.arrivalMid !== undefined && !isEnd) order.arrivalMid ??= parseDecimal(event.arrivalMid);
  if (event.decisionPx !== undefined) order.decisionPx ??= parseDecimal(event.decisionPx);
  if (event.parentOrderId !== undefined) order.parent ??= keyOf(event.accountId, event.parentOrderId);
}

/** A new order: counted in its minute, as a message of its session, and against those like it. */
function noteNew(book: OrderBook, order: TrackedOrder, event: OrderEvent, around: OrderSurroundings): OrderNews {
  const at = toEpochMs(order.submittedAt ?? event.tsEvent);
  const minute = minuteAt(book.recent, at);
  minute.submitted++;
  const flow = flowAt(book, order.instrumentId, event.tsEvent, around);
  if (flow !== undefined) {
    flow.added++;
    addQuantity(flow, 'ordered', parseDecimal(event.orderQty));
  }
  const repeats = noteRepeat(book.lately, signatureOf(event), at);
  minute.repeats = Math.max(minute.repeats, repeats);
  return { repeats };
}

function flowAt(book: OrderBook, instrumentId: string, at: EpochNs, { dayOf }: OrderSurroundings): Flow | undefined {
  return flowOf(book.flows, instrumentId, dayOf(toEpochMs(at)));
}

/** The request was refused: the order is as it was before it. */
function refuseRequest(book: OrderBook, event: OrderEvent, request: 'cancel' | 'replace', { latencies }: OrderSurroundings): void {
  book.cancelRejected++;
  book.refusals[request]++;
  for (const id of [event.origClOrdId, event.clOrdId]) {
    const order = id === undefined ? undefined : book.open.get(keyOf(event.accountId, id));
    if (order === undefined) continue;
    measureCancel(book, order, event.tsEvent, latencies);
    return;
  }
}

function countRefusal(book: OrderBook, { execType, reject, tsEvent }: OrderEvent): void {
  const source: Reject['source'] = reject?.source ?? (execType === 'denied' ? 'risk' : 'venue');
  book.refusals[source]++;
  book.rejectRun++;
  if (execType === 'denied') {
    book.denied++;
    return;
  }
  book.rejected++;
  minuteAt(book.recent, toEpochMs(tsEvent)).rejected++;
}

/** Adds to what the slices of the order's parent have filled; together they must not exceed it. */
function noteSlice(book: OrderBook, order: TrackedOrder, quantity: Decimal, at: EpochNs): OrderNews {
  const parent = order.parent === undefined ? undefined : book.open.get(order.parent);
  if (parent?.quantity === undefined || order.parent === undefined) return noNews;
  parent.sliced = add(parent.sliced ?? zero, quantity);
  return compare(parent.sliced, parent.quantity) > 0
    ? overfilled(book, order.parent, { filled: parent.sliced, ordered: parent.quantity, at })
    : noNews;
}

interface Overfill {
  readonly filled: Decimal;
  readonly ordered: Decimal;
  readonly at: EpochNs;
}

function overfilled(book: OrderBook, key: string, { filled, ordered, at }: Overfill): OrderNews {
  book.overfilled++;
  minuteAt(book.recent, toEpochMs(at)).overfilled++;
  return { overfilled: { clOrdId: key.slice(key.indexOf('\u0001') + 1), filled, ordered } };
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

/** What happened in the last minutes before `nowMs`, the running one included. */
export function recentOrders(book: OrderBook, nowMs: EpochMs, minutes?: number): Minute {
  return recentOf(book.recent, nowMs, minutes);
}

/** Filled share of the quantity of ended orders, 0 to 1; undefined before an order has ended. */
export function fillRate(book: OrderBook): number | undefined {
  return book.endedQuantity.units > 0n ? toApproximate(book.endedFilled) / toApproximate(book.endedQuantity) : undefined;
}

/** Ended orders that were filled in full (`full`) or at all (`any`) as a share of all ended ones; undefined before an order has ended. */
export function fillRateByCount(book: OrderBook): { readonly full: number; readonly any: number } | undefined {
  const { endedCount, filledWhole, filledPartly } = book;
  return endedCount > 0 ? { full: filledWhole / endedCount, any: (filledWhole + filledPartly) / endedCount } : undefined;
}

/** Rejected share of answered new orders, 0 to 1; undefined before the first answer. Risk denials never reached a venue and do not count. */
export function rejectRate(book: OrderBook): number | undefined {
  const answered = book.accepted + book.rejected;
  return answered > 0 ? book.rejected / answered : undefined;
}

export interface Waiting {
  readonly count: number;
  /** Milliseconds; the oldest first. */
  readonly longestMs: number;
  readonly clOrdId: string;
  readonly instrumentId: string;
}

/** New orders that nobody has acknowledged, and cancels or replaces without an answer; undefined while there are none. */
export function unacknowledged(book: OrderBook, nowMs: EpochMs): Waiting | undefined {
  return waiting(book, nowMs, order => (order.accepted || order.isSuspended === true ? undefined : order.submittedAt));
}

export function unanswered(book: OrderBook, nowMs: EpochMs): Waiting | undefined {
  return waiting(book, nowMs, order => order.pendingSince);
}

function waiting(book: OrderBook, nowMs: EpochMs, since: (order: TrackedOrder) => EpochNs | undefined): Waiting | undefined {
  let count = 0;
  let longest: Omit<Waiting, 'count'> | undefined;
  for (const [key, order] of book.open) {
    const at = since(order);
    if (at === undefined) continue;
    count++;
    const longestMs = Math.max(0, nowMs - toEpochMs(at));
    if (longest === undefined || longestMs > longest.longestMs)
      longest = { longestMs, clOrdId: key.slice(key.indexOf('\u0001') + 1), instrumentId: order.instrumentId };
  }
  return longest === undefined ? undefined : { ...longest, count };
}

function keyOf(accountId: string, clOrdId: string): string {
  return `${accountId}\u0001${clOrdId}`;
}

function trackedOrder(book: OrderBook, key: string, event: OrderEvent | ExecutionEvent): TrackedOrder {
  let order = book.open.get(key);
  if (order !== undefined) return order;
  order = {
    accountId: event.accountId,
    instrumentId: event.instrumentId,
    side: event.side,
    stated: zero,
    filled: zero,
    notional: zero,
    fees: 0,
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
  book.open.set(to, order);
}

function filledQuantity(order: TrackedOrder): Decimal {
  return compare(order.stated, order.filled) > 0 ? order.stated : order.filled;
}

function isFilled(order: TrackedOrder): boolean {
  return order.quantity !== undefined && order.quantity.units > 0n && compare(filledQuantity(order), order.quantity) >= 0;
}

interface End {
  /** Mid that the ending event states. */
  readonly endPx: Decimal | undefined;
  readonly at: EpochNs;
  readonly around: OrderSurroundings;
}

function endOrder(book: OrderBook, key: string, order: TrackedOrder, { endPx, at, around }: End): OrderNews {
  book.open.delete(key);
  book.ended.add(hash53(key));
  if (book.ended.size > book.limits.ended) book.ended.delete(book.ended.keys().next().value!);
  const ordered = order.quantity ?? zero;
  const filled = filledQuantity(order);
  book.endedCount++;
  book.endedQuantity = add(book.endedQuantity, ordered);
  book.endedFilled = add(book.endedFilled, filled);
  if (filled.units > 0n && compare(filled, ordered) >= 0) book.filledWhole++;
  else if (filled.units > 0n) book.filledPartly++;
  const { accountId, instrumentId, side, notional, arrivalMid, decisionPx, fees } = order;
  const executed = { accountId, instrumentId, side, quantity: order.filled, notional };
  if (arrivalMid !== undefined && order.filled.units > 0n) addSlippage(book.quality.slippage, executed, arrivalMid, around.market);
  if (decisionPx !== undefined) {
    const known = Number.isNaN(fees) ? undefined : fees;
    const rest = endPx ?? around.market.priceOf(instrumentId);
    addShortfall(book.quality.shortfall, { ...executed, ordered, decisionPx, endPx: rest, fees: known }, around.market);
  }
  const isOver = ordered.units > 0n && compare(filled, ordered) > 0;
  return isOver ? overfilled(book, key, { filled, ordered, at }) : noNews;
}

function accept(book: OrderBook, order: TrackedOrder, at: EpochNs): void {
  if (order.accepted) return;
  order.accepted = true;
  book.accepted++;
  book.rejectRun = 0;
  minuteAt(book.recent, toEpochMs(at)).accepted++;
}

function measureAck(book: OrderBook, order: TrackedOrder, at: EpochNs, latencies: OrderLatencies): void {
  if (order.hasAckLatency || order.submittedAt === undefined || order.ackedAt === undefined) return;
  order.hasAckLatency = true;
  measure(book, Number(order.ackedAt - order.submittedAt) / 1e6, [
    book.ackLatency,
    latencies.orderAck,
    minuteAt(book.recent, toEpochMs(at)).ack,
  ]);
}

function measureFill(book: OrderBook, order: TrackedOrder, at: EpochNs, latencies: OrderLatencies): void {
  if (order.hasFillLatency || order.ackedAt === undefined || order.firstFillAt === undefined) return;
  order.hasFillLatency = true;
  measure(book, Number(order.firstFillAt - order.ackedAt) / 1e6, [
    book.fillLatency,
    latencies.orderFill,
    minuteAt(book.recent, toEpochMs(at)).fill,
  ]);
}

/** From asking for a cancel or replace to its answer, whichever it is. */
function measureCancel(book: OrderBook, order: TrackedOrder, at: EpochNs, latencies: OrderLatencies): void {
  const since = order.pendingSince;
  if (since === undefined) return;
  delete order.pendingSince;
  measure(book, Number(at - since) / 1e6, [book.cancelLatency, latencies.orderCancel, minuteAt(book.recent, toEpochMs(at)).cancel]);
}

/** A negative latency is two clocks that disagree: counted, and measured nowhere. */
function measure(book: OrderBook, latencyMs: number, sketches: readonly LatencySketch[]): void {
  if (!sketches.every(sketch => addToSketch(sketch, latencyMs))) book.negativeLatencies++;
}
