/**
 * The stored form of a state: JSON texts, bigints as decimal strings. The head holds what almost every batch changes; parts hold the rest,
 * each in a size that one save can rewrite: `log-<n>` a segment of the journal, `seen-<n>` and `events-<n>` identities,
 * `days-<n>` closed days, `books-<n>` instruments when there are many, and any section of the head that has grown too large.
 */
import { isSameCalendar } from '../calendar/calendar.ts';
import type { StrategyConfig } from '../config/types.ts';
import { type Decimal, formatDecimal, parseDecimal } from '../money/decimal.ts';
import { decodeOrderBook, encodeOrderBook, type OrderBookText } from '../orders/order-codec.ts';
import type { EpochNs } from '../time/instant.ts';
import type { Position } from './book.ts';
import { type ColumnsText, readColumns, writeColumns } from './codec-columns.ts';
import { readEntry, type TimeText, writeEntry, writeTime } from './codec-entries.ts';
import { readHeartbeat, writeHeartbeat } from './codec-heartbeat.ts';
import { entriesOf, setEntry } from './execution-index.ts';
import { retain } from './retain.ts';
import { readSeen, writeSeen } from './seen.ts';
import {
  type Book,
  type BookImage,
  type BookResults,
  bookOf,
  type DaySnapshot,
  type DayValue,
  emptyResults,
  emptyState,
  emptyTrip,
  type Retention,
  type Scope,
  type Segment,
  type StrategyState,
  scopeOf,
  stateVersion,
  storedRetention,
  type Totals,
  type Trip,
} from './state.ts';
import type { EncodedState } from './store.ts';
import { emptySum, type Sum } from './sum.ts';

/** Bytes of head beyond which its largest sections become parts. A table item may have 400 KB, and every batch writes the head. */
const headLimit = 12_000;
const daysPerPart = 32;
/** A strategy of more instruments has them in parts: a batch touches few, and rewrites theirs alone. */
const booksInHead = 32;
const booksPerPart = 8;

const blank = (names: string, value: unknown) => Object.fromEntries(names.split(' ').map(name => [name, value]));

/** What a head does not write while it is nothing. */
const emptySections = {
  ...blank('currency firstAccount fillCurrency feeCurrency tradingState attributedSince', null),
  ...blank('books snapshots marks rates instruments amended heartbeats errors assertions sequences', []),
};

/** Sections that may leave the head, by the order in which they are asked to. */
const movable = ['orders', 'books', 'snapshots', 'marks', 'rates', 'amended', 'instruments', 'heartbeats', 'assertions'] as const;

export function encodeState(state: StrategyState): EncodedState {
  const parts: Record<string, string> = {};
  const books = new Map([...state.books.values()].map((book, index) => [book, index]));
  for (const segment of state.journal.segments) {
    segment.text ??= JSON.stringify(writeSegment(segment));
    parts[`log-${segment.id}`] = segment.text;
  }
  for (const [id, text] of writeSeen(state.seen)) parts[`seen-${id}`] = text;
  for (const [id, text] of writeSeen(state.seenEvents)) parts[`events-${id}`] = text;
  for (let from = 0; from < state.closedDays.length; from += daysPerPart) {
    parts[`days-${from / daysPerPart}`] = JSON.stringify(state.closedDays.slice(from, from + daysPerPart).map(writeDay));
  }
  const isWide = state.books.size > booksInHead;
  for (let from = 0; isWide && from < state.books.size; from += booksPerPart) {
    // Absolute times: relative ones would change with every batch.
    parts[`books-${from / booksPerPart}`] = JSON.stringify(
      [...state.books.values()].slice(from, from + booksPerPart).map(book => writeBook(book, 0n)),
    );
  }
  const sections = writeSections(state, books);
  const texts = new Map(Object.entries(sections).map(([name, value]) => [name, JSON.stringify(value)]));
  let size = [...texts.values()].reduce((sum, text) => sum + text.length, 0);
  const moved: string[] = [];
  for (const name of [...movable].sort((a, b) => texts.get(b)!.length - texts.get(a)!.length)) {
    if (size <= headLimit) break;
    const text = texts.get(name)!;
    parts[name] = text;
    texts.delete(name);
    moved.push(name);
    size -= text.length;
  }
  const rows = [...texts].flatMap(([name, text]) => (text === 'null' || text === '[]' ? [] : [`${JSON.stringify(name)}:${text}`]));
  return { head: `{"schemaVersion":${stateVersion},${rows.join(',')}}`, parts };
}

