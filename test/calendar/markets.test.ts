import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { calendarNamed, calendarNames, isoDate } from '../../core/calendar/calendar.ts';
import { dayOfIso, easterSunday, isWeekend, nthWeekday, weekdayOf } from '../../core/calendar/dates.ts';
import { isOpen, isPreOpen, maintenanceBetween, sessionOfDay, sessionText } from '../../core/calendar/sessions.ts';

const at = (iso: string) => Date.parse(iso);
const session = (name: string, date: string) => sessionOfDay(calendarNamed(name), dayOfIso(date)!);
const text = (name: string, date: string) => {
  const found = session(name, date);
  return found === undefined ? 'closed' : sessionText(found);
};

function closedWeekdays(name: string, year: number): string[] {
  const open = new Set(
    calendarNamed(name)
      .sessionsOf(year)
      .map(found => found.day),
  );
  const closed: string[] = [];
  for (let day = dayOfIso(`${year}-01-01`)!; day <= dayOfIso(`${year}-12-31`)!; day++) {
    if (!isWeekend(day) && !open.has(day)) closed.push(isoDate(day).slice(5));
  }
  return closed;
}

const earlyDays = (name: string, year: number) =>
  calendarNamed(name)
    .sessionsOf(year)
    .filter(found => found.early)
    .map(found => isoDate(found.day).slice(5));

test.each([
  [1961, '04-02'],
  [2000, '04-23'],
  [2008, '03-23'],
  [2011, '04-24'],
  [2019, '04-21'],
  [2024, '03-31'],
  [2025, '04-20'],
  [2038, '04-25'],
  [2049, '04-18'],
  [2076, '04-19'],
  [2285, '03-22'],
])('Easter of %i is on %s', (year, date) => {
  expect(isoDate(easterSunday(year)).slice(5)).toBe(date);
  expect(weekdayOf(easterSunday(year))).toBe(0);
});

test('a month without a fifth Monday has none', () => {
  expect(nthWeekday(2026, 2, 1, 5)).toBeUndefined();
  expect(isoDate(nthWeekday(2026, 3, 1, 5)!)).toBe('2026-03-30');
  expect(isoDate(nthWeekday(2028, 2, 2, -1)!)).toBe('2028-02-29');
});

describe('announced for coming years', () => {
  // nyse.com/markets/hours-calendars
  test.each([
    [2026, '01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25', '11-27 12-24'],
    [2027, '01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24', '11-26'],
    [2028, '01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25', '07-03 11-24'],
  ])('New York %i', (year, closed, early) => {
    expect(closedWeekdays('XNYS', year)).toEqual(closed.split(' '));
    expect(earlyDays('XNYS', year)).toEqual(early.split(' '));
  });

  // gov.uk/bank-holidays, England and Wales
  test.each([
    [2026, '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28'],
    [2027, '01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28'],
  ])('London %i', (year, closed) => {
    expect(closedWeekdays('XLON', year)).toEqual(closed.split(' '));
  });
});

// rsheftel/pandas_market_calendars (MIT), tests/data/nyse_all_full_day_holidays_since_1928.csv
test.each([
  [1998, '01-01 01-19 02-16 04-10 05-25 07-03 09-07 11-26 12-25'],
  [1999, '01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24'],
  [2000, '01-17 02-21 04-21 05-29 07-04 09-04 11-23 12-25'],
  [2001, '01-01 01-15 02-19 04-13 05-28 07-04 09-03 09-11 09-12 09-13 09-14 11-22 12-25'],
  [2002, '01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25'],
  [2003, '01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25'],
  [2004, '01-01 01-19 02-16 04-09 05-31 06-11 07-05 09-06 11-25 12-24'],
  [2005, '01-17 02-21 03-25 05-30 07-04 09-05 11-24 12-26'],
  [2006, '01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25'],
  [2007, '01-01 01-02 01-15 02-19 04-06 05-28 07-04 09-03 11-22 12-25'],
  [2008, '01-01 01-21 02-18 03-21 05-26 07-04 09-01 11-27 12-25'],
  [2009, '01-01 01-19 02-16 04-10 05-25 07-03 09-07 11-26 12-25'],
  [2010, '01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24'],
  [2011, '01-17 02-21 04-22 05-30 07-04 09-05 11-24 12-26'],
  [2012, '01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25'],
  [2013, '01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25'],
  [2014, '01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25'],
])('New York was closed on these weekdays of %i', (year, closed) => {
  expect(closedWeekdays('XNYS', year)).toEqual(closed.split(' '));
});

