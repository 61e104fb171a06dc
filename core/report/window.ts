/** Which trading days a report is about. */
import { type DayNumber, dayNumber, isoDate, weekdayOf, yearOf } from '../calendar/dates.ts';

export type ReportPeriod = 'day' | 'week' | 'month' | 'all';

/** Both days belong to it. */
export interface ReportWindow {
  readonly period: ReportPeriod;
  readonly first: DayNumber;
  readonly last: DayNumber;
}

/** The day, its week from Monday to Sunday, or its calendar month; `all` ends with the day. */
export function windowOf(period: ReportPeriod, day: DayNumber): ReportWindow {
  switch (period) {
    case 'day':
      return { period, first: day, last: day };
    case 'week': {
      const monday = day - ((weekdayOf(day) + 6) % 7);
      return { period, first: monday, last: monday + 6 };
    }
    case 'month': {
      const month = Number(isoDate(day).slice(5, 7));
      return { period, first: dayNumber(yearOf(day), month, 1), last: dayNumber(yearOf(day), month + 1, 1) - 1 };
    }
    case 'all':
      return { period, first: Number.NEGATIVE_INFINITY, last: day };
  }
}

/** `2026-01-14`, `2026-01` or `2026-01-12 to 2026-01-18`; for `all` the days that there are. */
export function windowText({ period, first, last }: ReportWindow, from?: DayNumber): string {
  if (period === 'day') return isoDate(last);
  if (period === 'month') return isoDate(first).slice(0, 7);
  const begin = period === 'week' ? first : (from ?? last);
  return begin === last ? isoDate(last) : `${isoDate(begin)} to ${isoDate(last)}`;
}
