/** The value of a strategy at the end of each trading day, and the daily returns that follow from it. */
import type { DayNumber } from '../calendar/calendar.ts';
import {
  absolute,
  add,
  compare,
  type Decimal,
  divideHalfEven,
  formatDecimal,
  parseDecimal,
  subtract,
  toApproximate,
  zero,
} from '../money/decimal.ts';
import { type EpochNs, toEpochMs } from '../time/instant.ts';
import { unrealizedAt } from './book.ts';
import { conversionAt, endOfKnown } from './convert.ts';
import { flowsOf, netOf } from './fold-entries.ts';
import { markOn, pruneMarks } from './marks.ts';
import {
  capitalOf,
  contractOf,
  type DaySnapshot,
  type DayValue,
  type OpenPosition,
  profitCurrencyOf,
  type StrategyState,
} from './state.ts';

/** Days without any entry that are still counted when time has jumped ahead of the last entry or mark. */
const longestQuietDays = 2_000;

export interface MarkPrice {
  readonly price: Decimal;
  readonly at: EpochNs;
  /** `execution` when nobody has reported a mark: the last fill's own price. */
  readonly from: 'mark' | 'execution';
}

/** The price to value an open position at on a day: its newest mark, else its last execution. */
export function markPriceOn(state: StrategyState, open: OpenPosition, day: DayNumber): MarkPrice {
  const mark = markOn(state.marks, open.book.instrumentId, day);
  if (mark !== undefined && (open.book.splitAt === undefined || mark.at >= open.book.splitAt))
    return { price: mark.price, at: mark.at, from: 'mark' };
  return { price: { units: open.position.lastPrice, scale: open.position.lastPriceScale }, at: open.lastAt, from: 'execution' };
}

/** Unrealized profit of a position in its own currency and in the strategy's; the latter is undefined without a rate. */
export function unrealizedOn(state: StrategyState, open: OpenPosition, day: DayNumber): { own: Decimal; converted: Decimal | undefined } {
  const own = unrealizedAt(open.position, contractOf(state, open.book.instrumentId), markPriceOn(state, open, day).price);
  const currency = profitCurrencyOf(state, open.book);
  if (currency === undefined || currency === state.currency || state.currency === undefined) return { own, converted: own };
  const rate = conversionAt(state, currency, endOfKnown(state, BigInt(state.calendar.endOf(day)) * 1_000_000n - 1n));
  return { own, converted: rate === undefined ? undefined : { units: own.units * rate.units, scale: own.scale + rate.scale } };
}

export function openPositionsOf(state: StrategyState): readonly OpenPosition[] {
  const open: OpenPosition[] = [];
  for (const book of state.books.values()) {
    if (book.position.quantity !== 0n) open.push({ book, position: book.position, lastAt: book.lastAt });
  }
  return open;
}

export function totalUnrealized(state: StrategyState, open: readonly OpenPosition[], day: DayNumber): Decimal | undefined {
  let sum: Decimal = zero;
  for (const position of open) {
    const { converted } = unrealizedOn(state, position, day);
    if (converted === undefined) return undefined;
    sum = add(sum, converted);
  }
  return sum;
}

/** How everything stands now, valued with the marks of `day`. */
export function valueNow(state: StrategyState, day: DayNumber): DayValue {
  return valueOfSnapshot(state, { day, net: netOf(state.totals), flows: flowsOf(state.totals), open: openPositionsOf(state) }, day);
}

function valueOfSnapshot(state: StrategyState, snapshot: DaySnapshot, day: DayNumber): DayValue {
  const unrealized = totalUnrealized(state, snapshot.open, day);
  const pnl = snapshot.net === undefined || unrealized === undefined ? undefined : add(snapshot.net, unrealized);
  return { day, pnl, flows: snapshot.flows };
}

