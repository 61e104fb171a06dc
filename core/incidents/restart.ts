/**
 * Whether the ECS service of a bot that has died or hangs may be restarted. Only what is certain restarts: an open position, a working order, or
 * not knowing of them, keep it from it, and so does whatever says that a person or ECS itself is at it already. Pure; the actions function gathers
 * the facts, asks ECS and writes down what came of it.
 */
import type { BotConfig, EcsRestartConfig, NightdeskConfig } from '../config/types.ts';
import type { Excuse } from '../health/excuse.ts';
import type { Pulse } from '../health/pulse.ts';
import type { HealthStatus } from '../health/silence.ts';
import type { StrategyView } from '../ledger/view.ts';
import type { EpochMs } from '../time/instant.ts';
import { botOf } from './bot-signal.ts';
import type { Incident } from './incident.ts';
import { durationText, utcText } from './quantity-text.ts';
import type { Signal } from './signal.ts';

/** One wish to restart, from an alarm that began to fire. */
export interface RestartOrder {
  readonly kind: 'restart';
  readonly botId: string;
  /** Key of the alert that asks for it. */
  readonly key: string;
  /** The catalogue's alarm that does. */
  readonly alarmId: string;
  readonly atMs: EpochMs;
  /** Since when ECS does not answer. */
  readonly failingSinceMs?: EpochMs;
}

/** The restart that an alarm's message asks for, by the config of its bot. */
export function boundRestart(signal: Signal, config: Pick<NightdeskConfig, 'bots'>): RestartOrder | undefined {
  if (signal.state !== 'ALARM' || signal.alarmId === undefined) return undefined;
  const bot = botOf(signal.dimensions, config);
  if (bot?.ecsRestart?.onAlarm.includes(signal.alarmId) !== true) return undefined;
  return { kind: 'restart', botId: bot.id, key: signal.key, alarmId: signal.alarmId, atMs: signal.atMs };
}

/** Why something was restarted or was not; a closed list. */
export const restartReasons = {
  restarted: 'a new deployment was begun',
  found: 'a new deployment was begun by a call whose answer was lost',
  dryRun: 'everything allows it; the config says dryRun',
  over: 'the trouble is over',
  alive: 'its heartbeats arrive',
  acknowledged: 'a person has taken the incident',
  silenced: 'a person has silenced it',
  telemetrySilent: 'nothing is heard from anybody: the telemetry may be broken, not the bot',
  stopped: 'the bot said that it stops',
  paused: 'somebody paused it',
  maintenance: 'somebody works on it',
  closed: 'its market is closed',
  halted: 'its trading was halted: a new process might not know of it',
  openPositions: 'it holds positions',
  openOrders: 'it has working orders, which may have been filled since',
  positionsUnknown: 'its positions are not known',
  rateLimited: 'it was restarted as often as an hour allows',
  cooling: 'it was started, deployed or restarted a moment ago',
  deploying: 'a deployment is under way',
  replacing: 'ECS itself is starting a task of it',
  scaledToZero: 'its desired count is 0: it was stopped on purpose',
  inactive: 'the service is not active',
  foreignController: 'its deployments are made by something else than ECS',
  overlap: 'ECS would run the new task beside the old one',
  tooLate: 'what it waited for did not end within an hour',
  trying: 'ECS does not answer',
  failed: 'ECS refused, or did not answer',
} as const;
export type RestartReason = keyof typeof restartReasons;

/** What was decided, in words that complete `X was not restarted: …`. */
export interface Refusal {
  readonly reason: RestartReason;
  readonly because: string;
  /** When to look again; absent when this is the last word, unless an alarm asks anew. */
  readonly againAt?: EpochMs;
}

export interface RestartEntry {
  /** Of the incident, so that one incident is one restart. */
  readonly id: string;
  readonly botId: string;
  /** When it was claimed, refused or written down first. */
  readonly atMs: EpochMs;
  /** `claimed`: somebody calls ECS now, or has died in between. */
  readonly state: 'claimed' | 'restarted' | 'dryRun' | 'failed' | 'refused';
  /** Newest claim. */
  readonly claimedAt?: EpochMs;
  /** The deployment before the call: another one afterwards is ours. */
  readonly before?: string;
  readonly deployment?: string;
  readonly reason?: RestartReason;
}

/** What was done about one service, newest last; kept for a day. */
export interface RestartLog {
  readonly entries: readonly RestartEntry[];
}

export const emptyRestartLog: RestartLog = { entries: [] };

