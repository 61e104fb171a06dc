/**
 * The vital signs of a strategy, folded from its events and kept beside the ledger's state: what health, pages and widgets need
 * without loading the books. Plain data, bounded: at most `COMPONENTS` parts, `INSTANCES` processes and `CONTROLS` changes are remembered, the newest ones.
 */
import { processOf } from '../events/sender.ts';
import type { ControlEvent, HeartbeatEvent, NightdeskEvent, Resources } from '../events/types.ts';
import { type EpochMs, toEpochMs } from '../time/instant.ts';
import { type ComponentPulse, componentBeat, isEcho } from './component.ts';
import { type InstancePulse, instanceBeat, newestRunOf, type Run } from './instance.ts';
import { newest, present } from './present.ts';
import { foldSequences, type SequencePulses } from './sequence.ts';
import { afterDeploy, foldStanding, type Standing } from './standing.ts';

export type { ComponentPulse } from './component.ts';
export type { InstancePulse } from './instance.ts';

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
  /** Of the process, whichever way it sent. */
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
      const known = components?.[event.component];
      const part = componentBeat(known, event, at, receivedAtMs);
      if (part !== undefined) components = newest({ ...components, [event.component]: part }, COMPONENTS);
      const isPart = part !== undefined && part.instanceId === event.source.instanceId;
      const beatAt = isPart ? part.at : at;
      const lateMs = isEcho(known, event, at) ? 0 : receivedAtMs - beatAt;
      lags.set(event.component, Math.max(lags.get(event.component) ?? 0, lateMs));
      const sender = processOf(event.source);
      if (sender !== undefined) {
        const times = { at: beatAt, receivedMs: receivedAtMs, known: isSameRun(heartbeat, event) ? heartbeat?.startedAt : undefined };
        instances = newest({ ...instances, [sender]: instanceBeat(instances?.[sender], event, times) }, INSTANCES);
      }
      // The goodbye of one process while another beats the part on is no word of the bot.
      const isOfBot = part === undefined || isPart;
      if (isOfBot && (heartbeat === undefined || beatAt >= heartbeat.at))
        heartbeat = beat(heartbeat, event, beatAt, sender === undefined ? undefined : instances?.[sender]);
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

const isSameRun = (before: LastHeartbeat | undefined, { source, runId }: HeartbeatEvent): boolean =>
  before !== undefined && before.runId === runId && before.instanceId === processOf(source);

/** The run whose probes are asked and whose start counts: the one that began last. Without a word of the bot, none. */
export function newestRun({ instances, heartbeat }: Pick<Pulse, 'instances' | 'heartbeat'>): Run {
  const { instanceId, runId, startedAt }: Partial<LastHeartbeat> = heartbeat ?? {};
  return newestRunOf(instances) ?? present<Run>({ instanceId, runId, startedAt });
}

function beat(before: LastHeartbeat | undefined, event: HeartbeatEvent, at: EpochMs, instance: InstancePulse | undefined): LastHeartbeat {
  const startedBefore = isSameRun(before, event) ? before?.startedAt : undefined;
  const startedAt = instance === undefined ? (startedBefore ?? (event.status === 'starting' ? undefined : at)) : instance.startedAt;
  const { status, component, intervalMs, runId, tradingState, openOrders, queueDepth, loopLagMs, resources } = event;
  const instanceId = processOf(event.source);
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