// QuantConnect/Lean (Apache-2.0), Data/market-hours, energy futures of NYMEX, New York time; its 2024 lacks a day
test.each([
  [2015, '01-19 13:00, 02-16 13:00, 05-25 13:00, 07-03 13:00, 09-07 13:00, 11-26 13:00, 11-27 13:45, 12-24 13:45'],
  [2016, '01-18 13:00, 02-15 13:00, 05-30 13:00, 07-04 13:00, 09-05 13:00, 11-24 13:00, 11-25 13:45'],
  [2017, '01-16 13:00, 02-20 13:00, 05-29 13:00, 07-04 13:00, 09-04 13:00, 11-23 13:00, 11-24 13:45'],
  [2018, '01-15 13:00, 02-19 13:00, 05-28 13:00, 07-04 13:00, 09-03 13:00, 11-22 13:00, 11-23 13:45, 12-24 13:45'],
  [2019, '01-21 13:00, 02-18 13:00, 05-27 13:00, 07-04 13:00, 09-02 13:00, 11-28 13:00, 11-29 13:45, 12-24 13:45'],
  [2020, '01-20 13:00, 02-17 13:00, 05-25 13:00, 07-03 13:00, 09-07 13:00, 11-26 13:00, 11-27 13:45, 12-24 13:45'],
  [2021, '01-18 13:00, 02-15 13:00, 05-31 13:00, 07-05 13:00, 09-06 13:00, 11-25 13:00, 11-26 13:45'],
  [2022, '01-17 14:30, 02-21 14:30, 05-30 14:30, 06-20 14:30, 07-04 14:30, 09-05 14:30, 11-24 14:30, 11-25 13:45'],
  [2023, '01-16 14:30, 02-20 14:30, 05-29 14:30, 06-19 14:30, 07-04 14:30, 09-04 14:30, 11-23 14:30, 11-24 13:45'],
  [2025, '01-20 14:30, 02-17 14:30, 05-26 14:30, 06-19 14:30, 07-04 13:00, 09-01 14:30, 11-27 14:30, 11-28 14:45, 12-24 13:45'],
])('energy futures stopped early in %i', (year, expected) => {
  const newYork = new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit' });
  const found = calendarNamed('CME-energy')
    .sessionsOf(year)
    .filter(session => session.early)
    .map(session => `${isoDate(session.day).slice(5)} ${newYork.format(session.closeMs)}`);
  expect(found).toEqual(expected.split(', '));
});

// CME's holiday hours of 2026 as reported in rsheftel/pandas_market_calendars issue 464
test.each([
  ['2026-06-19', '17:00'],
  ['2026-07-03', '17:00'],
  ['2026-09-07', '18:30'],
  ['2026-11-27', '19:45'],
  ['2026-12-24', '18:45'],
])('metals stop on %s at %s UTC', (date, closes) => {
  expect(text('CME-metals', date)).toMatch(new RegExp(`–${closes} UTC, early close$`));
});

// cited in gerrymanoim/exchange_calendars (Apache-2.0), tests of xlon and xeur
test.each([
  ['XLON', '2010-12-24', 'early'],
  ['XLON', '2011-12-23', 'early'],
  ['XLON', '2011-12-30', 'early'],
  ['XLON', '2012-01-02', 'closed'],
  ['XLON', '2012-04-09', 'closed'],
  ['XLON', '2012-12-26', 'closed'],
  ['XEUR', '2027-12-31', 'closed'],
  ['XEUR', '2028-04-17', 'closed'],
  ['XEUR', '2028-05-01', 'closed'],
  ['XEUR', '2028-12-26', 'closed'],
  ['XEUR', '2028-10-03', 'open'],
])('%s on %s: %s', (name, date, expected) => {
  const found = session(name, date);
  expect(found === undefined ? 'closed' : found.early ? 'early' : 'open').toBe(expected);
});

