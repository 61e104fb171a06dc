import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createTimeReader } from '../../core/events/time-text.ts';

const read = (text: string) => createTimeReader()(text);

describe('a time as text', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['2026-03-09T13:30:00.123456789Z', 1_773_063_000_123_456_789n],
    ['2026-03-09T13:30:00.5Z', 1_773_063_000_500_000_000n],
    ['2026-03-09 13:30:00+00:00', 1_773_063_000_000_000_000n],
    ['2026-03-09T13:30:00.000001+0000', 1_773_063_000_000_001_000n],
    ['2024-02-29T23:59:59Z', 1_709_251_199_000_000_000n],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000_000_000n],
  ])('%s is read', (text, time) => {
    expect(read(text)).toBe(time);
  });

  test.each([
    '2026-03-09',
    '2026-03-09T13:30:00',
    '2026-03-09T13:30Z',
    '2026-03-09T13:30:00+01:00',
    '2026-03-09T13:30:00.1234567890Z',
    '2026-03-09T13:30:00.Z',
    '2026-03-09T24:00:00Z',
    '2026-03-09T13:60:00Z',
    '2026-03-09T13:30:61Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '2026-03-09T13:30:00Zulu',
    '2026-03-09T13:30:0aZ',
    'not a time at all 000Z',
  ])('%s is refused', text => {
    expect(read(text)).toBeUndefined();
  });

  it('agrees with Date for every millisecond from 1970 to 2262, whatever was read before', () => {
    const reader = createTimeReader();
    const moment = fc.integer({ min: 0, max: 9_214_646_400_000 });
    fc.assert(
      fc.property(moment, ms => {
        expect(reader(new Date(ms).toISOString())).toBe(BigInt(ms) * 1_000_000n);
      }),
      { seed: 11, numRuns: 2000 },
    );
  });

  it('is not confused by a broken time that shares the minute of a good one', () => {
    const reader = createTimeReader();
    reader('2026-03-09T13:30:00Z');
    expect(reader('2026-03-09T13:30:xxZ')).toBeUndefined();
    expect(reader('2026-03-09T13:30:01Z')).toBe(1_773_063_001_000_000_000n);
  });
});
