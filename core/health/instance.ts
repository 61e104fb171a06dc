/** What each process says that it runs, and since when. */
import type { HeartbeatEvent } from '../events/types.ts';
import { type EpochMs, toEpochMs } from '../time/instant.ts';
import { present } from './present.ts';

export interface InstancePulse {
  readonly at: EpochMs;
  readonly gitSha?: string;
  readonly configHash?: string;
  /** Local clock minus true time, in milliseconds: as the bot says, or by how far its clock runs ahead of ours. */
  readonly clockOffsetMs?: number;
  /** The run that it says it is in: another one begins anew. */
  readonly runId?: string;
  /** First heartbeat of this run, and the first that said more than `starting`. */
  readonly beganAt?: EpochMs;
  readonly startedAt?: EpochMs;
}

/** A run of one process. */
export interface Run {
  /** Absent for a process without a name. */
  readonly instanceId?: string;
  readonly runId?: string;
  /** First heartbeat that said more than `starting`. */
  readonly startedAt?: EpochMs;
}

/** The run that began last, whichever process was heard last; undefined where no process has a name. */
export function newestRunOf(instances: Readonly<Record<string, InstancePulse>> = {}): Run | undefined {
  const all = Object.entries(instances).filter(([, { beganAt }]) => beganAt !== undefined);
  if (all.length === 0) return undefined;
  const [instanceId, { runId, startedAt }] = all.reduce((last, each) => (each[1].beganAt! > last[1].beganAt! ? each : last));
  return present<Run>({ instanceId, runId, startedAt });
}

/** `known` is when its run began to be up, where that was remembered elsewhere. */
export function instanceBeat(
  before: InstancePulse | undefined,
  event: HeartbeatEvent,
  { at, receivedMs, known }: { readonly at: EpochMs; readonly receivedMs: EpochMs; readonly known: EpochMs | undefined },
): InstancePulse {
  if (before !== undefined && at < before.at) return before;
  const { gitSha = before?.gitSha, configHash = before?.configHash, clockOffsetUs } = event;
  const isSameRun = before !== undefined && (before.runId === undefined || event.runId === undefined || before.runId === event.runId);
  const { runId = isSameRun ? before.runId : undefined } = event;
  const beganAt = (isSameRun ? before.beganAt : undefined) ?? known ?? at;
  const startedAt = (isSameRun ? before.startedAt : undefined) ?? known ?? (event.status === 'starting' ? undefined : at);
  return present<InstancePulse>({
    at,
    gitSha,
    configHash,
    // What the bot measured wins; without it a clock that runs ahead shows, since nothing arrives before it was sent.
    clockOffsetMs: clockOffsetUs !== undefined ? clockOffsetUs / 1000 : aheadMs(before, event, at, receivedMs),
    runId,
    beganAt,
    startedAt,
  });
}

/** The same heartbeat by a slower way says less than it did by the faster one. */
function aheadMs(before: InstancePulse | undefined, event: HeartbeatEvent, at: EpochMs, receivedMs: EpochMs): number {
  const isEcho = before !== undefined && at - before.at < event.intervalMs / 2;
  return Math.max(0, toEpochMs(event.tsSent) - receivedMs, isEcho ? (before.clockOffsetMs ?? 0) : 0);
}
