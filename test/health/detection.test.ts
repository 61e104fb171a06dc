import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../core/config/parse.ts';
import { closedMutes, muteHorizon } from '../../core/health/closed-mutes.ts';
import { detectionOf, detectionText } from '../../core/health/detection.ts';
import { judgeFleet, newFleetOf } from '../bench/health-fleet.ts';

const config = (input: unknown) => {
  const parsed = parseConfig(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};

describe('the time to a page', () => {
  it('is printed for each mechanism, and bots with the same bounds share a line', () => {
    const found = detectionOf(config({ bots: [{ id: 'a' }, { id: 'b' }, { id: 'c', heartbeat: { via: 'direct', graceSeconds: 5 } }] }));
    expect(found[0]).toEqual({ bot: 'a', fastSeconds: 52, sweepSeconds: 110, cloudWatchSeconds: 370 });
    expect(found[2]).toMatchObject({ fastSeconds: 17, sweepSeconds: 75 });
    expect(detectionText(found).split('\n')[0]).toMatch(/52 s by the fast timer.* of: a, b$/);
  });
});

describe('the time to a page of what has a rule of its own', () => {
  it('is printed for each part, and says when a job waits for its market', () => {
    const nightly = { expression: 'cron(0 22 * * ? *)', zone: 'America/New_York' };
    const components = { reconciler: { intervalSeconds: 60, graceSeconds: 240 }, report: { schedule: nightly, graceSeconds: 60 } };
    const bound = config({
      bots: [
        { id: 'a', calendar: 'XNYS', heartbeat: { components } },
        { id: 'b', heartbeat: { components } },
      ],
    });
    const text = detectionText(detectionOf(bound));
    expect(text).toContain('a death is paged within 312 s by the fast timer, 370 s by the sweep, of: reconciler of a, reconciler of b\n');
    const job = 'a run that is missed, cron(0 22 * * ? *) America/New_York, is paged within 72 s by the fast timer, 130 s by the sweep';
    expect(text).toContain(`${job}, outside the sessions of XNYS only once that is open and warm again, of: report of a\n`);
    expect(text).toContain(`${job}, of: report of b\n`);
  });
});

describe('a sweep', () => {
  it.each([0, 3_600])('over 1,000 bots × 10 parts, silent for %d s, takes less than a second of one core', silent => {
    const bots = newFleetOf(1_000, 10, silent);
    const began = process.cpuUsage();
    const verdict = judgeFleet({ schemaVersion: 1 }, bots, 4_000_000);
    const { user, system } = process.cpuUsage(began);
    expect(verdict.bots.every(({ parts }) => parts === 10)).toBe(true);
    expect((user + system) / 1e6).toBeLessThan(1);
  });
});

describe('mute rules of closed markets', () => {
  const bots = [{ id: 'us', calendar: 'XNYS' }, { id: 'crypto' }];
  const day = Date.parse('2026-11-25T12:34:56Z');

  it('cover the night, the holiday and the weekend, warm-up included, for the alarms of that market only', () => {
    const mutes = closedMutes(config({ bots, closedMarkets: { warmUpMinutes: 10, horizonDays: 5 } }), 'bots-1', day);
    expect(mutes.map(({ schedule }) => `${schedule.expression} ${schedule.duration}`)).toEqual([
      'at(2026-11-25T00:00) PT14H40M',
      'at(2026-11-25T21:00) P1DT17H40M',
      'at(2026-11-27T18:00) P2DT20H40M',
    ]);
    expect(mutes.every(({ alarms }) => alarms.length <= 100 && alarms.every(name => name.endsWith('-us')))).toBe(true);
    expect(mutes[0]!.alarms).toContain('demo-heartbeat-missing-us');
    expect(mutes[0]!.alarms.some(name => name.includes('-signal-'))).toBe(false);
  });

  it('name the alarms of their own group', () => {
    const two = [...bots, { id: 'eu', calendar: 'XNYS', group: 'other' }];
    const named = (group: string) => closedMutes(config({ bots: two }), group, day).flatMap(({ alarms }) => alarms);
    expect([named('bots-1'), named('other')].map(names => [...new Set(names.map(name => name.split('-').at(-1)))])).toEqual([
      ['us'],
      ['eu'],
    ]);
  });

  it('name at most a hundred alarms each', () => {
    const many = Array.from({ length: 10 }, (_, index) => ({ id: `us${index}`, calendar: 'XNYS' }));
    const mutes = closedMutes(config({ bots: many, closedMarkets: { horizonDays: 1 } }), 'bots-1', day);
    const named = mutes.filter(({ schedule }) => schedule.expression === 'at(2026-11-25T00:00)');
    expect(named.length).toBeGreaterThan(1);
    expect(Math.max(...named.map(({ alarms }) => alarms.length))).toBe(100);
    expect(new Set(named.flatMap(({ alarms }) => alarms)).size).toBe(named.flatMap(({ alarms }) => alarms).length);
  });

  it('reach to the horizon, and there is none where no market closes', () => {
    expect(muteHorizon(config({ bots }), day)).toBe(Date.parse('2027-01-24T00:00:00Z'));
    expect(muteHorizon(config({ bots: [{ id: 'crypto' }] }), day)).toBeUndefined();
    const watched = { id: 'us', calendar: 'XNYS', heartbeat: { calendar: '24x7' } };
    expect(muteHorizon(config({ bots: [watched] }), day)).toBe(Date.parse('2027-01-24T00:00:00Z'));
    expect(closedMutes(config({ bots: [{ id: 'crypto' }] }), 'bots-1', day)).toEqual([]);
  });
});
