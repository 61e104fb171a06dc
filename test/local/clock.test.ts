import { describe, expect, it } from 'vitest';
import { createClock, rank } from '../../local/clock.ts';

const start = Date.UTC(2026, 2, 9, 13, 0, 0);

describe('the virtual clock at full speed', () => {
  it('fires timers by time, then by kind, then in the order they were set', async () => {
    const clock = createClock({ startMs: start, speed: 'max' });
    const fired: string[] = [];
    clock.at(start + 60_000, rank.evaluation, () => fired.push('alarms'));
    clock.at(start + 60_000, rank.delivery, () => fired.push('delivery 1'));
    clock.at(start + 60_000, rank.delivery, () => fired.push('delivery 2'));
    clock.at(start + 1_000, rank.observer, () => fired.push('early'));
    clock.at(start + 60_000, rank.schedule, () => fired.push('schedule'));
    await clock.run();
    expect(fired).toEqual(['early', 'delivery 1', 'delivery 2', 'schedule', 'alarms']);
    expect(clock.now()).toBe(start + 60_000);
  });

  it('stands still while work is due', async () => {
    const clock = createClock({ startMs: start, speed: 'max' });
    const seen: number[] = [];
    clock.at(start + 1_000, rank.delivery, () => {
      const release = clock.hold();
      setImmediate(() => {
        seen.push(clock.now());
        release();
      });
    });
    clock.at(start + 2_000, rank.delivery, () => seen.push(clock.now()));
    await clock.run();
    expect(seen).toEqual([start + 1_000, start + 2_000]);
  });

  it('stands still until a promise settles, even a rejected one', async () => {
    const clock = createClock({ startMs: start, speed: 'max' });
    const fired: string[] = [];
    clock.at(start, rank.delivery, () => Promise.resolve().then(() => fired.push('first')));
    clock.at(start, rank.schedule, () => Promise.reject(new Error('no')));
    clock.at(start, rank.evaluation, () => fired.push('last'));
    await clock.run();
    expect(fired).toEqual(['first', 'last']);
  });

  it('fires a timer that was set in the past at once, never back in time', async () => {
    const clock = createClock({ startMs: start, speed: 'max' });
    const at: number[] = [];
    clock.at(start + 5_000, rank.input, () => clock.at(start, rank.input, () => at.push(clock.now())));
    await clock.run();
    expect(at).toEqual([start + 5_000]);
  });

  it('stops at the end it was given and keeps later timers', async () => {
    const clock = createClock({ startMs: start, speed: 'max' });
    const fired: string[] = [];
    clock.at(start + 60_000, rank.input, () => fired.push('at the end'));
    clock.at(start + 60_001, rank.input, () => fired.push('later'));
    await clock.run(start + 60_000);
    expect(fired).toEqual(['at the end']);
    await clock.run();
    expect(fired).toEqual(['at the end', 'later']);
  });

  it('forgets a cancelled timer', async () => {
    const clock = createClock({ startMs: start, speed: 'max' });
    const fired: string[] = [];
    clock.at(start + 1, rank.input, () => fired.push('no')).cancel();
    await clock.run();
    expect(fired).toEqual([]);
  });
});

describe('a paced clock', () => {
  it('runs at its speed and stops on request', async () => {
    const clock = createClock({ startMs: start, speed: 10_000 });
    const fired: number[] = [];
    clock.at(start + 60_000, rank.input, () => fired.push(clock.now()));
    clock.at(start + 120_000, rank.input, () => clock.stop());
    const began = performance.now();
    await clock.run();
    expect(performance.now() - began).toBeGreaterThan(10);
    expect(fired).toEqual([start + 60_000]);
  });
});
