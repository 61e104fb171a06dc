/** What the journal of a strategy says of a stretch of days: money by day, round trips, exposure. */
import type { DayNumber } from '../calendar/calendar.ts';
import { openSpans } from '../calendar/sessions.ts';
import { netOf } from '../ledger/attribution.ts';
import { worthOf } from '../ledger/book.ts';
import { conversionAt } from '../ledger/convert.ts';
import { refold } from '../ledger/refold.ts';
import { type Book, contractOf, type Entry, profitCurrencyOf, type SplitEntry, type StrategyState } from '../ledger/state.ts';
import { absolute, add, compare, type Decimal, subtract, toApproximate, zero } from '../money/decimal.ts';
import { type EpochMs, type EpochNs, toEpochMs } from '../time/instant.ts';

export interface RoundTrip {
  readonly instrumentId: string;
  readonly openedMs: EpochMs;
  readonly closedMs: EpochMs;
  /** After fees and funding; undefined while a rate is missing. */
  readonly net: Decimal | undefined;
}

/** Cumulated since the start, in the strategy's currency. */
export interface MoneySums {
  readonly gross: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
  readonly flows: Decimal;
}

type Amounts = Omit<MoneySums, 'flows'>;

export interface InstrumentMoney extends Amounts {
  readonly instrumentId?: string;
}

const nothing: MoneySums = { gross: zero, fees: zero, funding: zero, flows: zero };

export interface History {
  readonly trips: readonly RoundTrip[];
  readonly fills: number;
  /** Of the days asked for; undefined while an amount waits for its rate, or where entries of those days are no longer kept. */
  readonly money: MoneySums | undefined;
  /** `money` by instrument, the largest net first, then what names none; undefined with it. */
  readonly byInstrument: readonly InstrumentMoney[] | undefined;
  readonly fillsByInstrument: ReadonlyMap<string, number>;
  readonly exposure: Exposure;
  /** Entries of these days are no longer kept: trips, money and exposure are of the later part only. */
  readonly isCut: boolean;
}

/** Values at the prices of the executions, in the strategy's currency, as floats. */
export interface Exposure {
  /** Share of open market time in which some position was open. */
  readonly timeInMarket?: number;
  /** Highest and time-weighted Σ |value|; absent while a rate is missing. */
  readonly peakGross?: number;
  readonly meanGross?: number;
  readonly peakNet?: number;
  readonly peakGrossMs?: EpochMs;
  /** Largest absolute quantity by instrument. */
  readonly largest: ReadonlyMap<string, number>;
}

