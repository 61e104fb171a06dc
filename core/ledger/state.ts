/** Everything the ledger knows about one strategy. Built by `emptyState` or `decodeState`, changed by `foldBatch` only. */
import { type Calendar, calendarOf, type DayNumber } from '../calendar/calendar.ts';
import type { StrategyConfig } from '../config/types.ts';
import type { ErrorEvent, HeartbeatEvent } from '../events/types.ts';
import { type Decimal, parseDecimal } from '../money/decimal.ts';
import { emptyOrderBook, type OrderBook } from '../orders/order-book.ts';
import type { EpochNs } from '../time/instant.ts';
import { type Contract, flatPosition, type Position, plainContract } from './book.ts';
import type { ClosedReturns } from './days.ts';
import { type ExecutionIndex, emptyIndex } from './execution-index.ts';
import type { Marks } from './marks.ts';
import type { Rates } from './rates.ts';
import { emptySeen, type Seen } from './seen.ts';
import { emptySum, type Sum } from './sum.ts';

/** Bumped when the stored form changes; `decodeState` migrates older ones. */
export const stateVersion = 2;

/** Further behind the strategy's newest execution than this is late: accepted, counted and reported. */
export const lateAfterNs = 300_000_000_000n;

/** How much history stays foldable. */
export interface Retention {
  /** Executions and cash movements kept in order, so that late ones can be put in their place. */
  readonly entries: number;
  readonly horizonMs: number;
  /** Identities of executions and cash movements remembered beyond that. */
  readonly identities: number;
  /** Identities of other events. */
  readonly eventIdentities: number;
  /** Entries in a segment of the journal: what one save rewrites, and the least that a late entry folds again. */
  readonly segmentSize: number;
  readonly openOrders: number;
  readonly endedOrders: number;
}

/**
 * For a stored state: two days of at most 512 entries, yet never less than the last seven and a half minutes (`retain`), and a day of a million executions by their
 * identities.
 */
export const storedRetention: Retention = {
  entries: 512,
  horizonMs: 2 * 86_400_000,
  identities: 1_040_000,
  eventIdentities: 4_096,
  segmentSize: 64,
  openOrders: 500,
  endedOrders: 100,
};

/** For one pass over a file in memory: nothing is forgotten. */
export const wholeRetention: Retention = {
  entries: Number.POSITIVE_INFINITY,
  horizonMs: Number.POSITIVE_INFINITY,
  identities: Number.POSITIVE_INFINITY,
  eventIdentities: Number.POSITIVE_INFINITY,
  segmentSize: 512,
  openOrders: 100_000,
  endedOrders: 2_000_000,
};

/** An exact amount and its currency. */
export interface FeeAmount extends Decimal {
  readonly currency: string;
}

/** What was traded; replaced as a whole by a correction. Flat, and with its first fee apart, because a state may hold a hundred thousand of them. */
export interface Fill {
  /** Signed: a sale is negative. */
  readonly quantity: bigint;
  readonly quantityScale: number;
  readonly price: bigint;
  readonly priceScale: number;
  readonly fee: FeeAmount | undefined;
  readonly moreFees: readonly FeeAmount[];
  readonly currency: string | undefined;
}

interface Place {
  readonly at: EpochNs;
  /** Infinity when the event had none. */
  readonly seq: number;
  readonly arrival: number;
}

export interface FillEntry extends Place {
  readonly kind: 'fill';
  readonly scope: Scope;
  readonly execKey: string;
  fill: Fill;
  /** The trade as first reported, once a correction has changed it; `unknown` while only the correction has come. */
  original?: Fill | 'unknown';
  removed?: boolean;
}

export interface CashEntry extends Place {
  readonly kind: 'cash';
  readonly effect: 'flow' | 'funding' | 'fee';
  readonly accountId: string;
  readonly instrumentId?: string;
  /** Signed from the account's view. */
  readonly amount: Decimal;
  readonly currency: string;
  removed?: boolean;
}

export interface SplitEntry extends Place {
  readonly kind: 'split';
  readonly instrumentId: string;
  /** New units for one old unit. */
  readonly ratio: Decimal;
  /** The instrument's name from then on; absent when it stays. */
  readonly renamedTo?: string;
  removed?: boolean;
}

export type Entry = FillEntry | CashEntry | SplitEntry;

export interface Amendment extends Place {
  readonly kind: 'cancel' | 'correct';
  readonly execKey: string;
  readonly fill: Fill;
}

