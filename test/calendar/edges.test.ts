/** The edges of the rules: each of these was once a change that no other test noticed. */
import { describe, expect, it } from 'vitest';
import { calendarNamed } from '../../core/calendar/calendar.ts';
import { closedWindows } from '../../core/calendar/closed-windows.ts';
import { type CalendarConfig, customCalendar } from '../../core/calendar/custom.ts';
import { dayOfIso } from '../../core/calendar/dates.ts';
import { openTimeBetween } from '../../core/calendar/open-time.ts';
import { openSpans, sessionOfDay } from '../../core/calendar/sessions.ts';
import { localTimeToUtc } from '../../core/calendar/zone.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);
const hourMs = 3_600_000;

function made(changes: Partial<CalendarConfig>) {
  const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
  const result = customCalendar({
    name: 'own',
    zone: 'UTC',
    sessions: [{ on: [...weekdays], opens: '09:00', closes: '17:00' }],
    ...changes,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

describe('a local time', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29', 150, '2026-03-29T01:30', 'that is skipped is an hour later by the clock'],
    ['America/New_York', '2026-03-08', 150, '2026-03-08T07:30', 'that is skipped is an hour later by the clock'],
    ['Australia/Sydney', '2026-10-04', 30, '2026-10-03T14:30', 'shortly before the change, east of Greenwich'],
    ['Australia/Sydney', '2026-10-04', 240, '2026-10-03T17:00', 'after the change, east of Greenwich'],
    ['Europe/Berlin', '2026-10-25', 150, '2026-10-25T00:30', 'that comes twice is the first'],
    ['America/New_York', '2026-11-01', 90, '2026-11-01T05:30', 'that comes twice is the first'],
    ['Australia/Sydney', '2026-04-05', 150, '2026-04-04T15:30', 'that comes twice is the first'],
  ])('in %s on %s, minute %i, is %s UTC: one %s', (zone, day, minutes, expected) => {
    expect(iso(localTimeToUtc(zone, dayOfIso(day)!, minutes))).toBe(expected);
  });
});

describe('a range', () => {
  it('that begins when the market closes holds nothing of the session before', () => {
    const close = at('2026-07-14T20:00:00Z');
    expect(openSpans(calendarNamed('XNYS'), close, close + hourMs)).toEqual([]);
    expect(openSpans(calendarNamed('XNYS'), close - 1, close + hourMs)).toHaveLength(1);
  });

  it('of open time leaves breaks out, and finds an evening that belongs to the next year', () => {
    const lunch = made({ sessions: [{ on: ['tue'], opens: '09:00', closes: '17:00', breaks: [['12:00', '13:00']] }] });
    expect(openSpans(lunch, at('2026-07-14T12:00:00Z'), at('2026-07-14T12:30:00Z'))).toEqual([]);
    expect(openTimeBetween(lunch, at('2026-07-14T00:00:00Z'), at('2026-07-15T00:00:00Z'))).toBe(7 * hourMs);
    const evenings = made({ sessions: [{ on: ['mon', 'tue', 'wed', 'thu', 'fri'], opens: '18:00', closes: '17:00' }] });
    expect(openTimeBetween(evenings, at('2025-12-31T17:30:00Z'), at('2025-12-31T20:00:00Z'))).toBe(2 * hourMs);
  });

  it('of closures joins those that touch when a session is no longer than the warm-up', () => {
    const short = made({ sessions: [{ on: ['tue', 'wed'], opens: '09:00', closes: '09:30' }] });
    const windows = closedWindows(short, at('2026-07-14T10:00:00Z'), 30 * hourMs, { warmUpMinutes: 30 });
    expect(windows.map(({ fromMs, toMs }) => `${iso(fromMs)} ${iso(toMs)}`)).toEqual(['2026-07-14T10:00 2026-07-21T09:30']);
  });
});

describe('a day of several rules', () => {
  it('is closed when one of them closes it, whichever comes first', () => {
    const short = { date: '07-14', closes: '12:00' };
    const closed = { date: '07-14' };
    for (const holidays of [
      [short, closed],
      [closed, short],
    ])
      expect(sessionOfDay(made({ holidays }), dayOfIso('2026-07-14')!)).toBeUndefined();
  });

  it('keeps the first of two shorter hours', () => {
    const holidays = [
      { date: '07-14', closes: '12:00' },
      { date: '07-14', closes: '10:00' },
    ];
    expect(iso(sessionOfDay(made({ holidays }), dayOfIso('2026-07-14')!)!.closeMs)).toBe('2026-07-14T12:00');
  });

  it('may be moved there from the next year', () => {
    const calendar = made({ holidays: [{ date: '01-01', observed: 'nearestWeekday' }] });
    expect(sessionOfDay(calendar, dayOfIso('2021-12-31')!)).toBeUndefined();
    expect(sessionOfDay(calendar, dayOfIso('2026-12-31')!)).toBeDefined();
  });
});

describe('hours', () => {
  it('that open when they close open a day before', () => {
    const { openMs, closeMs } = sessionOfDay(
      made({ sessions: [{ on: ['tue'], opens: '17:00', closes: '17:00' }] }),
      dayOfIso('2026-07-14')!,
    )!;
    expect([iso(openMs), iso(closeMs)]).toEqual(['2026-07-13T17:00', '2026-07-14T17:00']);
  });

  it('of maintenance must end after they begin', () => {
    const problems = (from: string, to: string) => {
      const result = customCalendar({
        name: 'own',
        zone: 'UTC',
        sessions: [{ on: ['tue'], opens: '09:00', closes: '17:00' }],
        maintenance: [{ on: ['sat'], from, to }],
      });
      return result.ok ? [] : result.error.map(({ path }) => path);
    };
    expect([problems('02:00', '02:00'), problems('02:00', '02:01')]).toEqual([['maintenance[0]'], []]);
  });
});
