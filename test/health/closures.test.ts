import { describe, expect, it } from 'vitest';
import { calendarWith } from '../../core/calendar/closures.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { closedMutes, muteHorizon } from '../../core/health/closed-mutes.ts';
import {
  CLOSURE_LIMIT_MS,
  CLOSURES,
  closureProblem,
  closureState,
  closuresOf,
  createClosure,
  readClosures,
  reopened,
  type ToldClosure,
  unfinished,
  withClosure,
} from '../../core/health/closure.ts';
import { closureSilences, explainedAlarms } from '../../core/health/closure-silence.ts';
import { activityValues } from '../../core/health/gauges.ts';
import { newHealth } from '../../core/health/initial.ts';
import { silenceRuleOf } from '../../core/health/rules.ts';
import { type BotHealth, judgeSilence } from '../../core/health/silence.ts';
import { silencesOf } from '../../core/incidents/silence.ts';
import { beat, heardBy } from './beats.ts';

const parsed = (input: unknown) => {
  const read = parseConfig(input);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};

const config = parsed({
  bots: [
    { id: 'us.eq', calendar: 'XNYS', heartbeat: { deliverySeconds: 0 } },
    { id: 'crypto', heartbeat: { deliverySeconds: 0 } },
  ],
});
const second = (text: string) => Date.parse(text) / 1000;
const told = (calendar: string, from: string, until: string): ToldClosure =>
  createClosure({ calendar, fromMs: Date.parse(from), untilMs: Date.parse(until), reason: 'storm', author: 'ops', createdAt: 0 });

/** States of a bot at the times, when it beat last at `last`. */
function story(bot: string, last: string, closures: readonly ToldClosure[], times: readonly string[], using = config) {
  let health: BotHealth = newHealth(0);
  return times.map(time => {
    const now = second(time) * 1000;
    const rule = silenceRuleOf(using.bots.find(({ id }) => id === bot)!, using, closuresOf(using, closures));
    const verdict = judgeSilence(health, heardBy(second(time), [beat(second(last))]), rule, now);
    health = verdict.health;
    const flip = verdict.flip === undefined ? '' : ` ${verdict.flip.to}@${new Date(verdict.flip.at).toISOString().slice(11, 19)}`;
    return `${time.slice(11, 19)} ${health.status}${flip}${verdict.excuse === undefined ? '' : ` (${verdict.excuse})`}`;
  });
}

describe('while a market is closed ad hoc', () => {
  const storm = told('XNYS', '2026-07-14T15:00:00Z', '2026-07-14T16:00:00Z');

  it('nobody is missed until it is open and warm again; then silence is a death, dated at the end of the warm-up', () => {
    const times = ['2026-07-14T15:00:30Z', '2026-07-14T15:59:59Z', '2026-07-14T16:04:59Z', '2026-07-14T16:05:01Z'];
    expect(story('us.eq', '2026-07-14T14:59:55Z', [storm], times)).toEqual([
      '15:00:30 late (closed)',
      '15:59:59 paused (closed)',
      '16:04:59 paused (closed)',
      '16:05:01 down ALARM@16:05:00',
    ]);
  });

  it('who died before it closed is told of, and bots of other markets are held to theirs', () => {
    expect(story('us.eq', '2026-07-14T14:58:00Z', [storm], ['2026-07-14T15:10:00Z'])).toEqual(
      ['15:10:00 down ALARM@14:58:40 (closed)'].map(line => line.replace(' (closed)', '')),
    );
    expect(story('crypto', '2026-07-14T14:59:55Z', [storm], ['2026-07-14T15:10:00Z'])).toEqual(['15:10:00 down ALARM@15:00:35']);
  });

  it('a market without closures of its own can be closed too', () => {
    const outage = told('24x7', '2026-07-14T23:00:00Z', '2026-07-15T01:00:00Z');
    expect(
      story('crypto', '2026-07-14T22:59:55Z', [outage], ['2026-07-15T00:30:00Z', '2026-07-15T01:04:59Z', '2026-07-15T01:05:01Z']),
    ).toEqual(['00:30:00 paused (closed)', '01:04:59 paused (closed)', '01:05:01 down ALARM@01:05:00']);
  });

  it('an earlier reopening counts from its moment, warm-up included', () => {
    const early = reopened(storm, Date.parse('2026-07-14T15:20:00Z'));
    expect(story('us.eq', '2026-07-14T14:59:55Z', [early], ['2026-07-14T15:24:59Z', '2026-07-14T15:25:01Z'])).toEqual([
      '15:24:59 paused (closed)',
      '15:25:01 down ALARM@15:25:00',
    ]);
  });

  it('one that ends at the close goes on as the night, and one over a night ends with its warm-up', () => {
    const evening = told('XNYS', '2026-07-14T19:00:00Z', '2026-07-14T20:00:00Z');
    expect(
      story('us.eq', '2026-07-14T18:59:55Z', [evening], ['2026-07-14T20:10:00Z', '2026-07-15T13:34:59Z', '2026-07-15T13:35:01Z']),
    ).toEqual(['20:10:00 paused (closed)', '13:34:59 paused (closed)', '13:35:01 down ALARM@13:35:00']);
  });

  it('ages of orders and fills stand still, and are absent', () => {
    const closed = calendarWith('XNYS', [storm]);
    const pulse = {
      schemaVersion: 1,
      activity: { orders: 1, fills: 1, whileHalted: 0, lastFillMs: Date.parse('2026-07-14T14:50:00Z') },
    } as const;
    const age = (time: string) => activityValues(pulse, {}, undefined, closed, Date.parse(time)).fillAge;
    expect([age('2026-07-14T14:59:00Z'), age('2026-07-14T15:30:00Z'), age('2026-07-14T16:01:00Z')]).toEqual([540, undefined, 660]);
  });
});