/** Where execution ids are unique: one instrument of one account on one venue. */
export interface Scope {
  readonly venue: string;
  readonly book: Book;
  readonly fills: ExecutionIndex;
  /** Cancellations and corrections by the execution that they change. */
  readonly amendments: Map<string, Amendment[]>;
  /** Execution that an amendment's own id stands for. */
  readonly roots: Map<string, string>;
}

export interface Trip {
  /** Realized + funding since the position was opened, in the strategy's currency. */
  gain: Sum;
  fees: Sum;
  /** Amounts that no rate could convert. */
  unresolved: number;
  openedAt: EpochNs;
}

/** What an instrument has brought since it was first heard of, in the strategy's currency. */
export interface BookResults {
  /** By how much gross profit, converted when it was made, is more than the units of `position.realized`: nothing while both have one currency. */
  converted: Sum;
  /** Positive is a cost. */
  fees: Sum;
  funding: Sum;
  /** Amounts that no rate could convert. */
  missing: { gross: number; fees: number; funding: number };
}

export interface Book {
  readonly accountId: string;
  readonly instrumentId: string;
  position: Position;
  trip: Trip;
  results: BookResults;
  /** Settlement currency as the executions stated it. */
  currency?: string;
  lastAt: EpochNs;
  /** When the position was last split or renamed: older marks and snapshots are in other terms. */
  splitAt?: EpochNs;
  venue: string;
  /** Segment that holds the image of the book from before its entries. */
  imageIn: number;
}

export interface Totals {
  fills: number;
  trades: number;
  wins: number;
  losses: number;
  breakeven: number;
  /** Round trips whose net needs a rate that is missing. */
  unresolvedTrips: number;
  /** Winning (positive) or losing (negative) round trips in a row, now and at most. */
  streak: number;
  longestWins: number;
  longestLosses: number;
  /** Length of all closed round trips together, in milliseconds. */
  heldMs: number;
  /** Time of the first execution. */
  startedMs: number;
  /** Open positions; since when there is one; and how much of the market's open time there was one before, in milliseconds. */
  openBooks: number;
  exposedSinceMs: number;
  exposedMs: number;
  /** Σ |quantity × price × multiplier| of all executions, and how many of them no rate could convert. */
  traded: Sum;
  untraded: number;
  winSum: Sum;
  lossSum: Sum;
  gross: Sum;
  fees: Sum;
  funding: Sum;
  flows: Sum;
  feesByCurrency: Map<string, Sum>;
  /** Amounts that no rate could convert. */
  missing: { gross: number; fees: number; funding: number; flows: number };
  day: DayNumber | undefined;
  dayEnd: EpochNs;
}

/** Open positions and totals at the end of a day with entries. */
export interface DaySnapshot {
  readonly day: DayNumber;
  /** Undefined while a rate is missing. */
  readonly net: Decimal | undefined;
  readonly flows: Decimal | undefined;
  readonly open: readonly OpenPosition[];
}

export interface OpenPosition {
  readonly book: Book;
  readonly position: Position;
  readonly lastAt: EpochNs;
}

/** Profit (realized, net, plus unrealized) and flows since the start, at the end of a day. */
export interface DayValue {
  readonly day: DayNumber;
  readonly pnl: Decimal | undefined;
  readonly flows: Decimal | undefined;
  /** The benchmark's last mark of the day; absent without one. */
  readonly benchmark?: Decimal;
}

export interface BookImage {
  readonly position: Position;
  readonly trip: Trip;
  readonly results: BookResults;
  readonly currency: string | undefined;
  readonly lastAt: EpochNs;
  readonly splitAt: EpochNs | undefined;
  readonly venue: string;
}

export interface Segment {
  readonly id: number;
  entries: Entry[];
  /** How everything was before the segment; absent until its first entry is folded. */
  before?: { readonly totals: Totals; readonly books: Map<Book, BookImage>; readonly snapshots: number };
  /** JSON text of the segment while it is unchanged. */
  text?: string;
}

export interface Journal {
  readonly segmentSize: number;
  segments: Segment[];
  nextSegment: number;
  entryCount: number;
  /** Everything before this place is folded. */
  foldedSegments: number;
  foldedEntries: number;
  /** First segment that has to be folded again. */
  dirty: number | undefined;
  /** Place of the newest entry that is no longer kept. */
  floor: EpochNs | undefined;
}

