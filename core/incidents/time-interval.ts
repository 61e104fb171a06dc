/**
 * Time intervals with Alertmanager's fields: an instant lies in an interval when every field that is given agrees; a field's ranges are
 * alternatives. Times are local to `location`, start inclusive, end exclusive, `24:00` allowed; days of the month may be negative, from the
 * end, and are clamped to the month. Source: https://prometheus.io/docs/alerting/latest/configuration/#time_interval (2026-08).
 * Beyond it: `calendar` is true while that market is open.
 */
import { type CalendarReference, calendarOf } from '../calendar/calendar.ts';
import { toLocalMs } from '../cloudwatch/zone.ts';
import type { EpochMs } from '../time/instant.ts';

export interface Range {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

export interface TimeInterval {
  /** Minutes after local midnight, end exclusive. */
  readonly times?: readonly { readonly startMinute: number; readonly endMinute: number }[];
  /** 0 is Sunday. */
  readonly weekdays?: readonly Range[];
  /** 1 to 31, or −31 to −1 from the end of the month. */
  readonly daysOfMonth?: readonly Range[];
  readonly months?: readonly Range[];
  readonly years?: readonly Range[];
  /** IANA zone; absent is UTC. */
  readonly location?: string;
  /** Holds while its market is open. */
  readonly calendar?: CalendarReference;
  /** Holds while that market is closed instead. */
  readonly closed?: boolean;
}

/** Any of the intervals holds. An empty list never does. */
export const inIntervals = (intervals: readonly TimeInterval[], at: EpochMs): boolean =>
  intervals.some(interval => inInterval(interval, at));

export function inInterval(interval: TimeInterval, at: EpochMs): boolean {
  const { times, weekdays, daysOfMonth, months, years, calendar, closed } = interval;
  if (calendar !== undefined && calendarOf(calendar).isOpen(at) !== (closed !== true)) return false;
  const local = new Date(toLocalMs(interval.location ?? 'UTC', at));
  const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
  const lastDay = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();
  return (
    (times === undefined || times.some(({ startMinute, endMinute }) => minute >= startMinute && minute < endMinute)) &&
    holds(weekdays, local.getUTCDay()) &&
    (daysOfMonth === undefined || daysOfMonth.some(range => inMonth(range, local.getUTCDate(), lastDay))) &&
    holds(months, local.getUTCMonth() + 1) &&
    holds(years, local.getUTCFullYear())
  );
}

const holds = (ranges: readonly Range[] | undefined, value: number): boolean =>
  ranges === undefined || ranges.some(({ from, to }) => value >= from && value <= to);

function inMonth({ from, to }: Range, day: number, lastDay: number): boolean {
  const start = from < 0 ? lastDay + from + 1 : from;
  const end = to < 0 ? lastDay + to + 1 : to;
  // A range that lies beyond a short month holds on no day of it.
  if (start > lastDay || end < 1) return false;
  return day >= Math.max(start, 1) && day <= Math.min(end, lastDay);
}
