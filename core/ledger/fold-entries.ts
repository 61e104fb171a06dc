/** Applies journal entries, in order, to positions and totals. */
import { openTimeBetween } from '../calendar/open-time.ts';
import { currencyPrecision } from '../money/currency.ts';
import { type Decimal, divideHalfEven, divideUnitsHalfEven, negate, pow10, roundHalfEven, subtract } from '../money/decimal.ts';
import { type EpochNs, toEpochMs } from '../time/instant.ts';
import { applyTrade, costDigits, flatPosition, type Position, plainContract, refine, worthOf } from './book.ts';
import { conversionAt, hasStaleRate } from './convert.ts';
import { feesOf, quantityOfFill } from './fill.ts';
import { copyTotals, keepImage, rewind } from './journal.ts';
import {
  type Book,
  type BookResults,
  bookOf,
  type CashEntry,
  contractOf,
  emptyResults,
  emptyTrip,
  type Fill,
  type FillEntry,
  type Instrument,
  profitCurrencyOf,
  type Segment,
  type SplitEntry,
  type StrategyState,
  type Totals,
} from './state.ts';
import { addTo, addUnits, emptySum, type Sum } from './sum.ts';

/** Undoes what has to be undone, then folds everything that is not folded yet. */
export function settle(state: StrategyState): void {
  rewind(state);
  const { journal } = state;
  for (; journal.foldedSegments < journal.segments.length; journal.foldedSegments++) {
    const segment = journal.segments[journal.foldedSegments]!;
    segment.before ??= { totals: copyTotals(state.totals), books: new Map(), snapshots: state.snapshots.length };
    while (journal.foldedEntries < segment.entries.length) {
      const entry = segment.entries[journal.foldedEntries++]!;
      openDay(state, entry.at);
      if (entry.kind === 'fill') foldFill(state, segment, entry);
      else if (entry.kind === 'cash') foldCash(state, segment, entry);
      else foldSplit(state, segment, entry);
      state.observer?.entry(entry);
    }
    if (journal.foldedSegments === journal.segments.length - 1) return;
    journal.foldedEntries = 0;
  }
}

/** Net profit so far, or undefined while an amount waits for its rate. */
export function netOf(totals: Totals): Decimal | undefined {
  const { missing } = totals;
  if (missing.gross + missing.fees + missing.funding > 0) return undefined;
  const net: Sum = { units: totals.gross.units, scale: totals.gross.scale };
  addUnits(net, -totals.fees.units, totals.fees.scale);
  addTo(net, totals.funding);
  return net;
}

export function flowsOf(totals: Totals): Decimal | undefined {
  return totals.missing.flows > 0 ? undefined : { units: totals.flows.units, scale: totals.flows.scale };
}

function openDay(state: StrategyState, at: EpochNs): void {
  const { totals } = state;
  if (totals.day !== undefined && at < totals.dayEnd) return;
  const day = state.calendar.dayOf(toEpochMs(at));
  if (totals.day !== undefined && day > totals.day) {
    state.snapshots.push({ day: totals.day, net: netOf(totals), flows: flowsOf(totals), open: openPositions(state) });
  }
  if (totals.day === undefined || day > totals.day) totals.day = day;
  totals.dayEnd = BigInt(state.calendar.endOf(totals.day)) * 1_000_000n;
}

function openPositions(state: StrategyState) {
  const open = [];
  for (const book of state.books.values()) {
    if (book.position.quantity !== 0n) open.push({ book, position: { ...book.position }, lastAt: book.lastAt });
  }
  return open;
}