export interface Instrument extends Place {
  readonly contract: Contract;
  readonly currency?: string;
  /** What is bought, of a spot instrument: a fee in it is paid in kind, out of the quantity. */
  readonly spotBase?: string;
}

export interface FirstAccount extends Place {
  readonly equity: Decimal;
  readonly currency: string;
}

export interface Heartbeat {
  readonly component: string;
  readonly at: EpochNs;
  readonly event: HeartbeatEvent;
}

export interface ErrorMinute {
  readonly minute: number;
  readonly counts: Partial<Record<ErrorEvent['severity'], number>>;
}

/** When something was said, and its place among what was said at the same time. */
export interface Said {
  readonly at: EpochNs;
  /** −1 when the event had none. */
  readonly seq: number;
}

export interface Assertion extends Said {
  readonly quantity: Decimal;
  /** Price at which the venue closes the position, as it was stated last. */
  readonly liquidation?: Decimal;
}

export interface SequenceRange {
  readonly system: string;
  readonly instanceId: string;
  lowest: number;
  highest: number;
  count: number;
}

export interface Counts {
  accepted: number;
  duplicates: number;
  conflicting: number;
  late: number;
}

/** Told of everything that is folded, in order; what is folded again is told again. */
export interface FoldObserver {
  /** After it took effect. */
  readonly entry: (entry: Entry) => void;
  /** A position is flat again. `net` is undefined while an amount of the round trip waits for its rate. */
  readonly tripEnded: (book: Book, net: Decimal | undefined, at: EpochNs) => void;
}

export interface StrategyState {
  /** Set for the length of a `refold`; never stored. */
  observer?: FoldObserver;
  settings: StrategyConfig;
  calendar: Calendar;
  readonly retention: Retention;
  /** Currency of all totals; undefined until something has named one. */
  currency: string | undefined;
  firstAccount: FirstAccount | undefined;
  /** Currency of the earliest fill that named one. */
  fillCurrency: { readonly at: EpochNs; readonly currency: string } | undefined;
  feeCurrency: { readonly at: EpochNs; readonly currency: string } | undefined;
  readonly books: Map<string, Book>;
  readonly scopes: Map<string, Scope>;
  /** The newest scope of each instrument: executions of one mostly name the same account and venue. */
  readonly recentScopes: Map<string, Scope>;
  readonly instruments: Map<string, Instrument>;
  readonly rates: Rates;
  readonly marks: Marks;
  readonly journal: Journal;
  totals: Totals;
  readonly snapshots: DaySnapshot[];
  /** Days whose value is final, oldest first. */
  readonly closedDays: DayValue[];
  /** What `dailyReturns` remembers of them; never stored. */
  closedReturns: ClosedReturns | undefined;
  /** Executions that are no longer kept, and cash movements. */
  readonly seen: Seen;
  /** All other events. */
  readonly seenEvents: Seen;
  readonly orders: OrderBook;
  readonly heartbeats: Map<string, Heartbeat>;
  errors: ErrorMinute[];
  readonly assertions: Map<Book, Assertion>;
  readonly sequences: Map<string, SequenceRange>;
  lastSequence: SequenceRange | undefined;
  newestTransactTime: EpochNs | undefined;
  newestEventAt: EpochNs | undefined;
  firstEntryAt: EpochNs | undefined;
  newestEntryAt: EpochNs | undefined;
  newestDataAt: EpochNs | undefined;
  tradingState: (Said & { readonly is: string }) | undefined;
  /** Since when trading is halted. */
  haltedAt: EpochNs | undefined;
  readonly counts: Counts;
  arrivals: number;
  /** A change came for something that is no longer kept: only a rebuild from the journal makes the numbers right. */
  needsRebuild: boolean;
  /** Until when fees, funding and gross were kept for the strategy as a whole only, by an older release; undefined when they never were. */
  attributedSince: EpochNs | undefined;
  /** The amount that most lately found no rate to be converted with; never stored. */
  withheld: { readonly currency: string; readonly at: EpochNs; readonly isStale: boolean } | undefined;
}

