/** Executions and cash movements in the order in which they happened, in segments that can be undone and folded again. */

import type { Book, BookImage, BookResults, Entry, Journal, Segment, StrategyState, Totals, Trip } from './state.ts';
import { copySum } from './sum.ts';

/** A segment of a quiet strategy ends after a day, so that it can be dropped when it is old. */
const longestSegmentNs = 86_400_000_000_000n;

/** Order of entries: time, then sequence number, then arrival. */
export function compareEntries(a: Entry, b: Entry): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  if (a.seq !== b.seq) return a.seq < b.seq ? -1 : 1;
  return a.arrival - b.arrival;
}

/** Puts an entry in its place. What was folded after it is marked to be folded again. */
export function insertEntry(journal: Journal, entry: Entry): void {
  journal.entryCount++;
  const last = journal.segments[journal.segments.length - 1];
  if (last === undefined || compareEntries(last.entries[last.entries.length - 1]!, entry) <= 0) {
    append(journal, last, entry);
    return;
  }
  const index = segmentFor(journal, entry);
  const segment = journal.segments[index]!;
  segment.entries.splice(placeIn(segment.entries, entry), 0, entry);
  delete segment.text;
  markDirty(journal, index);
  if (segment.entries.length > journal.segmentSize * 2) split(journal, index);
}

/** Takes an entry out; it disappears with the next fold. */
export function removeEntry(journal: Journal, entry: Entry): void {
  entry.removed = true;
  touchEntry(journal, entry);
}

/** Marks an entry whose content has changed. */
export function touchEntry(journal: Journal, entry: Entry): void {
  const index = segmentFor(journal, entry);
  delete journal.segments[index]!.text;
  markDirty(journal, index);
}

/** Everything at or after the instant is folded again: what it was converted with has changed. */
export function refoldFrom(journal: Journal, at: bigint): void {
  let index = journal.segments.length;
  while (index > 0 && journal.segments[index - 1]!.entries[journal.segments[index - 1]!.entries.length - 1]!.at >= at) index--;
  if (index < journal.segments.length) markDirty(journal, index);
}

/** Undoes what has to be folded again and drops removed entries. Returns with `folded…` at the first entry to fold. */
export function rewind(state: StrategyState): void {
  const { journal } = state;
  if (journal.dirty === undefined) return;
  const first = Math.min(journal.dirty, journal.foldedSegments);
  journal.dirty = undefined;
  for (let index = journal.segments.length - 1; index >= first; index--) undo(state, journal.segments[index]!);
  const kept = journal.segments.slice(first);
  for (const segment of kept) {
    if (!segment.entries.some(entry => entry.removed)) continue;
    const before = segment.entries.length;
    segment.entries = segment.entries.filter(entry => !entry.removed);
    journal.entryCount -= before - segment.entries.length;
    delete segment.text;
  }
  journal.segments = [...journal.segments.slice(0, first), ...kept.filter(segment => segment.entries.length > 0)];
  journal.foldedSegments = first;
  journal.foldedEntries = 0;
}

/** The book is about to change: keeps how it was before this segment, once. */
export function keepImage(segment: Segment, book: Book): void {
  if (book.imageIn === segment.id) return;
  book.imageIn = segment.id;
  segment.before!.books.set(book, imageOf(book));
}

export function copyTotals(totals: Totals): Totals {
  return {
    ...totals,
    traded: copySum(totals.traded),
    winSum: copySum(totals.winSum),
    lossSum: copySum(totals.lossSum),
    gross: copySum(totals.gross),
    fees: copySum(totals.fees),
    funding: copySum(totals.funding),
    flows: copySum(totals.flows),
    feesByCurrency: new Map([...totals.feesByCurrency].map(([currency, sum]) => [currency, copySum(sum)])),
    missing: { ...totals.missing },
  };
}

function copyTrip(trip: Trip): Trip {
  return { ...trip, gain: copySum(trip.gain), fees: copySum(trip.fees) };
}

function copyResults({ converted, fees, funding, missing }: BookResults): BookResults {
  return { converted: copySum(converted), fees: copySum(fees), funding: copySum(funding), missing: { ...missing } };
}

function imageOf(book: Book): BookImage {
  return {
    position: { ...book.position },
    trip: copyTrip(book.trip),
    results: copyResults(book.results),
    currency: book.currency,
    lastAt: book.lastAt,
    splitAt: book.splitAt,
    venue: book.venue,
  };
}

function undo(state: StrategyState, segment: Segment): void {
  const { before } = segment;
  if (before === undefined) return;
  for (const [book, image] of before.books) {
    book.position = { ...image.position };
    book.trip = copyTrip(image.trip);
    book.results = copyResults(image.results);
    book.lastAt = image.lastAt;
    book.venue = image.venue;
    if (image.currency === undefined) delete book.currency;
    else book.currency = image.currency;
    if (image.splitAt === undefined) delete book.splitAt;
    else book.splitAt = image.splitAt;
    book.imageIn = -1;
  }
  state.totals = copyTotals(before.totals);
  state.snapshots.length = before.snapshots;
  delete segment.before;
  delete segment.text;
}

function append(journal: Journal, last: Segment | undefined, entry: Entry): void {
  if (last === undefined || last.entries.length >= journal.segmentSize || entry.at - last.entries[0]!.at > longestSegmentNs) {
    journal.segments.push({ id: journal.nextSegment++, entries: [entry] });
    return;
  }
  last.entries.push(entry);
  delete last.text;
}

function split(journal: Journal, index: number): void {
  const segment = journal.segments[index]!;
  const rest = segment.entries.splice(journal.segmentSize);
  journal.segments.splice(index + 1, 0, { id: journal.nextSegment++, entries: rest });
  markDirty(journal, index);
}

function markDirty(journal: Journal, index: number): void {
  if (journal.dirty === undefined || index < journal.dirty) journal.dirty = index;
}

/** Index of the last segment that begins at or before the entry, 0 when none does. */
function segmentFor(journal: Journal, entry: Entry): number {
  let low = 0;
  let high = journal.segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareEntries(journal.segments[middle]!.entries[0]!, entry) <= 0) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

function placeIn(entries: readonly Entry[], entry: Entry): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareEntries(entries[middle]!, entry) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
