/** How long a market was open between two instants. */
import type { EpochMs } from '../time/instant.ts';
import type { Calendar } from './calendar.ts';
import type { Session } from './market.ts';

/** Milliseconds of [from, to) inside sessions, pauses left out; 0 when `to` is not after `from`. */
export function openTimeBetween(calendar: Calendar, from: EpochMs, to: EpochMs): number {
  if (to <= from) return 0;
  let open = 0;
  // A session belongs to the year of its trading day, which may begin on the evening before.
  for (let year = yearAt(from); year <= yearAt(to) + 1; year++) {
    const sessions = calendar.sessionsOf(year);
    open += openBefore(sessions, to) - openBefore(sessions, from);
  }
  return open;
}

/** Open time of the sessions up to the instant. */
function openBefore(sessions: readonly Session[], at: EpochMs): number {
  let low = 0;
  let high = sessions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sessions[middle]!.openMs <= at) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  return sumsOf(sessions)[low - 1]! + openWithin(sessions[low - 1]!, at);
}

/** By list of sessions, which calendars keep: open time of all sessions before each. */
const known = new WeakMap<readonly Session[], readonly number[]>();

function sumsOf(sessions: readonly Session[]): readonly number[] {
  const cached = known.get(sessions);
  if (cached !== undefined) return cached;
  const sums: number[] = [];
  let open = 0;
  for (const session of sessions) {
    sums.push(open);
    open += openWithin(session, session.closeMs);
  }
  known.set(sessions, sums);
  return sums;
}

function openWithin({ openMs, closeMs, pauses = [] }: Session, at: EpochMs): number {
  const until = Math.min(at, closeMs);
  const paused = pauses.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, Math.min(until, toMs) - fromMs), 0);
  return Math.max(0, until - openMs - paused);
}

const yearAt = (at: EpochMs): number => new Date(at).getUTCFullYear();