export function emptyState(settings: StrategyConfig, retention: Retention = storedRetention): StrategyState {
  return {
    settings,
    calendar: calendarOf(settings.calendar),
    retention,
    currency: settings.currency,
    firstAccount: undefined,
    fillCurrency: undefined,
    feeCurrency: undefined,
    books: new Map(),
    scopes: new Map(),
    recentScopes: new Map(),
    instruments: new Map(),
    rates: new Map(),
    marks: new Map(),
    journal: {
      segmentSize: retention.segmentSize,
      segments: [],
      nextSegment: 0,
      entryCount: 0,
      foldedSegments: 0,
      foldedEntries: 0,
      dirty: undefined,
      floor: undefined,
    },
    totals: emptyTotals(),
    snapshots: [],
    closedDays: [],
    closedReturns: undefined,
    seen: emptySeen(retention.identities),
    seenEvents: emptySeen(retention.eventIdentities),
    orders: emptyOrderBook({ open: retention.openOrders, ended: retention.endedOrders }),
    heartbeats: new Map(),
    errors: [],
    assertions: new Map(),
    sequences: new Map(),
    lastSequence: undefined,
    newestTransactTime: undefined,
    newestEventAt: undefined,
    firstEntryAt: undefined,
    newestEntryAt: undefined,
    newestDataAt: undefined,
    tradingState: undefined,
    haltedAt: undefined,
    counts: { accepted: 0, duplicates: 0, conflicting: 0, late: 0 },
    arrivals: 0,
    needsRebuild: false,
    attributedSince: undefined,
    withheld: undefined,
  };
}

export function emptyTotals(): Totals {
  return {
    fills: 0,
    trades: 0,
    wins: 0,
    losses: 0,
    breakeven: 0,
    unresolvedTrips: 0,
    streak: 0,
    longestWins: 0,
    longestLosses: 0,
    heldMs: 0,
    startedMs: 0,
    openBooks: 0,
    exposedSinceMs: 0,
    exposedMs: 0,
    traded: emptySum(),
    untraded: 0,
    winSum: emptySum(),
    lossSum: emptySum(),
    gross: emptySum(),
    fees: emptySum(),
    funding: emptySum(),
    flows: emptySum(),
    feesByCurrency: new Map(),
    missing: { gross: 0, fees: 0, funding: 0, flows: 0 },
    day: undefined,
    dayEnd: 0n,
  };
}

export function emptyTrip(at: EpochNs): Trip {
  return { gain: emptySum(), fees: emptySum(), unresolved: 0, openedAt: at };
}

export function emptyResults(): BookResults {
  return { converted: emptySum(), fees: emptySum(), funding: emptySum(), missing: { gross: 0, fees: 0, funding: 0 } };
}

export function bookOf(state: StrategyState, accountId: string, instrumentId: string): Book {
  const key = `${accountId}\u0001${instrumentId}`;
  let book = state.books.get(key);
  if (book === undefined) {
    const results = emptyResults();
    book = { accountId, instrumentId, position: flatPosition(), trip: emptyTrip(0n), results, lastAt: 0n, venue: '', imageIn: -1 };
    state.books.set(key, book);
  }
  return book;
}

/** The book if there is one: mostly that of the instrument's newest execution. */
export function knownBook(state: StrategyState, accountId: string, instrumentId: string): Book | undefined {
  const recent = state.recentScopes.get(instrumentId)?.book;
  return recent?.accountId === accountId ? recent : state.books.get(`${accountId}\u0001${instrumentId}`);
}

export function scopeOf(state: StrategyState, venue: string, accountId: string, instrumentId: string): Scope {
  const recent = state.recentScopes.get(instrumentId);
  if (recent !== undefined && recent.book.accountId === accountId && recent.venue === venue) return recent;
  const key = `${venue}\u0001${accountId}\u0001${instrumentId}`;
  let scope = state.scopes.get(key);
  if (scope === undefined) {
    scope = { venue, book: bookOf(state, accountId, instrumentId), fills: emptyIndex(), amendments: new Map(), roots: new Map() };
    state.scopes.set(key, scope);
  }
  state.recentScopes.set(instrumentId, scope);
  return scope;
}

export function contractOf(state: StrategyState, instrumentId: string): Contract {
  return state.instruments.get(instrumentId)?.contract ?? plainContract;
}

/** Currency that an instrument's profit is in; undefined means the strategy's own. */
export function profitCurrencyOf(state: StrategyState, book: Book): string | undefined {
  return state.instruments.get(book.instrumentId)?.currency ?? book.currency ?? state.currency;
}

/** Starting capital in the strategy's currency, or undefined. */
export function capitalOf(state: StrategyState): Decimal | undefined {
  if (state.settings.initialCapital !== undefined) return parseDecimal(state.settings.initialCapital);
  const first = state.firstAccount;
  return first !== undefined && first.currency === state.currency ? first.equity : undefined;
}
