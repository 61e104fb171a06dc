import type { EpochMs } from '../time/instant.ts';

/** Within what `Date` can hold, with room for an hour more. */
const LATEST = 8e15;

/**
 * Milliseconds of a time as AWS writes it: `2026-11-22T03:03:41.512+0000` (offset without colon, which strict ISO 8601 parsers
 * refuse), `…Z` with or without a fraction, or epoch milliseconds. Undefined when unreadable.
 */
export function parseAwsTime(value: unknown): EpochMs | undefined {
  if (typeof value === 'number') return Math.abs(value) <= LATEST ? Math.trunc(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const ms = Date.parse(value.trim().replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Math.abs(ms) <= LATEST ? ms : undefined;
}