const HEARTBEAT_MISSING = 'heartbeat-missing';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Orders that wait longer surprise everybody. */
const LATEST_MS = HOUR;
/** When to look again at what has no end that is known. */
const STEP_MS = MINUTE;

/** The log with this entry instead of an earlier one of its incident. */
export function withEntry({ entries }: RestartLog, entry: RestartEntry, now: EpochMs): RestartLog {
  return { entries: [...entries.filter(({ id, atMs }) => id !== entry.id && now - atMs < 24 * HOUR), entry].slice(-100) };
}

/** Calls to ECS, and dry runs in their stead; what was refused or failed used nothing up. */
const counts = ({ state }: RestartEntry): boolean => state === 'claimed' || state === 'restarted' || state === 'dryRun';

/** A strategy whose process runs in the service, of this bot or of another. */
export interface Holding {
  readonly botId: string;
  readonly strategyId: string;
  readonly view?: StrategyView;
  readonly pulse?: Pulse;
}

export interface RestartFacts {
  readonly now: EpochMs;
  readonly order: RestartOrder;
  readonly bot: BotConfig;
  readonly config: EcsRestartConfig;
  /** Whether the alert still fires; undefined when it is not stored (yet). */
  readonly isFiring?: boolean;
  /** Absent while there is none that is open. */
  readonly incident?: Pick<Incident, 'id' | 'status' | 'acknowledgedBy' | 'silencedUntil'>;
  /** The silence that covers the alert, in words. */
  readonly silence?: string;
  readonly isTelemetrySilent: boolean;
  /** What the sweep, which hears every part of it, says of the bot; undefined before its first. */
  readonly health?: HealthStatus;
  /** Why nothing is awaited of the bot. */
  readonly excuse?: Excuse;
  readonly holdings: readonly Holding[];
  /** When the bot was last told to halt, by a signal of ours. */
  readonly haltSignalledAt?: EpochMs;
  readonly log: RestartLog;
  /** Id of the entry that this is about: it does not count against itself. */
  readonly entryId: string;
}

/** What keeps the bot from being restarted, as far as we know without ECS: the last words first, then what only waits. */
export function refusalOf(facts: RestartFacts): Refusal | undefined {
  return (
    handled(facts) ??
    excused(facts) ??
    (facts.config.evenWithOpenPositions ? undefined : atRisk(facts)) ??
    limited(facts) ??
    cooling(facts, startedAt(facts)) ??
    undefined
  );
}

/** Whether somebody is at it already, or nothing is wrong with the bot. */
function handled({ isFiring, incident, silence, isTelemetrySilent, health, order, now }: RestartFacts): Refusal | undefined {
  if (isFiring === false || incident?.status === 'resolved') return { reason: 'over', because: 'it is over' };
  if (incident?.status === 'acknowledged')
    return { reason: 'acknowledged', because: `${incident.acknowledgedBy ?? 'somebody'} has taken the incident` };
  if (silence !== undefined) return { reason: 'silenced', because: `it is silenced (${silence})` };
  if (incident?.silencedUntil !== undefined && incident.silencedUntil > now)
    return { reason: 'silenced', because: `the incident is silenced until ${utcText(incident.silencedUntil)}` };
  // CloudWatch counts lines: its filter may be broken, or somebody may have set the alarm by hand.
  if (order.alarmId === HEARTBEAT_MISSING && (health === 'up' || health === 'late'))
    return { reason: 'alive', because: restartReasons.alive };
  if (isTelemetrySilent) return { reason: 'telemetrySilent', because: restartReasons.telemetrySilent };
  return undefined;
}

/** Whether it is meant to be as it is. */
function excused({ bot, excuse, holdings, haltSignalledAt }: RestartFacts): Refusal | undefined {
  const pulse = pulseOf(bot, holdings);
  if (pulse?.heartbeat?.status === 'stopping') return { reason: 'stopped', because: restartReasons.stopped };
  if (excuse?.reason === 'deploy') return { reason: 'deploying', because: 'a deploy was announced', againAt: excuse.untilMs! };
  if (excuse !== undefined) return { reason: excuse.reason, because: restartReasons[excuse.reason] };
  const halted = holdings.find(({ pulse: each }) => each?.standing?.haltedAt !== undefined || each?.heartbeat?.tradingState === 'halted');
  if (halted !== undefined)
    return { reason: 'halted', because: `trading of ${halted.strategyId} was halted, and a new process might not know of it` };
  const resumedAt = pulse?.standing?.resumedAt ?? pulse?.controls?.findLast(({ action }) => action === 'resume')?.at ?? 0;
  if (haltSignalledAt !== undefined && haltSignalledAt > resumedAt)
    return { reason: 'halted', because: `it was told to halt at ${utcText(haltSignalledAt)}, and a new process might not know of it` };
  return undefined;
}

