/** Calendars of a config: what is refused, and that a strategy on one has its days, sessions, mute rules and quiet hours. */
import { describe, expect, test } from 'vitest';
import { calendarOf, isSameCalendar } from '../../core/calendar/calendar.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { showProblem } from '../../core/config/problem.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { closedMutes, muteHorizon } from '../../core/health/closed-mutes.ts';
import { silenceRuleOf } from '../../core/health/rules.ts';
import { inInterval } from '../../core/incidents/time-interval.ts';
import { emptyState } from '../../core/ledger/state.ts';
import { lastClosedDay } from '../../core/report/summary.ts';

const tokyo = {
  zone: 'Asia/Tokyo',
  sessions: [{ on: ['mon', 'tue', 'wed', 'thu', 'fri'], opens: '09:00', closes: '15:30', breaks: [['11:30', '12:30']] }],
  holidays: [{ date: '01-01' }],
  exceptions: [{ date: '2026-09-24', why: 'typhoon' }],
  maintenance: [{ on: ['wed'], from: '10:00', to: '10:15' }],
};

const written = {
  calendars: { tokyo },
  bots: [
    { id: 'kiku', group: 'far-east', calendar: 'tokyo' },
    { id: 'momiji', group: 'far-east', strategies: ['a', { id: 'b', calendar: 'tokyo' }] },
  ],
  channels: { desk: { kind: 'slack', webhook: { secretName: 'desk' } } },
  quietHours: [{ calendar: 'tokyo', closed: true }],
  reports: {},
};

function parsed(input: unknown): NightdeskConfig {
  const config = parseConfig(input);
  if (!config.ok) throw new Error(config.error.map(showProblem).join('\n'));
  return config.value;
}

/** As a function reads it beside its code. */
const deployed = (input: unknown): NightdeskConfig => JSON.parse(JSON.stringify(parsed(input)));
const at = (text: string) => Date.parse(text);

describe('a config with a calendar of its own', () => {
  const config = deployed(written);
  const [kiku, momiji] = config.bots as [NightdeskConfig['bots'][number], NightdeskConfig['bots'][number]];
  const strategy = kiku.strategies[0]!;

  test.each([
    ['before the opening', '2026-09-22T23:59:00Z', false],
    ['in the morning', '2026-09-23T00:30:00Z', true],
    ['in the maintenance of a Wednesday', '2026-09-23T01:05:00Z', false],
    ['in the morning of a Tuesday, without maintenance', '2026-09-22T01:05:00Z', true],
    ['at lunch', '2026-09-23T03:00:00Z', false],
    ['in the afternoon', '2026-09-23T06:29:00Z', true],
    ['on the day of the exception', '2026-09-24T02:00:00Z', false],
  ])('%s', (_, time, open) => {
    expect(calendarOf(strategy.calendar).isOpen(at(time))).toBe(open);
  });

  test('books the days of its strategies by it', () => {
    const state = emptyState(strategy);
    expect(state.calendar.name).toBe('tokyo');
    expect(state.calendar.dayOf(at('2026-09-23T07:00:00Z'))).toBe(at('2026-09-25T00:00:00Z') / 86_400_000);
  });

  test('counts its days a year', () => {
    expect(strategy.annualization).toBeGreaterThan(255);
    expect(strategy.annualization).toBeLessThan(262);
    expect(momiji.strategies[0]!.annualization).toBe(365);
    expect(momiji.strategies[1]!.annualization).toBe(strategy.annualization);
  });

  test('awaits no heartbeat outside of its sessions', () => {
    expect(silenceRuleOf(kiku, config).excuses?.calendar?.name).toBe('tokyo');
    expect(silenceRuleOf(momiji, config).excuses?.calendar).toBeUndefined();
  });

  test('has mute rules from close to opening and warm-up, the exception in one closure, each name once', () => {
    const all = closedMutes(config, 'far-east', at('2026-09-23T00:00:00Z'));
    expect(muteHorizon(config, at('2026-09-23T00:00:00Z'))).toBeDefined();
    expect(all.map(({ schedule }) => [schedule.expression, schedule.duration])).toContainEqual(['at(2026-09-23T06:30)', 'P1DT17H35M']);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all[0]!.name).toContain('-tokyo-');
  });

  test('keeps quiet hours by it', () => {
    const [hours] = Object.values(config.routing!.timeIntervals);
    expect(inInterval(hours![0]!, at('2026-09-24T02:00:00Z'))).toBe(true);
    expect(inInterval(hours![0]!, at('2026-09-23T02:00:00Z'))).toBe(false);
  });

  test('reports after its close', () => {
    const calendar = calendarOf(strategy.calendar);
    const day = at('2026-09-23T00:00:00Z') / 86_400_000;
    expect(lastClosedDay(calendar, at('2026-09-23T06:39:00Z'), 600_000)).toBe(day - 1);
    expect(lastClosedDay(calendar, at('2026-09-24T06:39:00Z'), 600_000)).toBe(day);
  });
});

