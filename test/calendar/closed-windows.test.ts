import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarNamed, calendarNames } from '../../core/calendar/calendar.ts';
import { closedWindows, muteSchedule } from '../../core/calendar/closed-windows.ts';
import { customCalendar } from '../../core/calendar/custom.ts';
import { isOpen, previousClose } from '../../core/calendar/sessions.ts';
import { nextOccurrence, parseMuteSchedule } from '../../core/cloudwatch/schedule.ts';
import { isoDurationMs } from '../../core/cloudwatch/template-alarm.ts';

const at = (iso: string) => Date.parse(iso);
const minute = 60_000;
const day = 86_400_000;
const windows = (name: string, from: string, days: number, warmUpMinutes = 10) =>
  closedWindows(calendarNamed(name), at(from), days * day, { warmUpMinutes }).map(
    ({ fromMs, toMs }) => `${new Date(fromMs).toISOString().slice(0, 16)} ${new Date(toMs).toISOString().slice(0, 16)}`,
  );

test('mutes from the close to the next opening and its warm-up, holiday and short day included', () => {
  expect(windows('XNYS', '2026-11-25T15:00:00Z', 5)).toEqual(['2026-11-25T21:00 2026-11-27T14:40', '2026-11-27T18:00 2026-11-30T14:40']);
});

test('begins now when the market is closed now, or has only just opened', () => {
  expect(windows('XNYS', '2026-11-28T10:00:30Z', 1)).toEqual(['2026-11-28T10:01 2026-11-30T14:40']);
  expect(windows('XNYS', '2026-11-30T14:35:00Z', 0.1)).toEqual(['2026-11-30T14:35 2026-11-30T14:40']);
  expect(windows('XNYS', '2026-11-30T14:40:00Z', 0.1)).toEqual([]);
});

test('leaves a closure whole that begins before the horizon', () => {
  expect(windows('XNYS', '2026-11-27T17:00:00Z', 1 / 24)).toEqual([]);
  expect(windows('XNYS', '2026-11-27T17:00:00Z', 1.5 / 24)).toEqual(['2026-11-27T18:00 2026-11-30T14:40']);
});

test('a currency week closes once, a market that never closes not at all', () => {
  expect(windows('FX', '2026-03-02T00:00:00Z', 7, 0)).toEqual(['2026-03-06T22:00 2026-03-08T21:00']);
  expect(windows('24x7', '2026-03-02T00:00:00Z', 365)).toEqual([]);
});

test('an hour of maintenance is a closure', () => {
  expect(windows('CMES', '2026-07-14T12:00:00Z', 1, 5)).toEqual(['2026-07-14T21:00 2026-07-14T22:05']);
});

test('an opening shorter than the warm-up is muted through', () => {
  const made = customCalendar({ name: 'brief', zone: 'UTC', sessions: [{ on: ['mon', 'tue'], opens: '12:00', closes: '12:05' }] });
  const found = made.ok ? closedWindows(made.value, at('2026-07-14T12:01:00Z'), day, { warmUpMinutes: 30 }) : [];
  expect(found[0]?.fromMs).toBe(at('2026-07-14T12:01:00Z'));
});

test('a closure longer than a rule may last is given in pieces that join', () => {
  const made = customCalendar({
    name: 'monthly',
    zone: 'UTC',
    sessions: [{ on: ['mon'], opens: '09:00', closes: '17:00' }],
    exceptions: ['2026-07-13', '2026-07-20', '2026-07-27'].map(date => ({ date, why: 'summer' })),
  });
  const found = made.ok ? closedWindows(made.value, at('2026-07-06T16:00:00Z'), day, { warmUpMinutes: 0 }) : [];
  expect(found.map(({ fromMs, toMs }) => (toMs - fromMs) / day)).toEqual([15, expect.closeTo(12 + 16 / 24)]);
  expect(found[0]!.toMs).toBe(found[1]!.fromMs);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a warm-up of %d minutes', warmUpMinutes => {
  expect(() => closedWindows(calendarNamed('XNYS'), 0, day, { warmUpMinutes })).toThrow('InvalidWarmUp');
});

test('gives schedules that a mute rule takes, over the change of clocks', () => {
  const [weekend] = closedWindows(calendarNamed('XNYS'), at('2026-10-30T19:00:00Z'), day, { warmUpMinutes: 10 });
  const { expression, duration, timeZone } = muteSchedule(weekend!);
  expect([expression, duration, timeZone]).toEqual(['at(2026-10-30T20:00)', 'P2DT18H40M', 'UTC']);
  const schedule = parseMuteSchedule(expression);
  expect(schedule.ok && nextOccurrence(schedule.value, 0, { zone: timeZone })).toBe(weekend!.fromMs);
  expect(isoDurationMs(duration)).toBe(weekend!.toMs - weekend!.fromMs);
});

describe.each(calendarNames())('%s', name => {
  const calendar = calendarNamed(name);
  test('is mute exactly while closed or warming up', () => {
    const cases = fc.record({
      from: fc.integer({ min: at('2015-01-01'), max: at('2030-01-01') }),
      ahead: fc.integer({ min: 0, max: 20 * day }),
      warmUpMinutes: fc.integer({ min: 0, max: 45 }),
    });
    fc.assert(
      fc.property(cases, ({ from, ahead, warmUpMinutes }) => {
        const found = closedWindows(calendar, from, 20 * day + minute, { warmUpMinutes });
        const moment = Math.ceil((from + ahead) / minute) * minute;
        const muted = found.some(span => span.fromMs <= moment && moment < span.toMs);
        const isWarm = isOpen(calendar, moment) && moment - lastOpening(moment) >= warmUpMinutes * minute;
        expect(muted).toBe(!isWarm);
        for (const [index, span] of found.entries()) {
          expect(span.toMs).toBeGreaterThanOrEqual(span.fromMs + minute);
          expect(span.toMs - span.fromMs).toBeLessThanOrEqual(15 * day);
          expect([span.fromMs % minute, span.toMs % minute]).toEqual([0, 0]);
          expect(span.fromMs).toBeGreaterThanOrEqual(found[index - 1]?.toMs ?? from);
        }
      }),
      { seed: 15, numRuns: 30 },
    );
  });

  /** By walking: the first minute of the open range around an instant. */
  function lastOpening(moment: number): number {
    const closed = previousClose(calendar, moment);
    if (closed === undefined) return Number.NEGATIVE_INFINITY;
    let opened = closed;
    while (!isOpen(calendar, opened)) opened += minute;
    return opened;
  }
});
