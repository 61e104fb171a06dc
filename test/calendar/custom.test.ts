import { describe, expect, test } from 'vitest';
import { type CalendarConfig, customCalendar } from '../../core/calendar/custom.ts';
import { dayOfIso } from '../../core/calendar/dates.ts';
import { isOpen, isPreOpen, sessionOfDay, sessionText } from '../../core/calendar/sessions.ts';

const at = (iso: string) => Date.parse(iso);

const tokyo: CalendarConfig = {
  name: 'tokyo',
  zone: 'Asia/Tokyo',
  sessions: [{ on: ['mon', 'tue', 'wed', 'thu', 'fri'], preOpens: '08:00', opens: '09:00', closes: '15:30', breaks: [['11:30', '12:30']] }],
  holidays: [
    { date: '01-01' },
    { date: '02-23', from: 2020, observed: 'sundayToMonday' },
    { nth: 3, weekday: 'mon', month: 7, from: 2003 },
    { date: '12-30', closes: '12:00' },
    { easter: -2, to: 1999 },
  ],
  exceptions: [{ date: '2019-05-01', why: 'accession of the Emperor' }],
};

function made(config: unknown) {
  const result = customCalendar(config);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const text = (config: unknown, date: string) => {
  const session = sessionOfDay(made(config), dayOfIso(date)!);
  return session === undefined ? 'closed' : sessionText(session);
};

test.each([
  ['2026-07-14', '2026-07-14 00:00–06:30 UTC'],
  ['2026-07-20', 'closed'],
  ['2026-02-23', 'closed'],
  ['2025-02-24', 'closed'],
  ['2014-02-24', '2014-02-24 00:00–06:30 UTC'],
  ['2026-12-30', '2026-12-30 00:00–03:00 UTC, early close'],
  ['2019-05-01', 'closed'],
  ['1999-04-02', 'closed'],
  ['2026-04-03', '2026-04-03 00:00–06:30 UTC'],
])('on %s: %s', (date, expected) => {
  expect(text(tokyo, date)).toBe(expected);
});

test('has lunch and takes orders early', () => {
  const calendar = made(tokyo);
  expect(isOpen(calendar, at('2026-07-14T02:30:00Z'))).toBe(false);
  expect(isOpen(calendar, at('2026-07-14T03:30:00Z'))).toBe(true);
  expect(isPreOpen(calendar, at('2026-07-13T23:00:00Z'))).toBe(true);
  expect(calendar.annualization).toBe(258);
});

test('opens on the evening before when it opens after it closes', () => {
  const config: CalendarConfig = {
    name: 'night',
    zone: 'America/Chicago',
    annualization: 250,
    sessions: [{ on: ['mon', 'tue', 'wed', 'thu', 'fri'], opens: '17:00', closes: '16:00', breaks: [['23:00', '23:30']] }],
    maintenance: [{ on: ['tue'], from: '02:00', to: '03:00' }],
  };
  expect(text(config, '2026-03-09')).toBe('2026-03-09 22:00–21:00 UTC');
  expect(isOpen(made(config), at('2026-03-10T04:15:00Z'))).toBe(false);
  expect(isOpen(made(config), at('2026-03-10T07:30:00Z'))).toBe(false);
  expect(isOpen(made(config), at('2026-03-10T08:00:00Z'))).toBe(true);
  expect(made(config).annualization).toBe(250);
});

describe('says everything that is wrong at once', () => {
  const one = { name: 'x', zone: 'UTC', sessions: [{ on: ['mon'], opens: '09:00', closes: '17:00' }] };
  const many: [string, unknown, string[]][] = [
    ['nothing', {}, ['name', 'zone', 'sessions']],
    [
      'times and zones',
      { ...one, zone: 'Mars/Base', sessions: [{ on: ['mon'], opens: '9:00', closes: '25:00' }] },
      ['zone', 'sessions[0].opens', 'sessions[0].closes'],
    ],
    ['an offset for a zone', { ...one, zone: '+02:00' }, ['zone']],
    ['unknown keys', { ...one, holiday: [] }, ['holiday']],
    ['a holiday of no kind', { ...one, holidays: [{ on: '12-25' }] }, ['holidays[0]']],
    ['a day that is none', { ...one, holidays: [{ date: '02-30' }] }, ['holidays[0].date']],
    ['a date that is none', { ...one, exceptions: [{ date: '2026-02-29', why: 'no such day' }] }, ['exceptions[0].date']],
    ['two sessions a day', { ...one, sessions: [...one.sessions, ...one.sessions] }, ['sessions[1].on']],
    ['maintenance backwards', { ...one, maintenance: [{ on: ['mon'], from: '12:00', to: '11:00' }] }, ['maintenance[0]']],
    ['sessions that overlap', { ...one, sessions: [one.sessions[0], { on: ['tue'], opens: '12:00', closes: '11:00' }] }, ['sessions']],
    ['a short day that ends before it begins', { ...one, holidays: [{ nth: 1, weekday: 'mon', month: 1, closes: '08:00' }] }, ['sessions']],
    [
      'no session left',
      {
        ...one,
        holidays: Array.from({ length: 12 }, (_, m) => [1, 2, 3, 4, 5].map(nth => ({ nth, weekday: 'mon', month: m + 1 }))).flat(),
      },
      ['sessions'],
    ],
  ];
  test.each(many)('%s', (_, config, paths) => {
    const result = customCalendar(config);
    expect(result.ok ? [] : result.error.map(problem => problem.path)).toEqual(paths);
  });
});
