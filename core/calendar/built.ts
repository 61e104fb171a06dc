/** Makes a calendar of validated rules; apart from their validation, which functions do not need. */
import type { CompleteCalendarRules, HolidayRule } from './custom.ts';
import { type Weekday, weekdayOf } from './dates.ts';
import { type DateRule, easter, fixed, fridayBefore, inYears, nearestWeekday, nextMonday, nth, sundayToMonday } from './holidays.ts';
import { type Calendar, type DayChange, type Hours, marketCalendar } from './market.ts';

export const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const observances = { nearestWeekday, sundayToMonday, nextMonday, fridayBefore } as const;

/** The calendar of rules that passed `calendarRules`. */
export function buildCalendar({ holidays = [], exceptions = [], maintenance = [], sessions, ...named }: CompleteCalendarRules): Calendar {
  const byWeekday = hoursByWeekday(sessions);
  return marketCalendar({
    ...named,
    hoursOn: day => byWeekday.get(weekdayOf(day)),
    holidays: holidays.map(entry => ({ on: ruleOf(entry), change: changeOf(entry) })),
    exceptions: exceptions.map(({ date, why, ...hours }) => ({ date, change: changeOf(hours), why })),
    maintenance: maintenance.map(({ on, from, to }) => ({
      on: on.map(weekdayIndex),
      from: minutesOf(from),
      to: minutesOf(to),
    })),
  });
}

/** The last such time of day that is not after `minute`. */
const before = (text: string, minute: number): number => (minutesOf(text) > minute ? minutesOf(text) - 1440 : minutesOf(text));

function hoursByWeekday(sessions: CompleteCalendarRules['sessions']): ReadonlyMap<Weekday, Hours> {
  const byWeekday = new Map<Weekday, Hours>();
  for (const { on, opens, closes, preOpens, breaks } of sessions) {
    const closesAt = minutesOf(closes);
    const opensAt = minutesOf(opens) >= closesAt ? minutesOf(opens) - 1440 : minutesOf(opens);
    const hours: Hours = {
      opens: opensAt,
      closes: closesAt,
      ...(preOpens === undefined ? {} : { preOpens: before(preOpens, opensAt) }),
      ...(breaks === undefined ? {} : { breaks: breaks.map(([from, to]) => [before(from, closesAt), before(to, closesAt)] as const) }),
    };
    for (const name of on) byWeekday.set(weekdayIndex(name), hours);
  }
  return byWeekday;
}

const ruleOf = (entry: HolidayRule): DateRule =>
  inYears(entry.from ?? Number.NEGATIVE_INFINITY, entry.to ?? Number.POSITIVE_INFINITY, datesOf(entry));

function datesOf(entry: HolidayRule): DateRule {
  if ('easter' in entry) return easter(entry.easter);
  if ('nth' in entry) return nth(entry.nth, weekdayIndex(entry.weekday), entry.month);
  const rule = fixed(Number(entry.date.slice(0, 2)), Number(entry.date.slice(3)));
  return entry.observed === undefined ? rule : observances[entry.observed](rule);
}

function changeOf({ opens, closes }: { readonly opens?: string | undefined; readonly closes?: string | undefined }): DayChange {
  if (opens === undefined && closes === undefined) return 'closed';
  return { ...(opens === undefined ? {} : { opens: minutesOf(opens) }), ...(closes === undefined ? {} : { closes: minutesOf(closes) }) };
}

const weekdayIndex = (name: (typeof weekdayNames)[number]): Weekday => weekdayNames.indexOf(name) as Weekday;

export function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}