/** Currency, calendar, cost method and the age of rates are those that everything stored was computed with: a change takes effect with the next rebuild. */
function keptSettings(text: Head, current: StrategyConfig | undefined): StrategyConfig {
  if (current === undefined) return text.settings;
  const { currency: wanted, rateMaxAgeSeconds: _, ...rest } = current;
  const { rateMaxAgeSeconds } = text.settings;
  const currency = text.settings.currency ?? (text.currency === null || text.currency === wanted ? wanted : undefined);
  return {
    ...rest,
    calendar: text.settings.calendar,
    costMethod: text.settings.costMethod,
    ...(currency === undefined ? {} : { currency }),
    ...(rateMaxAgeSeconds === undefined ? {} : { rateMaxAgeSeconds }),
  };
}

function wantsRebuild(kept: StrategyConfig, current: StrategyConfig | undefined): boolean {
  if (current === undefined) return false;
  const isOtherCurrency = current.currency !== undefined && current.currency !== kept.currency;
  if (current.rateMaxAgeSeconds !== kept.rateMaxAgeSeconds) return true;
  return isOtherCurrency || !isSameCalendar(current.calendar, kept.calendar) || current.costMethod !== kept.costMethod;
}

/** The state as one that keeps less, or more: what it no longer keeps becomes identities and closed days. */
export function withRetention(state: StrategyState, retention: Retention): StrategyState {
  const { head, parts } = encodeState(state);
  const other = decodeState(head, parts, undefined, retention);
  retain(other);
  return other;
}

/**
 * A state of version 1 knows fees and funding of the strategy as a whole only. The next batch folds the executions that it keeps once more,
 * which gives their instruments theirs; everything before them stays with the account, and `attributedSince` says so.
 */
function attributeKept({ books, journal }: StrategyState): void {
  const images = journal.segments.flatMap(({ before }) => [...(before?.books.values() ?? [])]);
  for (const { position, results } of [...books.values(), ...images])
    results.converted = { units: -position.realized, scale: position.moneyScale };
  if (journal.segments.length > 0) journal.dirty = 0;
}

type Sections = ReturnType<typeof writeSections>;
type Head = Sections & { readonly schemaVersion: number };

/**
 * The state that was encoded; it goes on exactly as the original would. `settings` are those of the current config, the stored ones by
 * default; where they would change what is already computed (currency, calendar, cost method) the stored ones stand until a rebuild.
 * @throws RangeError for a schema version that this release does not know.
 */
