/** Takes a batch of one strategy's events into its state. */
import type {
  AccountEvent,
  CashEvent,
  ControlEvent,
  ErrorEvent,
  ExecutionEvent,
  HeartbeatEvent,
  MarketDataEvent,
  NightdeskEvent,
  OrderEvent,
  PositionEvent,
  ReferenceEvent,
} from '../events/types.ts';
import { hash96 } from '../hash.ts';
import { absolute, compare, type Decimal, formatDecimal, parseDecimal, subtract, zero } from '../money/decimal.ts';
import { addToSketch, emptySketch, type LatencySketch } from '../orders/latency-sketch.ts';
import { amendOrderExecution, applyOrderEvent, applyOrderExecution, noNews, type OrderSurroundings } from '../orders/order-book.ts';
import { unreachable } from '../result.ts';
import { type EpochMs, type EpochNs, fromEpochMs, isoFromMs, toEpochMs } from '../time/instant.ts';
import { conditionOf, newConditions } from './conditions.ts';
import { deleteEntry, findEntry, hashOfKey, setEntry } from './execution-index.ts';
import { contentHash, executionIdentity, quantityOfFill, readFill, sameFill } from './fill.ts';
import type { Finding } from './finding.ts';
import { settle } from './fold-entries.ts';
import { insertEntry, refoldFrom, removeEntry, touchEntry } from './journal.ts';
import { addMark } from './marks.ts';
import { orderSurroundings } from './order-surroundings.ts';
import { addRate } from './rates.ts';
import { retain } from './retain.ts';
import { remember, seenContent } from './seen.ts';
import {
  type Amendment,
  type Book,
  bookOf,
  type CashEntry,
  type Counts,
  type FillEntry,
  lateAfterNs,
  type Said,
  type Scope,
  type SequenceRange,
  type StrategyState,
  scopeOf,
} from './state.ts';
import { type Watched, watchExecution, watchOrder } from './watch.ts';

/** Events further ahead of their receipt than this do not move the strategy's time. */
const aheadLimitMs = 300_000;
const keptErrorMinutes = 15;

export interface LatencySketches {
  /** Milliseconds from submission to acknowledgement. */
  readonly orderAck: LatencySketch;
  /** Milliseconds from acknowledgement to the first fill. */
  readonly orderFill: LatencySketch;
  /** Milliseconds from asking for a cancel or replace to its answer. */
  readonly orderCancel: LatencySketch;
  /** Milliseconds from publication to receipt of market data. */
  readonly marketData: LatencySketch;
}

export interface FoldResult {
  readonly state: StrategyState;
  readonly counts: Readonly<Counts>;
  readonly findings: readonly Finding[];
  readonly latencies: LatencySketches;
}

interface Batch {
  readonly state: StrategyState;
  /** Events after this instant do not move time; undefined is no limit. */
  readonly aheadLimit: EpochNs | undefined;
  readonly counts: Counts;
  readonly findings: Finding[];
  readonly latencies: LatencySketches;
  readonly orders: OrderSurroundings;
}

type Verdict = 'accepted' | 'duplicates' | 'conflicting';

/**
 * Folds events of one strategy, in any order and any division into batches: the result is that of the perfectly ordered stream without
 * duplicates. The given state is changed and returned.
 */
export function foldBatch(state: StrategyState, events: readonly NightdeskEvent[], at: { readonly receivedAtMs: EpochMs }): FoldResult {
  const latencies = { orderAck: emptySketch(), orderFill: emptySketch(), orderCancel: emptySketch(), marketData: emptySketch() };
  const batch: Batch = {
    state,
    aheadLimit: at.receivedAtMs === Number.POSITIVE_INFINITY ? undefined : fromEpochMs(at.receivedAtMs + aheadLimitMs),
    counts: { accepted: 0, duplicates: 0, conflicting: 0, late: 0 },
    findings: [],
    latencies,
    orders: orderSurroundings(state, latencies),
  };
  const before = conditionOf(state);
  for (const event of events) {
    const verdict = take(batch, event);
    batch.counts[verdict]++;
    if (verdict !== 'accepted') continue;
    noteTime(batch, event);
    noteSequence(state, event);
  }
  settle(state);
  batch.findings.push(...newConditions(state, before));
  retain(state);
  for (const name of ['accepted', 'duplicates', 'conflicting', 'late'] as const) state.counts[name] += batch.counts[name];
  return { state, counts: batch.counts, findings: batch.findings, latencies: batch.latencies };
}

