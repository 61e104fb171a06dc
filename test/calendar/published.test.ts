import { describe, expect, test } from 'vitest';
import { calendarNamed, isoDate } from '../../core/calendar/calendar.ts';
import { dayOfIso, isWeekend } from '../../core/calendar/dates.ts';
import { sessionOfDay, tradingDaysBetween } from '../../core/calendar/sessions.ts';
import { publishedTables } from './published-sessions.ts';

const datesOf = (byYear: Readonly<Record<number, string>>) =>
  Object.entries(byYear).flatMap(([year, days]) => days.split(' ').map(day => `${year}-${day}`));

describe.each(publishedTables)('the published table of $name', ({ name, from, to, sessions, closed, early, picked }) => {
  const calendar = calendarNamed(name);
  const [first, last] = [dayOfIso(from)!, dayOfIso(to)!];
  const days = tradingDaysBetween(calendar, first, last + 1);

  test('has as many sessions', () => {
    expect(days.length).toBe(sessions);
  });

  test('is closed on the same weekdays', () => {
    const open = new Set(days);
    const missing: string[] = [];
    for (let day = first; day <= last; day++) if (!isWeekend(day) && !open.has(day)) missing.push(isoDate(day));
    expect(missing).toEqual(datesOf(closed));
  });

  test('closes early on the same days', () => {
    expect(days.filter(day => sessionOfDay(calendar, day)?.early).map(isoDate)).toEqual(datesOf(early));
  });

  test('opens and closes at the same instants around changes of clocks, turns of years and leap days', () => {
    const rows = picked.trim().split('\n');
    const short = (at: number) => new Date(at).toISOString().replace(':00.000Z', 'Z');
    const computed = rows.map(row => {
      const session = sessionOfDay(calendar, dayOfIso(row.slice(0, 10))!)!;
      return `${isoDate(session.day)} ${short(session.openMs)} ${short(session.closeMs)}`;
    });
    expect(computed).toEqual(rows);
  });
});