function foldFill(state: StrategyState, segment: Segment, entry: FillEntry): void {
  const { fill, scope } = entry;
  const { book } = scope;
  const { totals } = state;
  keepImage(segment, book);
  const position = book.position;
  const instrument = state.instruments.get(book.instrumentId);
  const contract = instrument?.contract ?? plainContract;
  let { quantity, quantityScale } = fill;
  if (instrument?.spotBase !== undefined) ({ units: quantity, scale: quantityScale } = receivedQuantity(fill, instrument.spotBase));
  const multiplierScale = contract.multiplier.scale;
  if (
    quantityScale > position.quantityScale ||
    fill.priceScale > position.priceScale ||
    position.quantityScale + position.priceScale + multiplierScale > position.moneyScale
  ) {
    refine(position, quantityScale, fill.priceScale, multiplierScale);
  }
  const units = quantityScale === position.quantityScale ? quantity : quantity * pow10(position.quantityScale - quantityScale);
  const priceUnits = fill.priceScale === position.priceScale ? fill.price : fill.price * pow10(position.priceScale - fill.priceScale);
  if (fill.currency !== undefined) book.currency = fill.currency;
  book.lastAt = entry.at;
  book.venue = scope.venue;
  if (totals.fills === 0) totals.startedMs = toEpochMs(entry.at);
  totals.fills++;
  if (position.quantity === 0n) book.trip = emptyTrip(entry.at);

  const before = position.realized;
  const wasFlat = position.quantity === 0n;
  const value = worthOf(position, contract, units, priceUnits);
  noteTraded(state, entry, value);
  const closed = units === 0n ? 0n : applyTrade(position, contract, state.settings.costMethod, units, priceUnits, value);
  const fee = chargeFees(state, totals, entry, instrument);
  const trip = book.trip;
  if (wasFlat !== (position.quantity === 0n)) noteExposure(state, totals, wasFlat ? 1 : -1, entry.at);
  if (closed === 0n) {
    takeFee(trip, fee);
    return;
  }
  const realized = position.realized - before;
  if (realized !== 0n) {
    const currency = profitCurrencyOf(state, book);
    if (currency === state.currency || currency === undefined) {
      addUnits(totals.gross, realized, position.moneyScale);
      addUnits(trip.gain, realized, position.moneyScale);
    } else {
      const { converted, missing } = book.results;
      addUnits(converted, -realized, position.moneyScale);
      const rate = convert(state, currency, entry.at);
      if (rate === undefined) {
        totals.missing.gross++;
        missing.gross++;
        trip.unresolved++;
      } else {
        addUnits(converted, realized * rate.units, position.moneyScale + rate.scale);
        addUnits(totals.gross, realized * rate.units, position.moneyScale + rate.scale);
        addUnits(trip.gain, realized * rate.units, position.moneyScale + rate.scale);
      }
    }
  }
  const size = units < 0n ? -units : units;
  if (closed === size) {
    takeFee(trip, fee);
    if (position.quantity === 0n) endTrip(state, totals, book, entry.at);
    return;
  }
  const closingFee = shareOfFee(fee, closed, size);
  takeFee(trip, closingFee);
  endTrip(state, totals, book, entry.at);
  book.trip = emptyTrip(entry.at);
  takeFee(book.trip, { sum: subtract(fee.sum, closingFee.sum), unresolved: fee.unresolved });
}

/** Adds the size of what was traded, which is worth `value` in the money of its position, in the strategy's currency. */
function noteTraded(state: StrategyState, { scope: { book }, at }: FillEntry, value: bigint): void {
  const { totals } = state;
  const { position } = book;
  const size = value < 0n ? -value : value;
  const currency = profitCurrencyOf(state, book);
  if (currency === state.currency || currency === undefined) {
    addUnits(totals.traded, size, position.moneyScale);
    return;
  }
  const rate = conversionAt(state, currency, at);
  if (rate === undefined) totals.untraded++;
  else addUnits(totals.traded, size * rate.units, position.moneyScale + rate.scale);
}

/** A position more or less: counts the market's open time while there was one. */
function noteExposure(state: StrategyState, totals: Totals, change: 1 | -1, at: EpochNs): void {
  const nowMs = toEpochMs(at);
  if (totals.openBooks === 0) totals.exposedSinceMs = nowMs;
  totals.openBooks = Math.max(0, totals.openBooks + change);
  if (totals.openBooks === 0) totals.exposedMs += openTimeBetween(state.calendar, totals.exposedSinceMs, nowMs);
}

/** The rate, and a note of the one that is missing. */
function convert(state: StrategyState, currency: string, at: EpochNs): Decimal | undefined {
  const rate = conversionAt(state, currency, at);
  if (rate === undefined) state.withheld = { currency, at, isStale: hasStaleRate(state, currency, at) };
  return rate;
}

interface ConvertedFee {
  readonly sum: Decimal;
  readonly unresolved: number;
}

const noFee: ConvertedFee = { sum: { units: 0n, scale: 0 }, unresolved: 0 };