test.each([
  ['XNYS', '2001-09-11', 'closed'],
  ['XNYS', '2001-09-14', 'closed'],
  ['XNYS', '2001-09-17', '2001-09-17 13:30–20:00 UTC'],
  ['XNYS', '2002-07-05', '2002-07-05 13:30–17:00 UTC, early close'],
  ['XNYS', '2012-10-29', 'closed'],
  ['XNYS', '2013-07-03', '2013-07-03 13:30–17:00 UTC, early close'],
  ['XNYS', '2021-06-18', '2021-06-18 13:30–20:00 UTC'],
  ['XNYS', '2022-06-20', 'closed'],
  ['XNYS', '2021-12-31', '2021-12-31 14:30–21:00 UTC'],
  ['XNYS', '2025-01-09', 'closed'],
  ['XLON', '2011-04-29', 'closed'],
  ['XLON', '2012-06-05', 'closed'],
  ['XLON', '2020-05-04', '2020-05-04 07:00–15:30 UTC'],
  ['XEUR', '2026-05-25', '2026-05-25 06:00–20:00 UTC'],
  ['FX', '2026-12-25', 'closed'],
  ['FX', '2026-07-03', '2026-07-03 21:00–21:00 UTC'],
  ['CME-equity', '2024-03-29', 'closed'],
  ['CME-equity', '2026-04-03', '2026-04-03 22:00–13:15 UTC, early close'],
  ['CME-rates', '2026-04-03', '2026-04-03 22:00–15:15 UTC, early close'],
  ['CME-energy', '2026-04-03', 'closed'],
  ['CME-equity', '2025-01-09', '2025-01-09 23:00–14:30 UTC, early close'],
  ['CME-energy', '2025-01-09', '2025-01-09 23:00–22:00 UTC'],
  ['CME-grains', '2025-01-09', '2025-01-09 01:00–18:15 UTC, early close'],
  ['CME-equity', '2026-01-19', '2026-01-19 23:00–18:00 UTC, early close'],
  ['CME-metals', '2026-01-19', '2026-01-19 23:00–19:30 UTC, early close'],
  ['CME-FX', '2026-01-19', '2026-01-19 23:00–22:00 UTC'],
  ['CME-livestock', '2026-01-19', 'closed'],
  ['CME-metals', '2026-06-19', '2026-06-19 22:00–17:00 UTC, early close'],
  ['CME-equity', '2026-11-27', '2026-11-27 23:00–18:15 UTC, early close'],
  ['CME-grains', '2026-11-27', '2026-11-27 14:30–18:05 UTC, late open, early close'],
])('%s on %s: %s', (name, date, expected) => {
  expect(text(name, date)).toBe(expected);
});

test('the two sides of the ocean change their clocks on different days', () => {
  expect(text('XNYS', '2026-03-06')).toBe('2026-03-06 14:30–21:00 UTC');
  expect(text('XNYS', '2026-03-09')).toBe('2026-03-09 13:30–20:00 UTC');
  expect(text('XLON', '2026-03-09')).toBe('2026-03-09 08:00–16:30 UTC');
  expect(text('XLON', '2026-03-30')).toBe('2026-03-30 07:00–15:30 UTC');
  expect(text('XEUR', '2026-10-26')).toBe('2026-10-26 07:00–21:00 UTC');
  expect(text('XNYS', '2026-10-26')).toBe('2026-10-26 13:30–20:00 UTC');
  expect(text('XNYS', '2026-11-02')).toBe('2026-11-02 14:30–21:00 UTC');
});

