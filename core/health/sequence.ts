/**
 * Numbers of events that have not come, for each process that numbers its events: a hole in its numbers is a line that was lost on the way.
 * What comes late fills its hole; an event that comes twice changes nothing; a process that begins to count anew leaves no hole behind.
 */
import type { NightdeskEvent } from '../events/types.ts';
import { type EpochMs, toEpochMs } from '../time/instant.ts';

/** Numbers that have not come, from and to (exclusive), and when that was seen, by our clock. */
type Gap = readonly [from: number, to: number, seenMs: EpochMs];

export interface SequencePulse {
  /** When its newest event reached us. */
  readonly at: EpochMs;
  /** The number that comes next. */
  readonly next: number;
  /** Time of its newest event, by its own clock. */
  readonly headMs: EpochMs;
  /** Time of the first event since it began to count anew; absent while it has not. */
  readonly sinceMs?: EpochMs;
  /** In order. */
  readonly gaps?: readonly Gap[];
  /** Those from before it began anew. */
  readonly former?: readonly Gap[];
}

export type SequencePulses = Readonly<Record<string, SequencePulse>>;

/** Processes whose numbers are remembered, the newest. */
const SOURCES = 8;
/** Holes of one process that are remembered, the newest. */
const GAPS = 16;
/** What is missing for less may still be on its way: lines of a log, or events that overtook it by the direct way. */
export const GAP_ALLOWANCE_MS = 300_000;
/** And after this it will not come: the alarm ends, and what is lost shows in the numbers that are incomplete. */
const GIVEN_UP_MS = 86_400_000;

/** Folds a batch; the same object when it numbers nothing. `receivedMs` is when the batch reached us. */
export function foldSequences(
  before: SequencePulses | undefined,
  events: readonly NightdeskEvent[],
  receivedMs: EpochMs,
): SequencePulses | undefined {
  let touched: Map<string, SequencePulse> | undefined;
  for (const { seq, source, tsEvent } of events) {
    if (seq === undefined) continue;
    touched ??= new Map(Object.entries(before ?? {}));
    const name = `${source.system} ${source.instanceId ?? ''}`;
    touched.set(name, afterNumber(touched.get(name), seq, Math.min(toEpochMs(tsEvent), receivedMs), receivedMs));
  }
  if (touched === undefined) return before;
  return Object.fromEntries([...touched].sort(([, a], [, b]) => b.at - a.at).slice(0, SOURCES));
}

function afterNumber(before: SequencePulse | undefined, seq: number, eventMs: EpochMs, receivedMs: EpochMs): SequencePulse {
  if (before === undefined) return { at: receivedMs, next: seq + 1, headMs: eventMs };
  const known = { ...before, at: Math.max(before.at, receivedMs) };
  const { next, headMs, sinceMs, gaps = [], former = [] } = before;
  // Dated before it counted anew: a straggler, unless it goes on with the count, as old fills that are told again after a start do.
  const isAwaited = seq === next || holds(gaps, seq);
  if (sinceMs !== undefined && eventMs < sinceMs && (holds(former, seq) || !isAwaited)) return withGaps(known, gaps, without(former, seq));
  if (seq >= next) {
    const opened: readonly Gap[] = seq > next ? [...gaps, [next, seq, receivedMs]] : gaps;
    return withGaps({ ...known, next: seq + 1, headMs: Math.max(headMs, eventMs) }, opened, former);
  }
  // A lower number that is dated later than all before: it counts anew. What is only late is dated earlier, or was missing: dates come from
  // venues too, and need not rise with the numbers.
  if (eventMs > headMs && !isAwaited)
    return withGaps({ ...known, next: seq + 1, headMs: eventMs, sinceMs: eventMs }, [], [...former, ...gaps]);
  return withGaps({ ...known, headMs: Math.max(headMs, eventMs) }, without(gaps, seq), former);
}

function withGaps(pulse: SequencePulse, gaps: readonly Gap[], former: readonly Gap[]): SequencePulse {
  const { gaps: _, former: __, ...rest } = pulse;
  return {
    ...rest,
    ...(gaps.length === 0 ? {} : { gaps: gaps.slice(-GAPS) }),
    ...(former.length === 0 ? {} : { former: former.slice(-GAPS) }),
  };
}

const holds = (gaps: readonly Gap[], seq: number): boolean => gaps.some(([from, to]) => from <= seq && seq < to);

const without = (gaps: readonly Gap[], seq: number): readonly Gap[] =>
  gaps.flatMap(([from, to, seenMs]): readonly Gap[] =>
    seq < from || seq >= to
      ? [[from, to, seenMs]]
      : (
          [
            [from, seq, seenMs],
            [seq + 1, to, seenMs],
          ] as const
        ).filter(([start, end]) => start < end),
  );

/** Events that have been missing for longer than the allowance, over all processes; undefined when nothing is numbered. */
export function missingEvents(sequences: SequencePulses | undefined, now: EpochMs): number | undefined {
  if (sequences === undefined) return undefined;
  return Object.values(sequences)
    .flatMap(({ gaps = [], former = [] }) => [...gaps, ...former])
    .filter(([, , seenMs]) => now - seenMs > GAP_ALLOWANCE_MS && now - seenMs <= GIVEN_UP_MS)
    .reduce((sum, [from, to]) => sum + (to - from), 0);
}
