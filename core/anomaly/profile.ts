/** What a series usually is: one number an hour over the remembered days, and the two expectations that are read from it. */
import { type CycleHour, SLOTS } from './cycle.ts';
import { MEMORY_DAYS } from './presets.ts';

/** Medians of one day's hours; null where no point was. */
export interface ProfileDay {
  readonly day: number;
  readonly hours: readonly (number | null)[];
}

/** Oldest day first, at most `MEMORY_DAYS` that had points: a closed market or an outage makes nothing forgotten. */
export type Profile = readonly ProfileDay[];

/** Absent while too little is known. */
export interface Expectation {
  /** From the same time of day. */
  readonly season?: number;
  /** From the hours just before. */
  readonly level?: number;
}

/** Days that must know a time of day before it counts: the fewest of which one odd day cannot move the median. */
const DAYS_FOR_SEASON = 3;
/** Trailing hours with points that the level is read from, and the fewest of them. */
const HOURS_OF_LEVEL = 24;
const FEWEST_HOURS_OF_LEVEL = 3;

/** Digits that are kept of an hour's median, so that the state stays small. */
const DIGITS = 9;

export function withHour(profile: Profile, { day, slot }: CycleHour, value: number): Profile {
  const newest = profile.at(-1);
  const hours = [...(newest?.day === day ? newest.hours : new Array<number | null>(SLOTS).fill(null))];
  hours[slot] = Number(value.toPrecision(DIGITS));
  const before = newest?.day === day ? profile.slice(0, -1) : profile;
  return [...before, { day, hours }].slice(-MEMORY_DAYS);
}

/** The season is the median of this hour and its two neighbours over all days, the level the median of the last day's worth of hours. */
export function expectationAt(profile: Profile, slot: number): Expectation {
  const near = [(slot + SLOTS - 1) % SLOTS, slot, (slot + 1) % SLOTS];
  const sameTime = profile.map(({ hours }) => near.flatMap(at => hours[at] ?? [])).filter(day => day.length > 0);
  const trailing = profile
    .slice(-MEMORY_DAYS)
    .flatMap(({ hours }) => hours.filter(hour => hour !== null))
    .slice(-HOURS_OF_LEVEL);
  return {
    ...(sameTime.length >= DAYS_FOR_SEASON ? { season: median(sameTime.flat()) } : {}),
    ...(trailing.length >= FEWEST_HOURS_OF_LEVEL ? { level: median(trailing) } : {}),
  };
}

/** Of at least one number; the mean of the middle two when their count is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