function take(batch: Batch, event: NightdeskEvent): Verdict {
  if (event.eventType === 'execution') return takeExecution(batch, event);
  if (event.eventType === 'cash') return takeCash(batch, event);
  const { state } = batch;
  const identity = hash96(`${event.eventType}\u0001${event.eventId}\u0001${event.tsEvent}`);
  if (seenContent(state.seenEvents, identity) === identity.c) return 'duplicates';
  remember(state.seenEvents, identity, identity.c);
  state.arrivals++;
  switch (event.eventType) {
    case 'order':
      takeOrder(batch, event);
      break;
    case 'position':
      takePosition(state, event);
      break;
    case 'account':
      takeAccount(state, event);
      break;
    case 'marketData':
      takeMarketData(batch, event);
      break;
    case 'heartbeat':
      takeHeartbeat(state, event);
      break;
    case 'error':
      takeError(state, event);
      break;
    case 'control':
      takeControl(state, event);
      break;
    case 'reference':
      takeReference(batch, event);
      break;
    default:
      return unreachable(event);
  }
  return 'accepted';
}

/** Tells the order book, and reports what it could not make sense of and what breaks a limit. */
function takeOrder(batch: Batch, event: OrderEvent | ExecutionEvent): void {
  const { state } = batch;
  const { orders } = state;
  const { backwards, negativeLatencies } = orders;
  const news =
    event.eventType === 'order' ? applyOrderEvent(orders, event, batch.orders) : applyOrderExecution(orders, event, batch.orders);
  if (news !== noNews) for (const found of watchOrder(state, event, news)) reportWatched(batch, event, found);
  if (orders.backwards === backwards && orders.negativeLatencies === negativeLatencies) return;
  const order = `order ${event.clOrdId} of ${event.instrumentId}`;
  if (orders.backwards > backwards) {
    report(batch, event, 'cumulativeBackwards', `${order} states ${event.cumQty} filled, less than before; the higher quantity stands`);
  } else {
    report(batch, event, 'negativeLatency', `${order} was answered before it was sent: two clocks disagree, and it is not measured`);
  }
}

function takeExecution(batch: Batch, event: ExecutionEvent): Verdict {
  const { state } = batch;
  const scope = scopeOf(state, event.venue, event.accountId, event.instrumentId);
  const execKey = event.tradeDate === undefined ? event.execId : `${event.execId}\u0001${event.tradeDate}`;
  const verdict =
    event.execType === 'trade' ? takeTrade(batch, event, scope, execKey) : takeAmendment(batch, event, event.execType, scope, execKey);
  if (verdict === 'conflicting') {
    report(
      batch,
      event,
      'conflictingDuplicate',
      `execution ${event.execId} of ${event.instrumentId} came again with other content; the first one stands`,
    );
  }
  if (verdict !== 'accepted') return verdict;
  noteOrderOf(batch, event, scope, execKey);
  const newest = state.newestTransactTime;
  const isAhead = batch.aheadLimit !== undefined && event.transactTime > batch.aheadLimit;
  if (isAhead) return verdict;
  if (newest === undefined || event.transactTime > newest) state.newestTransactTime = event.transactTime;
  else if (newest - event.transactTime > lateAfterNs) {
    batch.counts.late++;
    report(
      batch,
      event,
      'late',
      `execution ${event.execId} of ${event.instrumentId} came ${(newest - event.transactTime) / 1_000_000_000n} s behind the newest one`,
    );
  }
  return verdict;
}

