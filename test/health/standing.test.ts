import { describe, expect, it } from 'vitest';
import { calendarNamed } from '../../core/calendar/calendar.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { afterExcuses, closedUntilAt, type ExcuseRule, excuseAt } from '../../core/health/excuse.ts';
import type { Standing } from '../../core/health/standing.ts';
import { at, beat, control, heard } from './beats.ts';

const rule: ExcuseRule = { warmUpSeconds: 60, deployGraceSeconds: 300 };
const standingOf = (...events: readonly NightdeskEvent[]) => heard(...events).standing;

describe('what holds about a strategy', () => {
  it('is said by the newest control event, whatever order they come in', () => {
    const [pause, resume] = [control(100, 'pause'), control(200, 'resume')];
    expect(standingOf(pause, resume)?.paused).toBeUndefined();
    expect(standingOf(resume, pause)?.paused).toBeUndefined();
  });

  it.each([
    ['a halt', control(100, 'halt'), 'haltedAt'],
    ['a pause', control(100, 'pause'), 'paused'],
    ['a maintenance', control(100, 'maintenance'), 'maintenance'],
    ['a closure', control(100, 'closeMarket'), 'closures'],
  ] as const)('%s holds although it comes after a later word on something else', (_, said, where) => {
    const deploy = control(103, 'deploy');
    expect(standingOf(said, deploy)?.[where]).toBeDefined();
    expect(standingOf(deploy, said)).toEqual(standingOf(said, deploy));
    expect(standingOf(deploy, said)?.at).toBe(103_000);
  });

  it('is not taken back by a resume that was said before it and comes late', () => {
    const [pause, halt, resume] = [control(200, 'pause'), control(201, 'halt'), control(100, 'resume')];
    expect(standingOf(pause, halt, resume)).toMatchObject({ paused: { fromMs: 200_000 }, haltedAt: 201_000, resumedAt: 100_000 });
  });

  it('counts a closure once that is told by two ways', () => {
    expect(standingOf(control(100, 'closeMarket'), control(100, 'closeMarket'))?.closures).toHaveLength(1);
  });

  it('is no halt that a bot said before somebody resumed, and that comes late', () => {
    expect(standingOf(control(100, 'resume'), beat(90, { tradingState: 'halted' }))?.haltedAt).toBeUndefined();
    expect(standingOf(control(100, 'resume'), beat(110, { tradingState: 'halted' }))?.haltedAt).toBe(110_000);
  });

  it.each([
    ['maintenance', 'maintenance', 3_600],
    ['closeMarket', 'closures', 86_400],
  ] as const)('%s without an end lasts its time', (action, where, lasts) => {
    const found = standingOf(control(100, action))?.[where];
    const [window] = Array.isArray(found) ? found : [found];
    expect(window).toEqual({ fromMs: 100_000, untilMs: (100 + lasts) * 1000 });
  });

  it('keeps eight closures, those that end last', () => {
    const closes = Array.from({ length: 10 }, (_, index) => control(100 + index, 'closeMarket', { effectiveUntil: at(1_000 + index) }));
    expect(standingOf(...closes)?.closures?.map(({ untilMs }) => untilMs! / 1000)).toEqual([
      1_009, 1_008, 1_007, 1_006, 1_005, 1_004, 1_003, 1_002,
    ]);
  });

  it.each([
    ['of the bot itself', [beat(10, { tradingState: 'halted' }), beat(20, { tradingState: 'active' })], undefined],
    ['of a person, which the bot cannot take back', [control(10, 'halt'), beat(20, { tradingState: 'active' })], 10_000],
    [
      'of a person after the bot’s own',
      [beat(5, { tradingState: 'halted' }), control(10, 'halt'), beat(20, { tradingState: 'active' })],
      10_000,
    ],
    ['of a person, until somebody resumes', [control(10, 'kill'), control(20, 'resume')], undefined],
  ])('a halt %s', (_, events, haltedAt) => {
    expect(standingOf(...events)?.haltedAt).toBe(haltedAt);
  });
});

