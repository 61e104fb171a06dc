import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bucket, createBuckets, takeToken } from '../../core/intake/token-bucket.ts';

const limits = { perSecond: 2, burst: 4 };

/** How many of the tries at these milliseconds get a token. */
function taken(at: readonly number[], using = limits): readonly boolean[] {
  let bucket: Bucket | undefined;
  return at.map(ms => {
    const step = takeToken(bucket, using, ms);
    bucket = step.bucket;
    return step.ok;
  });
}

describe('a bucket', () => {
  it.each<readonly [string, readonly number[], string]>([
    ['begins full', [0, 0, 0, 0, 0], 'yyyyn'],
    ['fills by its rate, and gives a token at the millisecond in which it is whole', [0, 0, 0, 0, 499, 500, 999, 1_000], 'yyyynyny'],
    ['holds no more than its burst, however long nobody took', [0, 3_600_000, 3_600_000, 3_600_000, 3_600_000, 3_600_000], 'yyyyyn'],
    ['gets nothing, and loses nothing, when the clock goes back', [10_000, 10_000, 10_000, 0, 0, 10_499, 10_500], 'yyyynny'],
  ])('%s', (_, at, expected) => {
    expect(
      taken(at)
        .map(ok => (ok ? 'y' : 'n'))
        .join(''),
    ).toBe(expected);
  });

  it('says how long to wait, and that is enough', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(400), { maxLength: 60 }),
        (perSecond, burst, gaps) => {
          let bucket: Bucket | undefined;
          let now = 0;
          for (const gap of gaps) {
            now += gap;
            const step = takeToken(bucket, { perSecond, burst }, now);
            bucket = step.bucket;
            if (step.ok) continue;
            expect(takeToken(bucket, { perSecond, burst }, now + step.retryAfterMs).ok).toBe(true);
          }
        },
      ),
      // Found by chance: fractions of a token added up to a little less than one.
      { examples: [[5, 1, [0, 3, 1, 14]]] },
    );
  });

  it('lets no more through than its burst and its rate, in any window', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { minLength: 2, maxLength: 80 }), gaps => {
        let now = 0;
        const at = gaps.map(gap => {
          now += gap;
          return now;
        });
        const passed = at.filter((_, index) => taken(at)[index]);
        for (let first = 0; first < passed.length; first++)
          for (let last = first; last < passed.length; last++)
            expect(last - first + 1).toBeLessThanOrEqual(
              limits.burst + ((passed[last]! - passed[first]!) / 1000) * limits.perSecond + 1e-9,
            );
      }),
      { numRuns: 30 },
    );
  });

  it('is one for each key', () => {
    const buckets = createBuckets();
    for (let n = 0; n < 4; n++) buckets.take('a', limits, 0);
    expect([buckets.take('a', limits, 0).ok, buckets.take('b', limits, 0).ok]).toEqual([false, true]);
  });
});
