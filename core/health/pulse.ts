/**
 * The vital signs of a strategy, folded from its events and kept beside the ledger's state: what health, pages and widgets need
 * without loading the books. Plain data, bounded: at most `COMPONENTS` parts, `INSTANCES` processes and `CONTROLS` changes are remembered, the newest ones.
 */
import type { ControlEvent, HeartbeatEvent, NightdeskEvent, Resources } from '../events/types.ts';
import { type EpochMs, toEpochMs } from '../time/instant.ts';
import { foldSequences, type SequencePulses } from './sequence.ts';
import { afterDeploy, foldStanding, type Standing } from './standing.ts';

export interface Pulse {
  readonly schemaVersion: 1;
  /** Newest event of any type, by its own clock, but never later than it was received. */
  readonly lastEventMs?: EpochMs;
  /** When the newest batch reached us, by our clock. */
  readonly receivedMs?: EpochMs;
  /** The newest heartbeat of any part. */
  readonly heartbeat?: LastHeartbeat;
  readonly components?: Readonly<Record<string, ComponentPulse>>;
  readonly instances?: Readonly<Record<string, InstancePulse>>;
  readonly environment?: string;
  /** Deploys, halts and changes, oldest first: the newest, and what came in the hour before it. */
  readonly controls?: readonly Control[];
  /** What somebody has said must hold: pauses, maintenance, closures, halts. */
  readonly standing?: Standing;
  readonly activity?: Activity;
  /** What each process has numbered, and what of it has not come. */
  readonly sequences?: SequencePulses;
}

export interface Control {
  readonly at: EpochMs;
  /** `deploy`, `configChange`, `halt`, … */
  readonly action: string;
  readonly actor: string;
  readonly reason: string;
}

/** The newest heartbeat of one part of the bot. */
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
}

/** What one process says that it runs. */
export interface InstancePulse {
  readonly at: EpochMs;
  readonly gitSha?: string;
  readonly configHash?: string;
  /** Local clock minus true time, in milliseconds: as the bot says, or by how far its clock runs ahead of ours. */
  readonly clockOffsetMs?: number;
}