/**
 * What arrives at the account: fees in the base currency of a spot instrument are taken out of the quantity (and a rebate comes on top), on
 * either side. They remain fees, worth the fill's own price, so that quantity × price + fee is exactly what was traded and nothing
 * counts twice. Other instruments hold no base currency: a fee in it is a fee like any other.
 */
function receivedQuantity(fill: Fill, base: string): Decimal {
  let received = quantityOfFill(fill);
  for (const fee of feesOf(fill)) if (fee.currency === base) received = subtract(received, fee);
  return received;
}

/** Books the fees by currency, in total and for the instrument; returns them in the strategy's currency. */
function chargeFees(state: StrategyState, totals: Totals, entry: FillEntry, instrument: Instrument | undefined): ConvertedFee {
  const { fee: only, moreFees } = entry.fill;
  const { results } = entry.scope.book;
  if (only === undefined) return noFee;
  addTo(feesIn(totals, only.currency), only);
  for (const fee of moreFees) addTo(feesIn(totals, fee.currency), fee);
  if (moreFees.length === 0 && only.currency === state.currency && instrument?.spotBase !== only.currency) {
    addTo(totals.fees, only);
    addTo(results.fees, only);
    return { sum: only, unresolved: 0 };
  }
  const sum = emptySum();
  let unresolved = 0;
  for (const { currency, units, scale } of feesOf(entry.fill)) {
    if (units === 0n) continue;
    const isInKind = instrument?.spotBase === currency;
    const inCurrency = isInKind ? (instrument?.currency ?? currency) : currency;
    const rate = convert(state, inCurrency, entry.at);
    if (rate === undefined) unresolved++;
    else if (isInKind) addUnits(sum, units * entry.fill.price * rate.units, scale + entry.fill.priceScale + rate.scale);
    else addUnits(sum, units * rate.units, scale + rate.scale);
  }
  addTo(totals.fees, sum);
  addTo(results.fees, sum);
  totals.missing.fees += unresolved;
  results.missing.fees += unresolved;
  return { sum, unresolved };
}

function feesIn(totals: Totals, currency: string): Sum {
  let sum = totals.feesByCurrency.get(currency);
  if (sum === undefined) {
    sum = emptySum();
    totals.feesByCurrency.set(currency, sum);
  }
  return sum;
}

function takeFee(trip: Book['trip'], fee: ConvertedFee): void {
  addTo(trip.fees, fee.sum);
  trip.unresolved += fee.unresolved;
}

/** The closing part of a fee by quantity, half-even at 1e-16; the opening part gets the rest. */
function shareOfFee(fee: ConvertedFee, closed: bigint, size: bigint): ConvertedFee {
  const scale = Math.max(costDigits, fee.sum.scale);
  const units = divideUnitsHalfEven(fee.sum.units * pow10(scale - fee.sum.scale) * closed, size);
  return { sum: { units, scale }, unresolved: fee.unresolved };
}

function endTrip(state: StrategyState, totals: Totals, book: Book, at: EpochNs): void {
  totals.trades++;
  totals.heldMs += toEpochMs(at) - toEpochMs(book.trip.openedAt);
  const { gain, fees, unresolved } = book.trip;
  if (unresolved > 0) {
    totals.unresolvedTrips++;
    state.observer?.tripEnded(book, undefined, at);
    return;
  }
  const net = subtract(gain, fees);
  state.observer?.tripEnded(book, net, at);
  const sign = signAtPrecision(net, tripPrecision(state.currency ?? '', fees));
  if (sign === 0) {
    totals.breakeven++;
  } else if (sign > 0) {
    totals.wins++;
    addTo(totals.winSum, net);
    totals.streak = Math.max(0, totals.streak) + 1;
    totals.longestWins = Math.max(totals.longestWins, totals.streak);
  } else {
    totals.losses++;
    addTo(totals.lossSum, net);
    totals.streak = Math.min(0, totals.streak) - 1;
    totals.longestLosses = Math.max(totals.longestLosses, -totals.streak);
  }
}

/** What crypto venues book in; finer digits come from dividing, not from booking. */
const finestBooking = 8;

/**
 * Digits at which a round trip counts as zero: those of the currency, or finer where the trip's own fees were booked finer
 * (a venue that charges hundred-millionths of a dollar settles in them).
 */
function tripPrecision(currency: string, fees: Decimal): number {
  return Math.max(currencyPrecision(currency), Math.min(fees.scale, finestBooking));
}