describe('what a closure keeps quiet', () => {
  const now = Date.parse('2026-07-14T15:30:00Z');
  const silences = closureSilences(config, [told('XNYS', '2026-07-14T15:00:00Z', '2026-07-14T16:00:00Z')], now);
  const isQuiet = (labels: Record<string, string>, at = now) => silencesOf(silences, labels, at).length > 0;

  it('follows from the silence of a bot on that market, and from marks that stand still', () => {
    expect(explainedAlarms.toSorted()).toEqual(
      [
        'fills-stopped',
        'market-data-stale',
        'not-live',
        'not-ready',
        'not-started',
        'orders-stopped',
        'position-mark-stale',
        'position-unquoted',
        'trading-stopped',
      ].toSorted(),
    );
    expect(isQuiet({ alertname: 'market-data-stale', Strategy: 'us.eq', severity: 'critical' })).toBe(true);
    expect(isQuiet({ alertname: 'not-ready', Bot: 'us.eq', severity: 'warning' })).toBe(true);
  });

  it.each([
    ['a limit on money', { alertname: 'session-loss', Strategy: 'us.eq' }],
    ['a death', { alertname: 'heartbeat-missing', Strategy: 'us.eq' }],
    ['orders while halted', { alertname: 'trading-while-halted', Strategy: 'us.eq' }],
    ['another market', { alertname: 'market-data-stale', Strategy: 'crypto' }],
    ['a strategy whose id only looks like it', { alertname: 'market-data-stale', Strategy: 'usXeq' }],
    ['the stage', { alertname: 'telemetry-silent' }],
  ])('is not %s', (_, labels) => {
    expect(isQuiet(labels)).toBe(false);
  });

  it.each([
    ['2026-07-14T14:59:59Z', false],
    ['2026-07-14T15:00:00Z', true],
    ['2026-07-14T16:04:59Z', true],
    ['2026-07-14T16:05:00Z', false],
  ])('at %s: %s', (time, expected) => {
    expect(isQuiet({ alertname: 'market-data-stale', Strategy: 'us.eq' }, Date.parse(time))).toBe(expected);
  });

  it('is shown with who and why', () => {
    expect(silences[0]).toMatchObject({ author: 'ops', comment: 'XNYS is closed: storm' });
  });
});

describe('a planned closure', () => {
  const planned = (calendar: string) =>
    parsed({
      bots: [
        { id: 'crypto', heartbeat: { deliverySeconds: 0 } },
        { id: 'us', calendar: 'XNYS' },
      ],
      closures: [
        { calendar, from: '2026-11-28T12:00:00Z', until: '2026-11-28T14:00:00+01:00', reason: 'matching engine' },
        { calendar, from: '2026-11-30T15:00:00Z', until: '2026-11-30T17:00:00Z', reason: 'matching engine' },
      ],
    });
  const day = Date.parse('2026-11-27T22:00:00Z');

  it('holds without any command', () => {
    expect(story('crypto', '2026-11-28T11:59:55Z', [], ['2026-11-28T12:30:00Z', '2026-11-28T13:05:01Z'], planned('24x7'))).toEqual([
      '12:30:00 paused (closed)',
      '13:05:01 down ALARM@13:05:00',
    ]);
  });

  it('has mute rules beside those of the calendar, also where the market never closes, and no horizon then', () => {
    const windows = (calendar: string, bot: string) =>
      closedMutes({ ...planned(calendar), closedMarkets: { warmUpMinutes: 5, horizonDays: 4 } }, 'bots-1', day)
        .filter(({ alarms }) => alarms.some(name => name.endsWith(`-${bot}`)))
        .map(({ schedule }) => `${schedule.expression} ${schedule.duration}`);
    expect(windows('24x7', 'crypto')).toEqual(['at(2026-11-28T12:00) PT1H5M', 'at(2026-11-30T15:00) PT2H5M']);
    expect(windows('XNYS', 'us')).toContain('at(2026-11-30T15:00) PT2H5M');
    expect(windows('XNYS', 'crypto')).toEqual([]);
    expect(muteHorizon({ ...planned('24x7'), bots: planned('24x7').bots.slice(0, 1) }, day)).toBeUndefined();
  });

  it.each([
    ['a calendar that does not exist', { calendar: 'MARS' }, 'closures[0].calendar'],
    ['no zone', { from: '2026-11-28T12:00:00' }, 'closures[0].from'],
    ['an end before its beginning', { until: '2026-11-28T11:00:00Z' }, 'closures[0].until'],
    ['an end after 90 days', { until: '2027-03-28T11:00:00Z' }, 'closures[0].until'],
    ['no reason', { reason: '' }, 'closures[0].reason'],
  ])('is refused with %s', (_, change, path) => {
    const closure = { calendar: '24x7', from: '2026-11-28T12:00:00Z', until: '2026-11-28T13:00:00Z', reason: 'x', ...change };
    const read = parseConfig({ bots: [{ id: 'a' }], closures: [closure] });
    expect(read.ok ? [] : read.error.map(problem => problem.path)).toEqual([path]);
  });
});

