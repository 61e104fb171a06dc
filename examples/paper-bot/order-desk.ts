import { type Book, bookFill } from './book.ts';
import { type Instrument, money, type Units } from './instrument.ts';
import type { Random } from './random.ts';
import type { Session, Step } from './session.ts';
import {
  acknowledgementMs,
  type Bar,
  type Fill,
  feeOf,
  fillsOf,
  type Refusal,
  refusalOf,
  type Side,
  type Trouble,
  type VenueProfile,
  type WorkingOrder,
} from './venue.ts';

export interface OrderRequest {
  readonly side: Side;
  readonly lots: number;
  /** Absent asks for a market order. */
  readonly limitTicks?: number;
  readonly reduceOnly: boolean;
  /** How long it may rest, ms. */
  readonly lifeMs: number;
}

/** Sends orders to the simulated venue and reports what becomes of them. */
export interface OrderDesk {
  /** Everything that happens to new and resting orders during the bar. `cancelResting` takes the resting ones back first. */
  readonly trade: (bar: Bar, requests: readonly OrderRequest[], trouble: Trouble, resting: 'keep' | 'cancel') => Step[];
  /** Cancels all resting orders now, as a venue does when a client disconnects. */
  readonly cancelAll: () => void;
  readonly resting: () => readonly WorkingOrder[];
  /** The newest execution, as it was written. */
  readonly lastFill: () => string | undefined;
}

export interface OrderDeskOptions {
  readonly session: Session;
  readonly instrument: Instrument;
  readonly units: Units;
  readonly venue: VenueProfile;
  readonly book: Book;
  readonly random: Random;
  /** Begins all ids of orders and fills. */
  readonly idPrefix: string;
}

/** Time that the bot takes to react to a close, ms. */
const reactionMs = { least: 15, most: 120 };