/** Sign of the amount rounded half-even to `digits` after the point. */
function signAtPrecision(value: Decimal, digits: number): number {
  const unit = value.scale > digits ? pow10(value.scale - digits) : 1n;
  if (value.units >= unit) return 1;
  if (value.units <= -unit) return -1;
  const rounded = roundHalfEven(value, digits).units;
  return rounded > 0n ? 1 : rounded < 0n ? -1 : 0;
}

function foldCash(state: StrategyState, segment: Segment, entry: CashEntry): void {
  const { totals } = state;
  const kind = entry.effect === 'flow' ? 'flows' : entry.effect === 'fee' ? 'fees' : 'funding';
  const amount = entry.effect === 'fee' ? negate(entry.amount) : entry.amount;
  if (entry.effect === 'fee') {
    addTo(feesIn(totals, entry.currency), amount);
  }
  if (amount.units === 0n) return;
  const book = entry.effect === 'flow' || entry.instrumentId === undefined ? undefined : bookOf(state, entry.accountId, entry.instrumentId);
  const trip = book !== undefined && book.position.quantity !== 0n ? book.trip : undefined;
  if (book !== undefined) keepImage(segment, book);
  const rate = convert(state, entry.currency, entry.at);
  if (rate === undefined) {
    totals.missing[kind]++;
    if (book !== undefined && kind !== 'flows') book.results.missing[kind]++;
    if (trip !== undefined) trip.unresolved++;
    return;
  }
  const units = amount.units * rate.units;
  addUnits(totals[kind], units, amount.scale + rate.scale);
  if (book !== undefined && kind !== 'flows') addUnits(book.results[kind], units, amount.scale + rate.scale);
  if (trip !== undefined) addUnits(entry.effect === 'fee' ? trip.fees : trip.gain, units, amount.scale + rate.scale);
}

/** A split multiplies the quantity and leaves the cost alone; the last price follows. Afterwards the position may go on under another name. */
function foldSplit(state: StrategyState, segment: Segment, entry: SplitEntry): void {
  for (const book of [...state.books.values()]) {
    if (book.instrumentId !== entry.instrumentId || book.position.quantity === 0n) continue;
    keepImage(segment, book);
    multiply(book.position, entry.ratio, contractOf(state, book.instrumentId).multiplier.scale);
    book.splitAt = entry.at;
    if (entry.renamedTo !== undefined) moveTo(segment, book, bookOf(state, book.accountId, entry.renamedTo), entry.at);
  }
}

function multiply(position: Position, { units, scale }: Decimal, multiplierScale: number): void {
  if (units === pow10(scale)) return;
  refine(position, position.quantityScale + scale, position.priceScale, multiplierScale);
  position.quantity = (position.quantity * units) / pow10(scale);
  position.lots = position.lots.map(lot => ({ quantity: (lot.quantity * units) / pow10(scale), cost: lot.cost }));
  const price = divideHalfEven({ units: position.lastPrice, scale: position.lastPriceScale }, { units, scale }, costDigits);
  position.lastPrice = price.units;
  position.lastPriceScale = price.scale;
}

/**
 * The open position with its cost, lots, profit so far, fees, funding and round trip, under the new name. Where the new name already has an open position
 * (executions under both names at once) both stay as they are, and the venue's next snapshot tells.
 */
function moveTo(segment: Segment, from: Book, to: Book, at: EpochNs): void {
  if (to.position.quantity !== 0n) return;
  keepImage(segment, to);
  const before = to.position;
  to.position = { ...from.position };
  refine(to.position, before.quantityScale, before.priceScale, before.moneyScale - before.quantityScale - before.priceScale);
  to.position.realized += before.realized * pow10(to.position.moneyScale - before.moneyScale);
  to.trip = from.trip;
  mergeResults(to.results, from.results);
  to.venue = from.venue;
  to.lastAt = from.lastAt;
  to.splitAt = at;
  if (from.currency !== undefined) to.currency = from.currency;
  from.position = flatPosition();
  from.trip = emptyTrip(at);
  from.results = emptyResults();
}

function mergeResults(into: BookResults, { converted, fees, funding, missing }: BookResults): void {
  addTo(into.converted, converted);
  addTo(into.fees, fees);
  addTo(into.funding, funding);
  for (const kind of ['gross', 'fees', 'funding'] as const) into.missing[kind] += missing[kind];
}