export function decodeState(
  head: string,
  parts: Readonly<Record<string, string>>,
  settings?: StrategyConfig,
  retention: Retention = storedRetention,
): StrategyState {
  const moved = movable.flatMap(name => (parts[name] === undefined ? [] : [[name, JSON.parse(parts[name])] as const]));
  const text = { ...emptySections, ...(JSON.parse(head) as Head), ...Object.fromEntries(moved) } as Head;
  if (text.schemaVersion !== stateVersion && text.schemaVersion !== 1)
    throw new RangeError(`UnknownStateVersion: ${text.schemaVersion}; this release reads ${stateVersion} and older`);
  const kept = keptSettings(text, settings);
  const state = emptyState(kept, retention);
  const booksBase = BigInt(text.times[1] ?? 0);
  const apart = partsNamed(parts, 'books').flatMap(([, rows]) => rows as Sections['books']);
  const books = apart.length > 0 ? apart.map(row => readBook(state, row, 0n)) : text.books.map(row => readBook(state, row, booksBase));
  readScalars(state, text);
  if (wantsRebuild(kept, settings)) state.needsRebuild = true;
  for (const row of text.snapshots) state.snapshots.push(readSnapshot(row, books));
  for (const [name, row] of partsNamed(parts, 'days')) if (name >= 0) state.closedDays.push(...(row as DayText[]).map(readDay));
  if (text.settings.benchmark !== kept.benchmark)
    state.closedDays.splice(0, Number.POSITIVE_INFINITY, ...state.closedDays.map(withoutBenchmark));
  readMoney(state, text, books);
  readJournal(state, text, parts);
  Object.assign(state, {
    seen: readSeen(retention.identities, textsNamed(parts, 'seen')),
    seenEvents: readSeen(retention.eventIdentities, textsNamed(parts, 'events')),
    orders: decodeOrderBook(text.orders as OrderBookText, { open: retention.openOrders, ended: retention.endedOrders }),
  });
  state.seen.nextChunk = text.nextChunks[0]!;
  state.seenEvents.nextChunk = text.nextChunks[1]!;
  if (text.schemaVersion === 1) attributeKept(state);
  const since = text.schemaVersion === 1 ? text.journal[3] : text.attributedSince;
  state.attributedSince = since === null ? undefined : BigInt(since);
  return state;
}

function writeSections(state: StrategyState, books: ReadonlyMap<Book, number>) {
  const { journal, firstAccount } = state;
  return {
    settings: state.settings,
    currency: state.currency ?? null,
    firstAccount:
      firstAccount === undefined
        ? null
        : ([
            time(firstAccount.at),
            seq(firstAccount.seq),
            firstAccount.arrival,
            formatDecimal(firstAccount.equity),
            firstAccount.currency,
          ] as const),
    fillCurrency: state.fillCurrency === undefined ? null : ([time(state.fillCurrency.at), state.fillCurrency.currency] as const),
    feeCurrency: state.feeCurrency === undefined ? null : ([time(state.feeCurrency.at), state.feeCurrency.currency] as const),
    totals: writeTotals(state.totals),
    books: state.books.size > booksInHead ? [] : [...state.books.values()].map(book => writeBook(book, state.newestEventAt ?? 0n)),
    snapshots: state.snapshots.map(snapshot => writeSnapshot(snapshot, books)),
    marks: [...state.marks].map(
      ([instrumentId, line]) =>
        [instrumentId, line.map(mark => [mark.day, time(mark.at), mark.seq, formatDecimal(mark.price)] as const)] as const,
    ),
    rates: [...state.rates].map(
      ([pair, line]) => [pair, line.map(rate => [time(rate.at), rate.seq, formatDecimal(rate.value)] as const)] as const,
    ),
    instruments: [...state.instruments].map(
      ([id, known]) =>
        [
          id,
          time(known.at),
          seq(known.seq),
          known.arrival,
          formatDecimal(known.contract.multiplier),
          known.contract.inverse,
          known.currency ?? null,
          ...(known.spotBase === undefined ? [] : [known.spotBase]),
        ] as const,
    ),
    amended: [...state.scopes.values()].filter(scope => scope.amendments.size > 0).map(writeAmended),
    journal: [
      journal.nextSegment,
      journal.foldedSegments,
      journal.foldedEntries,
      journal.floor === undefined ? null : time(journal.floor),
    ] as const,
    orders: encodeOrderBook(state.orders),
    heartbeats: [...state.heartbeats.values()].map(({ event }) => writeHeartbeat(event)),
    errors: state.errors,
    assertions: [...state.assertions].map(
      ([book, { at, seq: place, quantity, liquidation }]): AssertionText =>
        liquidation === undefined
          ? [books.get(book)!, time(at), place, formatDecimal(quantity)]
          : [books.get(book)!, time(at), place, formatDecimal(quantity), formatDecimal(liquidation)],
    ),
    sequences: [...state.sequences.values()].map(
      range => [range.system, range.instanceId, range.lowest, range.highest, range.count] as const,
    ),
    times: [state.newestTransactTime, state.newestEventAt, state.firstEntryAt, state.newestEntryAt, state.newestDataAt, state.haltedAt].map(
      at => (at === undefined ? null : time(at)),
    ),
    tradingState:
      state.tradingState === undefined ? null : ([state.tradingState.is, time(state.tradingState.at), state.tradingState.seq] as const),
    counts: state.counts,
    arrivals: state.arrivals,
    needsRebuild: state.needsRebuild,
    nextChunks: [state.seen.nextChunk, state.seenEvents.nextChunk],
    attributedSince: state.attributedSince === undefined ? null : time(state.attributedSince),
  };
}