/** What the strategy did last; counts grow and are never reset. */
export interface Activity {
  readonly lastOrderMs?: EpochMs;
  readonly lastFillMs?: EpochMs;
  readonly orders: number;
  readonly fills: number;
  /** New orders that were sent while the strategy was halted. */
  readonly whileHalted: number;
  readonly lastWhileHaltedMs?: EpochMs;
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

export const COMPONENTS = 32;
export const INSTANCES = 8;
/** So long beside a newer one, and at most so many. */
export const CONTROLS_MS = 60 * 60_000;
export const CONTROLS = 16;

/** A halted strategy may still cancel and flatten for this long. */
const HALT_GRACE_MS = 10_000;

export const emptyPulse: Pulse = { schemaVersion: 1 };

/** Older events never replace newer ones. `receivedAtMs` is when the batch reached us. */
export function foldPulse(pulse: Pulse, events: readonly NightdeskEvent[], receivedAtMs: EpochMs): Pulse {
  let { lastEventMs, heartbeat, components, instances, environment, controls, standing, activity } = pulse;
  const lags = new Map<string, number>();
  for (const event of events) {
    const at = Math.min(toEpochMs(event.tsEvent), receivedAtMs);
    if (lastEventMs === undefined || at >= lastEventMs) {
      lastEventMs = at;
      environment = event.environment;
    }
    if (event.eventType === 'heartbeat') {
      const part = componentBeat(components?.[event.component], event, at, receivedAtMs);
      if (part !== undefined) components = newest({ ...components, [event.component]: part }, COMPONENTS);
      lags.set(event.component, Math.max(lags.get(event.component) ?? 0, receivedAtMs - (part?.at ?? at)));
      const beatAt = part?.at ?? at;
      if (heartbeat === undefined || beatAt >= heartbeat.at) heartbeat = beat(heartbeat, event, beatAt);
      if (event.source.instanceId !== undefined) {
        const said = instanceBeat(instances?.[event.source.instanceId], event, beatAt, receivedAtMs);
        instances = newest({ ...instances, [event.source.instanceId]: said }, INSTANCES);
      }
    }
    standing = foldStanding(standing, event, at);
    // A run that has begun since the deploy is its end: from then on the bot is held to its heartbeats again.
    if (standing?.deployedAt !== undefined && heartbeat?.startedAt !== undefined && heartbeat.startedAt >= standing.deployedAt)
      standing = afterDeploy(standing);
    if (event.eventType === 'control') controls = withControl(controls, controlOf(event, at));
    activity = foldActivity(activity, event, at, standing);
  }
  for (const [name, lagMs] of lags) components = withLag(components, pulse.components?.[name], name, lagMs);
  const receivedMs = receivedAtMs === 0 ? undefined : Math.max(receivedAtMs, pulse.receivedMs ?? 0);
  const sequences = foldSequences(pulse.sequences, events, receivedAtMs);
  const after = { lastEventMs, receivedMs, heartbeat, components, instances, environment, controls, standing, activity, sequences };
  return present<Pulse>({ schemaVersion: 1, ...after });
}

/** Delays below this are within what anybody allows for. */
const NOTABLE_LAG_MS = 5_000;
/** And what is later than this is no delay. */
const LONGEST_LAG_MS = 300_000;
const FADING = 0.8;

function withLag(
  components: Pulse['components'],
  before: ComponentPulse | undefined,
  name: string,
  batchLagMs: number,
): Pulse['components'] {
  const part = components?.[name];
  if (part === undefined) return components;
  const { lagMs: _, ...rest } = part;
  const lagMs = Math.round(Math.max(batchLagMs, (before?.lagMs ?? 0) * FADING));
  return { ...components, [name]: lagMs < NOTABLE_LAG_MS ? rest : { ...rest, lagMs } };
}

const controlOf = ({ action, actor, reason }: ControlEvent, at: EpochMs): Control => ({ at, action, actor, reason });

/** The same one again changes nothing. */
function withControl(before: readonly Control[] = [], control: Control): readonly Control[] {
  const isSame = ({ at, action, actor, reason }: Control) =>
    at === control.at && action === control.action && actor === control.actor && reason === control.reason;
  if (before.some(isSame)) return before;
  const all = [...before, control].sort((a, b) => a.at - b.at);
  const newestMs = all.at(-1)!.at;
  return all.filter(({ at }) => at > newestMs - CONTROLS_MS).slice(-CONTROLS);
}

/** The newest entries by `at`; the same object while there is room. */
function newest<T extends { readonly at: EpochMs }>(entries: Readonly<Record<string, T>>, limit: number): Readonly<Record<string, T>> {
  const all = Object.entries(entries);
  return all.length <= limit ? entries : Object.fromEntries(all.sort(([, a], [, b]) => b.at - a.at).slice(0, limit));
}

/**
 * Undefined when the beat is older than what is known. A beat that the same process numbered higher is newer whatever its clock says: the
 * clock was set back, and the beat counts from its receipt.
 */
function componentBeat(
  before: ComponentPulse | undefined,
  event: HeartbeatEvent,
  statedAt: EpochMs,
  receivedAtMs: EpochMs,
): ComponentPulse | undefined {
  const { instanceId } = event.source;
  const wasSetBack =
    before !== undefined &&
    statedAt < before.at &&
    instanceId !== undefined &&
    instanceId === before.instanceId &&
    event.seq !== undefined &&
    before.seq !== undefined &&
    event.seq > before.seq;
  const isBehind =
    before !== undefined && instanceId !== undefined && instanceId === before.instanceId && runsBehind(before, statedAt, receivedAtMs);
  const at = wasSetBack || isBehind ? Math.max(receivedAtMs, before.at) : statedAt;
  if (before !== undefined && at < before.at) return undefined;
  const { runId } = event;
  const started = startedAfter(before?.started, event, at);
  const { status, intervalMs, seq } = event;
  return present<ComponentPulse>({ at, status, intervalMs, runId, instanceId, seq, started });
}

/** Later than any delivery, and as late as before: not a backlog that drains, but a clock that is wrong. */
function runsBehind(before: ComponentPulse, statedAt: EpochMs, receivedAtMs: EpochMs): boolean {
  const lagMs = receivedAtMs - statedAt;
  if (lagMs < LONGEST_LAG_MS || before.lagMs === undefined) return false;
  return lagMs >= before.lagMs - Math.max(0, statedAt - before.at) / 2;
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

function instanceBeat(before: InstancePulse | undefined, event: HeartbeatEvent, at: EpochMs, receivedAtMs: EpochMs): InstancePulse {
  if (before !== undefined && at < before.at) return before;
  const { gitSha = before?.gitSha, configHash = before?.configHash, clockOffsetUs } = event;
  const aheadMs = toEpochMs(event.tsSent) - receivedAtMs;
  // What the bot measured wins; without it a clock that runs ahead shows, since nothing arrives before it was sent.
  const clockOffsetMs = clockOffsetUs !== undefined ? clockOffsetUs / 1000 : Math.max(0, aheadMs);
  return present<InstancePulse>({ at, gitSha, configHash, clockOffsetMs });
}

function foldActivity(
  before: Activity | undefined,
  event: NightdeskEvent,
  at: EpochMs,
  standing: Standing | undefined,
): Activity | undefined {
  const { orders, fills, whileHalted, ...last }: Activity = before ?? { orders: 0, fills: 0, whileHalted: 0 };
  if (event.eventType === 'order' && (event.execType === 'new' || event.execType === 'pendingNew')) {
    const { haltedAt } = standing ?? {};
    const isHalted = haltedAt !== undefined && at > haltedAt + HALT_GRACE_MS && event.reduceOnly !== true;
    // One order is reported as pending and again as new; the venue's word counts, and the first one dates it.
    const counts = event.execType === 'new' ? 1 : 0;
    return {
      ...last,
      lastOrderMs: Math.max(last.lastOrderMs ?? at, at),
      orders: orders + counts,
      fills,
      whileHalted: whileHalted + (isHalted ? counts : 0),
      ...(isHalted ? { lastWhileHaltedMs: Math.max(last.lastWhileHaltedMs ?? at, at) } : {}),
    };
  }
  if (event.eventType === 'execution' && event.execType === 'trade')
    return { ...last, lastFillMs: Math.max(last.lastFillMs ?? at, at), orders, fills: fills + 1, whileHalted };
  return before;
}

function beat(before: LastHeartbeat | undefined, event: HeartbeatEvent, at: EpochMs): LastHeartbeat {
  const sameRun = before !== undefined && before.runId === event.runId && before.instanceId === event.source.instanceId;
  const startedAt = (sameRun ? before.startedAt : undefined) ?? (event.status === 'starting' ? undefined : at);
  const { status, component, intervalMs, runId, tradingState, openOrders, queueDepth, loopLagMs, resources } = event;
  const { instanceId } = event.source;
  const facts = {
    at,
    status,
    component,
    intervalMs,
    instanceId,
    runId,
    tradingState,
    openOrders,
    queueDepth,
    loopLagMs,
    resources,
    startedAt,
  };
  return present<LastHeartbeat>(facts);
}

type MaybeUndefined<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Without what is undefined. */
const present = <T extends object>(value: MaybeUndefined<T>): T =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
