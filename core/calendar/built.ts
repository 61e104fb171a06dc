/** Makes a calendar of validated rules; apart from their validation, which functions do not need. */
import type { CalendarRules, CompleteCalendarRules, HolidayRule } from './custom.ts';
import { type Weekday, weekdayOf } from './dates.ts';
import { type DateRule, easter, fixed, fridayBefore, inYears, nearestWeekday, nextMonday, nth, sundayToMonday } from './holidays.ts';
import { type Calendar, type DayChange, type Hours, marketCalendar } from './market.ts';

export const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const observances = { nearestWeekday, sundayToMonday, nextMonday, fridayBefore } as const;

/** The calendar of rules that passed `calendarRules`. */
export function buildCalendar(config: CompleteCalendarRules): Calendar {
  const byWeekday = hoursByWeekday(config);
  return marketCalendar({
    name: config.name,
    zone: config.zone,
    annualization: config.annualization,
    hoursOn: day => byWeekday.get(weekdayOf(day)),
    holidays: (config.holidays ?? []).map(entry => ({ on: ruleOf(entry), change: changeOf(entry) })),
    exceptions: (config.exceptions ?? []).map(entry => ({ date: entry.date, change: changeOf(entry), why: entry.why })),
    maintenance: (config.maintenance ?? []).map(({ on, from, to }) => ({
      on: on.map(weekdayIndex),
      from: minutesOf(from),
      to: minutesOf(to),
    })),
  });
}

function hoursByWeekday(config: CalendarRules): ReadonlyMap<Weekday, Hours> {
  const byWeekday = new Map<Weekday, Hours>();
  for (const { on, opens, closes, preOpens, breaks } of config.sessions) {
    const closesAt = minutesOf(closes);
    const opensAt = minutesOf(opens) >= closesAt ? minutesOf(opens) - 1440 : minutesOf(opens);
    /** The last such time of day before the close. */
    const within = (text: string) => (minutesOf(text) > closesAt ? minutesOf(text) - 1440 : minutesOf(text));
    const beforeOpen = (text: string) => (minutesOf(text) > opensAt ? minutesOf(text) - 1440 : minutesOf(text));
    const hours: Hours = {
      opens: opensAt,
      closes: closesAt,
      ...(preOpens === undefined ? {} : { preOpens: beforeOpen(preOpens) }),
      ...(breaks === undefined ? {} : { breaks: breaks.map(([from, to]) => [within(from), within(to)] as const) }),
    };
    for (const name of on) byWeekday.set(weekdayIndex(name), hours);
  }
  return byWeekday;
}

function ruleOf(entry: HolidayRule): DateRule {
  const rule = datesOf(entry);
  return inYears(entry.from ?? Number.NEGATIVE_INFINITY, entry.to ?? Number.POSITIVE_INFINITY, rule);
}

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
