/**
 * Is a bot there? States and their meaning follow healthchecks.io: `new` (never heard of), `up`, `late` (interval passed),
 * `down` (interval and grace passed), `paused` (said that it stops), `maintenance` (somebody said so). The moment of death is the
 * missed deadline, not the sweep that noticed it, so two sweeps say the same.
 */
import type { EpochMs } from '../time/instant.ts';
import type { Pulse } from './pulse.ts';

export type HealthStatus = 'new' | 'up' | 'late' | 'down' | 'paused' | 'maintenance';

export interface ProbeState {
  /** Consecutive failures; 0 after a success. */
  readonly failures: number;
  /** What the gauge says: flips after the failure threshold, and back with one success. */
  readonly ok: boolean;
}

export interface BotHealth {
  readonly schemaVersion: 1;
  readonly status: HealthStatus;
  /** When the status began. */
  readonly since: EpochMs;
  /** The deadline that was missed, while down. */
  readonly diedAt?: EpochMs;
  readonly probes: Readonly<Partial<Record<ProbeName, ProbeState>>>;
}

export type ProbeName = 'liveness' | 'readiness' | 'startup';

export interface SilenceRule {
  readonly intervalSeconds: number;
  readonly graceSeconds: number;
}

export interface SilenceVerdict {
  readonly health: BotHealth;
  /** Set when the bot died or came back just now. */
  readonly flip?: { readonly to: 'ALARM' | 'OK'; readonly at: EpochMs; readonly since: EpochMs };
}

export const newHealth = (now: EpochMs): BotHealth => ({ schemaVersion: 1, status: 'new', since: now, probes: {} });

/** Seconds of silence after which a bot is dead. */
export const deadAfterSeconds = ({ intervalSeconds, graceSeconds }: SilenceRule): number => intervalSeconds + graceSeconds;

/** Judges silence at `now`. A bot that was never heard stays `new`: the CloudWatch alarm on its heartbeats covers a bot that never starts. */
export function judgeSilence(before: BotHealth, pulse: Pulse | undefined, rule: SilenceRule, now: EpochMs): SilenceVerdict {
  const status = before.status === 'maintenance' ? 'maintenance' : statusOf(pulse, rule, now);
  const last = pulse?.heartbeat?.at;
  const wasDown = before.diedAt !== undefined;
  if (status === 'down' && last !== undefined) {
    const diedAt = last + deadAfterSeconds(rule) * 1000;
    if (wasDown) return { health: { ...before, status } };
    return { health: { ...before, status, since: diedAt, diedAt }, flip: { to: 'ALARM', at: diedAt, since: last } };
  }
  const { diedAt, ...alive } = before;
  const health = status === before.status ? alive : { ...alive, status, since: now };
  if (diedAt === undefined) return { health };
  // Heard again, but the heartbeat may have happened before the deadline and come late: the recovery still follows the death.
  const back = Math.max(last ?? now, diedAt + 1);
  return { health, flip: { to: 'OK', at: back, since: diedAt } };
}

function statusOf(pulse: Pulse | undefined, rule: SilenceRule, now: EpochMs): HealthStatus {
  const beat = pulse?.heartbeat;
  if (beat === undefined) return 'new';
  if (beat.status === 'stopping') return 'paused';
  const silentMs = now - beat.at;
  if (silentMs <= rule.intervalSeconds * 1000) return 'up';
  return silentMs <= deadAfterSeconds(rule) * 1000 ? 'late' : 'down';
}

/** One probe result into the count of consecutive failures; as Kubernetes counts, with a success threshold of one. */
export function afterProbe(before: ProbeState | undefined, succeeded: boolean, failureThreshold: number): ProbeState {
  if (succeeded) return { failures: 0, ok: true };
  const failures = Math.min((before?.failures ?? 0) + 1, 1_000_000);
  return { failures, ok: failures < failureThreshold && (before?.ok ?? true) };
}