describe('an excuse', () => {
  it('holds from its beginning to just before its end', () => {
    const standing: Standing = { paused: { fromMs: 10_000, untilMs: 20_000 } };
    expect([9_999, 10_000, 19_999, 20_000].map(ms => excuseAt(standing, rule, ms)?.reason)).toEqual([
      undefined,
      'paused',
      'paused',
      undefined,
    ]);
  });

  it('of a deploy does not begin before it', () => {
    const standing: Standing = { deployedAt: 100_000 };
    expect([99_999, 100_000, 399_999, 400_000].map(ms => excuseAt(standing, rule, ms)?.untilMs)).toEqual([
      undefined,
      400_000,
      400_000,
      undefined,
    ]);
  });

  it('of several is the one that ends last', () => {
    const both: Standing = { maintenance: { fromMs: 0, untilMs: 50_000 }, paused: { fromMs: 0, untilMs: 40_000 } };
    expect(excuseAt(both, rule, 10_000)).toEqual({ reason: 'maintenance', untilMs: 50_000 });
    expect(excuseAt({ ...both, paused: { fromMs: 0 } }, rule, 10_000)).toEqual({ reason: 'paused' });
  });

  it('that joins another moves a deadline on, to the end of the last', () => {
    const standing: Standing = {
      paused: { fromMs: 0, untilMs: 20_000 },
      maintenance: { fromMs: 20_000, untilMs: 30_000 },
      closures: [{ fromMs: 25_000, untilMs: 40_000 }],
    };
    expect(afterExcuses(standing, rule, 10_000)).toBe(100_000);
    expect(afterExcuses(standing, rule, 100_000)).toBe(100_000);
    expect(afterExcuses({ paused: { fromMs: 0 } }, rule, 10_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it('of a closure includes the warm-up, and of two the later end', () => {
    const closures = [
      { fromMs: 0, untilMs: 10_000 },
      { fromMs: 5_000, untilMs: 100_000 },
    ];
    expect(closedUntilAt(rule, closures, 9_000)).toBe(160_000);
    expect(closedUntilAt(rule, closures.slice(0, 1), 69_999)).toBe(70_000);
    expect(closedUntilAt(rule, closures.slice(0, 1), 70_000)).toBeUndefined();
  });

  it('of a calendar includes the warm-up of its opening, from either side of the bell', () => {
    const xnys = { ...rule, calendar: calendarNamed('XNYS') };
    const [night, warming, warm] = ['2026-07-14T12:00:00Z', '2026-07-14T13:30:59Z', '2026-07-14T13:31:00Z'].map(Date.parse) as [
      number,
      number,
      number,
    ];
    expect([night, warming, warm].map(ms => closedUntilAt(xnys, [], ms))).toEqual([warm, warm, undefined]);
  });
});

describe('a market is closed', () => {
  const xnys = { calendar: calendarNamed('XNYS'), warmUpSeconds: 300, deployGraceSeconds: 0 };
  const moment = (time: string) => Date.parse(`2026-07-16T${time}Z`);
  const until = (end: number | undefined) => (end === undefined ? undefined : new Date(end).toISOString().slice(11, 16));

  it.each([
    ['before the open', '13:29:59.999', '13:35'],
    ['at the bell, which it still warms up from', '13:30:00', '13:35'],
    ['until it is warm', '13:34:59.999', '13:35'],
    ['and no longer', '13:35:00', undefined],
    ['not before a closure begins', '14:59:59.999', undefined],
    ['from the moment that one begins', '15:00:00', '15:35'],
    ['until the end of its warm-up', '15:34:59.999', '15:35'],
    ['and no longer than that', '15:35:00', undefined],
  ])('%s', (_, time, end) => {
    expect(until(closedUntilAt(xnys, [{ fromMs: moment('15:00:00'), untilMs: moment('15:30:00') }], moment(time)))).toBe(end);
  });
});