/** A trade that counts moves its order, and is held against limits; one that a cancellation has come before does neither. */
function noteOrderOf(batch: Batch, event: ExecutionEvent, scope: Scope, execKey: string): void {
  if (event.execType !== 'trade') return;
  if (scope.amendments.size > 0 && findEntry(scope.fills, execKey, hashOfKey(execKey))?.removed === true) return;
  if (event.liquidity !== undefined) noteLiquidity(batch, event, scope.book);
  if (event.clOrdId !== undefined) takeOrder(batch, event);
  if (batch.state.haltedAt !== undefined) settle(batch.state);
  for (const found of watchExecution(batch.state, event, scope.book)) reportWatched(batch, event, found);
}

function noteLiquidity({ state, orders }: Batch, event: ExecutionEvent, book: Book): void {
  const { accountId, instrumentId, lastQty, lastPx, liquidity } = event;
  const quantity = Number(lastQty);
  const price = Number(lastPx);
  // Nearly every execution: nothing to multiply with, nothing to convert.
  const isPlain = (book.currency === undefined || book.currency === state.currency) && !state.instruments.has(instrumentId);
  const value = isPlain ? Math.abs(quantity * price) : orders.market.valueOf(accountId, instrumentId, quantity, price);
  if (value === undefined) return;
  const sums = state.orders.quality.liquidity;
  sums.stated += value;
  if (liquidity === 'maker') sums.maker += value;
}

function takeTrade(batch: Batch, event: ExecutionEvent, scope: Scope, execKey: string): Verdict {
  const { state } = batch;
  const fill = readFill(event);
  const hash = hashOfKey(execKey);
  const known = findEntry(scope.fills, execKey, hash);
  if (known !== undefined && known.original !== 'unknown') {
    return known.at === event.transactTime && sameFill(known.original ?? known.fill, fill) ? 'duplicates' : 'conflicting';
  }
  const forgotten = forgottenContent(state, scope, execKey);
  if (forgotten !== undefined) return forgotten === contentHash(event.transactTime, fill) ? 'duplicates' : 'conflicting';
  if (known !== undefined && !known.removed) removeEntry(state.journal, known);
  const entry: FillEntry = {
    kind: 'fill',
    at: event.transactTime,
    seq: event.seq ?? Number.POSITIVE_INFINITY,
    arrival: state.arrivals++,
    scope,
    execKey,
    fill,
  };
  setEntry(scope.fills, entry, hash);
  noteEntry(state, entry.at);
  noteCurrencies(state, entry);
  if (scope.amendments.size > 0 && amend(scope, entry)) entry.removed = true;
  if (entry.removed !== true) place(batch, event, entry);
  return 'accepted';
}

/** Cancellations and corrections; before their trade as well, whose place is then taken by what they say. */
function takeAmendment(
  batch: Batch,
  event: ExecutionEvent,
  execType: 'tradeCancel' | 'tradeCorrect',
  scope: Scope,
  execKey: string,
): Verdict {
  const { state } = batch;
  const ref = event.execRefId ?? event.execId;
  const amendment: Amendment = {
    kind: execType === 'tradeCancel' ? 'cancel' : 'correct',
    execKey,
    at: event.transactTime,
    seq: event.seq ?? Number.POSITIVE_INFINITY,
    arrival: state.arrivals,
    fill: readFill(event),
  };
  const forgotten = execKey === ref ? undefined : forgottenContent(state, scope, execKey);
  if (forgotten !== undefined) return forgotten === contentHash(amendment.at, amendment.fill) ? 'duplicates' : 'conflicting';
  const refKey = event.tradeDate === undefined ? ref : `${ref}\u0001${event.tradeDate}`;
  const root = rootOf(scope, refKey);
  const known = findAmendment(scope, execKey);
  if (known !== undefined && root !== execKey) {
    return known.kind === amendment.kind && known.at === amendment.at && sameFill(known.fill, amendment.fill)
      ? 'duplicates'
      : 'conflicting';
  }
  state.arrivals++;
  noteEntry(state, amendment.at);
  scope.roots.set(execKey, root);
  const before = sizeOf(scope, root);
  // Amendments of this amendment came first: they change the same trade.
  const early = root === execKey ? undefined : scope.amendments.get(execKey);
  if (early !== undefined) {
    scope.amendments.delete(execKey);
    dropStand(state, scope, execKey);
  }
  const list = [...(scope.amendments.get(root) ?? []), ...(early ?? []), amendment];
  scope.amendments.set(
    root,
    list.sort((a, b) => (a.at !== b.at ? (a.at < b.at ? -1 : 1) : a.seq !== b.seq ? a.seq - b.seq : a.arrival - b.arrival)),
  );
  if (forgottenContent(state, scope, root) !== undefined) {
    state.needsRebuild = true;
    report(
      batch,
      event,
      'beyondRetention',
      `execution ${ref} of ${event.instrumentId} is changed by ${event.execId} but is no longer kept; rebuild from the journal`,
    );
  } else {
    applyAmendments(batch, event, scope, root);
    amendOrderExecution(state.orders, event, subtract(sizeOf(scope, root), before));
  }
  const verb = amendment.kind === 'cancel' ? 'cancels' : 'corrects';
  report(
    batch,
    event,
    amendment.kind === 'cancel' ? 'bust' : 'correction',
    `${event.execId} ${verb} execution ${ref} of ${event.instrumentId}`,
  );
  return 'accepted';
}