describe('the list of closures', () => {
  const now = 1_000_000_000;
  const input = { calendar: 'XNYS', fromMs: now, untilMs: now + 1_000, reason: 'halt', author: 'ops', createdAt: now };

  it.each([
    ['fine', {}, undefined],
    ['empty', { untilMs: now }, 'must end after it begins'],
    ['over', { fromMs: now - 2_000, untilMs: now - 1 }, 'is over already'],
    ['over at this moment', { fromMs: now - 2_000, untilMs: now }, 'is over already'],
    ['90 days', { untilMs: now + CLOSURE_LIMIT_MS }, undefined],
    ['longer than 90 days', { untilMs: now + CLOSURE_LIMIT_MS + 1 }, 'must end within 90 days'],
    ['without a reason', { reason: ' ' }, 'needs a reason'],
    ['without an author', { author: '' }, 'needs an author'],
    ['explained at length', { reason: 'x'.repeat(301) }, 'takes a reason and an author of at most 300 characters'],
    ['explained in 300 characters', { reason: 'x'.repeat(300) }, undefined],
  ])('one that is %s', (_, change, problem) => {
    expect(closureProblem({ ...input, ...change }, now)).toBe(problem);
  });

  it('keeps fifty, those that end last, one of each id, and lets go what has been over for a month', () => {
    const many = Array.from({ length: CLOSURES + 5 }, (_, index) => createClosure({ ...input, untilMs: now + 1_000 * (index + 1) }));
    const all = many.reduce<readonly ToldClosure[]>((list, closure) => withClosure(list, closure, now), []);
    expect([all.length, all[0]!.untilMs, all.at(-1)!.untilMs]).toEqual([CLOSURES, now + 55_000, now + 6_000]);
    expect(withClosure(all, reopened(all[0]!, now), now).filter(({ id }) => id === all[0]!.id)).toHaveLength(1);
    const month = 30 * 86_400_000;
    expect(withClosure([createClosure(input)], createClosure({ ...input, untilMs: now + 2 * month }), now + 1_000 + month)).toHaveLength(1);
  });

  it('reopened before it begins, never does', () => {
    const pending = createClosure({ ...input, fromMs: now + 5_000, untilMs: now + 9_000 });
    expect(reopened(pending, now)).toMatchObject({ fromMs: now, untilMs: now });
    expect(unfinished(config, [reopened(pending, now)], now + 1)).toEqual([]);
    expect(closureSilences(config, [reopened(pending, now)], now + 1)).toEqual([]);
    expect(reopened(createClosure(input), now + 400)).toMatchObject({ fromMs: now, untilMs: now + 400 });
    expect(reopened(createClosure(input), now + 4_000)).toMatchObject({ fromMs: now, untilMs: now + 1_000 });
  });

  it('stands beside what the config plans', () => {
    const planned = [{ calendar: 'XLON', fromMs: 1, untilMs: 2, reason: 'engine' }];
    const both = closuresOf({ ...config, closures: planned }, [createClosure(input)]);
    expect(both.map(({ calendar }) => calendar)).toEqual(['XLON', 'XNYS']);
    expect(closuresOf({ ...config, closures: planned }, [])).toBe(planned);
  });

  it('has states by time', () => {
    expect([now - 1, now, now + 999, now + 1_000].map(at => closureState(input, at))).toEqual(['pending', 'closed', 'closed', 'over']);
  });

  it('leaves nothing of those that are over, warm-up included', () => {
    const closures = [createClosure(input)];
    const warmUp = config.closedMarkets.warmUpMinutes * 60_000;
    expect(unfinished(config, closures, now + 999 + warmUp)).toHaveLength(1);
    expect(unfinished(config, closures, now + 1_000 + warmUp)).toHaveLength(0);
    expect(closureSilences(config, closures, now + 1_000 + warmUp)).toEqual([]);
  });

  it.each([
    ['no text', undefined],
    ['no JSON', '{'],
    ['no list', '{"a":1}'],
    ['entries without times', '[{"calendar":"XNYS"},{"calendar":"XNYS","fromMs":"soon","untilMs":1}]'],
    ['entries without a calendar', '[{"fromMs":1,"untilMs":2}]'],
  ])('that cannot be read (%s) closes nothing', (_, text) => {
    expect(readClosures(text)).toEqual([]);
  });

  it('that can be read is what was written', () => {
    const closures = [createClosure(input)];
    expect(readClosures(JSON.stringify(closures))).toEqual(closures);
  });
});
