import { describe, expect, test } from 'vitest';
import { calendarNamed, findCalendar, isoDate } from '../../core/calendar/calendar.ts';

const at = (iso: string) => Date.parse(iso);

describe.each([
  ['24x7', '2026-03-08T23:59:59.999Z', '2026-03-08'],
  ['24x7', '2026-03-09T00:00:00Z', '2026-03-09'],
  ['24x7', '1969-12-31T12:00:00Z', '1969-12-31'],
  ['24x7', '2028-02-29T12:00:00Z', '2028-02-29'],
  ['weekdays', '2026-03-07T12:00:00Z', '2026-03-09'],
  ['NYSE', '2026-03-06T20:59:59Z', '2026-03-06'],
  ['NYSE', '2026-03-06T21:00:00Z', '2026-03-09'],
  ['NYSE', '2026-03-09T19:59:59Z', '2026-03-09'],
  ['NYSE', '2026-03-09T20:00:00Z', '2026-03-10'],
  ['NYSE', '2026-11-02T20:59:59Z', '2026-11-02'],
  ['NYSE', '2026-11-02T21:00:00Z', '2026-11-03'],
])('%s', (name, instant, day) => {
  test(`${instant} belongs to ${day}`, () => {
    const calendar = calendarNamed(name);
    const found = calendar.dayOf(at(instant));
    expect(isoDate(found)).toBe(day);
    expect(calendar.startOf(found)).toBeLessThanOrEqual(at(instant));
    expect(calendar.endOf(found)).toBeGreaterThan(at(instant));
  });
});

test('the New York session opens an hour earlier in UTC after the clocks go forward', () => {
  const nyse = calendarNamed('NYSE');
  expect(nyse.isOpen(at('2026-03-06T14:29:59Z'))).toBe(false);
  expect(nyse.isOpen(at('2026-03-06T14:30:00Z'))).toBe(true);
  expect(nyse.isOpen(at('2026-03-09T13:30:00Z'))).toBe(true);
  expect(nyse.isOpen(at('2026-03-08T15:00:00Z'))).toBe(false);
});

test('days join without a gap across year end', () => {
  const nyse = calendarNamed('NYSE');
  const day = nyse.dayOf(at('2026-12-31T15:00:00Z'));
  expect(nyse.startOf(nyse.after(day))).toBe(nyse.endOf(day));
});

test('an unknown calendar is named', () => {
  expect(findCalendar('CME')).toBeUndefined();
  expect(() => calendarNamed('CME')).toThrow('UnknownCalendar: "CME"');
});