/** What stood in for an unknown trade was no trade: its name turned out to be an amendment's. */
function dropStand(state: StrategyState, scope: Scope, execKey: string): void {
  const stand = findEntry(scope.fills, execKey);
  if (stand === undefined || stand.original !== 'unknown') return;
  if (stand.removed !== true) removeEntry(state.journal, stand);
  deleteEntry(scope.fills, execKey);
}

function applyAmendments(batch: Batch, event: ExecutionEvent, scope: Scope, root: string): void {
  const { state } = batch;
  const entry = findEntry(scope.fills, root);
  if (entry === undefined || entry.original === 'unknown') {
    if (entry !== undefined && entry.removed !== true) removeEntry(state.journal, entry);
    const last = scope.amendments.get(root)!.at(-1)!;
    if (last.kind === 'cancel') {
      deleteEntry(scope.fills, root);
      return;
    }
    const stand: FillEntry = {
      kind: 'fill',
      at: last.at,
      seq: last.seq,
      arrival: last.arrival,
      scope,
      execKey: root,
      fill: last.fill,
      original: 'unknown',
    };
    setEntry(scope.fills, stand);
    noteCurrencies(state, stand);
    place(batch, event, stand);
    return;
  }
  const wasRemoved = entry.removed === true;
  const isRemoved = amend(scope, entry);
  if (isRemoved && !wasRemoved) removeEntry(state.journal, entry);
  else if (!isRemoved && !wasRemoved) touchEntry(state.journal, entry);
  else if (!isRemoved && wasRemoved) {
    const back: FillEntry = { ...entry };
    delete back.removed;
    setEntry(scope.fills, back);
    place(batch, event, back);
  }
}

/** What an execution counts for, without sign; 0 when it is cancelled or has not come. */
function sizeOf(scope: Scope, root: string): Decimal {
  const entry = findEntry(scope.fills, root, hashOfKey(root));
  return entry === undefined || entry.removed === true || entry.original === 'unknown' ? zero : absolute(quantityOfFill(entry.fill));
}

/** Gives the entry the content that its last amendment says; returns whether that cancels it. */
function amend(scope: Scope, entry: FillEntry): boolean {
  const last = scope.amendments.get(entry.execKey)?.at(-1);
  if (last === undefined) return false;
  entry.original ??= entry.fill;
  if (last.kind === 'cancel') return true;
  entry.fill = last.fill;
  return false;
}

function rootOf(scope: Scope, execKey: string): string {
  let root = execKey;
  for (let hops = 0; hops < 100; hops++) {
    const next = scope.roots.get(root);
    if (next === undefined || next === root) return root;
    root = next;
  }
  return root;
}

function findAmendment(scope: Scope, execKey: string): Amendment | undefined {
  const root = scope.roots.get(execKey);
  if (root === undefined) return undefined;
  return scope.amendments.get(rootOf(scope, root))?.find(amendment => amendment.execKey === execKey);
}

function place(batch: Batch, event: ExecutionEvent, entry: FillEntry): void {
  const { state } = batch;
  insertEntry(state.journal, entry);
  if (state.journal.floor === undefined || entry.at >= state.journal.floor) return;
  state.needsRebuild = true;
  report(
    batch,
    event,
    'beyondRetention',
    `execution ${event.execId} of ${event.instrumentId} is older than what is kept; rebuild from the journal`,
  );
}

