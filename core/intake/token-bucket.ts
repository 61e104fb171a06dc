/** A token bucket: `burst` requests at once, `perSecond` in the long run. A value; the caller keeps one for each key. */
import type { EpochMs } from '../time/instant.ts';

export interface BucketLimits {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Bucket {
  /** Thousandths of a token: whole for whole rates, since a millisecond adds the rate. Fractions of tokens would round below one. */
  readonly thousandths: number;
  readonly atMs: EpochMs;
}

export interface Taken {
  readonly bucket: Bucket;
  readonly ok: boolean;
  /** Milliseconds until a token is there; 0 when one was taken. */
  readonly retryAfterMs: number;
}

const WHOLE = 1_000;

/** Takes one token at `nowMs`. Without a bucket, it begins full. A clock that goes back refills nothing. */
export function takeToken(bucket: Bucket | undefined, { perSecond, burst }: BucketLimits, nowMs: EpochMs): Taken {
  const before = bucket ?? { thousandths: burst * WHOLE, atMs: nowMs };
  const elapsedMs = Math.max(0, nowMs - before.atMs);
  const thousandths = Math.min(burst * WHOLE, before.thousandths + elapsedMs * perSecond);
  const atMs = Math.max(nowMs, before.atMs);
  if (thousandths >= WHOLE) return { bucket: { thousandths: thousandths - WHOLE, atMs }, ok: true, retryAfterMs: 0 };
  return { bucket: { thousandths, atMs }, ok: false, retryAfterMs: Math.ceil((WHOLE - thousandths) / perSecond) };
}

export interface Buckets {
  /** Takes one token of the key. */
  readonly take: (key: string, limits: BucketLimits, nowMs: EpochMs) => Omit<Taken, 'bucket'>;
}

/** One bucket a key, in memory. Keys come from the config, so their number is bounded. */
export function createBuckets(): Buckets {
  const buckets = new Map<string, Bucket>();
  return {
    take(key, limits, nowMs) {
      const { bucket, ...taken } = takeToken(buckets.get(key), limits, nowMs);
      buckets.set(key, bucket);
      return taken;
    },
  };
}
