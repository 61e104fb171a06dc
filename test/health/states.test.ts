import { describe, expect, it } from 'vitest';
import { calendarNamed } from '../../core/calendar/calendar.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { newHealth } from '../../core/health/initial.ts';
import { type BotHealth, judgeSilence, type SilenceRule } from '../../core/health/silence.ts';
import { at, beat, control, heardBy } from './beats.ts';

const rule: SilenceRule = { intervalSeconds: 10, graceSeconds: 20, excuses: { warmUpSeconds: 0, deployGraceSeconds: 60 } };

/** `second status`, with ALARM or OK and its moment where it flips, and the excuse in brackets. */
function story(seconds: readonly number[], events: readonly NightdeskEvent[], using: SilenceRule = rule, from = 0): readonly string[] {
  let health: BotHealth = newHealth(from * 1000);
  return seconds.map(second => {
    const pulse = heardBy(second, events);
    const verdict = judgeSilence(health, pulse.lastEventMs === undefined ? undefined : pulse, using, second * 1000);
    health = verdict.health;
    const flip = verdict.flip === undefined ? '' : ` ${verdict.flip.to}@${verdict.flip.at / 1000}`;
    return `${second} ${health.status}${flip}${verdict.excuse === undefined ? '' : ` (${verdict.excuse})`}`;
  });
}

describe('a bot in parts', () => {
  const parts = (second: number, ...names: readonly string[]) => names.map(component => beat(second, { component }));

  it('is as bad as its worst part, says it once, and is back when all parts are', () => {
    const events = [
      ...parts(10, 'feed', 'trader'),
      ...parts(20, 'trader'),
      ...parts(30, 'trader'),
      ...parts(40, 'trader'),
      ...parts(50, 'feed', 'trader'),
    ];
    expect(story([12, 25, 41, 42, 51], events)).toEqual(['12 up', '25 late', '41 down ALARM@40', '42 down', '51 up OK@50']);
  });

  it('names the parts that are silent', () => {
    const pulse = heardBy(60, [...parts(10, 'feed', 'risk'), ...parts(50, 'trader')]);
    expect(judgeSilence(newHealth(0), pulse, rule, 60_000)).toMatchObject({ silent: ['feed', 'risk'], parts: 3 });
  });

  it('dates the silence of a part from its own last word, not from that of the living ones', () => {
    const pulse = heardBy(60, [...parts(10, 'feed'), ...parts(20, 'risk'), ...parts(50, 'trader')]);
    expect(judgeSilence(newHealth(0), pulse, rule, 60_000).flip).toEqual({ to: 'ALARM', at: 40_000, since: 20_000 });
  });

  it('gives a part its own rule', () => {
    const using = { ...rule, components: { hourly: { intervalSeconds: 3_600, graceSeconds: 60 } } };
    const beats = Array.from({ length: 400 }, (_, n) => beat(10 * (n + 1), { component: 'trader' }));
    expect(story([3_600, 3_670, 3_671], [...parts(10, 'hourly'), ...beats], using)).toEqual([
      '3600 up',
      '3670 late',
      '3671 down ALARM@3670',
    ]);
  });

  it('believes a part that says that it beats more slowly, and forgets one that is gone for a day', () => {
    const slow = [beat(10, { component: 'slow', intervalMs: 60_000 }), beat(80, { component: 'trader' })];
    expect(story([89, 91], slow)).toEqual(['89 late', '91 down ALARM@90']);
    const days = Array.from({ length: 8_642 }, (_, n) => beat(20 + 10 * n, { component: 'trader' }));
    expect(story([86_405, 86_440], [...parts(10, 'old'), ...days])).toEqual(['86405 down ALARM@40', '86440 up OK@86430']);
  });
});

describe('an explicit failure', () => {
  it('is a death at once, and the next success ends it', () => {
    expect(story([15, 16, 21], [beat(10), beat(15, { status: 'failed' }), beat(20)])).toEqual([
      '15 down ALARM@15',
      '16 down',
      '21 up OK@20',
    ]);
  });

  it('is told from silence', () => {
    const judged = (...events: readonly NightdeskEvent[]) => judgeSilence(newHealth(0), heardBy(60, events), rule, 60_000).hasFailed;
    expect(judged(beat(50, { status: 'failed' }))).toBe(true);
    expect(judged(beat(10))).toBeUndefined();
    expect(judged(beat(10, { component: 'feed' }), beat(50, { status: 'failed' }))).toBeUndefined();
  });
});

