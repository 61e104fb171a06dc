import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thin } from '../../core/series/thin.ts';

const minutes = (values: readonly number[]) => ({ timestamps: values.map((_, at) => at * 60_000), values });

test('keeps short series as they are', () => {
  const series = minutes([1, 2, 3]);
  expect(thin(series, { fromMs: 0, toMs: 180_000 }, 10)).toBe(series);
});

test('keeps a spike of one point among ten thousand, and the last point', () => {
  const values = Array.from({ length: 10_000 }, (_, at) => (at === 4_321 ? 99 : Math.sin(at)));
  const thinned = thin(minutes(values), { fromMs: 0, toMs: 600_000_000 }, 600);
  expect(thinned.timestamps.length).toBeLessThanOrEqual(602);
  expect(Math.max(...thinned.values)).toBe(99);
  const spike = thinned.timestamps[thinned.values.indexOf(99)]!;
  expect(Math.abs(spike - 4_321 * 60_000)).toBeLessThan(thinned.slotMs!);
  expect(thinned.timestamps.at(-1)).toBe(9_999 * 60_000);
});

test('keeps the shape of a line while the range moves with the clock', () => {
  const values = Array.from({ length: 12_000 }, (_, at) => Math.sin(at / 7) + ((at * 7_919) % 101) / 50);
  const at = (now: number) => {
    const range = { fromMs: (now - 9_000) * 60_000, toMs: now * 60_000 };
    const { timestamps } = minutes(values);
    const inRange = timestamps.flatMap((ms, index) => (ms >= range.fromMs && ms < range.toMs ? [index] : []));
    return thin({ timestamps: inRange.map(index => timestamps[index]!), values: inRange.map(index => values[index]!) }, range, 400);
  };
  const [before, after] = [at(10_000), at(10_007)];
  const points = (thinned: ReturnType<typeof thin>) => thinned.timestamps.map((ms, index) => `${ms} ${thinned.values[index]}`);
  const known = new Set(points(before));
  // Only the slots at the two ends may differ.
  expect(points(after).filter(point => !known.has(point)).length).toBeLessThanOrEqual(6);
});

test('for any series: moments rise, extremes stay, every slot with points has one', () => {
  const points = fc.array(fc.record({ step: fc.integer({ min: 1, max: 500 }), value: fc.double({ min: -1e6, max: 1e6, noNaN: true }) }), {
    minLength: 30,
    maxLength: 300,
  });
  fc.assert(
    fc.property(points, fc.integer({ min: 4, max: 25 }), (steps, most) => {
      let at = 0;
      const timestamps = steps.map(({ step }) => {
        at += step;
        return at;
      });
      const values = steps.map(({ value }) => value);
      const thinned = thin({ timestamps, values }, { fromMs: 0, toMs: at }, most);
      for (let index = 1; index < thinned.timestamps.length; index++)
        expect(thinned.timestamps[index]!).toBeGreaterThan(thinned.timestamps[index - 1]!);
      expect(thinned.timestamps.length).toBeLessThanOrEqual(most + 2);
      expect(Math.max(...thinned.values)).toBe(Math.max(...values));
      expect(Math.min(...thinned.values)).toBe(Math.min(...values));
      expect(thinned.values.at(-1)).toBe(values.at(-1));
      expect(thinned.timestamps.at(-1)).toBe(at);
      for (const value of thinned.values) expect(values).toContain(value);
    }),
  );
});