function readScalars(state: StrategyState, text: Head): void {
  state.currency = text.currency ?? state.settings.currency;
  state.totals = readTotals(text.totals);
  const [newestTransactTime, newestEventAt, firstEntryAt, newestEntryAt, newestDataAt, haltedAt] = text.times.map(at =>
    at === null ? undefined : BigInt(at),
  );
  Object.assign(state, { newestTransactTime, newestEventAt, firstEntryAt, newestEntryAt, newestDataAt, haltedAt });
  if (text.tradingState !== null) {
    const [is, at, place] = text.tradingState;
    state.tradingState = { is, at: BigInt(at), seq: place };
  }
  Object.assign(state.counts, text.counts);
  state.arrivals = text.arrivals;
  state.needsRebuild = text.needsRebuild || state.needsRebuild;
  state.errors = text.errors.map(({ minute, counts }) => ({ minute, counts: { ...counts } }));
  for (const [system, instanceId, lowest, highest, count] of text.sequences) {
    state.sequences.set(`${system}\u0001${instanceId}`, { system, instanceId, lowest, highest, count });
  }
  for (const row of text.heartbeats) {
    const event = readHeartbeat(row, state.settings.id);
    state.heartbeats.set(event.component, { component: event.component, at: event.tsEvent, event });
  }
}

function readMoney(state: StrategyState, text: Head, books: readonly Book[]): void {
  if (text.firstAccount !== null) {
    const [at, order, arrival, equity, currency] = text.firstAccount;
    state.firstAccount = { at: BigInt(at), seq: order ?? Number.POSITIVE_INFINITY, arrival, equity: parseDecimal(equity), currency };
  }
  state.fillCurrency = text.fillCurrency === null ? undefined : { at: BigInt(text.fillCurrency[0]), currency: text.fillCurrency[1] };
  state.feeCurrency = text.feeCurrency === null ? undefined : { at: BigInt(text.feeCurrency[0]), currency: text.feeCurrency[1] };
  for (const [instrumentId, line] of text.marks) {
    state.marks.set(
      instrumentId,
      line.map(([day, at, order, price]) => ({ day, at: BigInt(at), seq: order, price: parseDecimal(price) })),
    );
  }
  for (const [pair, line] of text.rates) {
    state.rates.set(
      pair,
      line.map(([at, order, value]) => ({ at: BigInt(at), seq: order, value: parseDecimal(value) })),
    );
  }
  for (const [id, at, order, arrival, multiplier, inverse, currency, spotBase] of text.instruments) {
    state.instruments.set(id, {
      at: BigInt(at),
      seq: order ?? Number.POSITIVE_INFINITY,
      arrival,
      contract: { multiplier: parseDecimal(multiplier), inverse },
      ...(currency === null ? {} : { currency }),
      ...(spotBase === undefined ? {} : { spotBase }),
    });
  }
  for (const [index, at, place, quantity, liquidation] of text.assertions)
    state.assertions.set(books[index]!, {
      at: BigInt(at),
      seq: place,
      quantity: parseDecimal(quantity),
      ...(liquidation === undefined ? {} : { liquidation: parseDecimal(liquidation) }),
    });
}

