/** Points in time. Core never reads a clock: every function that needs the present takes `now`. */

/** Nanoseconds since 1970-01-01T00:00:00Z. */
export type EpochNs = bigint;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Whole milliseconds at or before the instant (floor, also before 1970). */
export function toEpochMs(ns: EpochNs): EpochMs {
  const ms = ns / 1_000_000n;
  return Number(ns < 0n && ms * 1_000_000n !== ns ? ms - 1n : ms);
}

export function fromEpochMs(ms: EpochMs): EpochNs {
  return BigInt(Math.trunc(ms)) * 1_000_000n;
}

/** ISO 8601 UTC with `Z` and milliseconds, the text form of every time in output. */
export function isoFromMs(ms: EpochMs): string {
  return new Date(ms).toISOString();
}
