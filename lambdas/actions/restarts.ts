/**
 * Restarts the ECS service of a bot, at most once for an incident. An order waits a moment in the queue, so that its incident is known; then it is
 * judged, claimed by compare-and-set, and only then is ECS called. Whoever finds a claim that its owner has left asks ECS whether the call had
 * arrived, and calls again only when it had not: ECS takes no token against repetitions. What came of it is told in the incident.
 */
import type { Ecs, EcsAnswer } from '../../adapters/aws/ecs.ts';
import { errorFields } from '../../adapters/aws/output.ts';
import type { RestartStore } from '../../adapters/aws/restart-store.ts';
import type { SweepStore } from '../../adapters/aws/sweep-store.ts';
import type { BotConfig, EcsRestartConfig } from '../../core/config/types.ts';
import { closuresOf } from '../../core/health/closure.ts';
import { excuseAt } from '../../core/health/excuse.ts';
import { silenceRuleOf } from '../../core/health/rules.ts';
import { tellMeasure } from '../../core/incidents/actions.ts';
import { type Alert, alertLabels, isFiring } from '../../core/incidents/alert.ts';
import { type Incident, isOpen } from '../../core/incidents/incident.ts';
import { plainText } from '../../core/incidents/plain-text.ts';
import { durationText } from '../../core/incidents/quantity-text.ts';
import {
  deploymentSince,
  type EcsService,
  isTooLate,
  primaryOf,
  type Refusal,
  type RestartEntry,
  type RestartFacts,
  type RestartLog,
  type RestartOrder,
  type RestartOutcome,
  refusalOf,
  restartReasons,
  restartText,
  serviceRefusal,
  withEntry,
} from '../../core/incidents/restart.ts';
import { showSilence, silencesOf } from '../../core/incidents/silence.ts';
import type { SignalTools } from './signals.ts';

export interface RestartTools
  extends Pick<SignalTools, 'config' | 'incidents' | 'silences' | 'alerts' | 'signals' | 'send' | 'output' | 'wake'> {
  readonly ecs: Ecs;
  readonly restarts: RestartStore;
  readonly sweeps: Pick<SweepStore, 'read'>;
  /** Puts an order into the queue, for so many seconds from now; at most 900. */
  readonly orderRestart: (order: RestartOrder, delaySeconds: number) => Promise<void>;
}

/** The notifier hears the same alarm at the same time: its incident is there a moment later. */
export const FIRST_LOOK_SECONDS = 5;
/** Longer than the function may run: a claim that is older has lost its owner. */
const CLAIM_SECONDS = 45;
/** How long an order waits for its incident. What is worse is a bot that stays dead because a table did not answer. */
const INCIDENT_MS = 60_000;
/** How long ECS may not answer before a person is told to do it. */
const GIVE_UP_MS = 8 * 60_000;
/** Longest delay of a message. Source: SQS quotas. */
const LONGEST_SECONDS = 900;
const TRIES = 5;

/** @throws Error when the same order should be tried again. */
export async function restart(order: RestartOrder, tools: RestartTools): Promise<void> {
  const bot = tools.config.bots.find(({ id }) => id === order.botId);
  if (bot?.ecsRestart === undefined) return tools.output.warn('restart of a bot that the config does not restart', { ...order });
  for (let tries = 0; tries < TRIES; tries++) if ((await attempt({ order, bot, config: bot.ecsRestart }, tools)) === 'done') return;
  throw new Error(`the restarts of ${order.botId} are being changed by others`);
}

interface Case {
  readonly order: RestartOrder;
  readonly bot: BotConfig;
  readonly config: EcsRestartConfig;
}

/** What is known when the order is judged. */
interface Known extends Case {
  readonly now: number;
  readonly log: RestartLog;
  readonly version: number;
  readonly facts: RestartFacts;
  /** Keys of the groups that the alert is in: where its incidents are. */
  readonly groups: readonly string[];
  readonly entry: RestartEntry | undefined;
}

/** `again`: somebody else changed the log meanwhile. */
type Step = 'done' | 'again';

async function attempt(given: Case, tools: RestartTools): Promise<Step> {
  const known = await gather(given, tools);
  const { order, facts, entry, now } = known;
  if (facts.incident === undefined && now - order.atMs < INCIDENT_MS && entry === undefined) return later(known, 10, tools);
  if (entry?.state === 'restarted' || entry?.state === 'dryRun' || entry?.state === 'failed') {
    tools.output.info('restart repeated', { ...order, entry });
    return 'done';
  }
  if (entry?.state === 'claimed') {
    if (now - (entry.claimedAt ?? entry.atMs) < CLAIM_SECONDS * 1000) return later(known, CLAIM_SECONDS, tools);
    return resume(known, entry, tools);
  }
  return judge(known, tools);
}