/** Whether money is at risk, or may be. A position is told before what is not known of another one. */
function atRisk({ holdings, config, now }: RestartFacts): Refusal | undefined {
  const open = holdings.find(({ view }) => (view?.positions.length ?? 0) > 0);
  if (open !== undefined) {
    const named = open.view!.positions.slice(0, 3).map(({ qty, instrumentId }) => `${qty} ${instrumentId}`);
    const more = open.view!.positions.length > 3 ? ` and ${open.view!.positions.length - 3} more` : '';
    return { reason: 'openPositions', because: `${open.strategyId} holds ${named.join(', ')}${more}` };
  }
  const working = holdings.find(holding => (workingOrders(holding) ?? 0) > 0);
  if (working !== undefined)
    return {
      reason: 'openOrders',
      because: `${working.strategyId} has ${workingOrders(working)} working orders, which may have been filled since`,
    };
  for (const holding of holdings) {
    const because = unknownBecause(holding, holdings, config, now);
    if (because !== undefined) return { reason: 'positionsUnknown', because };
  }
  return undefined;
}

/** The higher of what the ledger and the bot itself count. */
function workingOrders({ view, pulse }: Holding): number | undefined {
  const known = [view?.gauges.openOrders, pulse?.heartbeat?.openOrders].flatMap(each => each ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

function unknownBecause(holding: Holding, all: readonly Holding[], config: EcsRestartConfig, now: EpochMs): string | undefined {
  const { strategyId, botId, view } = holding;
  if (view === undefined) return `nothing was ever heard of the positions of ${strategyId}`;
  if (view.gauges.incomplete === 1) return `the numbers of ${strategyId} are incomplete, so its positions are not known`;
  if (workingOrders(holding) === undefined) return `the working orders of ${strategyId} are not known`;
  // A quiet strategy is heard by the heartbeats of its bot.
  const heardAt = Math.max(
    ...all.filter(each => each.botId === botId).map(({ view: known, pulse }) => pulse?.lastEventMs ?? known?.at ?? 0),
  );
  const seconds = (now - heardAt) / 1000;
  if (seconds <= config.positionsMaxAgeSeconds) return undefined;
  return `nothing was heard of ${botId} for ${durationText(seconds)}, so its positions are not known`;
}

function limited({ log, config, now, entryId }: RestartFacts): Refusal | undefined {
  const lastHour = log.entries.filter(entry => counts(entry) && entry.id !== entryId && now - entry.atMs < HOUR);
  if (lastHour.length < config.maxPerHour) return undefined;
  const times = lastHour.length === 1 ? 'once' : `${lastHour.length} times`;
  const was = config.dryRun ? 'would have been restarted' : 'was restarted';
  return { reason: 'rateLimited', because: `it ${was} ${times} within the last hour, and more is not done by itself` };
}

/** The newest start that we know of, in words. */
function startedAt({ bot, holdings, log, entryId, now }: RestartFacts): Started | undefined {
  const pulse = pulseOf(bot, holdings);
  const restarted = log.entries.filter(entry => counts(entry) && entry.id !== entryId).map(({ atMs }) => atMs);
  const begun = Object.values(pulse?.components ?? {}).flatMap(({ started }) => started?.at ?? []);
  const known: readonly Started[] = [
    ...[pulse?.heartbeat?.startedAt ?? [], begun].flat().map(at => ({ at, what: 'was started' })),
    ...(pulse?.standing?.deployedAt === undefined ? [] : [{ at: pulse.standing.deployedAt, what: 'was deployed' }]),
    ...restarted.map(at => ({ at, what: 'was restarted' })),
  ];
  return known
    .filter(({ at }) => at <= now)
    .reduce<Started | undefined>((newest, each) => (newest === undefined || each.at > newest.at ? each : newest), undefined);
}

interface Started {
  readonly at: EpochMs;
  readonly what: string;
}

function cooling({ bot, config, now }: Pick<RestartFacts, 'bot' | 'config' | 'now'>, started: Started | undefined): Refusal | undefined {
  const againAt = started === undefined ? 0 : started.at + config.cooldownSeconds * 1000;
  if (started === undefined || now >= againAt) return undefined;
  return { reason: 'cooling', because: `${bot.id} ${started.what} ${durationText((now - started.at) / 1000)} ago`, againAt };
}

const pulseOf = ({ heartbeat }: BotConfig, holdings: readonly Holding[]): Pulse | undefined =>
  holdings.find(({ strategyId }) => strategyId === heartbeat.strategyId)?.pulse;

/** A service as ECS describes it. */
export interface EcsService {
  readonly status: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  /** `ECS` where ECS itself rolls its deployments out. */
  readonly controller: string;
  /** Per cent of the desired count that may run during a deployment. */
  readonly maximumPercent: number;
  readonly deployments: readonly EcsDeployment[];
}

export interface EcsDeployment {
  readonly id: string;
  /** `PRIMARY` is the newest. */
  readonly status: string;
  readonly rolloutState?: string;
  readonly createdAt?: EpochMs;
}

export const primaryOf = ({ deployments }: EcsService): EcsDeployment | undefined => deployments.find(({ status }) => status === 'PRIMARY');

/** What ECS itself says against it. */
export function serviceRefusal(service: EcsService, facts: Pick<RestartFacts, 'bot' | 'config' | 'now'>): Refusal | undefined {
  const { config, now } = facts;
  const { status, desiredCount, runningCount, controller, maximumPercent, deployments } = service;
  const primary = primaryOf(service);
  if (status !== 'ACTIVE') return { reason: 'inactive', because: `its service is ${status.toLowerCase()}` };
  if (controller !== 'ECS')
    return { reason: 'foreignController', because: `${controller} makes its deployments, and only that can replace its tasks` };
  if (desiredCount === 0) return { reason: 'scaledToZero', because: restartReasons.scaledToZero };
  if (maximumPercent > 100 && !config.allowOverlap)
    return {
      reason: 'overlap',
      because: `its service starts the new task before the old one stops (maximumPercent ${maximumPercent}), and both would trade; set maximumPercent 100 and minimumHealthyPercent 0`,
    };
  if (primary?.rolloutState === 'IN_PROGRESS' || deployments.length > 1)
    return { reason: 'deploying', because: 'a deployment of its service is under way', againAt: now + STEP_MS };
  if (runningCount < desiredCount)
    return {
      reason: 'replacing',
      because: `ECS itself is starting its task (${runningCount} of ${desiredCount} run)`,
      againAt: now + STEP_MS,
    };
  return cooling(facts, primary?.createdAt === undefined ? undefined : { at: primary.createdAt, what: 'was deployed' });
}

/** Whether an order is too old to be carried out; what it waited for stands in the timeline. */
export const isTooLate = ({ atMs }: RestartOrder, now: EpochMs): boolean => now - atMs > LATEST_MS;

/** What becomes of a claim whose owner has died: ECS shows whether the call had arrived. */
export function deploymentSince(entry: RestartEntry, service: EcsService): string | undefined {
  const primary = primaryOf(service);
  return primary === undefined || primary.id === entry.before ? undefined : primary.id;
}

/** `service momentum of cluster trading`. */
export const serviceText = ({ cluster, service }: EcsRestartConfig): string => `service ${service} of cluster ${cluster}`;

/** What the timeline, the page and its readers are told. */
export function restartText(bot: BotConfig, config: EcsRestartConfig, outcome: RestartOutcome): string {
  switch (outcome.is) {
    case 'restarted':
      return `${bot.id} was restarted at ${utcText(outcome.at)}: ${serviceText(config)}, deployment ${outcome.deployment}. Watch its first heartbeat and its reconciliation.`;
    case 'dryRun':
      return `Dry run: ${bot.id} would be restarted now: ${serviceText(config)}, forced new deployment instead of ${outcome.before}, ${outcome.running}. Nothing was done; set dryRun: false to arm it.`;
    case 'refused': {
      const { because, againAt } = outcome.refusal;
      return againAt === undefined
        ? `${bot.id} was not restarted: ${because}.`
        : `${bot.id} is not restarted yet: ${because}. Looked at again at ${utcText(againAt)}.`;
    }
    case 'failed':
      return `${bot.id} could not be restarted: ${outcome.because}. Restart ${serviceText(config)} by hand.`;
  }
}

export type RestartOutcome =
  | { readonly is: 'restarted'; readonly at: EpochMs; readonly deployment: string }
  | { readonly is: 'dryRun'; readonly before: string; readonly running: string }
  | { readonly is: 'refused'; readonly refusal: Refusal }
  | { readonly is: 'failed'; readonly because: string };
