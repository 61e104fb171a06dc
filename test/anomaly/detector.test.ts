import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDetector, encodeDetector } from '../../core/anomaly/codec.ts';
import { sessionsOf } from '../../core/anomaly/cycle.ts';
import { type DetectorSettings, detect, emptyDetector, LARGEST_SCORE } from '../../core/anomaly/detector.ts';
import { MEMORY_DAYS, type PresetName, presets } from '../../core/anomaly/presets.ts';
import { calendarNamed } from '../../core/calendar/calendar.ts';
import { DAY, dailyWave, HOUR, MINUTE, onsets, pointsOf, run, START } from './series.ts';

const both = Object.keys(presets) as PresetName[];
const nyse = sessionsOf(calendarNamed('NYSE'));

describe.each(both)('the %s preset', preset => {
  const settings: DetectorSettings = { preset };

  it('marks three hours far outside of the time of day, and says which side', () => {
    const from = START + 9 * DAY + 2 * HOUR;
    const points = pointsOf({ days: 11, valueAt: (at, noise) => dailyWave(at, noise) + (at >= from && at < from + 3 * HOUR ? 60 : 0) });
    const { verdicts } = run(points, settings);
    const found = onsets(verdicts).filter(at => at >= from);
    expect(found).toHaveLength(1);
    expect(found[0]! - from).toBeLessThan(HOUR);
    expect(verdicts.find(({ at }) => at === found[0])?.reason).toBe('above');
  });

  it('sees what is usual at another time of day only', () => {
    const office = (at: number, noise: () => number) => (at % DAY >= 8 * HOUR && at % DAY < 16 * HOUR ? 100 : 10) + noise();
    const night = START + 9 * DAY + HOUR;
    const points = pointsOf({ days: 10, valueAt: (at, noise) => (at >= night && at < night + 4 * HOUR ? 100 : office(at, noise)) });
    expect(onsets(run(points, settings).verdicts).filter(at => at >= night)).toHaveLength(1);
  });

  it('learns for a day before it judges', () => {
    const { verdicts } = run(pointsOf({ days: 2, valueAt: dailyWave }), settings);
    const judged = verdicts.find(({ reason }) => reason !== 'learning');
    expect(judged!.at - START).toBeGreaterThan(DAY);
    expect(judged!.at - START).toBeLessThan(1.5 * DAY);
  });

  it('takes a shifted level for usual after some days, and marks it once', () => {
    const from = START + 12 * DAY;
    const points = pointsOf({ days: 30, valueAt: (at, noise) => (at >= from ? 200 : 100) + 2 * noise() });
    const { verdicts } = run(points, settings);
    const after = onsets(verdicts).filter(at => at >= from);
    expect(after[0]! - from).toBeLessThan(HOUR);
    expect(after.filter(at => at > from + 12 * HOUR && at < from + 6 * DAY)).toEqual([]);
    const last = verdicts.at(-1)!;
    expect([last.lower! < 200, last.upper! > 200, last.expected! > 195]).toEqual([true, true, true]);
  });

  it('sees an excursion two days after one that was ten times as great', () => {
    const [great, small] = [START + 8 * DAY, START + 10 * DAY];
    const lift = (at: number) => (at >= great && at < great + 4 * HOUR ? 1000 : at >= small && at < small + 4 * HOUR ? 100 : 0);
    const points = pointsOf({ days: 11, valueAt: (at, noise) => dailyWave(at, noise) + lift(at) });
    expect(onsets(run(points, settings).verdicts).filter(at => at >= small)).toHaveLength(1);
  });

  it('says nothing about a constant', () => {
    const { verdicts } = run(pointsOf({ days: 5, valueAt: () => 45 }), settings);
    expect(onsets(verdicts)).toEqual([]);
    expect(verdicts.at(-1)).toMatchObject({ reason: 'usual', score: 0, expected: 45 });
  });

  it('gives the first change of a constant a finite score', () => {
    const { state } = run(pointsOf({ days: 5, valueAt: () => 0 }), settings);
    const { verdict } = detect(state, { at: START + 5 * DAY, value: 3 }, settings);
    expect(verdict).toMatchObject({ anomalous: true, onset: true, reason: 'above', score: LARGEST_SCORE });
  });

  it('gets used to rare events of the same size', () => {
    const points = pointsOf({ days: 20, valueAt: at => (Math.floor(at / HOUR) % 77 === 0 && at % HOUR === 0 ? 5 : 0) });
    expect(onsets(run(points, settings).verdicts).length).toBeLessThanOrEqual(1);
  });

  it('stays quiet in noise', () => {
    const { verdicts } = run(pointsOf({ days: 28, valueAt: (_, noise) => 50 + 5 * noise() }), settings);
    expect(onsets(verdicts).length).toBeLessThanOrEqual(preset === 'quiet' ? 0 : 4);
  });

  it('is deterministic, and does not touch the state it was given', () => {
    const points = pointsOf({ days: 4, valueAt: dailyWave });
    const { state } = run(points, settings);
    const text = JSON.stringify(state);
    const next = { at: START + 4 * DAY, value: 300 };
    expect(detect(state, next, settings)).toEqual(detect(state, next, settings));
    expect(JSON.stringify(state)).toBe(text);
    expect(run(points, settings).state).toEqual(state);
  });

  it('keeps its state small', () => {
    const points = pointsOf({ days: 40, everyMs: 15 * MINUTE, valueAt: (at, noise) => dailyWave(at, noise) * Math.exp(3 * noise()) });
    expect(encodeDetector(run(points, settings).state, preset).length).toBeLessThan(20_000);
  });
});