/** First and last trading day of the strategy so far; undefined before anything that concerns money. */
export function daySpan(state: StrategyState): { first: DayNumber; last: DayNumber } | undefined {
  const starts = [state.firstEntryAt, state.firstAccount?.at].filter(at => at !== undefined);
  if (starts.length === 0) return undefined;
  const first = state.closedDays[0]?.day ?? state.calendar.dayOf(toEpochMs(starts.reduce((a, b) => (b < a ? b : a))));
  const newest = state.newestEventAt === undefined ? first : state.calendar.dayOf(toEpochMs(state.newestEventAt));
  const lastEntry = state.totals.day ?? first;
  return { first, last: Math.max(first, lastEntry, Math.min(newest, lastEntry + longestQuietDays)) };
}

/** Value at the end of each trading day; the last day is the running one, as it stands. */
export function dayValues(state: StrategyState): readonly DayValue[] {
  const span = daySpan(state);
  if (span === undefined) return [];
  return [...state.closedDays, ...unclosedDays(state, span)];
}

function unclosedDays(state: StrategyState, span: { readonly first: DayNumber; readonly last: DayNumber }): DayValue[] {
  const last = state.closedDays.at(-1);
  return openDays(state, last === undefined ? span.first : state.calendar.after(last.day), span.last);
}

function openDays(state: StrategyState, from: DayNumber, last: DayNumber): DayValue[] {
  const values: DayValue[] = [];
  const { snapshots } = state;
  let at = 0;
  for (let day = from; day <= last; day = state.calendar.after(day)) {
    while (at + 1 < snapshots.length && snapshots[at + 1]!.day <= day) at++;
    const snapshot = snapshots[at];
    const isLive = state.totals.day !== undefined && state.totals.day <= day;
    if (isLive) values.push(withBenchmark(state, valueNow(state, day)));
    else if (snapshot !== undefined && snapshot.day <= day) values.push(withBenchmark(state, valueOfSnapshot(state, snapshot, day)));
    else values.push(withBenchmark(state, { day, pnl: zero, flows: zero }));
  }
  return values;
}

/** Only a mark of the day itself: an older one would make a return of zero out of missing data. */
function withBenchmark(state: StrategyState, value: DayValue): DayValue {
  const { benchmark } = state.settings;
  if (benchmark === undefined) return value;
  const mark = markOn(state.marks, benchmark, value.day);
  return mark?.day === value.day ? { ...value, benchmark: mark.price } : value;
}

/** Makes the value of days before `before` final and forgets what they were computed from. */
export function closeDays(state: StrategyState, before: DayNumber): void {
  const span = daySpan(state);
  if (span === undefined) return;
  const last = state.closedDays.at(-1);
  const from = last === undefined ? span.first : state.calendar.after(last.day);
  const until = Math.min(before, span.last);
  if (from >= until) return;
  state.closedDays.push(...openDays(state, from, until - 1).map(roundedDay));
  let drop = 0;
  while (drop + 1 < state.snapshots.length && state.snapshots[drop + 1]!.day < before) drop++;
  if (drop > 0) {
    state.snapshots.splice(0, drop);
    for (const segment of state.journal.segments) {
      if (segment.before === undefined) continue;
      segment.before = { ...segment.before, snapshots: Math.max(0, segment.before.snapshots - drop) };
      delete segment.text;
    }
  }
  pruneMarks(state.marks, before);
}

function roundedDay(value: DayValue): DayValue {
  const normal = (decimal: Decimal | undefined) => (decimal === undefined ? undefined : parseDecimal(formatDecimal(decimal)));
  const { benchmark } = value;
  return { day: value.day, pnl: normal(value.pnl), flows: normal(value.flows), ...(benchmark === undefined ? {} : { benchmark }) };
}

export interface DailyReturns {
  /** Simple returns, oldest first, with flows taken out. */
  readonly returns: readonly number[];
  /** Equity at the end of each day, in the strategy's currency. */
  readonly equity: readonly number[];
  /** Profit since the start, at the end of each day: equity without capital and flows. */
  readonly profit: readonly number[];
  readonly days: readonly DayNumber[];
  /** Returns of the configured benchmark on the same days; null where it has no mark on the day or on the trading day before. */
  readonly benchmark: readonly (number | null)[];
}

