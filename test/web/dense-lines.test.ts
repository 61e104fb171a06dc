import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ink, spansOf } from '../../local/web/dashboard/dense-lines.ts';

const white = { red: 255, green: 255, blue: 255, dash: [] };

const picture = (width: number, height: number) => ({ data: new Uint8ClampedArray(width * height * 4), width, height });

/** Alphas from 0 to 9, a row a string; a dot where nothing is. */
function seen({ data, width, height }: ReturnType<typeof picture>): string[] {
  const digit = (alpha: number) => (alpha === 0 ? '.' : String(Math.round((alpha / 255) * 9)));
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (__, column) => digit(data[(row * width + column) * 4 + 3]!)).join(''),
  );
}

const line = (values: readonly (number | null | undefined)[], width: number, height: number) =>
  spansOf({
    times: values.map((_, at) => at),
    values,
    x: { min: 0, max: values.length - 1 },
    y: { min: 0, max: height },
    width,
    height,
  });

describe('a line of many points', () => {
  it('covers every column between two points', () => {
    const { low, high } = line([0, 4], 4, 4);
    expect([...low]).toEqual([3, 2, 1, 0]);
    expect([...high]).toEqual([4, 3, 2, 1]);
  });

  it('has holes at gaps, and goes on where a series simply has no point', () => {
    const isDrawn = ({ low, high }: ReturnType<typeof line>) => [...low].map((each, at) => (each <= high[at]! ? '#' : '.')).join('');
    expect(isDrawn(line([2, 2, null, 2, 2], 8, 4))).toBe('###...##');
    expect(isDrawn(line([2, 2, undefined, 2, 2], 8, 4))).toBe('########');
  });

  it('shows a point without neighbours', () => {
    const { low, high } = line([null, null, 3, null, null], 4, 4);
    expect([...low].map((each, at) => each <= high[at]!)).toEqual([false, false, true, false]);
  });

  test('for any series and width: every point lies in its column, and no column reaches further than the line does', () => {
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: -1000, max: 1000, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    );
    fc.assert(
      fc.property(
        fc.array(fc.record({ step: fc.integer({ min: 1, max: 40 }), value }), { minLength: 2, maxLength: 200 }),
        fc.integer({ min: 1, max: 90 }),
        fc.double({ min: -0.3, max: 0.3, noNaN: true }),
        (points, width, shift) => {
          let at = 0;
          const times = points.map(({ step }) => {
            at += step;
            return at;
          });
          const values = points.map(each => each.value);
          // Ranges that begin before or within the line, and end within or after it.
          const x = { min: times[0]! + at * shift, max: at + at * shift };
          if (!(x.max > x.min)) return;
          const { low, high } = spansOf({ times, values, x, y: { min: -1000, max: 1000 }, width, height: 100 });
          const yOf = (number: number) => (1000 - number) / 20;
          const xOf = (time: number) => ((time - x.min) / (x.max - x.min)) * width;
          for (const [index, each] of values.entries()) {
            const left = xOf(times[index]!);
            if (typeof each !== 'number' || left < 0 || left > width) continue;
            // On the edge of two columns rounding decides which one it is in.
            const columns = [left - 1e-6, left + 1e-6].map(near => Math.max(0, Math.min(width - 1, Math.floor(near))));
            const isCovered = columns.some(column => low[column]! <= yOf(each) + 1e-3 && high[column]! >= yOf(each) - 1e-3);
            expect({ isCovered, each, left }).toEqual({ isCovered: true, each, left });
          }
          const numbers = values.filter(each => typeof each === 'number').map(yOf);
          for (let column = 0; column < width; column += 1) {
            if (low[column]! > high[column]!) continue;
            expect(low[column]!).toBeGreaterThanOrEqual(Math.min(...numbers) - 1e-3);
            expect(high[column]!).toBeLessThanOrEqual(Math.max(...numbers) + 1e-3);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('ink', () => {
  it('covers pixels whole, and its edges by their share', () => {
    const page = picture(3, 5);
    ink(page, { low: Float32Array.of(2.5, 2.5, 2), high: Float32Array.of(2.5, 2.5, 2) }, { ...white, thickness: 2 });
    expect(seen(page)).toEqual(['...', '559', '999', '55.', '...']);
  });

  it('stays within the picture', () => {
    const page = picture(2, 3);
    ink(page, { low: Float32Array.of(-50, 1), high: Float32Array.of(-40, 90) }, { ...white, thickness: 1 });
    expect(seen(page)).toEqual(['.5', '.9', '.9']);
  });

  it('leaves out what a dash leaves out', () => {
    const page = picture(7, 1);
    const flat = new Float32Array(7).fill(0.5);
    ink(page, { low: flat, high: flat }, { ...white, thickness: 1, dash: [2, 1] });
    expect(seen(page)).toEqual(['99.99.9']);
  });

  it('lets a later line lie over an earlier one', () => {
    const page = picture(1, 1);
    const flat = Float32Array.of(0.5);
    ink(page, { low: flat, high: flat }, { red: 255, green: 0, blue: 0, dash: [], thickness: 1 });
    ink(page, { low: flat, high: flat }, { red: 0, green: 0, blue: 200, dash: [], thickness: 0.5 });
    expect([...page.data]).toEqual([128, 0, 100, 255]);
  });

  it('makes a steep line as thick as a flat one on a fine screen', () => {
    const page = picture(5, 4);
    const none = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
    const nothing = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] as const;
    const spans = { low: Float32Array.of(...none, 0, ...none), high: Float32Array.of(...nothing, 4, ...nothing) };
    ink(page, spans, { ...white, thickness: 3.2 });
    expect(seen(page)).toEqual(['.999.', '.999.', '.999.', '.999.']);
  });
});
