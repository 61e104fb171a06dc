/** Days of a strategy: which trading day an instant belongs to, and which days count. */
import type { EpochMs } from '../time/instant.ts';
import { localDate, localTimeToUtc } from './zone.ts';

/** A civil date as days since 1970-01-01. */
export type DayNumber = number;

export interface Calendar {
  readonly name: string;
  readonly zone: string;
  /** Trading days a year, for annualising. */
  readonly annualization: number;
  /** The trading day that the instant belongs to: the first whose end is after it. */
  readonly dayOf: (at: EpochMs) => DayNumber;
  /** First instant of the trading day: the end of the one before, so that no instant is without a day. */
  readonly startOf: (day: DayNumber) => EpochMs;
  /** First instant after the trading day. */
  readonly endOf: (day: DayNumber) => EpochMs;
  /** The next trading day. */
  readonly after: (day: DayNumber) => DayNumber;
  /** Whether the market is open at the instant. */
  readonly isOpen: (at: EpochMs) => boolean;
}

const msPerDay = 86_400_000;

/** `24x7` in UTC, `NYSE` and `weekdays` (24 hours, Monday to Friday, UTC); undefined when the name is not known. */
export function findCalendar(name: string): Calendar | undefined {
  return calendars.get(name);
}

/** @throws RangeError naming the calendars that exist. */
export function calendarNamed(name: string): Calendar {
  const found = calendars.get(name);
  if (found === undefined) throw new RangeError(`UnknownCalendar: "${name}"; known are ${[...calendars.keys()].join(', ')}`);
  return found;
}

/** ISO date of a day number. */
export function isoDate(day: DayNumber): string {
  return new Date(day * msPerDay).toISOString().slice(0, 10);
}

const allDay: Calendar = {
  name: '24x7',
  zone: 'UTC',
  annualization: 365,
  dayOf: at => Math.floor(at / msPerDay),
  startOf: day => day * msPerDay,
  endOf: day => (day + 1) * msPerDay,
  after: day => day + 1,
  isOpen: () => true,
};

interface SessionRule {
  readonly name: string;
  readonly zone: string;
  readonly annualization: number;
  /** Minutes after local midnight. */
  readonly opens: number;
  readonly closes: number;
}

/** Sessions on Monday to Friday between two local times; a day ends at its close. Holidays are not known here. */
function weekdayCalendar(rule: SessionRule): Calendar {
  const closeOf = (day: DayNumber) => localTimeToUtc(rule.zone, day, rule.closes);
  const nextWeekday = (day: DayNumber) => {
    let next = day + 1;
    while (!isWeekday(next)) next++;
    return next;
  };
  const previousWeekday = (day: DayNumber) => {
    let previous = day - 1;
    while (!isWeekday(previous)) previous--;
    return previous;
  };
  return {
    name: rule.name,
    zone: rule.zone,
    annualization: rule.annualization,
    dayOf: at => {
      const day = localDate(rule.zone, at);
      return isWeekday(day) && at < closeOf(day) ? day : nextWeekday(day);
    },
    startOf: day => closeOf(previousWeekday(day)),
    endOf: closeOf,
    after: nextWeekday,
    isOpen: at => {
      const day = localDate(rule.zone, at);
      return isWeekday(day) && at >= localTimeToUtc(rule.zone, day, rule.opens) && at < closeOf(day);
    },
  };
}

/** Day 0 was a Thursday. */
function isWeekday(day: DayNumber): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday !== 0 && weekday !== 6;
}

const calendars: ReadonlyMap<string, Calendar> = new Map(
  [
    allDay,
    weekdayCalendar({ name: 'NYSE', zone: 'America/New_York', annualization: 252, opens: 570, closes: 960 }),
    weekdayCalendar({ name: 'weekdays', zone: 'UTC', annualization: 260, opens: 0, closes: 1440 }),
  ].map(calendar => [calendar.name, calendar]),
);
