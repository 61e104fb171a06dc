import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareTimes, unshareTimes } from '../../core/series/share-times.ts';

test('sends the moments of like series once', () => {
  const sent = shareTimes([
    { id: 'a', timestamps: [1, 2, 3], values: [5, 6, 7] },
    { id: 'b', timestamps: [1, 2, 3], values: [8, 9, 10] },
    { id: 'c', timestamps: [1, 2, 4], values: [1, 1, 1] },
  ]);
  expect(sent).toEqual([
    { id: 'a', timestamps: [1, 2, 3], values: [5, 6, 7] },
    { id: 'b', timesOf: 0, values: [8, 9, 10] },
    { id: 'c', timestamps: [1, 2, 4], values: [1, 1, 1] },
  ]);
});

test('what refers to no earlier series has no moments', () => {
  expect(unshareTimes([{ id: 'a', values: [], timesOf: 3 } as { id: string; values: number[]; timesOf: number }])).toEqual([
    { id: 'a', values: [], timestamps: [] },
  ]);
});

test('for any series: what was shared comes back', () => {
  const timestamps = fc.oneof(
    fc.constant([1, 2, 3]),
    fc.constant([1, 2, 3, 4]),
    fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ id: fc.string(), timestamps })), all => {
      expect(unshareTimes(JSON.parse(JSON.stringify(shareTimes(all))) as typeof all)).toEqual(all);
    }),
  );
});