/** A claim without an end: ECS says whether its call had arrived. */
async function resume(known: Known, entry: RestartEntry, tools: RestartTools): Promise<Step> {
  const described = await tools.ecs.describe(known.config);
  if (!described.ok) return failed(known, described, tools);
  const deployment = described.value === undefined ? undefined : deploymentSince(entry, described.value);
  if (deployment === undefined) return judge(known, tools, described);
  return settle(
    known,
    { ...entry, state: 'restarted', reason: 'found', deployment },
    { is: 'restarted', at: entry.claimedAt ?? entry.atMs, deployment },
    tools,
  );
}

async function judge(known: Known, tools: RestartTools, asked?: EcsAnswer<EcsService | undefined>): Promise<Step> {
  const { facts, order, config, now } = known;
  const refusal = refusalOf(facts);
  if (refusal !== undefined) return refuse(known, refusal, tools);
  const described = asked ?? (await tools.ecs.describe(config));
  if (!described.ok) return failed(known, described, tools);
  const service = described.value;
  if (service === undefined) return failed(known, { retry: 'never', name: 'ServiceNotFound' }, tools);
  const against = serviceRefusal(service, facts);
  if (against !== undefined) return refuse(known, against, tools);
  const before = primaryOf(service)?.id ?? 'none';
  const claimed: RestartEntry = { ...newEntry(known), state: 'claimed', claimedAt: now, before };
  if (config.dryRun) {
    const running = `${service.runningCount} of ${service.desiredCount} tasks running`;
    return settle(known, { ...claimed, state: 'dryRun', reason: 'dryRun' }, { is: 'dryRun', before, running }, tools);
  }
  // Claimed before it is called: two deliveries of one order, or of one incident, must not both call.
  if ((await tools.restarts.save(config, known.version, withEntry(known.log, claimed, now))) !== 'saved') return 'again';
  const begun = await tools.ecs.restart(config);
  const after = { ...known, version: known.version + 1, log: withEntry(known.log, claimed, now), entry: claimed };
  if (!begun.ok) return failed(after, begun, tools);
  tools.output.info('restarted', { ...order, deployment: begun.value, before });
  return settle(
    after,
    { ...claimed, state: 'restarted', deployment: begun.value },
    { is: 'restarted', at: now, deployment: begun.value },
    tools,
  );
}

const newEntry = ({ entry, facts, bot, now }: Known) => ({
  id: facts.entryId,
  botId: bot.id,
  atMs: entry?.state === 'claimed' ? entry.atMs : now,
});

/** Tells the end, and writes it down: in this order, since words that come twice are one, and words that are lost are not. */
async function settle(known: Known, entry: RestartEntry, outcome: RestartOutcome, tools: RestartTools): Promise<Step> {
  await tell(known, outcome, tools);
  const saved = await tools.restarts.save(known.config, known.version, withEntry(known.log, entry, known.now));
  if (saved === 'saved') return 'done';
  // After a call the next look finds the claim, and at ECS what became of it.
  return entry.state === 'dryRun' ? 'again' : later(known, CLAIM_SECONDS, tools);
}

/** Says why not; what waits is looked at again. The same reason is told once. */
async function refuse(known: Known, refusal: Refusal, tools: RestartTools): Promise<Step> {
  const { order, now, entry } = known;
  const { reason, because, againAt } = refusal;
  if (againAt !== undefined && isTooLate(order, now))
    return refuse(known, { reason: 'tooLate', because: `${restartReasons.tooLate} (${because})` }, tools);
  if (entry?.reason !== reason) {
    await tell(known, { is: 'refused', refusal }, tools);
    const written: RestartEntry = { ...newEntry(known), state: 'refused', reason };
    if ((await tools.restarts.save(known.config, known.version, withEntry(known.log, written, now))) !== 'saved') return 'again';
  }
  return againAt === undefined ? 'done' : later(known, Math.ceil((againAt - now) / 1000), tools);
}

/** A refusal of ECS ends it; what may pass is asked again in a minute, when ECS also shows whether a call had arrived. */
async function failed(known: Known, { retry, name }: Pick<EcsFailure, 'retry' | 'name'>, tools: RestartTools): Promise<Step> {
  const { order, now, entry } = known;
  const failingSinceMs = order.failingSinceMs ?? now;
  tools.output.error('ECS failed', { ...order, errorName: name, retry });
  if (retry === 'later' && now - failingSinceMs < GIVE_UP_MS) {
    const refusal = { reason: 'trying', because: `${restartReasons.trying} (${name})`, againAt: now + CLAIM_SECONDS * 1000 } as const;
    if (order.failingSinceMs === undefined) await tell(known, { is: 'refused', refusal }, tools);
    return later({ ...known, order: { ...order, failingSinceMs } }, CLAIM_SECONDS, tools);
  }
  const lost = entry?.state === 'claimed' ? '; the call may have arrived' : '';
  const silent = `ECS did not answer for ${durationText((now - failingSinceMs) / 1000)} (${name})${lost}`;
  const because = name === 'ServiceNotFound' ? 'ECS knows no such service' : retry === 'never' ? `ECS says ${name}` : silent;
  return settle(known, { ...newEntry(known), state: 'failed', reason: 'failed' }, { is: 'failed', because }, tools);
}

type EcsFailure = Extract<EcsAnswer<unknown>, { readonly ok: false }>;