function forgottenContent(state: StrategyState, scope: Scope, execKey: string): number | undefined {
  return state.journal.floor === undefined ? undefined : seenContent(state.seen, executionIdentity(scope, execKey));
}

const cashEffects: Readonly<Record<CashEvent['cashType'], CashEntry['effect']>> = {
  deposit: 'flow',
  withdrawal: 'flow',
  transfer: 'flow',
  funding: 'funding',
  dividend: 'funding',
  interest: 'funding',
  borrow: 'funding',
  adjustment: 'funding',
  fee: 'fee',
  rebate: 'fee',
};

function takeCash(batch: Batch, event: CashEvent): Verdict {
  const { state } = batch;
  const given = parseDecimal(event.amount);
  const content = hash96(`${event.tsEvent}|${event.currency}|${formatDecimal(given)}`).c;
  const identity = hash96(`cash\u0001${event.accountId}\u0001${event.cashType}\u0001${event.refId}\u0001${event.instrumentId ?? ''}`);
  const known = seenContent(state.seen, identity);
  if (known === content) return 'duplicates';
  if (known !== undefined) {
    report(batch, event, 'conflictingDuplicate', `cash movement ${event.refId} came again with other content; the first one stands`);
    return 'conflicting';
  }
  remember(state.seen, identity, content);
  const entry: CashEntry = {
    kind: 'cash',
    at: event.tsEvent,
    seq: event.seq ?? Number.POSITIVE_INFINITY,
    arrival: state.arrivals++,
    effect: cashEffects[event.cashType],
    accountId: event.accountId,
    amount: signedAmount(event.cashType, given),
    currency: event.currency,
    ...(event.instrumentId === undefined ? {} : { instrumentId: event.instrumentId }),
  };
  if (state.feeCurrency === undefined || entry.at < state.feeCurrency.at) state.feeCurrency = { at: entry.at, currency: entry.currency };
  resolveCurrency(state);
  noteEntry(state, entry.at);
  insertEntry(state.journal, entry);
  if (state.journal.floor !== undefined && entry.at < state.journal.floor) {
    state.needsRebuild = true;
    report(batch, event, 'beyondRetention', `cash movement ${event.refId} is older than what is kept; rebuild from the journal`);
  }
  return 'accepted';
}

/** A deposit adds and a withdrawal takes away, whatever sign the source gives them. */
function signedAmount(cashType: CashEvent['cashType'], amount: Decimal): Decimal {
  const size = amount.units < 0n ? -amount.units : amount.units;
  if (cashType === 'deposit') return { units: size, scale: amount.scale };
  return cashType === 'withdrawal' ? { units: -size, scale: amount.scale } : amount;
}

function takePosition(state: StrategyState, event: PositionEvent): void {
  if (event.markPx !== undefined) mark(state, event.instrumentId, event.tsAsOf, event.seq, parseDecimal(event.markPx));
  const book = bookOf(state, event.accountId, event.instrumentId);
  const known = state.assertions.get(book);
  const stated = { at: event.tsAsOf, seq: event.seq ?? -1, quantity: parseDecimal(event.qty) };
  if (!isNews(stated, known)) return;
  const liquidation = event.liquidationPx === undefined ? known?.liquidation : parseDecimal(event.liquidationPx);
  state.assertions.set(book, liquidation === undefined ? stated : { ...stated, liquidation });
}

function takeAccount(state: StrategyState, event: AccountEvent): void {
  const seq = event.seq ?? Number.POSITIVE_INFINITY;
  const first = state.firstAccount;
  if (first !== undefined && (first.at < event.tsAsOf || (first.at === event.tsAsOf && first.seq <= seq))) return;
  state.firstAccount = { at: event.tsAsOf, seq, arrival: state.arrivals, equity: parseDecimal(event.equity), currency: event.currency };
  resolveCurrency(state);
}