const none: DailyReturns = { returns: [], equity: [], profit: [], days: [], benchmark: [] };

/** Returns of the closed days, which never change again: kept beside the state, not stored. */
export interface ClosedReturns {
  readonly capital: Decimal;
  readonly count: number;
  readonly walk: Walk | undefined;
}

interface Walk {
  readonly returns: number[];
  readonly equity: number[];
  readonly profit: number[];
  readonly days: DayNumber[];
  readonly benchmark: (number | null)[];
  /** The benchmark's mark at the end of the last day. */
  benchmarkBefore: Decimal | undefined;
  /** Equity and flows at the end of the last day. */
  before: Decimal;
  flowsBefore: Decimal;
  /** Equity is no longer positive. */
  isOver: boolean;
}

/**
 * r = (E − F) / E′ − 1 with E the equity at the end of the day, F the day's deposits less withdrawals and E′ the equity of the day before;
 * the first day starts from the initial capital, so that its loss counts. Empty without capital, or while a rate is missing. The
 * series ends where equity is no longer positive: returns on it mean nothing.
 */
export function dailyReturns(state: StrategyState): DailyReturns {
  const capital = capitalOf(state);
  const span = daySpan(state);
  if (capital === undefined || capital.units <= 0n || span === undefined) return none;
  const closed = closedWalk(state, capital);
  if (closed === undefined) return none;
  const walk: Walk = {
    ...closed,
    returns: [...closed.returns],
    equity: [...closed.equity],
    profit: [...closed.profit],
    days: [...closed.days],
    benchmark: [...closed.benchmark],
  };
  return advance(walk, capital, unclosedDays(state, span)) ? walk : none;
}

function closedWalk(state: StrategyState, capital: Decimal): Walk | undefined {
  const { closedDays, closedReturns: known } = state;
  const isCurrent = known !== undefined && known.count <= closedDays.length && compare(known.capital, capital) === 0;
  if (isCurrent && (known.count === closedDays.length || known.walk === undefined)) return known.walk;
  const walk = isCurrent ? known.walk! : newWalk(capital);
  const isWhole = advance(walk, capital, closedDays.slice(isCurrent ? known.count : 0));
  state.closedReturns = { capital, count: closedDays.length, walk: isWhole ? walk : undefined };
  return state.closedReturns.walk;
}

function newWalk(capital: Decimal): Walk {
  const series = { returns: [], equity: [], profit: [], days: [], benchmark: [] };
  return { ...series, benchmarkBefore: undefined, before: capital, flowsBefore: zero, isOver: false };
}

/** Appends the days; false when the value of one is not known. */
function advance(walk: Walk, capital: Decimal, values: readonly DayValue[]): boolean {
  for (const { day, pnl, flows, benchmark } of values) {
    if (pnl === undefined || flows === undefined) return false;
    if (walk.isOver) continue;
    const after = add(add(capital, flows), pnl);
    const gain = subtract(subtract(after, subtract(flows, walk.flowsBefore)), walk.before);
    walk.returns.push(ratioOf(gain, walk.before));
    walk.equity.push(toApproximate(after));
    walk.profit.push(toApproximate(pnl));
    walk.days.push(day);
    const base = walk.benchmarkBefore;
    const isKnown = benchmark !== undefined && base !== undefined && base.units > 0n;
    walk.benchmark.push(isKnown ? ratioOf(subtract(benchmark, base), base) : null);
    walk.benchmarkBefore = benchmark;
    walk.before = after;
    walk.flowsBefore = flows;
    walk.isOver = after.units <= 0n;
  }
  return true;
}

/** a / b as a double, from 24 exact significant digits or so: enough that the last bit does not depend on scales. */
export function ratioOf(a: Decimal, b: Decimal): number {
  if (a.units === 0n) return 0;
  const size = compare(absolute(a), absolute(b)) >= 0 ? 24 : 40;
  return toApproximate(divideHalfEven(a, b, size));
}
