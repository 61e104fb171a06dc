/** What "the same time of day" means for a metric: the hours of a trading day, counted so that its close is always at the same place. */
import type { Calendar } from '../calendar/calendar.ts';
import type { EpochMs } from '../time/instant.ts';

export const SLOTS = 24;

export interface CycleHour {
  /** Any number that grows from one trading day to the next. */
  readonly day: number;
  /** 0 to 23; 23 is the last hour of the trading day. */
  readonly slot: number;
}

/** The hour of the cycle that an instant belongs to; undefined while the market is closed and points mean nothing. */
export type SessionOf = (at: EpochMs) => CycleHour | undefined;

const HOUR = 3_600_000;

/** Hours of UTC days, without a pause. */
export const utcDays: SessionOf = at => {
  const hour = Math.floor(at / HOUR);
  return { day: Math.floor(hour / SLOTS), slot: ((hour % SLOTS) + SLOTS) % SLOTS };
};

/**
 * Hours of a calendar's open times, counted back from the end of the trading day: the clock changes move the whole session in UTC and
 * nothing here, and a short day ends like every other. Hours further than a day from the end (none in known calendars) share slot 0.
 */
export const sessionsOf =
  (calendar: Calendar): SessionOf =>
  at => {
    if (!calendar.isOpen(at)) return undefined;
    const day = calendar.dayOf(at);
    const hoursLeft = Math.ceil((calendar.endOf(day) - at) / HOUR);
    return { day, slot: Math.max(0, SLOTS - hoursLeft) };
  };
