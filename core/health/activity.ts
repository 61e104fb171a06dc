/**
 * Does the strategy act as usual? Its own history by hour of the week, small and bounded: 168 mean counts of fills and how often each hour
 * was seen. A mean follows new weeks with a weight of a quarter at least, so that a changed strategy is learnt within a month.
 */
import type { Calendar } from '../calendar/market.ts';
import { openSpans } from '../calendar/sessions.ts';
import type { EpochMs } from '../time/instant.ts';
import type { Activity } from './pulse.ts';

export interface ActivityProfile {
  readonly schemaVersion: 1;
  /** Start of the hour that is being counted. */
  readonly hourMs: EpochMs;
  /** The strategy's count of fills at its start. */
  readonly fills: number;
  /** By hour of the UTC week, Thursday 00:00 first (as 1970 began): mean fills, and weeks seen. */
  readonly mean: readonly number[];
  readonly seen: readonly number[];
}

const HOUR_MS = 3_600_000;
const HOURS = 168;
const LEAST_WEIGHT = 0.25;
/** Weeks after which an hour counts as known. */
const KNOWN = 2;
const LONGEST_LOOK_MS = 7 * 86_400_000;

const hourOf = (at: EpochMs): number => Math.floor(at / HOUR_MS) % HOURS;

/** The profile after a sweep: the same object within an hour. An hour in which no sweep ran from its beginning to its end teaches nothing. */
export function learnActivity(before: ActivityProfile | undefined, activity: Activity, now: EpochMs): ActivityProfile {
  const hourMs = Math.floor(now / HOUR_MS) * HOUR_MS;
  if (before === undefined)
    return { schemaVersion: 1, hourMs, fills: activity.fills, mean: Array<number>(HOURS).fill(0), seen: Array<number>(HOURS).fill(0) };
  if (before.hourMs >= hourMs) return before;
  const next = { ...before, hourMs, fills: activity.fills };
  const made = activity.fills - before.fills;
  if (hourMs - before.hourMs !== HOUR_MS || made < 0) return next;
  const hour = hourOf(before.hourMs);
  const seen = before.seen[hour]!;
  const weight = Math.max(LEAST_WEIGHT, 1 / (seen + 1));
  const mean = before.mean[hour]! + weight * (made - before.mean[hour]!);
  return {
    ...next,
    mean: before.mean.with(hour, Math.round(mean * 100) / 100),
    seen: before.seen.with(hour, Math.min(seen + 1, 99)),
  };
}

/** Fills that would have been usual since the last one, in open time; undefined while an hour on the way is not known yet. */
export function missedFills(
  profile: ActivityProfile | undefined,
  lastFillMs: EpochMs | undefined,
  calendar: Calendar,
  now: EpochMs,
): number | undefined {
  if (profile === undefined || lastFillMs === undefined) return undefined;
  let missed = 0;
  for (const { fromMs, toMs } of openTime(calendar, Math.max(lastFillMs, now - LONGEST_LOOK_MS), now)) {
    for (let at = fromMs; at < toMs; ) {
      const until = Math.min(toMs, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
      const hour = hourOf(at);
      if (profile.seen[hour]! < KNOWN) return undefined;
      missed += (profile.mean[hour]! * (until - at)) / HOUR_MS;
      at = until;
    }
  }
  return missed;
}

/** Seconds of open market from an instant to now. */
export function openSecondsSince(calendar: Calendar, from: EpochMs, now: EpochMs): number {
  return openTime(calendar, from, now).reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0) / 1000;
}

function openTime(calendar: Calendar, from: EpochMs, to: EpochMs): readonly { readonly fromMs: EpochMs; readonly toMs: EpochMs }[] {
  if (from >= to) return [];
  if (calendar.alwaysOpen === true) return [{ fromMs: from, toMs: to }];
  return openSpans(calendar, from, to).map(({ fromMs, toMs }) => ({ fromMs: Math.max(fromMs, from), toMs: Math.min(toMs, to) }));
}