function takeMarketData(batch: Batch, event: MarketDataEvent): void {
  const { state } = batch;
  if (state.newestDataAt === undefined || event.tsLastMessage > state.newestDataAt) state.newestDataAt = event.tsLastMessage;
  const latency = event.latencyUs;
  if (latency !== undefined) addLatencySummary(batch.latencies.marketData, latency);
  if (event.instrumentId === undefined) return;
  const price = markOf(event);
  if (price !== undefined) mark(state, event.instrumentId, event.tsEvent, event.seq, price);
}

/** The mark, else the middle of bid and ask. */
function markOf(event: MarketDataEvent): Decimal | undefined {
  if (event.mark !== undefined) return parseDecimal(event.mark);
  if (event.bid === undefined || event.ask === undefined) return undefined;
  const bid = parseDecimal(event.bid);
  const ask = parseDecimal(event.ask);
  const scale = Math.max(bid.scale, ask.scale);
  const sum = bid.units * 10n ** BigInt(scale - bid.scale) + ask.units * 10n ** BigInt(scale - ask.scale);
  return { units: sum * 5n, scale: scale + 1 };
}

/** A summary stands for its observations: one in a hundred at the 99th percentile, the largest once, the rest at the median. */
function addLatencySummary(sketch: LatencySketch, summary: NonNullable<MarketDataEvent['latencyUs']>): void {
  const { count, p50, p99, max } = summary;
  if (count <= 0) return;
  const high = p99 === undefined ? 0 : Math.ceil(count / 100) - (max === undefined ? 0 : 1);
  const top = max === undefined ? 0 : 1;
  if (top > 0) addToSketch(sketch, max! / 1000, top);
  if (high > 0) addToSketch(sketch, p99! / 1000, high);
  if (p50 !== undefined && count - top - high > 0) addToSketch(sketch, p50 / 1000, count - top - high);
}

function mark(state: StrategyState, instrumentId: string, at: EpochNs, seq: number | undefined, price: Decimal): void {
  addMark(state.marks, instrumentId, { day: state.calendar.dayOf(toEpochMs(at)), at, seq: seq ?? -1, price });
}

function takeHeartbeat(state: StrategyState, event: HeartbeatEvent): void {
  const known = state.heartbeats.get(event.component);
  const said = saidBy(event);
  if (isNews(said, known && saidBy(known.event)))
    state.heartbeats.set(event.component, { component: event.component, at: event.tsEvent, event });
  if (event.tradingState !== undefined) setTradingState(state, event.tradingState, said);
}

const saidBy = (event: NightdeskEvent): Said => ({ at: event.tsEvent, seq: event.seq ?? -1 });

/** The newest stands, whatever came last; of two with one place the one that came last. */
function isNews(said: Said, known: Said | undefined): boolean {
  return known === undefined || said.at > known.at || (said.at === known.at && said.seq >= known.seq);
}

function takeError(state: StrategyState, event: ErrorEvent): void {
  const minute = Math.floor(toEpochMs(event.tsEvent) / 60_000);
  let row = state.errors.find(known => known.minute === minute);
  if (row === undefined) {
    row = { minute, counts: {} };
    state.errors.push(row);
    state.errors.sort((a, b) => a.minute - b.minute);
    if (state.errors.length > keptErrorMinutes) state.errors = state.errors.slice(-keptErrorMinutes);
  }
  row.counts[event.severity] = (row.counts[event.severity] ?? 0) + 1;
}

const controlled: Partial<Record<ControlEvent['action'], string>> = {
  kill: 'halted',
  halt: 'halted',
  resume: 'active',
  reduceOnly: 'reducing',
};

function takeControl(state: StrategyState, event: ControlEvent): void {
  const is = controlled[event.action];
  if (is !== undefined) setTradingState(state, is, saidBy(event));
}

/** A halt begins with the first event that says it. */
function setTradingState(state: StrategyState, is: string, said: Said): void {
  if (!isNews(said, state.tradingState)) return;
  state.tradingState = { ...said, is };
  state.haltedAt = is === 'halted' ? (state.haltedAt ?? said.at) : undefined;
}

