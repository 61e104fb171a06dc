/**
 * Closures of a market that no rule gives: a halt, an outage or one-off maintenance of an exchange. They pause the sessions that they meet,
 * and never change a trading day: what a ledger has computed stays as it is.
 */
import type { EpochMs } from '../time/instant.ts';
import { type CalendarReference, calendarName, calendarOf } from './calendar.ts';
import type { Calendar, Pause, Session } from './market.ts';
import type { Span } from './sessions.ts';

/** Planned in the config, or told at run time. */
export interface Closure {
  /** Name of the calendar. */
  readonly calendar: string;
  readonly fromMs: EpochMs;
  /** Exclusive. */
  readonly untilMs: EpochMs;
  readonly reason: string;
}

/** Overlays that were made for a list of closures, by calendar: one list serves a whole sweep. */
const made = new WeakMap<readonly Closure[], Map<Calendar, Calendar>>();

/** The calendar with the closures that name it; itself when none does. */
export function calendarWith(reference: CalendarReference, closures: readonly Closure[]): Calendar {
  const calendar = calendarOf(reference);
  if (closures.length === 0) return calendar;
  const known = made.get(closures) ?? new Map<Calendar, Calendar>();
  made.set(closures, known);
  const found = known.get(calendar) ?? withClosures(calendar, spansOf(closures, calendarName(reference)));
  known.set(calendar, found);
  return found;
}

/** Those of one calendar, in order; what is empty or ends before it begins closes nothing. */
const spansOf = (closures: readonly Closure[], name: string): readonly Span[] =>
  closures
    .filter(({ calendar, fromMs, untilMs }) => calendar === name && fromMs < untilMs)
    .map(({ fromMs, untilMs }) => ({ fromMs, toMs: untilMs }))
    .sort((a, b) => a.fromMs - b.fromMs);

export function withClosures(calendar: Calendar, spans: readonly Span[]): Calendar {
  if (spans.length === 0) return calendar;
  const { alwaysOpen: _, ...rest } = calendar;
  const years = new Map<number, readonly Session[]>();
  const sessionsOf = (year: number): readonly Session[] => {
    const sessions = years.get(year) ?? calendar.sessionsOf(year).map(session => paused(session, spans));
    years.set(year, sessions);
    return sessions;
  };
  const isClosed = (at: EpochMs) => spans.some(({ fromMs, toMs }) => fromMs <= at && at < toMs);
  return { ...rest, sessionsOf, isOpen: at => calendar.isOpen(at) && !isClosed(at) };
}

/** Pauses stay apart and in order, so that their sum is the time that is lost. */
function paused(session: Session, spans: readonly Span[]): Session {
  const own = session.pauses ?? [];
  const added: Pause[] = [];
  for (const span of spans) {
    const within = { fromMs: Math.max(span.fromMs, session.openMs), toMs: Math.min(span.toMs, session.closeMs) };
    added.push(...outside(within, [...own, ...added]));
  }
  if (added.length === 0) return session;
  return { ...session, pauses: [...own, ...added].sort((a, b) => a.fromMs - b.fromMs) };
}

/** The parts of a span that no pause covers. */
function outside(span: Span, pauses: readonly Pause[]): readonly Pause[] {
  let parts: readonly Span[] = [span];
  for (const pause of pauses)
    parts = parts.flatMap(({ fromMs, toMs }) =>
      [
        { fromMs, toMs: Math.min(toMs, pause.fromMs) },
        { fromMs: Math.max(fromMs, pause.toMs), toMs },
      ].filter(part => part.fromMs < part.toMs),
    );
  return parts.filter(({ fromMs, toMs }) => fromMs < toMs).map(part => ({ ...part, kind: 'closure' }));
}
