import { describe, expect, it } from 'vitest';
import { align, lonely, stack, valueAt, yBounds } from '../../local/web/dashboard/align.ts';

const minutes = (...at: readonly number[]) => ({ timestamps: at.map(each => each * 60_000), values: at, periodSeconds: 60 });

describe('series on one axis', () => {
  it('leave a gap where points are missing, none where another series merely has more points', () => {
    const { times, columns } = align([minutes(0, 1, 4, 5), minutes(0, 5)]);
    expect(times).toEqual([0, 60, 120, 240, 300]);
    expect(columns[0]).toEqual([0, 1, null, 4, 5]);
    expect(columns[1]).toEqual([0, null, undefined, undefined, 5]);
  });

  it('draw a steady slower pace as one line into faster points', () => {
    const { columns } = align([minutes(0, 60, 120, 180, 240, 270, 271, 272)]);
    expect(columns[0]).not.toContain(null);
  });

  it('keep the gap of an outage between steady points', () => {
    const { columns } = align([minutes(0, 1, 2, 3, 4, 14, 15, 16, 17, 18)]);
    expect(columns[0]?.filter(value => value === null)).toHaveLength(1);
  });

  const stacked = (...columns: (number | null | undefined)[][]) => ({ times: [0, 60, 120, 180], columns });

  it('stack upwards, gaps and what lies outside a series counting as nothing', () => {
    expect(stack(stacked([1, null, 2, 2], [10, 20, undefined, undefined]))).toEqual([
      [1, 0, 2, 2],
      [11, 20, 2, 2],
    ]);
  });

  it('stack the height of a line at moments that only others have', () => {
    expect(stack(stacked([10, undefined, undefined, 40], [1, 1, 1, 1]))).toEqual([
      [10, 20, 30, 40],
      [11, 21, 31, 41],
    ]);
  });

  it('come down when one below them is hidden', () => {
    expect(stack(stacked([5, 5, 5, 5], [1, 1, 1, 1]), which => which !== 0)[1]).toEqual([1, 1, 1, 1]);
  });

  it('are worth the nearer point of their line where only others have one, and nothing in a gap', () => {
    const read = { times: [0, 10, 50, 60, 70, 80], columns: [[1, undefined, undefined, 2, null, undefined]] };
    expect([0, 1, 2, 3, 4, 5].map(index => valueAt(read, 0, index))).toEqual([1, 1, 2, 2, undefined, undefined]);
  });

  it('name the points that a line alone would not show', () => {
    expect(lonely([1, null, 2, 3, null, 4, undefined])).toEqual([0, 5]);
    expect(lonely([1, undefined, 2])).toEqual([]);
  });
});

describe('the y range', () => {
  it.each([
    ['shows a near limit', { min: 40, max: 60 }, [100], (max: number) => max >= 100],
    ['leaves out a limit that would flatten the data', { min: 40, max: 41 }, [100_000], (max: number) => max < 100],
    ['shows the limit of a flat line', { min: 5, max: 5 }, [90], (max: number) => max >= 90],
  ])('%s', (_, data, marks, holds) => {
    expect(holds(yBounds(data, marks, {}).max)).toBe(true);
  });

  it('obeys fixed ends and is never empty', () => {
    expect(yBounds({ min: 3, max: 4 }, [], { min: 0, max: 100 })).toEqual({ min: 0, max: 100 });
    expect(yBounds({ min: 0, max: 0 }, [], {})).toMatchObject({ min: 0 });
    expect(yBounds(undefined, [], {})).toMatchObject({ min: 0 });
    const { min, max } = yBounds({ min: 0, max: 0 }, [], {});
    expect(max).toBeGreaterThan(min);
  });
});