/** Steps of minutes between points, and values: gaps, bursts, jumps. */
const wild = fc.array(fc.tuple(fc.integer({ min: -30, max: 400 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
  minLength: 120,
  maxLength: 400,
});
const placed = (steps: readonly (readonly [number, number])[]) => {
  let at = START;
  return steps.map(([minutes, value]) => {
    at += minutes * MINUTE;
    return { at, value };
  });
};

describe('over any series', () => {
  it.each(both)('a future point changes no past verdict (%s)', preset => {
    fc.assert(
      fc.property(wild, wild, fc.integer({ min: 1, max: 119 }), (one, other, shared) => {
        const settings: DetectorSettings = { preset, sessionOf: nyse };
        const common = one.slice(0, shared);
        const a = run(placed([...common, ...one.slice(shared)]), settings).verdicts.slice(0, shared);
        const b = run(placed([...common, ...other]), settings).verdicts.slice(0, shared);
        expect(a).toEqual(b);
      }),
      { seed: 4, numRuns: 25 },
    );
  });

  it.each(both)('a state that was stored goes on as if it never was (%s)', preset => {
    fc.assert(
      fc.property(wild, fc.integer({ min: 1, max: 119 }), (steps, stop) => {
        const points = placed(steps);
        const settings: DetectorSettings = { preset };
        const half = run(points.slice(0, stop), settings);
        const stored = decodeDetector(encodeDetector(half.state, preset), preset)!;
        const whole = run(points, settings);
        const resumed = run(points.slice(stop), settings, stored);
        expect(resumed.verdicts).toEqual(whole.verdicts.slice(stop));
        expect(encodeDetector(resumed.state, preset)).toEqual(encodeDetector(whole.state, preset));
      }),
      { seed: 5, numRuns: 25 },
    );
  });

  it('scores are finite, in range, and above 1 where an anomaly is', () => {
    fc.assert(
      fc.property(wild, steps => {
        for (const { anomalous, score = 0, lower = 0, expected = 0, upper = 0, reason } of run(placed(steps), { preset: 'sensitive' })
          .verdicts) {
          expect(score >= 0 && score <= LARGEST_SCORE).toBe(true);
          expect(anomalous).toBe(reason === 'above' || reason === 'below');
          expect(anomalous ? score > 1 : true).toBe(true);
          expect(lower <= expected && expected <= upper && Number.isFinite(upper - lower)).toBe(true);
        }
      }),
      { seed: 6, numRuns: 25 },
    );
  });
});

describe('markets, gaps and bad points', () => {
  const settings: DetectorSettings = { preset: 'sensitive', sessionOf: nyse };

  it('neither judges nor learns while the market is closed', () => {
    const { state } = run(pointsOf({ days: 5, valueAt: dailyWave }), settings);
    const saturday = { at: START + 5 * DAY + 15 * HOUR, value: 1e9 };
    const closed = detect(state, saturday, settings);
    expect(closed.verdict).toEqual({ at: saturday.at, anomalous: false, onset: false, reason: 'closed' });
    expect(closed.state).toBe(state);
  });

  it('knows Monday’s open from the sessions before, across a weekend and the change of the clocks on 8 March', () => {
    const session = (at: number) => {
      const hour = nyse(at);
      return hour === undefined ? 0 : hour.slot === 17 ? 500 : hour.slot === 23 ? 400 : 100;
    };
    const points = pointsOf({ days: 14, valueAt: (at, noise) => session(at) + 5 * noise() });
    const { verdicts } = run(points, settings);
    expect(onsets(verdicts).filter(at => at >= START + 6 * DAY)).toEqual([]);
    const open = verdicts.find(({ at }) => at >= START + 7 * DAY && nyse(at) !== undefined)!;
    expect(new Date(open.at).toISOString()).toBe('2026-03-09T13:30:00.000Z');
    expect(open.expected).toBeGreaterThan(50);
  });

  it('finds a dead session that a clock without a calendar would call a quiet night', () => {
    const from = START + 11 * DAY + 15 * HOUR;
    const volume = (at: number, noise: () => number) => (at >= from && at < from + 5 * HOUR ? 0 : 1000 + 50 * noise());
    const points = pointsOf({ days: 12, valueAt: volume });
    const found = onsets(run(points, settings).verdicts).filter(at => at >= from);
    expect(found).toHaveLength(1);
    expect(found[0]! - from).toBeLessThan(HOUR);
  });

  it('goes on after two days without points', () => {
    const isMissing = (at: number) => at >= START + 6 * DAY && at < START + 8 * DAY;
    const points = pointsOf({ days: 12, valueAt: dailyWave }).filter(({ at }) => !isMissing(at));
    const { verdicts } = run(points, { preset: 'quiet' });
    expect(onsets(verdicts)).toEqual([]);
    expect(verdicts.find(({ at }) => at >= START + 8 * DAY)?.reason).toBe('usual');
  });

  it('remembers days that had points, however long ago', () => {
    const { state } = run(pointsOf({ days: 12, valueAt: dailyWave }), { preset: 'quiet' });
    const { verdict } = detect(state, { at: START + 60 * DAY, value: 100 }, { preset: 'quiet' });
    expect(verdict.reason).toBe('usual');
    expect(state.profile).toHaveLength(MEMORY_DAYS);
  });

  it.each([
    ['the same time again', 0],
    ['an earlier time', -MINUTE],
  ])('does not judge %s', (_, shift) => {
    const { state } = run(pointsOf({ days: 1, valueAt: dailyWave }), { preset: 'quiet' });
    const late = detect(state, { at: state.lastAt! + shift, value: 5 }, { preset: 'quiet' });
    expect(late).toEqual({ state, verdict: { at: state.lastAt! + shift, anomalous: false, onset: false, reason: 'late' } });
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY]])('throws at %s', value => {
    expect(() => detect(emptyDetector, { at: START, value }, { preset: 'quiet' })).toThrow(/NotFinite/);
  });

  it('calls a second excursion within twelve hours an echo', () => {
    const first = START + 9 * DAY + 2 * HOUR;
    const lifted = (at: number) => [0, 6 * HOUR, 14 * HOUR].some(after => at >= first + after && at < first + after + 2 * HOUR);
    const points = pointsOf({ days: 10, valueAt: (at, noise) => dailyWave(at, noise) + (lifted(at) ? 80 : 0) });
    const { verdicts } = run(points, { preset: 'sensitive' });
    expect(verdicts.some(({ at, reason }) => reason === 'echo' && at > first + 6 * HOUR && at < first + 9 * HOUR)).toBe(true);
    expect(
      onsets(verdicts)
        .filter(at => at >= first)
        .map(at => Math.floor((at - first) / HOUR)),
    ).toEqual([0, 14]);
  });

  it.each([
    ['above', 60, 1],
    ['above', -60, 0],
    ['below', 60, 0],
    ['below', -60, 1],
    ['outside', -60, 1],
  ] as const)('watching %s, a move of %d makes %d episodes', (is, move, episodes) => {
    const from = START + 9 * DAY + 2 * HOUR;
    const points = pointsOf({ days: 9.5, valueAt: (at, noise) => dailyWave(at, noise) + (at >= from && at < from + 3 * HOUR ? move : 0) });
    const { verdicts } = run(points, { preset: 'sensitive', is });
    expect(onsets(verdicts).filter(at => at >= from && at < from + 5 * HOUR)).toHaveLength(episodes);
  });
});
