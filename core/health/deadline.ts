/** When the next heartbeat of a part is due, and when its absence is a death. */
import type { EpochMs } from '../time/instant.ts';
import { type JobSchedule, nextRun } from './job-schedule.ts';
import type { ComponentPulse } from './pulse.ts';

export interface BeatTimes {
  readonly intervalSeconds: number;
  readonly graceSeconds: number;
  /** Allowance for the way of a heartbeat to us; 0 for one that is sent directly. Absent means 0. */
  readonly deliverySeconds?: number;
}

export interface BeatRule extends BeatTimes {
  /** For a part that works at set times. It then has no interval. */
  readonly schedule?: JobSchedule;
}

/** A part that says that it beats more slowly than its rule is believed up to this, so that a slow part is no flapping one. */
const LONGEST_OWN_INTERVAL_MS = 300_000;

/** Heartbeats that come late for all to see are allowed as much, up to this: a slow delivery is no death. */
const LONGEST_LAG_MS = 300_000;

export interface Deadlines {
  /** When the next heartbeat should come. */
  readonly dueMs: EpochMs;
  /** When it counts as dead. */
  readonly deadMs: EpochMs;
}

/**
 * Undefined while nothing is awaited: after a goodbye, or when its schedule has no further time. A failure is a death at once. A job whose
 * run has begun must end it within the grace; only the newest run is timed. `believes` lets the part's own interval count when it is longer.
 */
export function deadlinesOf(part: ComponentPulse, rule: BeatRule, believes: boolean): Deadlines | undefined {
  if (part.status === 'stopping') return undefined;
  if (part.status === 'failed') return { dueMs: part.at, deadMs: part.at };
  const allowedMs = (rule.deliverySeconds ?? 0) * 1000;
  const slackMs = rule.graceSeconds * 1000 + Math.max(allowedMs, Math.min(part.lagMs ?? 0, LONGEST_LAG_MS));
  if (rule.schedule === undefined) {
    const own = believes ? Math.min(part.intervalMs, LONGEST_OWN_INTERVAL_MS) : 0;
    const dueMs = part.at + Math.max(rule.intervalSeconds * 1000, own);
    return { dueMs, deadMs: dueMs + slackMs };
  }
  const next = nextRun(rule.schedule, part.at);
  const run = part.started?.at;
  const dueMs = Math.min(next ?? Number.POSITIVE_INFINITY, run ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(dueMs) ? { dueMs, deadMs: dueMs + slackMs } : undefined;
}
