/** What a strategy's events say beyond its books, by trading day: order quality, errors, control actions, silences. */
import type { Calendar, DayNumber } from '../calendar/calendar.ts';
import type {
  ControlEvent,
  ErrorEvent,
  ExecutionEvent,
  HeartbeatEvent,
  MarketDataEvent,
  NightdeskEvent,
  OrderEvent,
} from '../events/types.ts';
import { parseDecimal, subtract, toApproximate } from '../money/decimal.ts';
import { emptySketch, type LatencySketch, mergeSketch } from '../orders/latency-sketch.ts';
import {
  applyOrderEvent,
  applyOrderExecution,
  emptyOrderBook,
  type OrderBook,
  type OrderSurroundings,
  ordersAlone,
} from '../orders/order-book.ts';
import { type EpochMs, toEpochMs } from '../time/instant.ts';

export interface ErrorGroup {
  readonly code: string;
  severity: ErrorEvent['severity'];
  count: number;
  lastMs: EpochMs;
  /** Of the newest one. */
  message: string;
}

export interface ControlAction {
  readonly atMs: EpochMs;
  readonly action: ControlEvent['action'];
  readonly actor: string;
  readonly reason: string;
}

/** Half-open; longer than the announced interval and the grace. */
export interface Silence {
  readonly component: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}

export interface DayLog {
  readonly ackLatency: LatencySketch;
  readonly fillLatency: LatencySketch;
  submitted: number;
  accepted: number;
  rejected: number;
  denied: number;
  cancelRejected: number;
  /** Of orders that ended. */
  endedQuantity: number;
  filledQuantity: number;
  executions: number;
  /** Σ quantity × price, floats: for shares only. */
  notional: number;
  makerNotional: number;
  /** Of executions that say whether they made or took. */
  liquidityNotional: number;
  /** Σ side × (price − arrival mid) × quantity, and the paper notional of those executions. */
  slippageCost: number;
  slippageNotional: number;
  slippageCount: number;
  readonly rejects: Map<string, number>;
  readonly errors: Map<string, ErrorGroup>;
  readonly controls: ControlAction[];
  readonly silences: Silence[];
  heartbeats: number;
  marketMessages: number;
  marketGaps: number;
}

export const emptyDayLog = (): DayLog => ({
  ackLatency: emptySketch(),
  fillLatency: emptySketch(),
  submitted: 0,
  accepted: 0,
  rejected: 0,
  denied: 0,
  cancelRejected: 0,
  endedQuantity: 0,
  filledQuantity: 0,
  executions: 0,
  notional: 0,
  makerNotional: 0,
  liquidityNotional: 0,
  slippageCost: 0,
  slippageNotional: 0,
  slippageCount: 0,
  rejects: new Map(),
  errors: new Map(),
  controls: [],
  silences: [],
  heartbeats: 0,
  marketMessages: 0,
  marketGaps: 0,
});

export interface DayLogs {
  readonly add: (event: NightdeskEvent) => void;
  /** The days from `first` to `last` in one; empty where nothing was heard. */
  readonly between: (first: DayNumber, last: DayNumber) => DayLog;
}

/** Most of one kind that is kept as a list; the counts go on. */
const longestList = 500;

