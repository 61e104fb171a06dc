import { type EpochMs, type EpochNs, isoFromMs } from '../core/time/instant.ts';

/** A time as a bot has it: a Date, nanoseconds since 1970, or ISO 8601 text in UTC. Bare numbers are refused by type, since nobody knows their unit. */
export type TimeInput = Date | EpochNs | string;

/** ISO 8601 in UTC; nanoseconds keep all nine digits. */
export function isoTime(time: TimeInput): string {
  if (typeof time === 'string') return time;
  if (typeof time === 'bigint') {
    const nanoseconds = time % 1_000_000_000n;
    const seconds = isoFromMs(Number(time / 1_000_000_000n) * 1000).slice(0, 19);
    return `${seconds}.${nanoseconds.toString().padStart(9, '0')}Z`;
  }
  return time.toISOString();
}

/** Where a bot's time comes from: milliseconds since 1970. Simulated markets give their own. */
export type Now = () => EpochMs;