function takeReference(batch: Batch, event: ReferenceEvent): void {
  const { state } = batch;
  if (event.kind === 'fxRate') {
    if (event.rate === undefined || event.baseCurrency === undefined || event.quoteCurrency === undefined) {
      report(batch, event, 'badReference', `rate ${event.instrumentId} needs rate, baseCurrency and quoteCurrency`);
      return;
    }
    const value = parseDecimal(event.rate);
    if (value.units <= 0n) {
      report(batch, event, 'badReference', `rate ${event.instrumentId} must be positive; was ${event.rate}`);
      return;
    }
    const changedFrom = addRate(state.rates, event.baseCurrency, event.quoteCurrency, { at: event.tsEvent, seq: event.seq ?? -1, value });
    refoldFrom(state.journal, hasMissing(state) ? 0n : changedFrom);
    return;
  }
  if (event.kind === 'instrument') {
    takeInstrument(state, event);
    return;
  }
  takeCorporateAction(batch, event);
}

function takeCorporateAction(batch: Batch, event: ReferenceEvent): void {
  const { state } = batch;
  const { instrumentId, splitRatio, newInstrumentId } = event;
  const isRenamed = newInstrumentId !== undefined && newInstrumentId !== instrumentId;
  const ratio = splitRatio === undefined ? { units: 1n, scale: 0 } : parseDecimal(splitRatio);
  if (ratio.units <= 0n || (splitRatio === undefined && !isRenamed)) {
    report(batch, event, 'badReference', `corporate action of ${instrumentId} needs a positive splitRatio or another newInstrumentId`);
    return;
  }
  insertEntry(state.journal, {
    kind: 'split',
    at: event.tsEvent,
    seq: event.seq ?? Number.POSITIVE_INFINITY,
    arrival: state.arrivals,
    instrumentId,
    ratio,
    ...(isRenamed ? { renamedTo: newInstrumentId } : {}),
  });
}

function takeInstrument(state: StrategyState, event: ReferenceEvent): void {
  const seq = event.seq ?? Number.POSITIVE_INFINITY;
  const known = state.instruments.get(event.instrumentId);
  if (known !== undefined && (known.at > event.tsEvent || (known.at === event.tsEvent && known.seq > seq))) return;
  const inverse = event.inverse ?? known?.contract.inverse ?? false;
  const multiplier =
    event.multiplier === undefined ? (known?.contract.multiplier ?? { units: 1n, scale: 0 }) : parseDecimal(event.multiplier);
  const currency = event.settlCurrency ?? (inverse ? event.baseCurrency : event.quoteCurrency) ?? known?.currency;
  const spotBase = spotBaseOf(event, inverse, multiplier) ?? (event.baseCurrency === undefined ? known?.spotBase : undefined);
  state.instruments.set(event.instrumentId, {
    at: event.tsEvent,
    seq,
    arrival: state.arrivals,
    contract: { multiplier, inverse },
    ...(currency === undefined ? {} : { currency }),
    ...(spotBase === undefined ? {} : { spotBase }),
  });
  const isSame =
    known !== undefined &&
    known.contract.inverse === inverse &&
    compare(known.contract.multiplier, multiplier) === 0 &&
    known.currency === currency &&
    known.spotBase === spotBase;
  if (!isSame && [...state.books.values()].some(book => book.instrumentId === event.instrumentId)) refoldFrom(state.journal, 0n);
  resolveCurrency(state);
}

/** Base currency of what is bought and held itself: a pair of two currencies without multiplier that settles in what its prices are in. */
function spotBaseOf(event: ReferenceEvent, inverse: boolean, multiplier: Decimal): string | undefined {
  const { baseCurrency, quoteCurrency, settlCurrency = quoteCurrency } = event;
  const isPair = baseCurrency !== undefined && quoteCurrency !== undefined && baseCurrency !== quoteCurrency;
  const isSpot = isPair && !inverse && settlCurrency === quoteCurrency && compare(multiplier, { units: 1n, scale: 0 }) === 0;
  return isSpot ? baseCurrency : undefined;
}

function hasMissing(state: StrategyState): boolean {
  const { gross, fees, funding, flows } = state.totals.missing;
  return gross + fees + funding + flows > 0;
}