function readJournal(state: StrategyState, text: Head, parts: Readonly<Record<string, string>>): void {
  const { journal } = state;
  for (const row of text.amended) readAmended(state, row);
  const [nextSegment, foldedSegments, foldedEntries, floor] = text.journal;
  const segments = partsNamed(parts, 'log').map(([id, row]) => readSegment(state, id, row as SegmentText, parts[`log-${id}`]!));
  journal.segments = segments.sort((a, b) =>
    a.entries[0]!.at < b.entries[0]!.at ? -1 : a.entries[0]!.at > b.entries[0]!.at ? 1 : compareSeq(a, b),
  );
  journal.nextSegment = nextSegment;
  journal.foldedSegments = foldedSegments;
  journal.foldedEntries = foldedEntries;
  journal.floor = floor === null ? undefined : BigInt(floor);
  journal.entryCount = journal.segments.reduce((sum, segment) => sum + segment.entries.length, 0);
  const last = journal.segments.at(-1);
  for (const book of last?.before?.books.keys() ?? []) book.imageIn = last!.id;
}

function compareSeq(a: Segment, b: Segment): number {
  const [left, right] = [a.entries[0]!, b.entries[0]!];
  return left.seq !== right.seq ? (left.seq < right.seq ? -1 : 1) : left.arrival - right.arrival;
}

function partsNamed(parts: Readonly<Record<string, string>>, prefix: string): (readonly [number, unknown])[] {
  return textsNamed(parts, prefix).map(([id, text]) => [id, JSON.parse(text) as unknown] as const);
}

/** Oldest first. */
function textsNamed(parts: Readonly<Record<string, string>>, prefix: string): (readonly [number, string])[] {
  return Object.keys(parts)
    .filter(name => name.startsWith(`${prefix}-`))
    .map(name => [Number(name.slice(prefix.length + 1)), parts[name]!] as const)
    .sort(([a], [b]) => a - b);
}

const time = (at: EpochNs) => at.toString();
/** JSON has no infinity: no sequence number is null. */
const seq = (value: number) => (value === Number.POSITIVE_INFINITY ? null : value);

/** A pair where the scale itself counts, and in states of version 1. */
type ScaledText = readonly [units: string, scale: number];
type SumText = string | ScaledText;
const writeSum = (sum: Decimal): string => formatDecimal(sum);
const writeScaled = (sum: Decimal): ScaledText => [sum.units.toString(), sum.scale];
const readSum = (text: SumText): Sum => (typeof text === 'string' ? readDigits(text) : { units: BigInt(text[0]), scale: text[1] });

/** Of any length: a sum may have more digits than anything that came from outside. */
function readDigits(text: string): Sum {
  const point = text.indexOf('.');
  return point < 0 ? { units: BigInt(text), scale: 0 } : { units: BigInt(text.replace('.', '')), scale: text.length - point - 1 };
}

function writeTotals(totals: Totals) {
  const { fills, trades, wins, losses, breakeven, unresolvedTrips, missing } = totals;
  const { streak, longestWins, longestLosses, heldMs, startedMs, openBooks, exposedSinceMs, exposedMs, untraded } = totals;
  return {
    n: [fills, trades, wins, losses, breakeven, unresolvedTrips, missing.gross, missing.fees, missing.funding, missing.flows],
    t: [streak, longestWins, longestLosses, heldMs, startedMs, openBooks, exposedSinceMs, exposedMs, untraded],
    s: [totals.winSum, totals.lossSum, totals.gross, totals.fees, totals.funding, totals.flows, totals.traded].map(
      (sum): SumText => writeSum(sum),
    ),
    f: [...totals.feesByCurrency].map(([currency, sum]) => [currency, writeSum(sum) as SumText] as const),
    d: totals.day ?? null,
    e: time(totals.dayEnd),
  };
}

/** Older states have no `t`: their round trips begin to count when the next execution comes. */
type TotalsText = Omit<ReturnType<typeof writeTotals>, 't'> & { readonly t?: readonly number[] };

