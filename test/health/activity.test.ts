import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarNamed } from '../../core/calendar/calendar.ts';
import { openTimeBetween } from '../../core/calendar/open-time.ts';
import { type ActivityProfile, learnActivity, missedFills, openSecondsSince } from '../../core/health/activity.ts';

const hourMs = 3_600_000;
const weekMs = 168 * hourMs;
const always = calendarNamed('24x7');
const xnys = calendarNamed('XNYS');
const at = (iso: string) => Date.parse(iso);
/** Midnight of a Thursday, the first hour of the week as it is counted. */
const thursday = at('2026-01-01T00:00:00Z');

const activity = (fills: number) => ({ orders: 0, fills, whileHalted: 0 });

/** A sweep each hour, on the hour: hour `n` makes `fillsOf(n)` fills. */
function learnt(hours: number, fillsOf: (hour: number) => number, from = thursday, zone = 'UTC'): ActivityProfile {
  let profile: ActivityProfile | undefined;
  let fills = 0;
  for (let hour = 0; hour <= hours; hour++) {
    profile = learnActivity(profile, activity(fills), from + hour * hourMs, zone);
    fills += fillsOf(hour);
  }
  return profile!;
}

describe('what is usual', () => {
  it('is the count of each hour of the week', () => {
    const profile = learnt(168, hour => (hour < 24 ? hour : 2));
    expect(profile.mean.slice(0, 26)).toEqual([...Array.from({ length: 24 }, (_, hour) => hour), 2, 2]);
    expect(new Set(profile.seen)).toEqual(new Set([1]));
  });

  it.each([
    // counts of one hour of the week, week after week; mean of what was learnt; a mean of all until the fourth, then a quarter for the newest
    [[4], 4],
    [[4, 8], 6],
    [[4, 8, 0], 4],
    [[4, 8, 0, 12], 6],
    [[4, 8, 0, 12, 10], 7],
    [[0, 0, 0, 0, 0, 100], 25],
    [[1, 0, 0], 0.33],
  ])('of weeks with %j fills is %d', (weeks, mean) => {
    const profile = learnt(weeks.length * 168, hour => (hour % 168 === 0 ? weeks[hour / 168]! : 0));
    expect([profile.mean[0], profile.seen[0]]).toEqual([mean, weeks.length]);
    expect(profile.mean.slice(1).every(other => other === 0)).toBe(true);
  });

  it('forgets what was within a few weeks, when the strategy changes', () => {
    const profile = learnt(12 * 168, hour => (hour < 6 * 168 ? 100 : 0));
    expect(profile.mean[5]).toBeLessThan(20);
  });

  it('counts no more than 99 weeks, and never stops to follow', () => {
    const profile = learnt(120 * 168, hour => (hour % 168 === 0 ? 3 : 0));
    expect([profile.seen[0], profile.mean[0]]).toEqual([99, 3]);
  });

  it.each<readonly [string, number, number]>([
    ['an hour that we were away for', 2 * hourMs, 7],
    ['a day that we were away for', 24 * hourMs, 7],
    ['a counter that began anew', hourMs, -3],
  ])('is not learnt from %s', (_, later, made) => {
    const before = learnt(3, () => 5);
    const after = learnActivity(before, activity(before.fills + made), before.hourMs + later);
    expect([after.mean, after.seen]).toEqual([before.mean, before.seen]);
    expect([after.hourMs, after.fills]).toEqual([before.hourMs + later, before.fills + made]);
  });

  it('is the same object within an hour, and when our clock goes back', () => {
    const profile = learnt(3, () => 5);
    expect(learnActivity(profile, activity(99), profile.hourMs + hourMs - 1)).toBe(profile);
    expect(learnActivity(profile, activity(99), profile.hourMs - 5 * hourMs)).toBe(profile);
  });

  it('counts a fill in the hour that it fell in, whenever within it the sweep ran', () => {
    let profile = learnActivity(undefined, activity(10), thursday + 1);
    profile = learnActivity(profile, activity(17), thursday + hourMs + 59 * 60_000);
    expect([profile.mean[0], profile.seen[0], profile.seen[1]]).toEqual([7, 1, 0]);
  });

  it('stays between the least and the most that was seen, and is small', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 12 }), weeks => {
        const { mean, seen } = learnt(weeks.length * 168, hour => (hour % 168 === 0 ? weeks[hour / 168]! : 0));
        expect(mean[0]).toBeGreaterThanOrEqual(Math.min(...weeks) - 0.05);
        expect(mean[0]).toBeLessThanOrEqual(Math.max(...weeks) + 0.05);
        expect(seen[0]).toBe(weeks.length);
        expect([mean.length, seen.length]).toEqual([168, 168]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('missed fills', () => {
  /** Six fills in each hour, known. */
  const six = learnt(2 * 168, () => 6);
  const now = thursday + 4 * weekMs;

  it.each([
    ['none yet, right after a fill', now, now, 0],
    ['half an hour', now - hourMs / 2, now, 3],
    ['across the hours', now - 2.5 * hourMs, now + 0.25 * hourMs, 16.5],
    ['a day', now - 24 * hourMs, now, 144],
    ['a week', now - weekMs, now, 1_008],
    ['no more than a week, however long it is', now - 3 * weekMs, now, 1_008],
    ['none from a fill that is dated ahead', now + hourMs, now, 0],
  ])('are %s', (_, last, asked, expected) => {
    expect(missedFills(six, last, always, asked)).toBeCloseTo(expected, 9);
  });

  it('are not known without a history, a fill, or two weeks of each hour on the way', () => {
    expect(missedFills(undefined, now - hourMs, always, now)).toBeUndefined();
    expect(missedFills(six, undefined, always, now)).toBeUndefined();
    expect(
      missedFills(
        learnt(168, () => 6),
        now - hourMs,
        always,
        now,
      ),
    ).toBeUndefined();
    const gap = { ...six, seen: six.seen.with(2, 1) };
    expect(missedFills(gap, thursday + 4 * weekMs, always, thursday + 4 * weekMs + 2 * hourMs)).toBe(12);
    expect(missedFills(gap, thursday + 4 * weekMs, always, thursday + 4 * weekMs + 2 * hourMs + 1)).toBeUndefined();
  });

  it('count open time only, over a holiday and the day the clocks change', () => {
    const thanksgiving = [at('2026-11-25T20:30:00Z'), at('2026-11-27T15:00:00Z')] as const;
    expect(missedFills(six, thanksgiving[0], xnys, thanksgiving[1])).toBeCloseTo(6, 9);
    const spring = [at('2026-03-06T20:00:00Z'), at('2026-03-09T14:30:00Z')] as const;
    expect(missedFills(six, spring[0], xnys, spring[1])).toBeCloseTo(12, 9);
    const autumn = [at('2026-10-30T19:00:00Z'), at('2026-11-02T15:30:00Z')] as const;
    expect(missedFills(six, autumn[0], xnys, autumn[1])).toBeCloseTo(12, 9);
  });

  it('add up over any instant between, and never go down while nothing is filled', () => {
    const uneven = learnt(2 * 168, hour => hour % 7);
    const instant = fc.integer({ min: 0, max: weekMs / 1000 - 1 }).map(second => at('2026-02-26T00:00:00Z') + second * 1000);
    fc.assert(
      fc.property(instant, instant, instant, fc.constantFrom(always, xnys), (a, b, c, calendar) => {
        const [first, middle, last] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
        const [whole, one, two] = [
          missedFills(uneven, first, calendar, last)!,
          missedFills(uneven, first, calendar, middle)!,
          missedFills(uneven, middle, calendar, last)!,
        ];
        expect(whole).toBeCloseTo(one + two, 6);
        expect(whole).toBeGreaterThanOrEqual(one);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a strategy that trades at one time of its market', () => {
  const newYork = 'America/New_York';
  /** Thirty fills in the last hour of each session, over five weeks before the clocks go back on 2026-11-01. */
  const start = at('2026-09-24T00:00:00Z');
  const summer = (hour: number) => {
    const ms = start + hour * hourMs;
    return new Date(ms).getUTCHours() === 19 && xnys.isOpen(ms) ? 30 : 0;
  };
  const monday = [at('2026-10-30T19:59:00Z'), at('2026-11-02T20:30:00Z')] as const;

  it('misses nothing before that time after the clocks have changed, and all of it after', () => {
    const profile = learnt(37 * 24, summer, start, newYork);
    // From 14:59 of New York on, one minute was still usual on Friday; on Monday until 15:30 half an hour is.
    expect(missedFills(profile, monday[0], xnys, at('2026-11-02T20:00:00Z'))).toBeCloseTo(0.5, 9);
    expect(missedFills(profile, monday[0], xnys, monday[1])).toBeCloseTo(15.5, 9);
  });

  it('takes over what was learnt by the hours of UTC, and back', () => {
    const utc = learnt(37 * 24, summer, start);
    const local = learnActivity(utc, activity(utc.fills), utc.hourMs + hourMs, newYork);
    expect(missedFills(local, monday[0], xnys, at('2026-11-02T20:00:00Z'))).toBeCloseTo(0.5, 9);
    const { zone: _, ...back } = learnActivity(local, activity(utc.fills), local.hourMs + hourMs, 'UTC');
    expect(back.mean).toEqual(utc.mean);
  });
});

describe('open seconds since', () => {
  it('are those of the calendar, whatever the range', () => {
    const instant = fc.integer({ min: at('2026-01-01T00:00:00Z') / 1000, max: at('2026-12-31T00:00:00Z') / 1000 }).map(s => s * 1000);
    fc.assert(
      fc.property(instant, instant, fc.constantFrom('24x7', 'XNYS', 'CMES', 'XLON').map(calendarNamed), (from, to, calendar) => {
        expect(openSecondsSince(calendar, from, to)).toBe(openTimeBetween(calendar, from, to) / 1000);
      }),
      { numRuns: 200 },
    );
  });
});
