/** Bounds what a state keeps: old entries become hashes, old days become final. */
import { type EpochNs, fromEpochMs, toEpochMs } from '../time/instant.ts';
import { closeDays } from './days.ts';
import { deleteEntry, findEntry } from './execution-index.ts';
import { contentHash, executionIdentity } from './fill.ts';
import { gapsIn } from './incomplete.ts';
import { remember, seenContent } from './seen.ts';
import { type FillEntry, lateAfterNs, type Scope, type Segment, type StrategyState } from './state.ts';
import { pruneTimeline } from './timeline.ts';

const keptRates = 512;
/** Every start of a bot may be a source with a numbering of its own. */
const keptSources = 32;

/** However many there are, entries this young stay: half as much again as counts as late. */
const alwaysKeptNs = (lateAfterNs * 3n) / 2n;

/** Drops the oldest segments beyond the retention and closes the days before what is left. Everything must be folded. */
export function retain(state: StrategyState): void {
  const { journal, retention, newestEventAt } = state;
  if (retention.entries === Number.POSITIVE_INFINITY || newestEventAt === undefined) return;
  const horizon = newestEventAt - fromEpochMs(retention.horizonMs);
  const recent = newestEventAt - alwaysKeptNs;
  while (journal.segments.length > 0) {
    const oldest = journal.segments[0]!;
    const end = oldest.entries[oldest.entries.length - 1]!.at;
    const isMany = journal.segments.length > 1 && journal.entryCount - oldest.entries.length >= retention.entries && end < recent;
    if (end >= horizon && !isMany) break;
    forget(state, oldest);
  }
  if (journal.floor !== undefined) forgetAmendments(state, journal.floor);
  const firstKept = journal.segments[0]?.entries[0]?.at;
  const from = firstKept !== undefined && (firstKept < horizon || journal.floor !== undefined) ? firstKept : horizon;
  closeDays(state, state.calendar.dayOf(toEpochMs(from)));
  forgetSources(state);
  for (const line of state.rates.values()) pruneTimeline(line, from, keptRates);
}

/** Drops the numberings of the oldest sources, of those that lack nothing. */
function forgetSources(state: StrategyState): void {
  for (const [source, range] of state.sequences) {
    if (state.sequences.size <= keptSources) return;
    if (range !== state.lastSequence && gapsIn(range) === 0) state.sequences.delete(source);
  }
}

function forget(state: StrategyState, segment: Segment): void {
  const { journal } = state;
  journal.segments.shift();
  if (journal.segments.length === 0) journal.foldedEntries = 0;
  else journal.foldedSegments--;
  journal.entryCount -= segment.entries.length;
  for (const entry of segment.entries) {
    if (journal.floor === undefined || entry.at > journal.floor) journal.floor = entry.at;
    if (entry.kind !== 'fill') continue;
    forgetFill(state, entry);
  }
}

function forgetFill(state: StrategyState, entry: FillEntry): void {
  const { scope, execKey } = entry;
  const original = entry.original === undefined || entry.original === 'unknown' ? entry.fill : entry.original;
  rememberOnce(state, scope, execKey, contentHash(entry.at, original));
  deleteEntry(scope.fills, execKey);
}

function rememberOnce(state: StrategyState, scope: Scope, execKey: string, content: number): void {
  const identity = executionIdentity(scope, execKey);
  if (seenContent(state.seen, identity) === undefined) remember(state.seen, identity, content);
}

/** Busts and corrections older than everything that is kept, of trades that are not kept in order: they become identities as well. */
function forgetAmendments(state: StrategyState, floor: EpochNs): void {
  for (const scope of state.scopes.values()) {
    for (const [root, amendments] of scope.amendments) {
      const trade = findEntry(scope.fills, root);
      const isInUse = trade !== undefined && trade.removed !== true;
      if (isInUse || (trade !== undefined && trade.at > floor) || amendments.some(({ at }) => at > floor)) continue;
      scope.amendments.delete(root);
      for (const { execKey, at, fill } of amendments) {
        scope.roots.delete(execKey);
        if (execKey !== root) rememberOnce(state, scope, execKey, contentHash(at, fill));
      }
      if (trade !== undefined) forgetFill(state, trade);
    }
  }
}
