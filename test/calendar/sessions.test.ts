import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarNamed, calendarNames, isoDate } from '../../core/calendar/calendar.ts';
import {
  annualization,
  dayOf,
  isOpen,
  nextOpen,
  openSpans,
  previousClose,
  sessionAt,
  sessionOfDay,
  sessionsBetween,
  tradingDaysBetween,
} from '../../core/calendar/sessions.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16));
const msPerDay = 86_400_000;

describe.each([
  ['XNYS', '2026-11-25T21:00:00Z', '2026-11-27T14:30', '2026-11-25T21:00'],
  ['XNYS', '2026-11-27T17:59:59Z', '2026-11-30T14:30', '2026-11-25T21:00'],
  ['XNYS', '2026-11-27T18:00:00Z', '2026-11-30T14:30', '2026-11-27T18:00'],
  ['XNYS', '2001-09-12T12:00:00Z', '2001-09-17T13:30', '2001-09-10T20:00'],
  ['XLON', '2026-12-31T23:59:00Z', '2027-01-04T08:00', '2026-12-31T12:30'],
  ['FX', '2026-07-14T12:00:00Z', '2026-07-19T21:00', '2026-07-10T21:00'],
  ['FX', '2026-07-14T21:00:00Z', '2026-07-19T21:00', '2026-07-10T21:00'],
  ['CMES', '2026-07-14T12:00:00Z', '2026-07-14T22:00', '2026-07-13T21:00'],
  ['24x7', '2026-07-14T12:00:00Z', undefined, undefined],
])('%s at %s', (name, instant, opens, closed) => {
  const calendar = calendarNamed(name);
  test(`opens next at ${opens}`, () => expect(iso(nextOpen(calendar, at(instant)))).toBe(opens));
  test(`closed last at ${closed}`, () => expect(iso(previousClose(calendar, at(instant)))).toBe(closed));
});

test('the ends of a session belong to it and to what follows', () => {
  const xnys = calendarNamed('XNYS');
  expect(sessionAt(xnys, at('2026-07-14T13:29:59.999Z'))).toBeUndefined();
  expect(sessionAt(xnys, at('2026-07-14T13:30:00Z'))?.day).toBe(dayOf(xnys, at('2026-07-14T13:30:00Z')));
  expect(sessionAt(xnys, at('2026-07-14T20:00:00Z'))).toBeUndefined();
  expect(sessionsBetween(xnys, at('2026-07-14T20:00:00Z'), at('2026-07-15T13:30:00Z'))).toEqual([]);
  expect(sessionsBetween(xnys, at('2026-07-14T19:59:59Z'), at('2026-07-15T13:30:01Z'))).toHaveLength(2);
  expect(sessionsBetween(xnys, at('2026-07-15T00:00:00Z'), at('2026-07-14T00:00:00Z'))).toEqual([]);
});

test('an evening belongs to the day after, also across the turn of the year', () => {
  const cme = calendarNamed('CME-equity');
  expect(isoDate(dayOf(cme, at('2026-07-12T22:00:00Z')))).toBe('2026-07-13');
  expect(isoDate(dayOf(cme, at('2024-01-01T23:00:00Z')))).toBe('2024-01-02');
  expect(sessionAt(cme, at('2025-12-31T23:30:00Z'))).toBeUndefined();
  expect(isoDate(sessionAt(cme, at('2026-01-02T03:00:00Z'))!.day)).toBe('2026-01-02');
  expect(sessionAt(calendarNamed('FX'), at('2027-12-31T22:30:00Z'))).toBeUndefined();
});

test('29 February is a day like others, where it is one', () => {
  const days = tradingDaysBetween(calendarNamed('XNYS'), dayOf(calendarNamed('24x7'), at('2028-02-28')), at('2028-03-02') / msPerDay);
  expect(days.map(isoDate)).toEqual(['2028-02-28', '2028-02-29', '2028-03-01']);
});

const calendars = calendarNames().map(calendarNamed);
const instants = fc.integer({ min: at('2010-01-01'), max: at('2040-01-01') });
/** Where clocks change, years turn and months have a 29th day, give or take a day and a half. */
const edges = fc
  .tuple(
    fc.integer({ min: 2010, max: 2039 }),
    fc.constantFrom('03-08', '03-14', '03-28', '10-25', '10-31', '11-01', '11-07', '02-28', '12-31', '12-25'),
    fc.integer({ min: -36 * 60, max: 36 * 60 }),
  )
  .map(([year, day, minutes]) => at(`${year}-${day}T00:00:00Z`) + minutes * 60_000);
const anyInstant = fc.oneof(instants, edges);

describe.each(calendars)('$name', calendar => {
  const check = (property: (a: number, b: number) => void) =>
    fc.assert(fc.property(anyInstant, anyInstant, property), { seed: 6, numRuns: 100 });

  test('has sessions that follow one another without overlap', () => {
    let before = { closeMs: Number.NEGATIVE_INFINITY, day: Number.NEGATIVE_INFINITY };
    for (let year = 1999; year < 2045; year++) {
      for (const session of calendar.sessionsOf(year)) {
        if (session.openMs < before.closeMs || session.openMs >= session.closeMs || session.day <= before.day)
          expect.fail(`${isoDate(session.day)} begins at ${iso(session.openMs)}`);
        before = session;
      }
    }
  });

  test('counts days that never go back', () => {
    check((a, b) => {
      expect(dayOf(calendar, Math.min(a, b))).toBeLessThanOrEqual(dayOf(calendar, Math.max(a, b)));
    });
  });

  test('puts every instant in the day that holds it, and joins the days', () => {
    check(a => {
      const day = dayOf(calendar, a);
      expect(calendar.startOf(day)).toBeLessThanOrEqual(a);
      expect(calendar.endOf(day)).toBeGreaterThan(a);
      expect(calendar.startOf(calendar.after(day))).toBe(calendar.endOf(day));
      expect(calendar.endOf(day)).toBe(sessionOfDay(calendar, day)?.closeMs);
    });
  });

  test('answers every question alike', () => {
    check(a => {
      const session = sessionAt(calendar, a);
      const spans = openSpans(calendar, a, a + 1);
      expect(isOpen(calendar, a)).toBe(spans.length === 1 && spans[0]!.fromMs <= a);
      if (session !== undefined) expect(dayOf(calendar, a)).toBe(session.day);
      if (isOpen(calendar, a)) expect(session).toBeDefined();
      const opens = nextOpen(calendar, a);
      if (opens === undefined) return;
      expect(opens).toBeGreaterThan(a);
      expect([isOpen(calendar, opens - 1), isOpen(calendar, opens)]).toEqual([false, true]);
      const closed = previousClose(calendar, a)!;
      expect(closed).toBeLessThanOrEqual(a);
      expect([isOpen(calendar, closed - 1), isOpen(calendar, closed)]).toEqual([true, false]);
    });
  });

  test('finds the sessions of any range as a filter over years would', () => {
    check((a, b) => {
      const from = Math.min(a, b);
      const to = Math.min(Math.max(a, b), from + 40 * msPerDay);
      const [first, last] = [new Date(from).getUTCFullYear() - 1, new Date(to).getUTCFullYear() + 1];
      const expected = Array.from({ length: last - first + 1 }, (_, index) => calendar.sessionsOf(first + index))
        .flat()
        .filter(session => session.closeMs > from && session.openMs < to);
      expect(sessionsBetween(calendar, from, to)).toEqual(from < to ? expected : []);
    });
  });

  test('knows how many days make a year', () => {
    expect(annualization(calendar)).toBe(calendar.annualization);
  });
});
