/**
 * Holidays that American exchanges share. Source: NYSE Rule 7.2 and its holiday table (nyse.com/markets/hours-calendars), read with the
 * session tables of `gerrymanoim/exchange_calendars` (Apache-2.0).
 */
import { type DayNumber, dayNumber, easterSunday, weekdayOf } from './dates.ts';
import { type DateRule, daysAfter, easter, fixed, inYears, nearestWeekday, nth, onlyOn, since, sundayToMonday } from './holidays.ts';

/** A Saturday is not made up for: the Friday before is the last day of the accounting year (Rule 7.2). */
export const newYear = sundayToMonday(fixed(1, 1));
/** Third Monday of January; kept by the exchanges since 1998. */
export const martinLutherKing = since(1998, nth(3, 1, 1));
/** Third Monday of February since 1971. */
export const washington = since(1971, nth(3, 1, 2));
export const goodFriday = easter(-2);
/** Last Monday of May since 1971. */
export const memorial = since(1971, nth(-1, 1, 5));
/** 19 June since 2022. */
export const juneteenth = since(2022, nearestWeekday(fixed(6, 19)));
export const independence = nearestWeekday(fixed(7, 4));
/** First Monday of September. */
export const labor = nth(1, 1, 9);
/** Fourth Thursday of November. */
export const thanksgiving = nth(4, 4, 11);
export const christmas = nearestWeekday(fixed(12, 25));

export const dayAfterThanksgiving = daysAfter(1, thanksgiving);
/** 24 December on Monday to Thursday; on a Friday it is Christmas itself, observed. */
export const christmasEve = onlyOn([1, 2, 3, 4], fixed(12, 24));
/** 3 July when the day after is a holiday in the week; the Wednesday since 2013. */
export const independenceEve: DateRule = year => onlyOn([1, 2, 4], fixed(7, 3))(year) ?? since(2013, onlyOn([3], fixed(7, 3)))(year);
/** Until 2012 a holiday on Thursday made the Friday after it short instead. */
export const fridayAfterIndependence = inYears(1995, 2012, onlyOn([5], fixed(7, 5)));

/** Every American holiday that is not New Year, Good Friday or Christmas. */
export const bankHolidays: readonly DateRule[] = [martinLutherKing, washington, memorial, juneteenth, independence, labor, thanksgiving];

/**
 * Good Friday in the years in which it is the day of the American employment report: the third Friday after the week (Sunday to Saturday)
 * that holds 12 March. Futures then trade for a while after it; in other years they do not trade. Source of the date: bls.gov, "Employment
 * Situation Technical Note" (reference week) and release calendar; it gives 2010, 2012, 2015, 2021, 2023 and 2026.
 */
export const payrollGoodFriday: DateRule = year => (easterSunday(year) - 2 === marchReport(year) ? easterSunday(year) - 2 : undefined);
export const quietGoodFriday: DateRule = year => (payrollGoodFriday(year) === undefined ? goodFriday(year) : undefined);

function marchReport(year: number): DayNumber {
  const twelfth = dayNumber(year, 3, 12);
  const saturday = twelfth + (6 - weekdayOf(twelfth));
  return saturday + 20;
}