describe('a job on a schedule', () => {
  const hour = 3_600;
  const job: SilenceRule = { ...rule, graceSeconds: 300, schedule: { expression: 'cron(0 * * * ? *)', zone: 'UTC' } };

  it('is awaited at its times and not between them', () => {
    expect(story([hour - 1, hour + 1, hour + 300, hour + 301], [beat(10)], job)).toEqual([
      `${hour - 1} up`,
      `${hour + 1} late`,
      `${hour + 300} late`,
      `${hour + 301} down ALARM@${hour + 300}`,
    ]);
  });

  it('times the newest run that began, and no success of another run ends it', () => {
    const run = (second: number, status: string, runId: string) => beat(second, { status, runId });
    expect(story([350, 420], [run(10, 'ok', 'a'), run(100, 'starting', 'b'), run(350, 'ok', 'b')], job)).toEqual(['350 up', '420 up']);
    expect(story([350, 401], [run(10, 'ok', 'a'), run(100, 'starting', 'b'), run(350, 'ok', 'a')], job)).toEqual([
      '350 late',
      '401 down ALARM@400',
    ]);
    expect(story([401, 410, 701], [run(100, 'starting', 'b'), run(200, 'starting', 'c'), run(405, 'ok', 'c')], job)).toEqual([
      '401 late',
      '410 up',
      '701 up',
    ]);
    expect(story([201], [run(100, 'starting', 'b'), run(200, 'failed', 'other')], job)).toEqual(['201 down ALARM@200']);
  });

  it.each([
    ['spring, when 02:30 does not exist', '2026-03-08', '2026-03-07T12:00:00Z'],
    ['autumn, when 01:30 comes twice', '2026-11-01', '2026-10-31T12:00:00Z'],
  ])('at 22:00 in New York is at 22:00 there also in %s', (_, day, last) => {
    const nightly: SilenceRule = { ...job, schedule: { expression: 'cron(0 22 * * ? *)', zone: 'America/New_York' } };
    const second = (text: string) => Date.parse(text) / 1000;
    const offset = day.includes('-03-') ? '-04:00' : '-05:00';
    const before = judgeSilence(newHealth(0), heardBy(1e10, [beat(second(last))]), nightly, second(last) * 1000);
    const night = second(`${day}T22:00:00${offset}`);
    expect(before.dueMs! / 1000).toBeLessThan(night);
    const after = judgeSilence(newHealth(0), heardBy(1e10, [beat(before.dueMs! / 1000 + 30)]), nightly, before.dueMs! + 60_000);
    expect(at(after.dueMs! / 1000)).toBe(at(night));
  });
});

describe('excuses', () => {
  it('of a deploy move the deadline to its end', () => {
    const events = [beat(10), control(20, 'deploy')];
    expect(story([41, 79, 81], events)).toEqual(['41 paused (deploy)', '79 paused (deploy)', '81 down ALARM@80']);
    expect(story([41, 70, 90], [...events, beat(60)])).toEqual(['41 paused (deploy)', '70 up (deploy)', '90 late']);
  });

  it('of a deploy end with the first word of a new run', () => {
    const run = (second: number, runId: string) => beat(second, { runId });
    expect(story([41, 62, 91], [run(10, 'a'), control(20, 'deploy'), run(60, 'b')])).toEqual([
      '41 paused (deploy)',
      '62 up',
      '91 down ALARM@90',
    ]);
  });

  it('of a maintenance hold until its end, or until somebody resumes', () => {
    const maintenance = control(20, 'maintenance', { effectiveUntil: at(500) });
    expect(story([30, 499, 501], [beat(10), maintenance])).toEqual([
      '30 maintenance (maintenance)',
      '499 maintenance (maintenance)',
      '501 down ALARM@500',
    ]);
    expect(story([30, 101], [beat(10), maintenance, control(100, 'resume')])).toEqual([
      '30 maintenance (maintenance)',
      '101 down ALARM@40',
    ]);
  });

  it('of a pause hold until somebody resumes, whatever the bot beats', () => {
    const events = [beat(10), control(20, 'pause'), beat(300), control(400, 'resume')];
    expect(story([100, 301, 399, 401], events)).toEqual([
      '100 paused (paused)',
      '301 paused (paused)',
      '399 paused (paused)',
      '401 down ALARM@330',
    ]);
  });

  it('of a closed market hold until it is open and warm, on both sides of a holiday', () => {
    const second = (text: string) => Date.parse(text) / 1000;
    const newYork: SilenceRule = { ...rule, excuses: { calendar: calendarNamed('XNYS'), warmUpSeconds: 300, deployGraceSeconds: 0 } };
    const last = second('2026-11-25T20:59:55Z');
    const moments = ['2026-11-25T21:10:00Z', '2026-11-26T16:00:00Z', '2026-11-27T14:34:59Z', '2026-11-27T14:35:01Z'].map(second);
    const [close, holiday, bell, open] = moments;
    expect(story(moments, [beat(last)], newYork)).toEqual([
      `${close} paused (closed)`,
      `${holiday} paused (closed)`,
      `${bell} paused (closed)`,
      `${open} down ALARM@${second('2026-11-27T14:35:00Z')}`,
    ]);
    const dying = second('2026-11-25T20:30:00Z');
    expect(story([second('2026-11-25T21:10:00Z')], [beat(dying)], newYork)[0]).toContain(`down ALARM@${dying + 30}`);
  });

  it('of an ad-hoc closure hold as those of a calendar do', () => {
    const events = [beat(10), control(20, 'closeMarket', { effectiveFrom: at(30), effectiveUntil: at(900) })];
    expect(story([100, 899, 901], events)).toEqual(['100 paused (closed)', '899 paused (closed)', '901 down ALARM@900']);
  });
});