function noteCurrencies(state: StrategyState, entry: FillEntry): void {
  const { fill, at } = entry;
  let changed = false;
  if (fill.currency !== undefined && (state.fillCurrency === undefined || at < state.fillCurrency.at)) {
    state.fillCurrency = { at, currency: fill.currency };
    changed = true;
  }
  const { fee } = fill;
  if (fee !== undefined && (state.feeCurrency === undefined || at < state.feeCurrency.at)) {
    state.feeCurrency = { at, currency: fee.currency };
    changed = true;
  }
  if (changed || state.currency === undefined) resolveCurrency(state);
}

/** Config, else the first account, else the earliest fill, instrument or fee that names a currency. */
function resolveCurrency(state: StrategyState): void {
  const currency =
    state.settings.currency ??
    state.firstAccount?.currency ??
    state.fillCurrency?.currency ??
    earliestInstrumentCurrency(state) ??
    state.feeCurrency?.currency;
  if (currency === state.currency) return;
  state.currency = currency;
  refoldFrom(state.journal, 0n);
}

function earliestInstrumentCurrency(state: StrategyState): string | undefined {
  let best: { readonly at: EpochNs; readonly currency?: string } | undefined;
  for (const instrument of state.instruments.values()) {
    if (instrument.currency !== undefined && (best === undefined || instrument.at < best.at)) best = instrument;
  }
  return best?.currency;
}

/** Of every execution, cancelled or not: which of the two came first must make no difference. */
function noteEntry(state: StrategyState, at: EpochNs): void {
  if (state.firstEntryAt === undefined || at < state.firstEntryAt) state.firstEntryAt = at;
  if (state.newestEntryAt === undefined || at > state.newestEntryAt) state.newestEntryAt = at;
}

function noteTime(batch: Batch, event: NightdeskEvent): void {
  const { state } = batch;
  const at = event.tsEvent;
  if (state.newestEventAt !== undefined && at <= state.newestEventAt) return;
  if (batch.aheadLimit !== undefined && at > batch.aheadLimit) {
    report(batch, event, 'clockAhead', `${event.eventType} ${event.eventId} is dated ${isoFromMs(toEpochMs(at))}, ahead of its receipt`);
    return;
  }
  state.newestEventAt = at;
}

/** Counts what came of each source's numbering: fewer events than the range between lowest and highest means that lines are missing. */
function noteSequence(state: StrategyState, event: NightdeskEvent): void {
  if (event.seq === undefined) return;
  const { system, instanceId = '' } = event.source;
  const last = state.lastSequence;
  const range =
    last !== undefined && last.system === system && last.instanceId === instanceId ? last : sequenceOf(state, system, instanceId);
  range.count++;
  if (event.seq < range.lowest) range.lowest = event.seq;
  if (event.seq > range.highest) range.highest = event.seq;
}

function sequenceOf(state: StrategyState, system: string, instanceId: string): SequenceRange {
  const source = `${system}\u0001${instanceId}`;
  let range = state.sequences.get(source);
  if (range === undefined) {
    range = { system, instanceId, lowest: Number.POSITIVE_INFINITY, highest: Number.NEGATIVE_INFINITY, count: 0 };
    state.sequences.set(source, range);
  }
  state.lastSequence = range;
  return range;
}

function reportWatched(batch: Batch, event: NightdeskEvent, { kind, message, value, limit }: Watched): void {
  report(batch, event, kind, message);
  const last = batch.findings.length - 1;
  const bounds = { ...(value === undefined ? {} : { value }), ...(limit === undefined ? {} : { limit }) };
  batch.findings[last] = { ...batch.findings[last]!, ...bounds };
}

function report(batch: Batch, event: NightdeskEvent, kind: Finding['kind'], message: string): void {
  const execId = event.eventType === 'execution' ? event.execId : undefined;
  const instrumentId = 'instrumentId' in event ? event.instrumentId : undefined;
  batch.findings.push({
    kind,
    strategyId: event.strategyId,
    at: toEpochMs(event.tsEvent),
    message,
    ...(instrumentId === undefined ? {} : { instrumentId }),
    ...(execId === undefined ? {} : { execId }),
  });
}
