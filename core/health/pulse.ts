/**
 * The vital signs of a strategy, folded from its events and kept beside the ledger's state: what health, pages and widgets need
 * without loading the books. Plain data.
 */
import type { HeartbeatEvent, NightdeskEvent, Resources } from '../events/types.ts';
import { type EpochMs, toEpochMs } from '../time/instant.ts';

export interface Pulse {
  readonly schemaVersion: 1;
  /** Newest event of any type, by its own clock, but never later than it was received. */
  readonly lastEventMs?: EpochMs;
  readonly heartbeat?: LastHeartbeat;
  readonly environment?: string;
  /** Newest deploy, halt or change. */
  readonly lastControl?: { readonly at: EpochMs; readonly action: string; readonly actor: string; readonly reason: string };
}

export interface LastHeartbeat {
  /** By the bot's clock, but never later than it was received: a clock that runs ahead must not hide a death. */
  readonly at: EpochMs;
  readonly status: HeartbeatEvent['status'];
  readonly component: string;
  readonly intervalMs: number;
  readonly instanceId?: string;
  readonly runId?: string;
  readonly tradingState?: 'active' | 'reducing' | 'halted';
  readonly openOrders?: number;
  readonly queueDepth?: number;
  readonly loopLagMs?: number;
  readonly resources?: Resources;
  /** First heartbeat of this run that said more than `starting`. */
  readonly startedAt?: EpochMs;
}

export const emptyPulse: Pulse = { schemaVersion: 1 };

/** Older events never replace newer ones. `receivedAtMs` is when the batch reached us. */
export function foldPulse(pulse: Pulse, events: readonly NightdeskEvent[], receivedAtMs: EpochMs): Pulse {
  let { lastEventMs, heartbeat, environment, lastControl } = pulse;
  for (const event of events) {
    const at = Math.min(toEpochMs(event.tsEvent), receivedAtMs);
    if (lastEventMs === undefined || at >= lastEventMs) {
      lastEventMs = at;
      environment = event.environment;
    }
    if (event.eventType === 'heartbeat' && (heartbeat === undefined || at >= heartbeat.at)) heartbeat = beat(heartbeat, event, at);
    if (event.eventType === 'control' && (lastControl === undefined || at >= lastControl.at)) {
      lastControl = { at, action: event.action, actor: event.actor, reason: event.reason };
    }
  }
  return {
    schemaVersion: 1,
    ...(lastEventMs === undefined ? {} : { lastEventMs }),
    ...(heartbeat === undefined ? {} : { heartbeat }),
    ...(environment === undefined ? {} : { environment }),
    ...(lastControl === undefined ? {} : { lastControl }),
  };
}

function beat(before: LastHeartbeat | undefined, event: HeartbeatEvent, at: EpochMs): LastHeartbeat {
  const sameRun = before !== undefined && before.runId === event.runId && before.instanceId === event.source.instanceId;
  const startedAt = (sameRun ? before.startedAt : undefined) ?? (event.status === 'starting' ? undefined : at);
  return {
    at,
    status: event.status,
    component: event.component,
    intervalMs: event.intervalMs,
    ...(event.source.instanceId === undefined ? {} : { instanceId: event.source.instanceId }),
    ...(event.runId === undefined ? {} : { runId: event.runId }),
    ...(event.tradingState === undefined ? {} : { tradingState: event.tradingState }),
    ...(event.openOrders === undefined ? {} : { openOrders: event.openOrders }),
    ...(event.queueDepth === undefined ? {} : { queueDepth: event.queueDepth }),
    ...(event.loopLagMs === undefined ? {} : { loopLagMs: event.loopLagMs }),
    ...(event.resources === undefined ? {} : { resources: event.resources }),
    ...(startedAt === undefined ? {} : { startedAt }),
  };
}
