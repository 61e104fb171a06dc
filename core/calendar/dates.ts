/** Civil dates as day numbers: no zone, no time of day. */

/** A civil date as days since 1970-01-01. */
export type DayNumber = number;

/** 0 is Sunday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const msPerDay = 86_400_000;

/** Proleptic Gregorian; `month` is 1 to 12, and a day past the end of the month runs on into the next. */
export function dayNumber(year: number, month: number, day: number): DayNumber {
  // Date.UTC reads years 0 to 99 as 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / msPerDay;
}

export function yearOf(day: DayNumber): number {
  return new Date(day * msPerDay).getUTCFullYear();
}

/** Day 0 was a Thursday. */
export function weekdayOf(day: DayNumber): Weekday {
  return ((((day + 4) % 7) + 7) % 7) as Weekday;
}

export function isWeekend(day: DayNumber): boolean {
  const weekday = weekdayOf(day);
  return weekday === 0 || weekday === 6;
}

/** The nth such weekday of a month, 1 to 5; −1 is the last one. Undefined when the month has no fifth. */
export function nthWeekday(year: number, month: number, weekday: Weekday, nth: number): DayNumber | undefined {
  if (nth < 0) {
    const last = dayNumber(year, month + 1, 1) - 1;
    return last - ((weekdayOf(last) - weekday + 7) % 7) + (nth + 1) * 7;
  }
  const first = dayNumber(year, month, 1);
  const day = first + ((weekday - weekdayOf(first) + 7) % 7) + (nth - 1) * 7;
  return day < dayNumber(year, month + 1, 1) ? day : undefined;
}

/** Easter Sunday of the Gregorian calendar, by Gauss's reckoning with the usual two corrections. */
export function easterSunday(year: number): DayNumber {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const lunar = (15 + century - Math.floor(century / 4) - Math.floor((13 + 8 * century) / 25)) % 30;
  const solar = (4 + century - Math.floor(century / 4)) % 7;
  const moon = (19 * golden + lunar) % 30;
  const weekday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + solar) % 7;
  const isLate = (moon === 29 && weekday === 6) || (moon === 28 && weekday === 6 && golden > 10);
  return dayNumber(year, 3, 22) + moon + weekday - (isLate ? 7 : 0);
}

/** ISO date of a day number. */
export function isoDate(day: DayNumber): string {
  return new Date(day * msPerDay).toISOString().slice(0, 10);
}

/** Day number of `yyyy-mm-dd`; undefined when it is no date. */
export function dayOfIso(text: string): DayNumber | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const day = Date.parse(`${text}T00:00:00Z`) / msPerDay;
  return Number.isNaN(day) || isoDate(day) !== text ? undefined : day;
}
