/** Questions to a calendar about sessions. Instants are ms since 1970; ranges are half-open. */
import type { EpochMs } from '../time/instant.ts';
import { type DayNumber, isoDate, msPerDay, weekdayOf, yearOf } from './dates.ts';
import { type Calendar, firstAbove, type Pause, type Session } from './market.ts';
import { localTimeToUtc } from './zone.ts';

export interface Span {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}

const utcYear = (at: EpochMs): number => new Date(at).getUTCFullYear();

/** Sessions that overlap the range, in order; a session that ends at `fromMs` or begins at `toMs` does not. */
export function sessionsBetween(calendar: Calendar, fromMs: EpochMs, toMs: EpochMs): readonly Session[] {
  const found: Session[] = [];
  if (!(fromMs < toMs)) return found;
  // A session ends at most a day into the next year, and begins at most two weeks before its day.
  for (let year = utcYear(fromMs - msPerDay); year <= utcYear(toMs + 14 * msPerDay); year++) {
    const sessions = calendar.sessionsOf(year);
    for (let index = firstAbove(sessions, 'closeMs', fromMs); index < sessions.length; index++) {
      const session = sessions[index]!;
      if (session.openMs >= toMs) return found;
      found.push(session);
    }
  }
  return found;
}

/** The session that the instant lies in, pauses included; undefined between sessions. */
export function sessionAt(calendar: Calendar, at: EpochMs): Session | undefined {
  for (let year = utcYear(at - msPerDay); year <= utcYear(at + 14 * msPerDay); year++) {
    const sessions = calendar.sessionsOf(year);
    const session = sessions[firstAbove(sessions, 'closeMs', at)];
    if (session !== undefined) return session.openMs <= at ? session : undefined;
  }
  return undefined;
}

/** The session of a trading day; undefined on other days. */
export function sessionOfDay(calendar: Calendar, day: DayNumber): Session | undefined {
  const sessions = calendar.sessionsOf(yearOf(day));
  const session = sessions[firstAbove(sessions, 'day', day - 1)];
  return session?.day === day ? session : undefined;
}

/** Whether one can trade at the instant: in a session, and neither in a break nor in maintenance. */
export const isOpen = (calendar: Calendar, at: EpochMs): boolean => calendar.isOpen(at);

/** Whether orders are taken ahead of the next session, without trading. False where the calendar knows no such phase. */
export function isPreOpen(calendar: Calendar, at: EpochMs): boolean {
  return sessionsBetween(calendar, at, at + msPerDay).some(
    ({ preOpenMs, openMs }) => preOpenMs !== undefined && preOpenMs <= at && at < openMs,
  );
}

/** The trading day an instant belongs to: that of its session, else of the next one. An evening session belongs to the day after. */
export const dayOf = (calendar: Calendar, at: EpochMs): DayNumber => calendar.dayOf(at);

/** Trading days from one date to before another. */
export function tradingDaysBetween(calendar: Calendar, from: DayNumber, to: DayNumber): readonly DayNumber[] {
  const days: DayNumber[] = [];
  if (!(from < to)) return days;
  for (let year = yearOf(from); year <= yearOf(to); year++) {
    for (const { day } of calendar.sessionsOf(year)) if (day >= from && day < to) days.push(day);
  }
  return days;
}

/** Trading days a year, for annualising. */
export const annualization = (calendar: Calendar): number => calendar.annualization;

/** How far `nextOpen` and `previousClose` look. */
const longestClosure = 400 * msPerDay;

/**
 * The next instant at which a closed market opens: strictly after `at`. Days that join, as in the middle of a currency week, are no opening.
 * Undefined when it never closes, or does not open within 400 days.
 */
export function nextOpen(calendar: Calendar, at: EpochMs): EpochMs | undefined {
  for (const days of [16 * msPerDay, longestClosure]) {
    const found = openSpans(calendar, at, at + days).find(span => span.fromMs > at);
    if (found !== undefined) return found.fromMs;
  }
  return undefined;
}

/** The last instant, at or before `at`, at which an open market closed; undefined when it never did within 400 days. */
export function previousClose(calendar: Calendar, at: EpochMs): EpochMs | undefined {
  for (const days of [16 * msPerDay, longestClosure]) {
    const found = openSpans(calendar, at - days, at + 1).findLast(span => span.toMs <= at);
    if (found !== undefined) return found.toMs;
  }
  return undefined;
}

/**
 * Ranges in which one can trade that overlap the range asked for, in order, not cut to it: pauses taken out, days that join joined. Days
 * that begin at or after `toMs` are not looked at, so the last range may go on.
 */
export function openSpans(calendar: Calendar, fromMs: EpochMs, toMs: EpochMs): readonly Span[] {
  const spans: { fromMs: EpochMs; toMs: EpochMs }[] = [];
  for (const session of sessionsBetween(calendar, fromMs, toMs)) {
    for (const span of withoutPauses(session)) {
      const last = spans.at(-1);
      if (last !== undefined && last.toMs === span.fromMs) last.toMs = span.toMs;
      else spans.push(span);
    }
  }
  return spans.filter(span => span.toMs > fromMs && span.fromMs < toMs);
}

function withoutPauses({ openMs, closeMs, pauses }: Session): { fromMs: EpochMs; toMs: EpochMs }[] {
  const spans: { fromMs: EpochMs; toMs: EpochMs }[] = [];
  let fromMs = openMs;
  for (const pause of pauses ?? []) {
    if (fromMs < pause.fromMs) spans.push({ fromMs, toMs: pause.fromMs });
    fromMs = Math.max(fromMs, pause.toMs);
  }
  if (fromMs < closeMs) spans.push({ fromMs, toMs: closeMs });
  return spans;
}

/** The exchange's regular maintenance that overlaps the range, in sessions or between them. */
export function maintenanceBetween(calendar: Calendar, fromMs: EpochMs, toMs: EpochMs): readonly Pause[] {
  const found: Pause[] = [];
  if (calendar.maintenance.length === 0) return found;
  for (let day = Math.floor(fromMs / msPerDay) - 1; day <= Math.floor(toMs / msPerDay) + 1; day++) {
    for (const { on, from, to } of calendar.maintenance) {
      if (!on.includes(weekdayOf(day))) continue;
      const [fromLocal, toLocal] = [localTimeToUtc(calendar.zone, day, from), localTimeToUtc(calendar.zone, day, to)];
      const pause: Pause = { fromMs: fromLocal, toMs: toLocal, kind: 'maintenance' };
      if (pause.toMs > fromMs && pause.fromMs < toMs) found.push(pause);
    }
  }
  return found;
}

/** One line for a person: `2026-11-27 14:30–18:00 UTC, early close`. */
export function sessionText({ day, openMs, closeMs, early, late }: Session): string {
  const time = (at: EpochMs) => new Date(at).toISOString().slice(11, 16);
  const marks = [late ? ', late open' : '', early ? ', early close' : ''].join('');
  return `${isoDate(day)} ${time(openMs)}–${time(closeMs)} UTC${marks}`;
}
