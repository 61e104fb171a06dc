/**
 * The fast timer: one delayed message at a time, which wakes at the earliest moment at which a bot may die and sends its successor. Only the
 * message that carries the newest token goes on, so a repeated or forgotten one ends there. The sweep begins the chain anew when it has broken.
 */
import type { EpochMs } from '../time/instant.ts';

export interface TimerChain {
  readonly schemaVersion: 1;
  /** Of the message that is on its way. */
  readonly token: string;
  /** When it wakes. */
  readonly dueMs: EpochMs;
}

/** Longest delay of a message. Source: SQS API, SendMessage, DelaySeconds. */
const LONGEST_SECONDS = 900;
/** A message this late is lost. */
const LOST_MS = 30_000;
/** Waking this much too late is worth a message of its own. */
const TOO_LATE_MS = 2_000;

/** Whole seconds until just after the moment, 1 to 900. */
export function delaySecondsUntil(nextMs: EpochMs | undefined, now: EpochMs): number {
  if (nextMs === undefined) return LONGEST_SECONDS;
  return Math.min(LONGEST_SECONDS, Math.max(1, Math.ceil((nextMs + 50 - now) / 1000)));
}

/** Whether a sweep must begin the chain anew: there is none, its message is lost, or it wakes too late for the next deadline. */
export function isBroken(chain: TimerChain | undefined, nextMs: EpochMs | undefined, now: EpochMs): boolean {
  if (chain === undefined || now > chain.dueMs + LOST_MS) return true;
  return nextMs !== undefined && chain.dueMs > Math.max(nextMs, now) + TOO_LATE_MS;
}
