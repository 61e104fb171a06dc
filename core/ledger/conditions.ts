/** What keeps numbers from being whole, found when it begins. */
import { formatDecimal } from '../money/decimal.ts';
import { type EpochMs, type EpochNs, isoFromMs, toEpochMs } from '../time/instant.ts';
import { markPriceOn, openPositionsOf } from './days.ts';
import type { Finding } from './finding.ts';
import { contradictions, missingEvents } from './incomplete.ts';
import { quantityOf } from './positions.ts';
import type { Book, StrategyState } from './state.ts';

/** A mark is stale after a quarter of an hour of an open market. */
export const staleMarkSeconds = 900;

interface Condition {
  readonly missingAmounts: number;
  readonly missingEvents: number;
  readonly contradicted: ReadonlySet<Book>;
  readonly staleMarks: ReadonlySet<string>;
}

export function conditionOf(state: StrategyState): Condition {
  const { gross, fees, funding, flows } = state.totals.missing;
  return {
    missingAmounts: gross + fees + funding + flows,
    missingEvents: missingEvents(state),
    contradicted: new Set(contradictions(state).map(({ book }) => book)),
    staleMarks: new Set(staleMarks(state).map(({ instrumentId }) => instrumentId)),
  };
}

/** One finding for each condition that did not hold before. */
export function newConditions(state: StrategyState, before: Condition): readonly Finding[] {
  const now = conditionOf(state);
  const { withheld } = state;
  const strategyId = state.settings.id;
  const newest = state.newestEventAt === undefined ? 0 : toEpochMs(state.newestEventAt);
  const findings: Finding[] = [];
  if (now.missingAmounts > before.missingAmounts && withheld !== undefined) {
    const { currency, isStale } = withheld;
    const at = toEpochMs(withheld.at);
    const what = isStale ? 'no rate that is fresh enough' : 'no rate';
    const message = `there is ${what} from ${currency} to ${state.currency} at ${isoFromMs(at)}; what needs it is withheld until one comes`;
    findings.push({ kind: isStale ? 'staleRate' : 'missingRate', strategyId, at, message });
  }
  if (now.missingEvents > 0 && before.missingEvents === 0) {
    const message = `${now.missingEvents} numbered ${now.missingEvents === 1 ? 'event has' : 'events have'} not come; totals lack what they say`;
    findings.push({ kind: 'sequenceGap', strategyId, at: newest, message });
  }
  for (const { book, quantity, at } of contradictions(state)) {
    if (before.contradicted.has(book)) continue;
    const { instrumentId } = book;
    const ours = formatDecimal(quantityOf(book.position));
    const message = `a snapshot says ${formatDecimal(quantity)} ${instrumentId}, the executions make ${ours}; the executions stand`;
    findings.push({ kind: 'unreconciledPosition', strategyId, at: toEpochMs(at), message, instrumentId });
  }
  for (const { instrumentId, at } of staleMarks(state)) {
    if (before.staleMarks.has(instrumentId)) continue;
    const message = `the mark of ${instrumentId} is of ${isoFromMs(toEpochMs(at))}; what its position is worth is a guess`;
    findings.push({ kind: 'staleMark', strategyId, at: newest, message, instrumentId });
  }
  return findings;
}

/** Open positions whose mark is old by the strategy's own time, while the market is open. */
function staleMarks(state: StrategyState): readonly MarkTime[] {
  const now = state.newestEventAt;
  const limit = BigInt(staleMarkSeconds) * 1_000_000_000n;
  return now === undefined ? [] : marksInUse(state, toEpochMs(now)).filter(({ at }) => now - at > limit);
}

/** Marks of open positions that are older than `limitSeconds` while the market is open. */
export function staleMarksAt(
  state: StrategyState,
  nowMs: EpochMs,
  limitSeconds: number,
): readonly { readonly instrumentId: string; readonly ageSeconds: number }[] {
  return marksInUse(state, nowMs).flatMap(({ instrumentId, at }) => {
    const ageSeconds = (nowMs - toEpochMs(at)) / 1000;
    return ageSeconds > limitSeconds ? [{ instrumentId, ageSeconds }] : [];
  });
}

/** Seconds since the oldest mark in use; undefined without one, and while the market is closed. */
export function oldestMarkAge(state: StrategyState, nowMs: EpochMs): number | undefined {
  const ages = marksInUse(state, nowMs).map(({ at }) => Math.max(0, (nowMs - toEpochMs(at)) / 1000));
  return ages.length === 0 ? undefined : Math.max(...ages);
}

interface MarkTime {
  readonly instrumentId: string;
  readonly at: EpochNs;
}

/** Marks that value open positions. One that nobody has ever marked is valued at its executions, and cannot go stale. */
function marksInUse(state: StrategyState, nowMs: EpochMs): readonly MarkTime[] {
  if (!state.calendar.isOpen(nowMs)) return [];
  const day = state.calendar.dayOf(nowMs);
  return openPositionsOf(state).flatMap(open => {
    const { at, from } = markPriceOn(state, open, day);
    return from === 'mark' ? [{ instrumentId: open.book.instrumentId, at }] : [];
  });
}
