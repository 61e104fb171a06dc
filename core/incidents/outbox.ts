/**
 * What becomes of a message that its channel did not take. It stays owed (the outbox is the incident's own state, so nothing else can lose
 * it) and is tried again after growing delays, never sooner than the channel asked for; after hours it is given up, which is an alarm.
 */
import type { EpochMs } from '../time/instant.ts';
import type { ChannelState, Duty } from './incident.ts';

/** After the n-th failed send; the last one repeats. Each send is several tries of its own. */
export const RETRY_DELAYS_MS: readonly number[] = [15_000, 30_000, 60_000, 120_000, 240_000, 480_000, 900_000];

/** A wrong token or a channel that is gone may be put right by a person, at a person's speed. */
export const REFUSED_DELAY_MS = 300_000;

/** What could not be told for so long is no news any more. */
export const GIVE_UP_MS = 6 * 3_600_000;

/** Longest wait that a channel may ask for. */
const LONGEST_WAIT_MS = 3_600_000;

export interface Failure {
  readonly at: EpochMs;
  readonly retry?: 'later' | 'never';
  /** `auth` and `gone` are refusals that a person can end. */
  readonly kind?: string;
  readonly retryAfterMs?: number;
  /** What was to be told, and the incident's notice and revision at that time. */
  readonly duty: Duty;
  readonly notice?: number;
  readonly revision?: number;
}

export function afterFailure(before: ChannelState, failure: Failure): ChannelState {
  const { at, retry = 'later', kind, retryAfterMs = 0 } = failure;
  const { retry: known, ...told } = notGivenUp(before);
  const refused = kind === 'auth' || kind === 'gone';
  const sinceMs = known?.sinceMs ?? at;
  if ((retry === 'never' && !refused) || at - sinceMs >= GIVE_UP_MS) return givenUp(told, failure);
  const failures = (known?.failures ?? 0) + 1;
  const own = refused ? REFUSED_DELAY_MS : (RETRY_DELAYS_MS[failures - 1] ?? RETRY_DELAYS_MS.at(-1)!);
  return { ...told, retry: { failures, sinceMs, nextAt: at + Math.max(own, Math.min(retryAfterMs, LONGEST_WAIT_MS)) } };
}

/** One message is given up, not the channel: what comes later is owed to it again. An edit that failed is no loss: it counts as shown. */
function givenUp(told: ChannelState, { at, duty, notice, revision }: Failure): ChannelState {
  if (told.earlier !== undefined) {
    const { earlier: _, ...rest } = told;
    return rest;
  }
  if (duty === 'update') return revision === undefined ? told : { ...told, revision };
  return { ...told, gaveUpAt: at, gaveUpDuty: duty, ...(notice === undefined ? {} : { gaveUpNotice: notice }) };
}

export function notGivenUp(state: ChannelState): ChannelState {
  const { gaveUpAt: _at, gaveUpNotice: _notice, gaveUpDuty: _duty, ...rest } = state;
  return rest;
}