export function historyOf(state: StrategyState, first: DayNumber, last: DayNumber, untilMs: EpochMs): History {
  const { calendar } = state;
  const startMs = Number.isFinite(first) ? calendar.startOf(first) : Number.NEGATIVE_INFINITY;
  // What happened at the last moment itself counts.
  const endMs = Math.min(untilMs + 1, calendar.endOf(last));
  const trips: RoundTrip[] = [];
  const fillsByInstrument = new Map<string, number>();
  const largest = new Map<string, number>();
  const values = new Map<Book, number | undefined>();
  const spans: { fromMs: EpochMs; toMs: EpochMs }[] = [];
  const instruments = instrumentMoney(state);
  let fills = 0;
  let before: MoneySums = nothing;
  let after: MoneySums = nothing;
  let sinceMs = startMs;
  let area = 0;
  let heldMs = 0;
  let peakGross = 0;
  let peakNet = 0;
  let peakGrossMs: EpochMs | undefined;
  let isUnknown = false;

  const grossNow = () => [...values.values()].reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0);
  const pass = (toMs: EpochMs) => {
    const from = Math.max(sinceMs, startMs);
    const to = Math.min(toMs, endMs);
    if (to > from && values.size > 0) {
      heldMs += to - from;
      area += grossNow() * (to - from);
      const open = spans.at(-1);
      if (open !== undefined && open.toMs === from) open.toMs = to;
      else spans.push({ fromMs: from, toMs: to });
    }
    sinceMs = Math.max(sinceMs, toMs);
  };
  const note = (book: Book, at: EpochNs) => {
    const { position } = book;
    if (position.quantity === 0n) {
      values.delete(book);
      return;
    }
    values.set(book, worthNow(state, book, at));
    const atMs = toEpochMs(at);
    if (atMs < startMs || atMs >= endMs) return;
    if (values.get(book) === undefined) isUnknown = true;
    const size = Math.abs(toApproximate({ units: position.quantity, scale: position.quantityScale }));
    largest.set(book.instrumentId, Math.max(largest.get(book.instrumentId) ?? 0, size));
    const gross = grossNow();
    if (gross > peakGross) {
      peakGross = gross;
      peakGrossMs = atMs;
    }
    const net = [...values.values()].reduce<number>((sum, value) => sum + (value ?? 0), 0);
    if (Math.abs(net) > Math.abs(peakNet)) peakNet = net;
  };

  refold(state, {
    entry: entry => {
      const atMs = toEpochMs(entry.at);
      pass(atMs);
      if (entry.kind === 'fill') {
        note(entry.scope.book, entry.at);
        if (atMs >= startMs && atMs < endMs) {
          fills++;
          const { instrumentId } = entry.scope.book;
          fillsByInstrument.set(instrumentId, (fillsByInstrument.get(instrumentId) ?? 0) + 1);
        }
      } else for (const book of [...values.keys()]) if (book.position.quantity === 0n) values.delete(book);
      const { gross, fees, funding, flows } = state.totals;
      const now = { gross: { ...gross }, fees: { ...fees }, funding: { ...funding }, flows: { ...flows } };
      if (atMs < startMs) before = now;
      if (atMs < endMs) {
        after = now;
        instruments.note(entry, atMs < startMs);
      }
    },
    tripEnded: (book, net, at) => {
      const closedMs = toEpochMs(at);
      if (closedMs < startMs || closedMs >= endMs) return;
      trips.push({ instrumentId: book.instrumentId, openedMs: toEpochMs(book.trip.openedAt), closedMs, net });
    },
  });
  pass(endMs);

  const { floor } = state.journal;
  const isCut = floor !== undefined && toEpochMs(floor) >= startMs;
  const { missing } = state.totals;
  const money =
    isCut || missing.gross + missing.fees + missing.funding + missing.flows > 0
      ? undefined
      : {
          gross: subtract(after.gross, before.gross),
          fees: subtract(after.fees, before.fees),
          funding: subtract(after.funding, before.funding),
          flows: subtract(after.flows, before.flows),
        };
  const openMs = openTime(state, Math.max(startMs, firstMoment(state)), endMs);
  const inMarket = spans.reduce((sum, span) => sum + openTime(state, span.fromMs, span.toMs), 0);
  return {
    trips,
    fills,
    fillsByInstrument,
    isCut,
    money,
    byInstrument: money && instruments.rows(money),
    exposure: {
      largest,
      ...(openMs > 0 ? { timeInMarket: Math.min(1, inMarket / openMs) } : {}),
      ...(isUnknown || peakGrossMs === undefined ? {} : { peakGross, peakNet, peakGrossMs, meanGross: heldMs > 0 ? area / heldMs : 0 }),
    },
  };
}

/**
 * What each instrument brought in a stretch of the history, which is told entry by entry. What a renamed one brought before the stretch moves on
 * with it.
 */