export function createDayLogs(calendar: Calendar, graceSeconds: number): DayLogs {
  const days = new Map<DayNumber, DayLog>();
  const seen = new Set<string>();
  const arrivals = new Map<string, string>();
  const beats = new Map<string, HeartbeatEvent>();
  const orders = emptyOrderBook({ open: 100_000, ended: 2_000_000 });

  const dayOf = (atMs: EpochMs): DayLog => {
    const day = calendar.dayOf(atMs);
    let log = days.get(day);
    if (log === undefined) {
      log = emptyDayLog();
      days.set(day, log);
    }
    return log;
  };

  const isNew = (identity: string): boolean => {
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  };

  const onOrder = (event: OrderEvent) => {
    if (!isNew(event.eventId)) return;
    const log = dayOf(toEpochMs(event.tsEvent));
    if (event.arrivalMid !== undefined) arrivals.set(event.clOrdId, event.arrivalMid);
    counting(log, orders, around => applyOrderEvent(orders, event, around));
    if (event.execType === 'rejected' || event.execType === 'denied') {
      const why = event.reject?.code ?? event.reject?.text?.slice(0, 60) ?? 'no reason given';
      log.rejects.set(why, (log.rejects.get(why) ?? 0) + 1);
    }
  };

  const onExecution = (event: ExecutionEvent) => {
    if (event.execType !== 'trade' || !isNew(`${event.venue}\u0001${event.instrumentId}\u0001${event.execId}`)) return;
    const log = dayOf(toEpochMs(event.transactTime));
    counting(log, orders, around => applyOrderExecution(orders, event, around));
    const quantity = Number(event.lastQty);
    const notional = quantity * Number(event.lastPx);
    log.executions++;
    log.notional += notional;
    if (event.liquidity !== undefined) {
      log.liquidityNotional += notional;
      if (event.liquidity === 'maker') log.makerNotional += notional;
    }
    const mid = event.arrivalMid ?? (event.clOrdId === undefined ? undefined : arrivals.get(event.clOrdId));
    if (mid === undefined || Number(mid) === 0) return;
    const off = toApproximate(subtract(parseDecimal(event.lastPx), parseDecimal(mid)));
    log.slippageCost += (event.side === 'buy' ? off : -off) * quantity;
    log.slippageNotional += Math.abs(Number(mid)) * quantity;
    log.slippageCount++;
  };

  const onError = (event: ErrorEvent) => {
    if (!isNew(event.eventId)) return;
    const atMs = toEpochMs(event.tsEvent);
    const { errors } = dayOf(atMs);
    const known = errors.get(event.code);
    if (known === undefined)
      errors.set(event.code, { code: event.code, severity: event.severity, count: 1, lastMs: atMs, message: event.message });
    else {
      known.count++;
      if (atMs < known.lastMs) return;
      known.lastMs = atMs;
      known.message = event.message;
      known.severity = event.severity;
    }
  };

  const onControl = ({ eventId, tsEvent, action, actor, reason }: ControlEvent) => {
    if (!isNew(eventId)) return;
    const atMs = toEpochMs(tsEvent);
    const { controls } = dayOf(atMs);
    if (controls.length < longestList) controls.push({ atMs, action, actor, reason });
  };

  const onHeartbeat = (event: HeartbeatEvent) => {
    const before = beats.get(event.component);
    dayOf(toEpochMs(event.tsEvent)).heartbeats++;
    if (before !== undefined && event.tsEvent <= before.tsEvent) return;
    beats.set(event.component, event);
    if (before === undefined) return;
    const [fromMs, toMs] = [toEpochMs(before.tsEvent), toEpochMs(event.tsEvent)];
    if (toMs - fromMs <= before.intervalMs + graceSeconds * 1000) return;
    const { silences } = dayOf(toMs);
    if (silences.length < longestList) silences.push({ component: event.component, fromMs, toMs });
  };

  const onMarketData = (event: MarketDataEvent) => {
    const log = dayOf(toEpochMs(event.tsEvent));
    log.marketMessages += event.messages;
    log.marketGaps += event.gaps ?? 0;
  };

  return {
    add: event => {
      switch (event.eventType) {
        case 'order':
          return onOrder(event);
        case 'execution':
          return onExecution(event);
        case 'error':
          return onError(event);
        case 'control':
          return onControl(event);
        case 'heartbeat':
          return onHeartbeat(event);
        case 'marketData':
          return onMarketData(event);
        default:
      }
    },
    between: (first, last) => merged([...days].filter(([day]) => day >= first && day <= last).map(([, log]) => log)),
  };
}

/** Runs a change of the order book, and books on the day what it added. */
function counting(log: DayLog, book: OrderBook, change: (around: OrderSurroundings) => void): void {
  const { submitted, accepted, rejected, denied, cancelRejected, endedQuantity, endedFilled } = book;
  change(ordersAlone({ orderAck: log.ackLatency, orderFill: log.fillLatency, orderCancel: emptySketch() }));
  log.submitted += book.submitted - submitted;
  log.accepted += book.accepted - accepted;
  log.rejected += book.rejected - rejected;
  log.denied += book.denied - denied;
  log.cancelRejected += book.cancelRejected - cancelRejected;
  log.endedQuantity += toApproximate(subtract(book.endedQuantity, endedQuantity));
  log.filledQuantity += toApproximate(subtract(book.endedFilled, endedFilled));
}

const summed = [
  'submitted',
  'accepted',
  'rejected',
  'denied',
  'cancelRejected',
  'endedQuantity',
  'filledQuantity',
  'executions',
  'notional',
  'makerNotional',
  'liquidityNotional',
  'slippageCost',
  'slippageNotional',
  'slippageCount',
  'heartbeats',
  'marketMessages',
  'marketGaps',
] as const;

function merged(logs: readonly DayLog[]): DayLog {
  const all = emptyDayLog();
  for (const log of logs) {
    for (const name of summed) all[name] += log[name];
    mergeSketch(all.ackLatency, log.ackLatency);
    mergeSketch(all.fillLatency, log.fillLatency);
    for (const [why, count] of log.rejects) all.rejects.set(why, (all.rejects.get(why) ?? 0) + count);
    for (const group of log.errors.values()) addGroup(all.errors, group);
    all.controls.push(...log.controls);
    all.silences.push(...log.silences);
  }
  all.controls.sort((a, b) => a.atMs - b.atMs);
  all.silences.sort((a, b) => a.fromMs - b.fromMs);
  return all;
}

function addGroup(into: Map<string, ErrorGroup>, group: ErrorGroup): void {
  const known = into.get(group.code);
  if (known === undefined) into.set(group.code, { ...group });
  else if (group.lastMs >= known.lastMs) into.set(group.code, { ...group, count: known.count + group.count });
  else known.count += group.count;
}