function readTotals(text: TotalsText): Totals {
  const [fills = 0, trades = 0, wins = 0, losses = 0, breakeven = 0, unresolvedTrips = 0, gross = 0, fees = 0, funding = 0, flows = 0] =
    text.n;
  const [winSum, lossSum, grossSum, feeSum, fundingSum, flowSum, traded = emptySum()] = text.s.map(readSum);
  const [
    streak = 0,
    longestWins = 0,
    longestLosses = 0,
    heldMs = 0,
    startedMs = 0,
    openBooks = 0,
    exposedSinceMs = 0,
    exposedMs = 0,
    untraded = 0,
  ] = text.t ?? [];
  return {
    fills,
    trades,
    wins,
    losses,
    breakeven,
    unresolvedTrips,
    streak,
    longestWins,
    longestLosses,
    heldMs,
    startedMs,
    openBooks,
    exposedSinceMs,
    exposedMs,
    traded,
    untraded,
    winSum: winSum!,
    lossSum: lossSum!,
    gross: grossSum!,
    fees: feeSum!,
    funding: fundingSum!,
    flows: flowSum!,
    feesByCurrency: new Map(text.f.map(([currency, sum]) => [currency, readSum(sum)])),
    missing: { gross, fees, funding, flows },
    day: text.d ?? undefined,
    dayEnd: BigInt(text.e),
  };
}

function writePosition(position: Position) {
  return [
    [position.quantityScale, position.priceScale, position.moneyScale, position.lastPriceScale] as const,
    [position.quantity, position.cost, position.realized, position.lastPrice].map(String),
    ...position.lots.map(lot => [lot.quantity.toString(), lot.cost.toString()] as const),
  ] as const;
}

function readPosition([scales, values, ...lots]: ReturnType<typeof writePosition>): Position {
  const [quantity, cost, realized, lastPrice] = values.map(BigInt);
  return {
    quantityScale: scales[0],
    priceScale: scales[1],
    moneyScale: scales[2],
    lastPriceScale: scales[3],
    quantity: quantity!,
    cost: cost!,
    realized: realized!,
    lastPrice: lastPrice!,
    lots: lots.map(([lotQuantity, lotCost]) => ({ quantity: BigInt(lotQuantity), cost: BigInt(lotCost) })),
  };
}

interface ImageText {
  readonly p: ReturnType<typeof writePosition>;
  /** Absent while flat. Times are relative to what the image stands in. */
  readonly t?: readonly [gain: SumText, fees: SumText, unresolved: number, openedAt: TimeText];
  /** What the instrument has brought, as `writeResults` says; absent while it is nothing. */
  readonly a?: string;
  readonly c?: string;
  readonly l: TimeText;
  readonly s?: TimeText;
  readonly v: string;
}

interface ImageFields {
  readonly position: Position;
  readonly trip: Trip;
  readonly results: BookResults;
  readonly currency?: string | undefined;
  readonly lastAt: EpochNs;
  readonly splitAt?: EpochNs | undefined;
  readonly venue: string;
}

function writeImage(image: ImageFields, base: EpochNs): ImageText {
  const results = writeResults(image.results);
  return {
    p: writePosition(image.position),
    ...(image.position.quantity === 0n
      ? {}
      : {
          t: [
            writeSum(image.trip.gain),
            writeScaled(image.trip.fees),
            image.trip.unresolved,
            writeTime(image.trip.openedAt - base),
          ] as const,
        }),
    ...(results === '' ? {} : { a: results }),
    ...(image.currency === undefined ? {} : { c: image.currency }),
    l: writeTime(image.lastAt - base),
    ...(image.splitAt === undefined ? {} : { s: writeTime(image.splitAt - base) }),
    v: image.venue,
  };
}