describe('a bot that never starts', () => {
  const using = { ...rule, startWithinSeconds: 900 };
  it('is dead after its time, once', () => {
    expect(story([60, 899, 901, 1_000], [], using)).toEqual(['60 new', '899 new', '901 down ALARM@900', '1000 down']);
  });
  it('is back when it is heard', () => {
    expect(story([901, 1_001], [beat(1_000)], using)).toEqual(['901 down ALARM@900', '1001 up OK@1000']);
  });
});

describe('clocks that jump', () => {
  const numbered = (second: number, clock: number, seq: number) =>
    ({ second, event: beat(clock, { seq, source: { system: 'b', instanceId: 'i' } }) }) as const;

  it('back do not kill a bot that beats', async () => {
    const { emptyPulse, foldPulse } = await import('../../core/health/pulse.ts');
    const beats = [numbered(100, 100, 1), numbered(110, 10, 2), numbered(120, 20, 3), numbered(130, 30, 4)];
    const pulse = beats.reduce((folded, { second, event }) => foldPulse(folded, [event], second * 1000), emptyPulse);
    expect(judgeSilence(newHealth(0), pulse, rule, 135_000).health.status).toBe('up');
    expect(judgeSilence(newHealth(0), pulse, rule, 161_000).flip).toMatchObject({ to: 'ALARM', at: 160_000 });
  });

  it('far behind are seen through with the second heartbeat', async () => {
    const { emptyPulse, foldPulse } = await import('../../core/health/pulse.ts');
    const behind = (second: number, seq: number) => numbered(second, second - 3_600, seq);
    const first = [behind(4_000, 1)].reduce((folded, { second, event }) => foldPulse(folded, [event], second * 1000), emptyPulse);
    expect(judgeSilence(newHealth(0), first, rule, 4_005_000).health.status).toBe('down');
    const second = [behind(4_010, 2), behind(4_020, 3)].reduce(
      (folded, each) => foldPulse(folded, [each.event], each.second * 1000),
      first,
    );
    expect(judgeSilence(newHealth(0), second, rule, 4_025_000).health.status).toBe('up');
    const drained = [behind(4_010, 2)].reduce((folded, { event }) => foldPulse(folded, [event], 4_000_000), first);
    expect(judgeSilence(newHealth(0), drained, rule, 4_025_000).health.status).toBe('down');
  });

  it('of ours back do not end a death', () => {
    expect(story([41, 30, 42, 60], [beat(10)])).toEqual(['41 down ALARM@40', '30 down', '42 down', '60 down']);
  });
});

describe('a flapping bot', () => {
  it('opens at most two troubles, and the second ends when it has stayed', () => {
    const beats = Array.from({ length: 20 }, (_, n) => beat(10 + 45 * n));
    const seconds = Array.from({ length: 900 }, (_, n) => n + 10);
    const steady = Array.from({ length: 80 }, (_, n) => beat(870 + 10 * n));
    const flips = story([...seconds, ...Array.from({ length: 700 }, (_, n) => 911 + n)], [...beats, ...steady]).filter(line =>
      /ALARM|OK/.test(line),
    );
    expect(flips.map(line => line.split(' ')[2]!.split('@')[0])).toEqual(['ALARM', 'OK', 'ALARM', 'OK']);
    expect(Number(flips.at(-1)!.split(' ')[0])).toBeGreaterThan(1_400);
  });
});
