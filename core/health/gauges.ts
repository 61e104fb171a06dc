import type { EpochMs } from '../time/instant.ts';
import type { LastHeartbeat, Pulse } from './pulse.ts';
import { type BotHealth, deadAfterSeconds, type SilenceRule } from './silence.ts';

/** 1 or 0; absent while it cannot be told. */
export interface HealthGauges {
  /** Seconds since the newest heartbeat; absent for a bot that was never heard. */
  readonly heartbeatAge?: number;
  readonly liveness?: 0 | 1;
  readonly readiness?: 0 | 1;
  readonly startup?: 0 | 1;
}

/** What the sweep publishes about a bot. A probe decides where there is one; otherwise the heartbeats do. A paused bot has no flags. */
export function healthGauges(health: BotHealth, pulse: Pulse | undefined, now: EpochMs): HealthGauges {
  const beat = pulse?.heartbeat;
  const age = beat === undefined ? {} : { heartbeatAge: Math.max(0, (now - beat.at) / 1000) };
  if (health.status === 'paused' || health.status === 'maintenance' || health.status === 'new') return age;
  const { liveness, readiness, startup } = health.probes;
  const alive = health.status !== 'down';
  return {
    ...age,
    liveness: flag(liveness?.ok ?? alive),
    ...(readiness !== undefined
      ? { readiness: flag(readiness.ok) }
      : alive && beat !== undefined
        ? { readiness: flag(beat.status === 'ok') }
        : {}),
    ...(startup !== undefined
      ? { startup: flag(startup.ok) }
      : alive && beat !== undefined
        ? { startup: flag(beat.startedAt !== undefined) }
        : {}),
  };
}

const flag = (holds: boolean): 0 | 1 => (holds ? 1 : 0);

/** The heartbeat, while its figures still describe the present: until the bot counts as dead. */
export function freshHeartbeat(pulse: Pulse | undefined, rule: SilenceRule, now: EpochMs): LastHeartbeat | undefined {
  const beat = pulse?.heartbeat;
  return beat !== undefined && now - beat.at <= deadAfterSeconds(rule) * 1000 ? beat : undefined;
}