function instrumentMoney(state: StrategyState) {
  const before = new Map<Book, Amounts>();
  const after = new Map<Book, Amounts>();
  const bookedIn = ({ position, results: { converted, fees, funding } }: Book): Amounts => ({
    gross: add({ units: position.realized, scale: position.moneyScale }, converted),
    fees: { ...fees },
    funding: { ...funding },
  });
  const noteAll = (isBefore: boolean) => {
    for (const book of state.books.values()) {
      after.set(book, bookedIn(book));
      if (isBefore) before.set(book, bookedIn(book));
    }
  };
  return {
    note: (entry: Entry, isBefore: boolean) => {
      if (entry.kind === 'split') {
        if (entry.renamedTo !== undefined && !isBefore) moveOn(state, before, entry, bookedIn);
        noteAll(isBefore);
        return;
      }
      const book =
        entry.kind === 'fill'
          ? entry.scope.book
          : entry.instrumentId === undefined
            ? undefined
            : state.books.get(`${entry.accountId}\u0001${entry.instrumentId}`);
      if (book === undefined) return;
      const now = bookedIn(book);
      after.set(book, now);
      if (isBefore) before.set(book, now);
    },
    rows: (whole: MoneySums): InstrumentMoney[] => {
      const sums = new Map<string, Amounts>();
      for (const [book, now] of after) {
        const earlier = before.get(book) ?? nothing;
        const known = sums.get(book.instrumentId) ?? nothing;
        sums.set(book.instrumentId, plus(known, minus(now, earlier)));
      }
      const isSome = ({ gross, fees, funding }: Amounts) => gross.units !== 0n || fees.units !== 0n || funding.units !== 0n;
      const rest = [...sums.values()].reduce<Amounts>(minus, whole);
      const size = (row: Amounts) => absolute(netOf(row));
      const rows = [...sums]
        .filter(([, row]) => isSome(row))
        .sort(([idA, a], [idB, b]) => compare(size(b), size(a)) || (idA < idB ? -1 : 1));
      const { gross, fees, funding } = rest;
      return [...rows.map(([instrumentId, row]) => ({ instrumentId, ...row })), ...(isSome(rest) ? [{ gross, fees, funding }] : [])];
    },
  };
}

const minus = (a: Amounts, b: Amounts): Amounts => ({
  gross: subtract(a.gross, b.gross),
  fees: subtract(a.fees, b.fees),
  funding: subtract(a.funding, b.funding),
});

const plus = (a: Amounts, b: Amounts): Amounts => ({
  gross: add(a.gross, b.gross),
  fees: add(a.fees, b.fees),
  funding: add(a.funding, b.funding),
});

/** After a rename: books of the old name that have nothing any more have given it to the same account's book of the new one. */
function moveOn(state: StrategyState, before: Map<Book, Amounts>, entry: SplitEntry, bookedIn: (book: Book) => Amounts): void {
  for (const [book, earlier] of [...before]) {
    const { gross, fees, funding } = bookedIn(book);
    const isLeft = gross.units === 0n && fees.units === 0n && funding.units === 0n;
    const to = state.books.get(`${book.accountId}\u0001${entry.renamedTo}`);
    if (book.instrumentId !== entry.instrumentId || !isLeft || to === undefined) continue;
    before.set(to, plus(before.get(to) ?? nothing, earlier));
    before.delete(book);
  }
}

/** Value of a position at its last execution, in the strategy's currency; undefined without a rate. */
function worthNow(state: StrategyState, book: Book, at: EpochNs): number | undefined {
  const { position } = book;
  const contract = contractOf(state, book.instrumentId);
  const units = worthOf(position, contract, position.quantity, position.lastPrice, position.lastPriceScale);
  const own = toApproximate({ units, scale: position.moneyScale });
  const currency = profitCurrencyOf(state, book);
  if (currency === undefined || currency === state.currency || state.currency === undefined) return own;
  const rate = conversionAt(state, currency, at);
  return rate === undefined ? undefined : own * toApproximate(rate);
}

const firstMoment = ({ firstEntryAt, firstAccount, newestEventAt }: StrategyState): EpochMs =>
  Math.min(...[firstEntryAt, firstAccount?.at, newestEventAt].flatMap(at => (at === undefined ? [] : [toEpochMs(at)])));

function openTime({ calendar }: StrategyState, fromMs: EpochMs, toMs: EpochMs): number {
  if (!(fromMs < toMs) || !Number.isFinite(fromMs)) return 0;
  return openSpans(calendar, fromMs, toMs).reduce((sum, span) => sum + Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs), 0);
}
