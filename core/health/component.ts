/** The newest heartbeat of one part of a bot, and of the processes that beat it beside the newest. */
import { processOf } from '../events/sender.ts';
import type { HeartbeatEvent } from '../events/types.ts';
import type { EpochMs } from '../time/instant.ts';
import { newest, present } from './present.ts';

export interface ComponentPulse {
  /** By the bot's clock, but never later than it was received: a clock that runs ahead must not hide a death. */
  readonly at: EpochMs;
  readonly status: HeartbeatEvent['status'];
  readonly intervalMs: number;
  readonly runId?: string;
  readonly instanceId?: string;
  readonly seq?: number;
  /** By how much its heartbeats have come late, in milliseconds: the worst of a batch, fading over later ones. Absent below five seconds. */
  readonly lagMs?: number;
  /** The newest run that has begun and not ended. A success of another run does not end it. */
  readonly started?: { readonly at: EpochMs; readonly runId?: string };
  /** Other processes that beat the same part lately, by name: while one of them lives, the goodbye of another is no end. */
  readonly beside?: Readonly<Record<string, Beside>>;
}

export interface Beside extends Pick<ComponentPulse, 'at' | 'status' | 'intervalMs' | 'instanceId'> {}

/** Processes beside the newest that are remembered, and for how long. */
const BESIDE = 4;
const BESIDE_MS = 300_000;
/** A process that was heard within this time, or within three of its intervals, is alive as far as we know. */
const ALIVE_MS = 45_000;

/** Later than any delivery. */
const LONGEST_LAG_MS = 300_000;

/** The part after a heartbeat; undefined when the beat is older than what is known and changes nothing. */
export function componentBeat(
  before: ComponentPulse | undefined,
  event: HeartbeatEvent,
  statedAt: EpochMs,
  receivedAtMs: EpochMs,
): ComponentPulse | undefined {
  const at = beatAt(before, event, statedAt, receivedAtMs);
  if (before === undefined) return partOf(event, at, undefined, {});
  const name = nameOf(event.source);
  const own = nameOf({ ...event.source, instanceId: before.instanceId });
  const { [name]: said, ...others } = before.beside ?? {};
  // What a process sent before its goodbye, and came by a slower way.
  if (said?.status === 'stopping' && at < said.at) return undefined;
  if (name === own) {
    if (at < before.at) return undefined;
    const heir = event.status === 'stopping' ? heirOf(others, at) : undefined;
    if (heir === undefined) return partOf(event, at, before, lately(others, at));
    const { [heir]: inherited, ...rest } = others;
    return { ...inherited!, beside: newest({ ...rest, [name]: besideOf(event, at) }, BESIDE) };
  }
  if (event.status === 'stopping' && (at < before.at || isAlive(before, at)))
    return before.status === 'stopping' ? undefined : { ...before, beside: newest({ ...others, [name]: besideOf(event, at) }, BESIDE) };
  if (at < before.at) return undefined;
  const { status, intervalMs, instanceId } = before;
  const left = present<Beside>({ at: before.at, status, intervalMs, instanceId });
  return partOf(event, at, before, lately({ ...others, [own]: left }, at));
}

/**
 * When the beat counts. One that the same process numbered higher is newer whatever its clock says: the clock was set back, and the beat counts
 * from its receipt.
 */
function beatAt(before: ComponentPulse | undefined, event: HeartbeatEvent, statedAt: EpochMs, receivedAtMs: EpochMs): EpochMs {
  const { instanceId } = event.source;
  if (before === undefined || instanceId === undefined || instanceId !== before.instanceId) return statedAt;
  const wasSetBack = statedAt < before.at && event.seq !== undefined && before.seq !== undefined && event.seq > before.seq;
  return wasSetBack || runsBehind(before, statedAt, receivedAtMs) ? Math.max(receivedAtMs, before.at) : statedAt;
}

/** Later than any delivery, and as late as before: not a backlog that drains, but a clock that is wrong. */
function runsBehind(before: ComponentPulse, statedAt: EpochMs, receivedAtMs: EpochMs): boolean {
  const lagMs = receivedAtMs - statedAt;
  if (lagMs < LONGEST_LAG_MS || before.lagMs === undefined) return false;
  return lagMs >= before.lagMs - Math.max(0, statedAt - before.at) / 2;
}

/** Whether the heartbeat, or one beside it, is known by the other way already: then it says nothing of how late heartbeats come. */
export function isEcho(before: ComponentPulse | undefined, { source, intervalMs }: HeartbeatEvent, at: EpochMs): boolean {
  if (before === undefined || before.instanceId === source.instanceId) return false;
  return nameOf(source) === nameOf({ ...source, instanceId: before.instanceId }) && at - before.at < intervalMs / 2;
}

type Named = { readonly system: string; readonly instanceId?: string | undefined };

const nameOf = ({ system, instanceId }: Named): string => processOf({ system, ...(instanceId === undefined ? {} : { instanceId }) }) ?? '';

function partOf(event: HeartbeatEvent, at: EpochMs, before: ComponentPulse | undefined, beside: Readonly<Record<string, Beside>>) {
  const { status, intervalMs, seq, runId } = event;
  const { instanceId } = event.source;
  const started = startedAfter(before?.started, event, at);
  return present<ComponentPulse>({ at, status, intervalMs, runId, instanceId, seq, started, beside: filled(beside) });
}

const besideOf = ({ status, intervalMs, source: { instanceId } }: HeartbeatEvent, at: EpochMs): Beside =>
  present<Beside>({ at, status, intervalMs, instanceId });

const filled = (beside: Readonly<Record<string, Beside>>) => (Object.keys(beside).length === 0 ? undefined : newest(beside, BESIDE));

const lately = (beside: Readonly<Record<string, Beside>>, at: EpochMs): Readonly<Record<string, Beside>> =>
  Object.fromEntries(Object.entries(beside).filter(([, each]) => at - each.at < BESIDE_MS));

const isAlive = ({ at, status, intervalMs }: Beside, now: EpochMs): boolean =>
  status !== 'stopping' && now - at <= Math.max(ALIVE_MS, 3 * Math.min(intervalMs, BESIDE_MS));

/** Who beats the part on: of those that live, the one heard last. */
function heirOf(beside: Readonly<Record<string, Beside>>, at: EpochMs): string | undefined {
  const living = Object.entries(beside).filter(([, each]) => isAlive(each, at));
  return living.reduce<(typeof living)[number] | undefined>(
    (last, each) => (last === undefined || each[1].at > last[1].at ? each : last),
    undefined,
  )?.[0];
}

/** Only the newest run is timed; a failure or goodbye ends any. */
function startedAfter(before: ComponentPulse['started'], { status, runId }: HeartbeatEvent, at: EpochMs): ComponentPulse['started'] {
  if (status === 'starting') {
    if (before !== undefined && before.runId === runId) return before;
    return { at, ...(runId === undefined ? {} : { runId }) };
  }
  if (status === 'failed' || status === 'stopping') return undefined;
  const isOther = before?.runId !== undefined && runId !== undefined && before.runId !== runId;
  return isOther ? before : undefined;
}