function readImage(text: ImageText, base: EpochNs): BookImage {
  return {
    position: readPosition(text.p),
    trip:
      text.t === undefined
        ? emptyTrip(0n)
        : { gain: readSum(text.t[0]), fees: readSum(text.t[1]), unresolved: text.t[2], openedAt: base + BigInt(text.t[3]) },
    results: readResults(text.a),
    currency: text.c,
    lastAt: base + BigInt(text.l),
    splitAt: text.s === undefined ? undefined : base + BigInt(text.s),
    venue: text.v,
  };
}

/** Fees, funding, `converted`, then what is missing of gross, fees and funding; what is nothing is left out from the end. */
function writeResults({ fees, funding, converted, missing }: BookResults): string {
  const fields = [...[fees, funding, converted].map(writeSum), ...[missing.gross, missing.fees, missing.funding].map(String)];
  while (fields.at(-1) === '0') fields.pop();
  return fields.join(' ');
}

function readResults(text: string | undefined): BookResults {
  if (text === undefined) return emptyResults();
  const [fees = '0', funding = '0', converted = '0', ...missing] = text.split(' ');
  const [gross = 0, missingFees = 0, missingFunding = 0] = missing.map(Number);
  return {
    converted: readSum(converted),
    fees: readSum(fees),
    funding: readSum(funding),
    missing: { gross, fees: missingFees, funding: missingFunding },
  };
}

function writeBook(book: Book, base: EpochNs) {
  return { accountId: book.accountId, instrumentId: book.instrumentId, ...writeImage(book, base) };
}

function readBook(state: StrategyState, row: Sections['books'][number], base: EpochNs): Book {
  const book = bookOf(state, row.accountId, row.instrumentId);
  const image = readImage(row, base);
  book.position = image.position;
  book.trip = image.trip;
  book.results = image.results;
  book.lastAt = image.lastAt;
  book.venue = image.venue;
  if (image.currency !== undefined) book.currency = image.currency;
  if (image.splitAt !== undefined) book.splitAt = image.splitAt;
  return book;
}

type OptionalText = string | null;
const optional = (value: Decimal | undefined): OptionalText => (value === undefined ? null : formatDecimal(value));
const readOptional = (text: OptionalText): Decimal | undefined => (text === null ? undefined : parseDecimal(text));

function writeSnapshot(snapshot: DaySnapshot, books: ReadonlyMap<Book, number>) {
  return [
    snapshot.day,
    optional(snapshot.net),
    optional(snapshot.flows),
    snapshot.open.map(open => [books.get(open.book)!, writePosition(open.position), time(open.lastAt)] as const),
  ] as const;
}

function readSnapshot([day, net, flows, open]: ReturnType<typeof writeSnapshot>, books: readonly Book[]): DaySnapshot {
  return {
    day,
    net: readOptional(net),
    flows: readOptional(flows),
    open: open.map(([index, position, lastAt]) => ({ book: books[index]!, position: readPosition(position), lastAt: BigInt(lastAt) })),
  };
}

type AssertionText = readonly [book: number, at: string, seq: number, quantity: string, liquidation?: string];
type DayText = readonly [number, OptionalText, OptionalText, benchmark?: string];
const writeDay = ({ day, pnl, flows, benchmark }: DayValue): DayText =>
  benchmark === undefined ? [day, optional(pnl), optional(flows)] : [day, optional(pnl), optional(flows), formatDecimal(benchmark)];
const readDay = ([day, pnl, flows, benchmark]: DayText): DayValue => ({
  day,
  pnl: readOptional(pnl),
  flows: readOptional(flows),
  ...(benchmark === undefined ? {} : { benchmark: parseDecimal(benchmark) }),
});

/** Marks of one benchmark say nothing of another: they begin anew, until a rebuild reads the old ones. */
const withoutBenchmark = ({ day, pnl, flows }: DayValue): DayValue => ({ day, pnl, flows });

