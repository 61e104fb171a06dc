import { describe, expect, it } from 'vitest';
import { calendarNamed } from '../../core/calendar/calendar.ts';
import { withClosures } from '../../core/calendar/closures.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { detectionOf, detectionText } from '../../core/health/detection.ts';
import { newHealth } from '../../core/health/initial.ts';
import { type JobSchedule, nextRun, scheduleText } from '../../core/health/job-schedule.ts';
import { silenceRuleOf } from '../../core/health/rules.ts';
import { judgeSilence } from '../../core/health/silence.ts';
import { beat, heardBy } from './beats.ts';

const parsed = (input: unknown) => {
  const read = parseConfig(input);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};

/** The next runs after a time, in UTC to the minute. */
function runs(schedule: JobSchedule, after: string, count: number): readonly string[] {
  const found: string[] = [];
  for (let at = Date.parse(after); found.length < count; ) {
    const next = nextRun(schedule, at);
    if (next === undefined) return [...found, 'none'];
    found.push(new Date(next).toISOString().slice(5, 16));
    at = next;
  }
  return found;
}

const session = (name: string, at: 'open' | 'close', offsetMinutes: number): JobSchedule => ({
  at,
  offsetMinutes,
  calendar: calendarNamed(name),
});

describe('a job by the sessions of a market', () => {
  it.each<readonly [string, JobSchedule, string, readonly string[]]>([
    [
      'five minutes before the open, the weekend skipped',
      session('XNYS', 'open', -5),
      '2026-07-16T12:00:00Z',
      ['07-16T13:25', '07-17T13:25', '07-20T13:25'],
    ],
    ['Thanksgiving skipped', session('XNYS', 'open', -5), '2026-11-25T14:25:00Z', ['11-27T14:25', '11-30T14:25']],
    ['spring in New York', session('XNYS', 'open', -5), '2026-03-06T12:00:00Z', ['03-06T14:25', '03-09T13:25']],
    ['autumn in New York', session('XNYS', 'open', -5), '2026-10-30T12:00:00Z', ['10-30T13:25', '11-02T14:25']],
    ['spring in London, three weeks later', session('XLON', 'open', -5), '2026-03-27T07:00:00Z', ['03-27T07:55', '03-30T06:55']],
    ['autumn in Frankfurt, a week earlier', session('XEUR', 'open', 0), '2026-10-23T05:00:00Z', ['10-23T06:00', '10-26T07:00']],
    [
      'after the close, early where the day is short',
      session('XNYS', 'close', 10),
      '2026-11-25T12:00:00Z',
      ['11-25T21:10', '11-27T18:10', '11-30T21:10'],
    ],
    ['before the close of a short day', session('XNYS', 'close', -30), '2026-12-24T12:00:00Z', ['12-24T17:30', '12-28T20:30']],
    ['before an open on the evening before', session('CME-equity', 'open', -15), '2026-07-10T12:00:00Z', ['07-12T21:45', '07-13T21:45']],
    ['across the turn of the year', session('XNYS', 'open', -5), '2026-12-31T15:00:00Z', ['01-04T14:25']],
    ['half a day before', session('XNYS', 'open', -720), '2026-07-16T00:00:00Z', ['07-16T01:30', '07-17T01:30', '07-20T01:30']],
    ['each midnight of a market that never closes', session('24x7', 'open', 0), '2026-07-16T12:00:00Z', ['07-17T00:00', '07-18T00:00']],
  ])('%s', (_, schedule, after, expected) => {
    expect(runs(schedule, after, expected.length)).toEqual(expected);
  });

  it('has no run where a closure covers the moment of the session that it goes by', () => {
    const halted = withClosures(calendarNamed('XNYS'), [
      { fromMs: Date.parse('2026-07-16T12:00:00Z'), toMs: Date.parse('2026-07-16T15:00:00Z') },
    ]);
    expect(runs({ at: 'open', offsetMinutes: -5, calendar: halted }, '2026-07-16T11:00:00Z', 1)).toEqual(['07-17T13:25']);
    expect(runs({ at: 'close', offsetMinutes: 5, calendar: halted }, '2026-07-16T11:00:00Z', 1)).toEqual(['07-16T20:05']);
  });

  it('has no run in a market that does not open again within a year', () => {
    const spans = [{ fromMs: Date.parse('2026-07-01T00:00:00Z'), toMs: Date.parse('2028-01-01T00:00:00Z') }];
    const shut = withClosures(calendarNamed('XNYS'), spans);
    expect(runs({ at: 'open', offsetMinutes: 0, calendar: shut }, '2026-07-16T11:00:00Z', 1)).toEqual(['none']);
  });

  it('by cron has no run where it names no trading day in years', () => {
    const sundays: JobSchedule = { expression: 'cron(0 12 ? * SUN *)', zone: 'America/New_York', calendar: calendarNamed('XNYS') };
    expect(runs(sundays, '2026-07-16T11:00:00Z', 1)).toEqual(['none']);
  });

  it('by cron is skipped on days without a session, by the date in its zone', () => {
    const nightly: JobSchedule = { expression: 'cron(0 22 * * ? *)', zone: 'America/New_York', calendar: calendarNamed('XNYS') };
    expect(runs(nightly, '2026-11-25T12:00:00Z', 3)).toEqual(['11-26T03:00', '11-28T03:00', '12-01T03:00']);
    expect(runs({ ...nightly, expression: 'cron(0 22 26 11 ? 2026)' }, '2026-11-25T12:00:00Z', 1)).toEqual(['none']);
  });

  it.each([
    ['cron(0/5 * * * ? *)', '2026-11-25T23:59:00-05:00', '11-27T05:00'],
    ['cron(0/5 * * * ? *)', '2026-12-24T23:59:00-05:00', '12-28T05:00'],
    ['cron(* * * * ? *)', '2026-03-06T23:59:30-05:00', '03-09T04:00'],
    ['cron(30 0/1 * * ? *)', '2026-10-30T23:59:00-04:00', '11-02T05:30'],
    ['rate(1 minute)', '2026-07-02T23:59:30-04:00', '07-06T04:00'],
    ['rate(7 minutes)', '2026-07-17T23:59:30-04:00', '07-20T04:06'],
  ])('%s goes on after days without a session, however many runs they have: %s', (expression, after, expected) => {
    const often: JobSchedule = { expression, zone: 'America/New_York', calendar: calendarNamed('XNYS') };
    expect(runs(often, new Date(after).toISOString(), 1)).toEqual([expected]);
  });
});