test('Globex is down for an hour a day, within the published session and between those of the groups', () => {
  const tuesday = at('2026-07-14T21:30:00Z');
  expect(isOpen(calendarNamed('CMES'), tuesday)).toBe(false);
  expect(isOpen(calendarNamed('CMES'), tuesday + 1_800_000)).toBe(true);
  expect(calendarNamed('CMES').dayOf(tuesday)).toBe(dayOfIso('2026-07-14'));
  expect(calendarNamed('CME-equity').dayOf(tuesday)).toBe(dayOfIso('2026-07-15'));
  const [pause, ...others] = maintenanceBetween(calendarNamed('CME-equity'), at('2026-07-14T12:00:00Z'), at('2026-07-15T12:00:00Z'));
  expect(pause).toEqual({ fromMs: at('2026-07-14T21:00:00Z'), toMs: at('2026-07-14T22:00:00Z'), kind: 'maintenance' });
  expect(others).toEqual([]);
});

test('grains pause between night and day', () => {
  const grains = calendarNamed('CME-grains');
  expect(isOpen(grains, at('2026-07-14T12:44:59Z'))).toBe(true);
  expect(isOpen(grains, at('2026-07-14T12:45:00Z'))).toBe(false);
  expect(isOpen(grains, at('2026-07-14T13:30:00Z'))).toBe(true);
});

test('cryptocurrency futures trade through weekends and holidays from the summer of 2026', () => {
  const crypto = calendarNamed('CME-crypto');
  expect(isOpen(crypto, at('2026-05-23T12:00:00Z'))).toBe(false);
  expect(isOpen(crypto, at('2026-06-06T12:00:00Z'))).toBe(true);
  expect(isoDate(crypto.dayOf(at('2026-06-06T12:00:00Z')))).toBe('2026-06-08');
  expect(isoDate(crypto.dayOf(at('2026-12-25T12:00:00Z')))).toBe('2026-12-28');
});

test('orders are taken before the bell', () => {
  const xnys = calendarNamed('XNYS');
  expect(isPreOpen(xnys, at('2026-07-14T10:29:59Z'))).toBe(false);
  expect(isPreOpen(xnys, at('2026-07-14T10:30:00Z'))).toBe(true);
  expect(isPreOpen(xnys, at('2026-07-14T13:30:00Z'))).toBe(false);
  expect(isPreOpen(calendarNamed('CME-equity'), at('2026-07-12T21:00:00Z'))).toBe(true);
  expect(isPreOpen(calendarNamed('CMES'), at('2026-07-14T21:44:59Z'))).toBe(false);
  expect(isPreOpen(calendarNamed('CMES'), at('2026-07-14T21:45:00Z'))).toBe(true);
  expect(isPreOpen(calendarNamed('24x7'), at('2026-07-12T21:00:00Z'))).toBe(false);
});

test('a storm closes one day and shortens another at run time, and the calendar it came from stays as it was', () => {
  const xnys = calendarNamed('XNYS');
  const stormy = xnys.except!([
    { date: '2026-09-22', change: 'closed', why: 'storm' },
    { date: '2026-09-23', change: { closes: 780 }, why: 'storm' },
  ]);
  expect(stormy.isOpen(at('2026-09-22T15:00:00Z'))).toBe(false);
  expect(xnys.isOpen(at('2026-09-22T15:00:00Z'))).toBe(true);
  expect(sessionText(sessionOfDay(stormy, dayOfIso('2026-09-23')!)!)).toBe('2026-09-23 13:30–17:00 UTC, early close');
});

test.each(calendarNames().filter(name => name !== 'NYSE'))('%s annualises with its own days', name => {
  const calendar = calendarNamed(name);
  let days = 0;
  for (let year = 2027; year < 2055; year++) days += calendar.sessionsOf(year).length;
  expect(Math.abs(days / 28 - calendar.annualization)).toBeLessThan(1.5);
});

test('every calendar is described, with its days a year', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/calendars.md'), 'utf8');
  const rows = page.split('\n').filter(line => line.startsWith('| `'));
  const described = rows.flatMap(row => {
    const cells = row.split('|').map(cell => cell.trim());
    return [...cells[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => `${name} ${cells[4]}`);
  });
  expect(described.sort()).toEqual(
    calendarNames()
      .map(name => `${name} ${calendarNamed(name).annualization}`)
      .sort(),
  );
});