/** Scopes and books are listed once per segment, and entries name them by index. */
interface SegmentText {
  /** Time and arrival of the first entry; books of `before` have times relative to it too. */
  readonly base: readonly [at: string, arrival: number];
  readonly scopes: readonly (readonly [venue: string, accountId: string, instrumentId: string])[];
  readonly entries: ColumnsText;
  readonly before?: {
    readonly totals: ReturnType<typeof writeTotals>;
    /** A book by the scope that trades in it, or by its names. */
    readonly books: readonly (readonly [book: number | readonly [accountId: string, instrumentId: string], image: ImageText])[];
    readonly snapshots: number;
  };
}

function writeSegment(segment: Segment): SegmentText {
  const scopes: Scope[] = [];
  const indexOf = (scope: Scope) => {
    const known = scopes.indexOf(scope);
    return known >= 0 ? known : scopes.push(scope) - 1;
  };
  const base = segment.entries[0]!;
  const entries = writeColumns(segment.entries, base, indexOf);
  const { before } = segment;
  const bookIndex = (book: Book) => {
    const index = scopes.findIndex(scope => scope.book === book);
    return index >= 0 ? index : ([book.accountId, book.instrumentId] as const);
  };
  return {
    base: [time(base.at), base.arrival],
    scopes: scopes.map(({ venue, book }) => [venue, book.accountId, book.instrumentId] as const),
    entries,
    ...(before === undefined
      ? {}
      : {
          before: {
            totals: writeTotals(before.totals),
            books: [...before.books].map(([book, image]) => [bookIndex(book), writeImage(image, base.at)] as const),
            snapshots: before.snapshots,
          },
        }),
  };
}

function readSegment(state: StrategyState, id: number, row: SegmentText, text: string): Segment {
  const base = { at: BigInt(row.base[0]), arrival: row.base[1] };
  const scopes = row.scopes.map(([venue, accountId, instrumentId]) => scopeOf(state, venue, accountId, instrumentId));
  const entries = readColumns(row.entries, base, scopes);
  for (const entry of entries) if (entry.kind === 'fill') setEntry(entry.scope.fills, entry);
  return {
    id,
    entries,
    text,
    ...(row.before === undefined
      ? {}
      : {
          before: {
            totals: readTotals(row.before.totals),
            books: new Map(
              row.before.books.map(([of, image]) => [
                typeof of === 'number' ? scopes[of]!.book : bookOf(state, ...of),
                readImage(image, base.at),
              ]),
            ),
            snapshots: row.before.snapshots,
          },
        }),
  };
}

const origin = { at: 0n, arrival: 0 };

/** Corrections and cancellations, with the cancelled executions, which stand in no segment. */
function writeAmended(scope: Scope) {
  const cancelled = [...entriesOf(scope.fills)].filter(entry => entry.removed === true);
  return {
    scope: [scope.venue, scope.book.accountId, scope.book.instrumentId] as const,
    roots: [...scope.roots],
    amendments: [...scope.amendments].map(
      ([root, list]) =>
        [
          root,
          list.map(amendment => [amendment.kind, writeEntry({ ...amendment, kind: 'fill', scope }, origin, () => 0)] as const),
        ] as const,
    ),
    cancelled: cancelled.map(entry => writeEntry(entry, origin, () => 0)),
  };
}

function readAmended(state: StrategyState, row: ReturnType<typeof writeAmended>): void {
  const scope = scopeOf(state, ...row.scope);
  for (const [id, root] of row.roots) scope.roots.set(id, root);
  for (const [root, list] of row.amendments) {
    scope.amendments.set(
      root,
      list.flatMap(([kind, text]) => {
        const entry = readEntry(text, origin, [scope]);
        return entry.kind === 'fill'
          ? [{ kind, execKey: entry.execKey, at: entry.at, seq: entry.seq, arrival: entry.arrival, fill: entry.fill }]
          : [];
      }),
    );
  }
  for (const text of row.cancelled) {
    const entry = readEntry(text, origin, [scope]);
    if (entry.kind === 'fill') setEntry(scope.fills, { ...entry, removed: true });
  }
}