test('the same name in another config means what that config says', () => {
  const other = parsed({ ...written, calendars: { tokyo: { ...tokyo, exceptions: [] } } });
  const here = parsed(written);
  const onTyphoon = (config: NightdeskConfig) => calendarOf(config.bots[0]!.strategies[0]!.calendar).isOpen(at('2026-09-24T02:00:00Z'));
  expect([onTyphoon(here), onTyphoon(other), onTyphoon(here)]).toEqual([false, true, false]);
  const of = (config: NightdeskConfig) => config.bots[0]!.strategies[0]!.calendar;
  expect([isSameCalendar(of(here), of(deployed(written))), isSameCalendar(of(here), of(other))]).toEqual([true, false]);
  expect(parseConfig({ bots: written.bots }).ok).toBe(false);
});

describe('refuses, with place and rule', () => {
  const problems = (input: object) => {
    const config = parseConfig(input);
    return config.ok ? [] : config.error.map(({ code, path }) => `${code} ${path}`);
  };
  test.each([
    ['an unknown name of a bot', { bots: [{ id: 'x', calendar: 'osaka' }] }, 'INVALID_VALUE bots[0].calendar'],
    [
      'of a strategy',
      { bots: [{ id: 'x', strategies: [{ id: 'y', calendar: 'osaka' }] }] },
      'INVALID_VALUE bots[0].strategies[0].calendar',
    ],
    ['of heartbeats', { bots: [{ id: 'x', heartbeat: { calendar: 'osaka' } }] }, 'INVALID_VALUE bots[0].heartbeat.calendar'],
    ['of quiet hours', { quietHours: [{ calendar: 'osaka' }] }, 'INVALID_VALUE quietHours[0].calendar'],
    ['of a time interval', { timeIntervals: { night: [{ calendar: 'osaka' }] } }, 'INVALID_VALUE timeIntervals.night[0].calendar'],
    ['a name that exists', { calendars: { XNYS: tokyo, tokyo } }, 'INVALID_VALUE calendars.XNYS'],
    ['a zone that does not', { calendars: { tokyo: { ...tokyo, zone: 'Asia/Edo' } } }, 'INVALID_VALUE calendars.tokyo.zone'],
    ['a key that does not', { calendars: { tokyo: { ...tokyo, lunch: true } } }, 'UNKNOWN_KEY calendars.tokyo.lunch'],
    ['no sessions', { calendars: { tokyo: { zone: 'Asia/Tokyo' } } }, 'MISSING calendars.tokyo.sessions'],
    [
      'maintenance that ends before it begins',
      { calendars: { tokyo: { ...tokyo, maintenance: [{ on: ['sat'], from: '04:00', to: '02:00' }] } } },
      'INVALID_VALUE calendars.tokyo.maintenance[0]',
    ],
  ])('%s', (_, change, problem) => {
    expect(problems({ ...written, ...change })).toEqual([problem]);
  });
});
