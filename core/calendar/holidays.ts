/** Holidays by rule: what gives the day of a year, how it moves off a weekend, and when the rule began and ended. */
import { type DayNumber, dayNumber, easterSunday, isWeekend, nthWeekday, type Weekday, weekdayOf } from './dates.ts';

/** The day a rule names in a year; undefined when it names none. */
export type DateRule = (year: number) => DayNumber | undefined;

/** The same date every year. 29 February exists in leap years only. */
export const fixed =
  (month: number, day: number): DateRule =>
  year => {
    const found = dayNumber(year, month, day);
    return month === 2 && day === 29 && found === dayNumber(year, 3, 1) ? undefined : found;
  };

/** Such as the third Monday of a month; `nth` −1 is the last. */
export const nth =
  (count: number, weekday: Weekday, month: number): DateRule =>
  year =>
    nthWeekday(year, month, weekday, count);

/** Days after Easter Sunday: −2 is Good Friday, 1 Easter Monday, 50 Whit Monday. */
export const easter =
  (days: number): DateRule =>
  year =>
    easterSunday(year) + days;

const moved =
  (move: (day: DayNumber) => DayNumber | undefined) =>
  (rule: DateRule): DateRule =>
  year => {
    const day = rule(year);
    return day === undefined ? undefined : move(day);
  };

/** Saturday to Friday, Sunday to Monday. */
export const nearestWeekday = moved(day => (weekdayOf(day) === 6 ? day - 1 : weekdayOf(day) === 0 ? day + 1 : day));

/** Sunday to Monday; a Saturday is not made up for. */
export const sundayToMonday = moved(day => (weekdayOf(day) === 0 ? day + 1 : day));

/** Saturday and Sunday to the Monday after. */
export const nextMonday = moved(day => (weekdayOf(day) === 6 ? day + 2 : weekdayOf(day) === 0 ? day + 1 : day));

/** Saturday and Sunday to the Friday before. */
export const fridayBefore = moved(day => (weekdayOf(day) === 6 ? day - 1 : weekdayOf(day) === 0 ? day - 2 : day));

/** Saturday and Sunday to another day of the month, for two holidays in a row. */
export const weekendTo =
  (month: number, substitute: number) =>
  (rule: DateRule): DateRule =>
  year => {
    const day = rule(year);
    return day !== undefined && isWeekend(day) ? dayNumber(year, month, substitute) : day;
  };

export const daysAfter = (days: number, rule: DateRule): DateRule => moved(day => day + days)(rule);

/** Only in years in which it falls on one of the weekdays. */
export const onlyOn = (weekdays: readonly Weekday[], rule: DateRule): DateRule =>
  moved(day => (weekdays.includes(weekdayOf(day)) ? day : undefined))(rule);

/** First and last year of a rule, both included. */
export const inYears =
  (from: number, to: number, rule: DateRule): DateRule =>
  year =>
    year >= from && year <= to ? rule(year) : undefined;

export const since = (from: number, rule: DateRule): DateRule => inYears(from, Number.POSITIVE_INFINITY, rule);

/** In every year but these. */
export const notIn =
  (years: readonly number[], rule: DateRule): DateRule =>
  year =>
    years.includes(year) ? undefined : rule(year);
