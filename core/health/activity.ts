/**
 * Does the strategy act as usual? Its own history by hour of the week on the clocks of its market, so that a change of them moves nothing; small and
 * bounded: 168 mean counts of fills and how often each hour was seen. A mean follows new weeks with a weight of a quarter at least, so that a changed strategy is learnt within a month.
 */
import { dayNumber, msPerDay, yearOf } from '../calendar/dates.ts';
import type { Calendar } from '../calendar/market.ts';
import { openSpans } from '../calendar/sessions.ts';
import { type OffsetAt, offsetsOfYear } from '../calendar/zone.ts';
import type { EpochMs } from '../time/instant.ts';
import type { Activity } from './pulse.ts';

export interface ActivityProfile {
  readonly schemaVersion: 1;
  /** Start of the hour that is being counted. */
  readonly hourMs: EpochMs;
  /** The strategy's count of fills at its start. */
  readonly fills: number;
  /** IANA zone whose hours these are; absent means UTC. */
  readonly zone?: string;
  /** By hour of the week, Thursday 00:00 first (as 1970 began): mean fills, and weeks seen. */
  readonly mean: readonly number[];
  readonly seen: readonly number[];
}

const HOUR_MS = 3_600_000;
const HOURS = 168;
const LEAST_WEIGHT = 0.25;
/** Weeks after which an hour counts as known. */
const KNOWN = 2;
const LONGEST_LOOK_MS = 7 * 86_400_000;

const hourOf = (at: EpochMs, offsetAt: OffsetAt): number => Math.floor((at + offsetAt(at)) / HOUR_MS) % HOURS;

const offsetsNear = (zone: string, at: EpochMs): OffsetAt =>
  zone === 'UTC' ? () => 0 : offsetsOfYear(zone, dayNumber(yearOf(Math.floor(at / msPerDay)), 1, 1));

/**
 * The profile after a sweep: the same object within an hour. An hour in which no sweep ran from its beginning to its end teaches nothing.
 * `zone` is that of the strategy's calendar; what was learnt in another is turned to it.
 */
export function learnActivity(stored: ActivityProfile | undefined, activity: Activity, now: EpochMs, zone = 'UTC'): ActivityProfile {
  const hourMs = Math.floor(now / HOUR_MS) * HOUR_MS;
  if (stored === undefined) {
    const hours = { mean: Array<number>(HOURS).fill(0), seen: Array<number>(HOURS).fill(0) };
    return { schemaVersion: 1, hourMs, fills: activity.fills, ...(zone === 'UTC' ? {} : { zone }), ...hours };
  }
  if (stored.hourMs >= hourMs) return stored;
  const before = inZone(stored, zone, now);
  const offsetAt = offsetsNear(zone, now);
  const next = { ...before, hourMs, fills: activity.fills };
  const made = activity.fills - before.fills;
  if (hourMs - before.hourMs !== HOUR_MS || made < 0) return next;
  const hour = hourOf(before.hourMs, offsetAt);
  const seen = before.seen[hour]!;
  const weight = Math.max(LEAST_WEIGHT, 1 / (seen + 1));
  const mean = before.mean[hour]! + weight * (made - before.mean[hour]!);
  return {
    ...next,
    mean: before.mean.with(hour, Math.round(mean * 100) / 100),
    seen: before.seen.with(hour, Math.min(seen + 1, 99)),
  };
}

/** The hours as the clocks of the zone show them now, to the nearest hour. */
function inZone({ zone: from = 'UTC', mean, seen, ...profile }: ActivityProfile, zone: string, now: EpochMs): ActivityProfile {
  const named = zone === 'UTC' ? {} : { zone };
  const turned = Math.round((offsetsNear(zone, now)(now) - offsetsNear(from, now)(now)) / HOUR_MS);
  const turn = (hours: readonly number[]) => hours.map((_, hour) => hours[(hour - turned + 2 * HOURS) % HOURS]!);
  return { ...profile, ...named, mean: turned === 0 ? mean : turn(mean), seen: turned === 0 ? seen : turn(seen) };
}

/** Fills that would have been usual since the last one, in open time; undefined while an hour on the way is not known yet. */
export function missedFills(
  profile: ActivityProfile | undefined,
  lastFillMs: EpochMs | undefined,
  calendar: Calendar,
  now: EpochMs,
): number | undefined {
  if (profile === undefined || lastFillMs === undefined) return undefined;
  const offsetAt = offsetsNear(profile.zone ?? 'UTC', now);
  let missed = 0;
  for (const { fromMs, toMs } of openTime(calendar, Math.max(lastFillMs, now - LONGEST_LOOK_MS), now)) {
    for (let at = fromMs; at < toMs; ) {
      const until = Math.min(toMs, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
      const hour = hourOf(at, offsetAt);
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