describe('a bot that is such a job', () => {
  const config = parsed({
    bots: [
      {
        id: 'pre',
        calendar: 'XNYS',
        heartbeat: { via: 'direct', graceSeconds: 60, schedule: { calendar: 'XNYS', at: 'open', offsetMinutes: -5 } },
      },
    ],
  });
  const at = (last: string, now: string) =>
    judgeSilence(
      newHealth(0),
      heardBy(Date.parse(now) / 1000, [beat(Date.parse(last) / 1000, { status: 'ok' })]),
      silenceRuleOf(config.bots[0]!, config),
      Date.parse(now),
    );

  it('is missed at its time, before the open and not after the warm-up of the bell', () => {
    expect(at('2026-07-15T13:25:10Z', '2026-07-16T13:25:59Z').flip).toBeUndefined();
    expect(at('2026-07-15T13:25:10Z', '2026-07-16T13:26:01Z').flip).toMatchObject({ to: 'ALARM', at: Date.parse('2026-07-16T13:26:00Z') });
    expect(at('2026-07-16T13:25:10Z', '2026-07-16T18:00:00Z').flip).toBeUndefined();
  });

  it('is not missed on a holiday, nor at the usual time when the clocks have changed', () => {
    expect(at('2026-11-25T14:25:10Z', '2026-11-26T20:00:00Z').flip).toBeUndefined();
    expect(at('2026-11-25T14:25:10Z', '2026-11-27T14:26:01Z').flip).toMatchObject({ at: Date.parse('2026-11-27T14:26:00Z') });
    expect(at('2026-10-30T13:25:10Z', '2026-11-02T14:25:59Z').flip).toBeUndefined();
    expect(at('2026-03-06T14:25:10Z', '2026-03-09T13:26:01Z').flip).toMatchObject({ at: Date.parse('2026-03-09T13:26:00Z') });
  });

  it('is told of by nightdesk check', () => {
    expect(detectionText(detectionOf(config))).toBe(
      'a run that is missed, 5 min before the open of XNYS, is paged within 62 s by the fast timer, 120 s by the sweep, of: pre\n',
    );
  });

  it.each([
    [{ at: 'open', offsetMinutes: 0, calendar: 'XLON' }, 'at the open of XLON'],
    [{ at: 'close', offsetMinutes: 10, calendar: 'XLON' }, '10 min after the close of XLON'],
    [{ expression: 'rate(1 hour)', zone: 'UTC' }, 'rate(1 hour) UTC'],
    [{ expression: 'rate(1 hour)', zone: 'UTC', calendar: 'FX' }, 'rate(1 hour) UTC, on trading days of FX'],
  ] as const)('%j reads %s', (schedule, text) => {
    expect(scheduleText(schedule)).toBe(text);
  });

  it.each([
    ['a calendar that does not exist', { calendar: 'MARS', at: 'open' }, 'bots[0].heartbeat.schedule.calendar'],
    ['no calendar', { at: 'open' }, 'bots[0].heartbeat.schedule.calendar'],
    ['another moment', { calendar: 'XNYS', at: 'noon' }, 'bots[0].heartbeat.schedule.at'],
    ['too long an offset', { calendar: 'XNYS', at: 'open', offsetMinutes: -721 }, 'bots[0].heartbeat.schedule.offsetMinutes'],
    ['half a minute', { calendar: 'XNYS', at: 'open', offsetMinutes: 0.5 }, 'bots[0].heartbeat.schedule.offsetMinutes'],
    ['both kinds', { calendar: 'XNYS', at: 'open', expression: 'rate(1 hour)' }, 'bots[0].heartbeat.schedule.expression'],
    ['no schedule', { expression: 'daily' }, 'bots[0].heartbeat.schedule.expression'],
  ])('is refused with %s', (_, schedule, path) => {
    const read = parseConfig({ bots: [{ id: 'a', heartbeat: { schedule } }] });
    expect(read.ok ? [] : read.error.map(problem => problem.path)).toEqual([path]);
  });

  it('names a calendar of the config, also for a part', () => {
    const tokyo = { zone: 'Asia/Tokyo', sessions: [{ on: ['mon'], opens: '09:00', closes: '15:30' }] };
    const schedule = { calendar: 'tokyo', at: 'open', offsetMinutes: -5 };
    const own = parsed({ calendars: { tokyo }, bots: [{ id: 'a', heartbeat: { components: { loader: { schedule } } } }] });
    const rule = silenceRuleOf(own.bots[0]!, own).components!['loader']!.schedule!;
    expect(runs(rule, '2026-07-14T00:00:00Z', 1)).toEqual(['07-19T23:55']);
  });
});