export function openOrderDesk({ session, instrument, units, venue, book, random, idPrefix }: OrderDeskOptions): OrderDesk {
  let resting: WorkingOrder[] = [];
  let orderCount = 0;
  let fillCount = 0;
  let lastFill: string | undefined;
  /** Money spent or received so far per resting order, for its average price. */
  const spent = new Map<string, bigint>();

  const report = (order: WorkingOrder) => {
    const cost = spent.get(order.clOrdId);
    return {
      clOrdId: order.clOrdId,
      instrumentId: instrument.instrumentId,
      venue: venue.name,
      side: order.side,
      ordType: order.ordType,
      orderQty: units.qty(order.lots),
      cumQty: units.qty(order.filledLots),
      ...(order.limitTicks === undefined ? {} : { price: units.price(order.limitTicks) }),
      ...(cost === undefined ? {} : { avgPx: units.averagePrice(cost, order.filledLots) }),
      ...(order.reduceOnly ? { reduceOnly: true } : {}),
      timeInForce: order.ordType === 'market' ? 'IOC' : 'GTT',
      tsSubmitted: new Date(order.submittedMs),
      arrivalMid: units.price(order.arrivalTicks),
      traceId: order.traceId,
    };
  };

  const current = (order: WorkingOrder) => resting.find(other => other.clOrdId === order.clOrdId);

  const forget = (order: WorkingOrder) => {
    resting = resting.filter(other => other.clOrdId !== order.clOrdId);
    spent.delete(order.clOrdId);
  };

  const submit = (order: WorkingOrder) => {
    const leavesQty = units.qty(order.lots);
    session.emitter().order({ ...report(order), execType: 'pendingNew', ordStatus: 'pendingNew', leavesQty });
  };

  const acknowledge = (order: WorkingOrder) => {
    resting = [...resting, order];
    const leavesQty = units.qty(order.lots);
    const tsAcked = new Date(order.ackedMs);
    session.emitter().order({ ...report(order), orderId: order.orderId, execType: 'new', ordStatus: 'new', leavesQty, tsAcked });
  };

  const refuse = (order: WorkingOrder, refusal: Refusal) => {
    const reject = { source: 'venue' as const, ...refusal, request: 'new' as const };
    session.emitter().order({ ...report(order), execType: 'rejected', ordStatus: 'rejected', leavesQty: '0', reject });
    session.emitter().error({
      severity: 'warning',
      code: `ORDER_${refusal.code}`,
      message: `order ${order.clOrdId} refused: ${refusal.text}`,
      component: 'order-desk',
      clOrdId: order.clOrdId,
      retryable: refusal.code === 'RATE_LIMIT',
      traceId: order.traceId,
    });
  };

  const cancel = (order: WorkingOrder) => {
    const now = current(order);
    if (now === undefined) return;
    session.emitter().order({ ...report(now), orderId: now.orderId, execType: 'canceled', ordStatus: 'canceled', leavesQty: '0' });
    forget(now);
  };

  const fill = (order: WorkingOrder, { lots, ticks, liquidity }: Fill) => {
    const before = current(order);
    if (before === undefined) return;
    const signed = order.side === 'buy' ? lots : -lots;
    const fee = feeOf(venue, liquidity, units.notional(ticks, lots));
    const positionEffect = book.lots === 0 || Math.sign(book.lots) === Math.sign(signed) ? ('open' as const) : ('close' as const);
    bookFill(book, units, signed, ticks, fee);
    const after = { ...before, filledLots: before.filledLots + lots };
    resting = resting.map(other => (other === before ? after : other));
    spent.set(order.clOrdId, (spent.get(order.clOrdId) ?? 0n) + units.notional(ticks, lots));
    fillCount += 1;
    session.emitter().execution({
      execId: `${idPrefix}-x${fillCount}`,
      execType: 'trade',
      instrumentId: instrument.instrumentId,
      venue: venue.name,
      side: order.side,
      lastQty: units.qty(lots),
      lastPx: units.price(ticks),
      clOrdId: order.clOrdId,
      orderId: order.orderId,
      cumQty: units.qty(after.filledLots),
      leavesQty: units.qty(after.lots - after.filledLots),
      liquidity,
      fees: [{ amount: money(fee), currency: instrument.quoteCurrency, type: 'commission' }],
      positionEffect,
      arrivalMid: units.price(order.arrivalTicks),
      traceId: order.traceId,
    });
    lastFill = session.newestLine();
    if (after.filledLots === after.lots) forget(after);
  };

  const fillSteps = (order: WorkingOrder, bar: Bar, trouble: Trouble): Step[] => {
    const fills = fillsOf(order, bar, trouble, random).map(each => ({ atMs: each.atMs, run: () => fill(order, each) }));
    return order.cancelMs <= bar.closeMs ? [...fills, { atMs: order.cancelMs, run: () => cancel(order) }] : fills;
  };

  const newOrder = (request: OrderRequest, bar: Bar, trouble: Trouble): WorkingOrder => {
    orderCount += 1;
    const submittedMs = bar.openMs + random.between(reactionMs.least, reactionMs.most);
    const ackedMs = submittedMs + acknowledgementMs(venue, trouble, random);
    return {
      clOrdId: `${idPrefix}-o${orderCount}`,
      orderId: `${venue.name}-${idPrefix}-${1000 + orderCount}`,
      side: request.side,
      ordType: request.limitTicks === undefined ? 'market' : 'limit',
      ...(request.limitTicks === undefined ? {} : { limitTicks: request.limitTicks }),
      lots: request.lots,
      filledLots: 0,
      submittedMs,
      ackedMs,
      cancelMs: Math.max(ackedMs + 2, submittedMs + request.lifeMs),
      reduceOnly: request.reduceOnly,
      arrivalTicks: bar.open,
      traceId: `${idPrefix}-t${orderCount}`,
    };
  };

  const requestSteps = (request: OrderRequest, bar: Bar, trouble: Trouble): Step[] => {
    const order = newOrder(request, bar, trouble);
    const refusal = refusalOf(venue, trouble, random);
    const sent = { atMs: order.submittedMs, run: () => submit(order) };
    if (refusal !== undefined) return [sent, { atMs: order.ackedMs, run: () => refuse(order, refusal) }];
    return [sent, { atMs: order.ackedMs, run: () => acknowledge(order) }, ...fillSteps(order, bar, trouble)];
  };

  return {
    trade: (bar, requests, trouble, keep) => {
      const takeBackMs = bar.openMs + reactionMs.least;
      const before = keep === 'keep' ? resting : resting.map(order => ({ ...order, cancelMs: takeBackMs }));
      resting = [...before];
      return [...before.flatMap(order => fillSteps(order, bar, trouble)), ...requests.flatMap(each => requestSteps(each, bar, trouble))];
    },
    cancelAll: () => {
      for (const order of resting) cancel(order);
    },
    resting: () => resting,
    lastFill: () => lastFill,
  };
}