async function later({ order }: Known, seconds: number, tools: RestartTools): Promise<Step> {
  await tools.orderRestart(order, Math.min(LONGEST_SECONDS, Math.max(1, seconds)));
  return 'done';
}

/** A line in the timeline and on the page of each incident that the alert is in; where none is open, a note under its key. */
async function tell({ order, bot, config, now, groups }: Known, outcome: RestartOutcome, tools: RestartTools): Promise<void> {
  const text = plainText(restartText(bot, config, outcome), 400);
  tools.output.info('restart', { ...order, outcome });
  for (const key of groups.length === 0 ? [order.key] : groups) {
    try {
      const told = await tellMeasure(key, { botId: bot.id, reason: 'restart', at: now, text }, tools);
      if (told.reason === 'notOpen') await tools.incidents.note(key, { at: now, reason: 'restart', text });
    } catch (error) {
      // What was done stays done and recorded; only its words are missing.
      tools.output.error('restart not told', { key, text, ...errorFields(error) });
    }
  }
}

async function gather(given: Case, tools: RestartTools): Promise<Known> {
  const { order, bot, config } = given;
  const now = tools.send.now();
  const bots = tools.config.bots.filter(each => runsIn(each, config));
  const strategies = bots.flatMap(({ id, strategies: own }) => own.map(strategy => ({ botId: id, strategyId: strategy.id })));
  const [{ version, value: log }, alert, sweep, { log: signalled }] = await Promise.all([
    tools.restarts.load(config),
    tools.alerts.load(order.key).then(stored => heard(stored?.alert, order, now)),
    tools.sweeps.read(
      [bot.id],
      strategies.map(({ strategyId }) => strategyId),
      now,
    ),
    tools.signals.load(bot.id),
  ]);
  const incident = await incidentOf(alert, order, tools);
  const silence = alert === undefined ? undefined : silencesOf(await tools.silences.current(now), alertLabels(alert), now)[0];
  const holdings = strategies.map(each => ({ ...each, ...partsOf(sweep.heads.get(each.strategyId)) }));
  const standing = sweep.heads.get(bot.heartbeat.strategyId)?.pulse?.standing;
  const excuse = excuseAt(standing, silenceRuleOf(bot, tools.config, closuresOf(tools.config, sweep.closures)).excuses!, now);
  const { silentSince, holdUntil = 0 } = sweep.fleet.value;
  const health = sweep.health.get(bot.id);
  const halt = bot.signals?.dryRun === false ? signalled.entries.findLast(({ signal }) => signal === 'halt') : undefined;
  // One restart for an incident; without one, for an hour of the alert.
  const entryId = incident?.id ?? `${order.key} ${Math.floor(order.atMs / 3_600_000)}`;
  const facts: RestartFacts = {
    now,
    order,
    bot,
    config,
    log,
    holdings,
    entryId,
    isTelemetrySilent: silentSince !== undefined || holdUntil > now,
    ...(health === undefined || health.version === 0 ? {} : { health: health.value.status }),
    ...(alert === undefined ? {} : { isFiring: isFiring(alert, now) }),
    ...(incident === undefined ? {} : { incident }),
    ...(silence === undefined ? {} : { silence: showSilence(silence) }),
    ...(excuse === undefined ? {} : { excuse }),
    ...(halt === undefined ? {} : { haltSignalledAt: halt.atMs }),
  };
  return { ...given, now, log, version, facts, groups: alert?.groups ?? [], entry: log.entries.find(({ id }) => id === entryId) };
}

/** Whether a bot's process runs in the service: restarting one restarts all of them. */
function runsIn({ ecsRestart, runsOn }: BotConfig, { cluster, service }: EcsRestartConfig): boolean {
  const places = [ecsRestart, runsOn?.on === 'ecs' ? runsOn : undefined];
  return places.some(
    place => place !== undefined && place.service.split('/').at(-1) === service && place.cluster.split('/').at(-1) === cluster,
  );
}

const partsOf = (head: Pick<RestartFacts['holdings'][number], 'view' | 'pulse'> | undefined) => ({
  ...(head?.view === undefined ? {} : { view: head.view }),
  ...(head?.pulse === undefined ? {} : { pulse: head.pulse }),
});

/** The alert once the notifier has heard what the order is about; what it says before that may be of earlier trouble, unless that lasts. */
function heard(alert: Alert | undefined, { atMs }: RestartOrder, now: number): Alert | undefined {
  if (alert === undefined || Object.values(alert.sources).some(({ at }) => at >= atMs)) return alert;
  return now - atMs >= INCIDENT_MS && isFiring(alert, now) ? alert : undefined;
}

/** The first of the alert's groups that has one: open, or ended since. */
async function incidentOf(alert: Alert | undefined, { atMs }: RestartOrder, { incidents }: RestartTools): Promise<Incident | undefined> {
  for (const key of alert?.groups ?? []) {
    const incident = (await incidents.load(key))?.state.incident;
    if (incident !== undefined && (isOpen(incident) || (incident.resolvedAt ?? 0) >= atMs)) return incident;
  }
  return undefined;
}
