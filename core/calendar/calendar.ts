/** The calendars by name: which trading day an instant belongs to, and when a market is open. */
import { buildCalendar } from './built.ts';
import * as cme from './cme.ts';
import type { CompleteCalendarRules } from './custom.ts';
import { dayNumber, isoDate, msPerDay, yearOf } from './dates.ts';
import { eurex, london } from './europe.ts';
import { fxWeek } from './fx-week.ts';
import { type Calendar, clock, marketCalendar, mondayToFriday, type Session } from './market.ts';
import { newYork } from './new-york.ts';

export type { DayNumber } from './dates.ts';
export type { Calendar, DayException, Maintenance, Pause, Session } from './market.ts';
export { isoDate };

/** See docs/calendars.md for the list; undefined when the name is not known. */
export function findCalendar(name: string): Calendar | undefined {
  return calendars.get(name);
}

/** How a parsed config names a calendar: one of ours by its name, one of its own by its rules, so that whoever holds the one has the other. */
export type CalendarReference = string | CompleteCalendarRules;

export const calendarName = (reference: CalendarReference): string => (typeof reference === 'string' ? reference : reference.name);

/** Whether two references mean the same days: of custom ones, the same rules. */
export const isSameCalendar = (one: CalendarReference, other: CalendarReference): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** Sessions are remembered in the calendar, so one is built for each rules object, and forgotten with it. */
const built = new WeakMap<CompleteCalendarRules, Calendar>();

/** @throws RangeError naming the calendars that exist. */
export function calendarOf(reference: CalendarReference): Calendar {
  if (typeof reference === 'string') return calendarNamed(reference);
  const calendar = built.get(reference) ?? buildCalendar(reference);
  built.set(reference, calendar);
  return calendar;
}

/** @throws RangeError naming the calendars that exist. */
export function calendarNamed(name: string): Calendar {
  const found = calendars.get(name);
  if (found === undefined) throw new RangeError(`UnknownCalendar: "${name}"; known are ${calendarNames().join(', ')}`);
  return found;
}

export function calendarNames(): readonly string[] {
  return [...calendars.keys()];
}

const everyDay = new Map<number, readonly Session[]>();

function everyDayOf(year: number): readonly Session[] {
  let sessions = everyDay.get(year);
  if (sessions === undefined) {
    const days: Session[] = [];
    const first = dayNumber(year, 1, 1);
    for (let day = first; yearOf(day) === year; day++) days.push({ day, openMs: day * msPerDay, closeMs: (day + 1) * msPerDay });
    sessions = days;
    everyDay.set(year, sessions);
  }
  return sessions;
}

/** Every UTC day, without a pause. */
const allDay: Calendar = {
  name: '24x7',
  zone: 'UTC',
  annualization: 365,
  dayOf: at => Math.floor(at / msPerDay),
  startOf: day => day * msPerDay,
  endOf: day => (day + 1) * msPerDay,
  after: day => day + 1,
  isOpen: () => true,
  alwaysOpen: true,
  sessionsOf: everyDayOf,
  maintenance: [],
};

/** New York hours on every weekday, without holidays: the name as it was first published, kept because days were computed with it. */
const newYorkWeekdays = marketCalendar({
  name: 'NYSE',
  zone: 'America/New_York',
  annualization: 252,
  hoursOn: mondayToFriday({ opens: clock(9, 30), closes: clock(16) }),
});

/** 24 hours, Monday to Friday, UTC. */
const weekdays = marketCalendar({ name: 'weekdays', zone: 'UTC', annualization: 260, hoursOn: mondayToFriday({ opens: 0, closes: 1440 }) });

const calendars: ReadonlyMap<string, Calendar> = new Map(
  [
    allDay,
    newYorkWeekdays,
    weekdays,
    newYork,
    cme.cme,
    cme.cmeEquity,
    cme.cmeRates,
    cme.cmeFx,
    cme.cmeEnergy,
    cme.cmeMetals,
    cme.cmeGrains,
    cme.cmeLivestock,
    cme.cmeCrypto,
    london,
    eurex,
    fxWeek,
  ].map(calendar => [calendar.name, calendar]),
);
