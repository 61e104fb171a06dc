import { createAttempts } from '../../adapters/aws/attempts.ts';
import { type Deaths, type DeathTools, judgeDeaths, mendTimer, sameHealth } from '../../adapters/aws/deaths.ts';
import { groupOwner } from '../../adapters/aws/fired-store.ts';
import type { SweepState, Versioned } from '../../adapters/aws/sweep-store.ts';
import { calendarWith } from '../../core/calendar/closures.ts';
import type { MetricValues } from '../../core/catalogue/emit.ts';
import { hasProbes } from '../../core/catalogue/series.ts';
import type { BotConfig } from '../../core/config/types.ts';
import { learnActivity } from '../../core/health/activity.ts';
import { closuresOf } from '../../core/health/closure.ts';
import { activityValues, freshHeartbeat, healthGauges, instanceValues, publishedGauges } from '../../core/health/gauges.ts';
import type { LastHeartbeat } from '../../core/health/pulse.ts';
import { type BotHealth, isQuietByPlan, isWatched, type SilenceVerdict } from '../../core/health/silence.ts';
import { silenceKey } from '../../core/health/silence-breach.ts';
import { telemetryKey } from '../../core/health/telemetry-breach.ts';
import { type HealthNumbers, watchBot } from '../../core/health/watch.ts';
import type { FastBreach } from '../../core/incidents/breach.ts';
import { fastFlips } from '../../core/incidents/fast-path.ts';
import { forgottenRecoveries } from '../../core/incidents/forgotten.ts';
import type { AlertStore } from '../../core/incidents/store.ts';
import type { StrategyGauges } from '../../core/ledger/gauges.ts';
import type { GroupGauges } from '../../core/ledger/groups.ts';
import type { RecordHistory } from './history.ts';
import { type Probers, type Probing, startProbing } from './probing.ts';
import { sweepRiskGroup } from './risk-groups.ts';

/** A strategy as of now: its gauges, and the limits that it breaks. */
export interface StrategyNow {
  readonly gauges: StrategyGauges;
  readonly breaching: readonly FastBreach[];
}

export interface HeartbeatTools extends DeathTools {
  readonly alerts: Pick<AlertStore, 'firing' | 'all'>;
  /** End of the mute rules that the last synth made; absent when no market closes. */
  readonly mutedUntilMs?: number;
  readonly probers: Probers;
  /** Undefined for a strategy that has no state yet. */
  readonly strategyNow: (strategyId: string, state: SweepState, nowMs: number) => Promise<StrategyNow | undefined>;
  /** Scores of detectors that are due. */
  readonly anomalies: (strategyId: string, gauges: StrategyGauges, nowMs: number) => Promise<MetricValues>;
  /** Keeps the minute for curves and calendars. */
  readonly recordHistory: RecordHistory;
  readonly anomalyLines: (strategyId: string, scores: MetricValues, nowMs: number) => readonly string[];
  readonly strategyLines: (strategyId: string, gauges: StrategyGauges, nowMs: number) => readonly string[];
  readonly groupLines: (groupId: string, gauges: GroupGauges, nowMs: number) => readonly string[];
  readonly botLines: (bot: BotConfig, numbers: HealthNumbers, beat: LastHeartbeat | undefined, nowMs: number) => readonly string[];
  readonly activityLines: (strategyId: string, numbers: HealthNumbers, nowMs: number) => readonly string[];
  readonly stageLines: (numbers: HealthNumbers, nowMs: number) => readonly string[];
  /** One heartbeat for a bot whose silence is excused, so that CloudWatch's own alarm does not page for it. */
  readonly excuseLines: (bot: BotConfig, nowMs: number) => readonly string[];
}

/** Forgotten recoveries are rare: every fifth sweep looks for them. */
const RESOLVE_EVERY_MS = 300_000;
/** Firing alerts that are looked at. */
const FIRING = 200;
/** Tries to remember what a probe showed while the fast timer writes too. */
const SAVE_TRIES = 3;

/** One sweep over all bots. What fails for one bot is logged and does not stop the others; the sweep then ends in an error. */
export async function sweep(tools: HeartbeatTools): Promise<void> {
  const { config, now } = tools;
  const nowMs = now();
  const strategyIds = config.bots.flatMap(bot => bot.strategies.map(({ id }) => id));
  const state = await tools.sweeps.read(
    config.bots.map(({ id }) => id),
    strategyIds,
    nowMs,
  );
  const { attempt, failures } = createAttempts(tools.output);
  // Deaths first: nothing that is slow may hold them back.
  const deaths = await judgeDeaths(tools, state, nowMs, true);
  failures.push(...deaths.failures);
  await attempt('timer', () => mendTimer(tools, state, deaths.verdict.nextMs, nowMs));
  const verdicts = new Map(deaths.verdict.bots.map(each => [each.id, each]));
  const probing = startProbing(new Map(deaths.verdict.bots.map(({ id, health }) => [id, health])), state, nowMs, tools);
  // Begun together: a bot whose probes are slow holds up its own gauges and nothing else.
  const bots = Promise.all(
    config.bots.map(async bot => {
      const numbers = new Map<string, HealthNumbers>();
      const verdict = verdicts.get(bot.id)!;
      const watching = isWatched(verdict, deaths.verdict.memory.silentSince !== undefined);
      await Promise.all(
        bot.strategies.map(({ id }) =>
          attempt(`strategy ${id}`, async () => {
            numbers.set(id, await sweepStrategy(id, watching, state, nowMs, tools));
          }),
        ),
      );
      await attempt(`bot ${bot.id}`, () => sweepBot(bot, { state, deaths, verdict, watching, numbers, probing }, nowMs, tools));
    }),
  );
  const stage = {
    telemetrySilent: deaths.verdict.memory.silentSince === undefined ? 0 : 1,
    ...(tools.mutedUntilMs === undefined ? {} : { muteHorizonDays: (tools.mutedUntilMs - nowMs) / 86_400_000 }),
  };
  tools.output.metrics(tools.stageLines(stage, nowMs));
  await Promise.all((config.groups ?? []).map(group => attempt(`group ${group.id}`, () => sweepRiskGroup(group, state, nowMs, tools))));
  if (nowMs % RESOLVE_EVERY_MS < 60_000) await attempt('incidents', () => resolveForgotten(state, nowMs, tools));
  await bots;
  if (config.bots.some(hasProbes)) tools.output.metrics(tools.stageLines({ blindProbes: await probing.blind() }, nowMs));
  if (failures.length > 0) throw failures[0];
}

interface Swept {
  readonly state: SweepState;
  readonly deaths: Deaths;
  readonly verdict: SilenceVerdict;
  readonly watching: boolean;
  /** By strategy. */
  readonly numbers: ReadonlyMap<string, HealthNumbers>;
  readonly probing: Probing;
}

async function sweepBot(
  bot: BotConfig,
  { state, deaths, verdict, watching, numbers, probing }: Swept,
  nowMs: number,
  tools: HeartbeatTools,
): Promise<void> {
  const pulse = state.heads.get(bot.heartbeat.strategyId)?.pulse;
  const kept = deaths.health.get(bot.id);
  const probed = await probing.of(bot);
  const ofBot = { silentComponents: verdict.silent.length, ...instanceValues(pulse, bot.heartbeat, nowMs), ...probed.numbers };
  const apply = (before: BotHealth) => {
    const health = { ...before, probes: probed.apply(before) };
    const flags = healthGauges(health, pulse, nowMs);
    return watching ? watchAll(bot, health, { ...ofBot, ...flags }, numbers, nowMs) : { health, publish: [] };
  };
  const judged = kept === undefined ? apply(verdict.health).health : await remember(bot.id, kept, apply, nowMs, tools);
  tools.output.metrics([
    ...tools.botLines(bot, { ...ofBot, ...healthGauges(judged, pulse, nowMs) }, freshHeartbeat(pulse, bot.heartbeat, nowMs), nowMs),
    ...(isQuietByPlan(verdict, bot.heartbeat.schedule !== undefined) ? tools.excuseLines(bot, nowMs) : []),
  ]);
}

interface Watched {
  readonly health: BotHealth;
  readonly publish: readonly FastBreach[];
}

function watchAll(bot: BotConfig, health: BotHealth, ofBot: HealthNumbers, numbers: Swept['numbers'], nowMs: number): Watched {
  const { memory, publish } = watchBot(health.watch ?? {}, bot, { ofBot, ofStrategies: numbers }, nowMs);
  const { watch: _, ...rest } = health;
  return { health: Object.keys(memory).length === 0 ? rest : { ...rest, watch: memory }, publish };
}

/** Said before it is remembered: twice is harmless, never is not. */
async function remember(
  botId: string,
  kept: Versioned<BotHealth>,
  apply: (before: BotHealth) => Watched,
  nowMs: number,
  { sweeps, topics }: HeartbeatTools,
): Promise<BotHealth> {
  let { version, value } = kept;
  let isSaid = false;
  for (let tries = 0; tries < SAVE_TRIES; tries++) {
    const { health, publish } = apply(value);
    if (!isSaid) for (const breach of publish) await topics.publish(breach);
    isSaid = true;
    if (sameHealth(value, health)) return health;
    if ((await sweeps.saveHealth(botId, version, health)) === 'saved') return health;
    ({ version, value } = await sweeps.readHealth(botId, nowMs));
  }
  return value;
}

/** Publishes the strategy's gauges and says its limits; returns whether it acts as usual. */
async function sweepStrategy(
  strategyId: string,
  watching: boolean,
  state: SweepState,
  nowMs: number,
  tools: HeartbeatTools,
): Promise<HealthNumbers> {
  const strategy = await tools.strategyNow(strategyId, state, nowMs);
  if (strategy === undefined) return {};
  tools.output.metrics(tools.strategyLines(strategyId, publishedGauges(strategy.gauges, watching), nowMs));
  const numbers = await sweepActivity(strategyId, strategy.gauges, state, nowMs, tools);
  tools.output.metrics(tools.activityLines(strategyId, numbers, nowMs));
  const fired = state.fired.get(strategyId)!;
  const flips = fastFlips(fired.value, strategy.breaching, nowMs);
  for (const breach of flips.publish) await tools.topics.publish(breach);
  if (flips.changed) await tools.sweeps.saveFired(strategyId, fired.version, flips.fired);
  // Last, since nothing here is urgent.
  tools.output.metrics(tools.anomalyLines(strategyId, await tools.anomalies(strategyId, strategy.gauges, nowMs), nowMs));
  await tools.recordHistory(strategyId, strategy.gauges, state.heads.get(strategyId), nowMs);
  return numbers;
}

async function sweepActivity(
  strategyId: string,
  gauges: StrategyGauges,
  { heads, usual, closures }: SweepState,
  nowMs: number,
  { config, sweeps }: HeartbeatTools,
): Promise<HealthNumbers> {
  const pulse = heads.get(strategyId)?.pulse;
  const name = config.bots.flatMap(bot => bot.strategies).find(({ id }) => id === strategyId)!.calendar;
  const before = usual.get(strategyId);
  const calendar = calendarWith(name, closuresOf(config, closures));
  const profile = pulse?.activity === undefined ? before : learnActivity(before, pulse.activity, nowMs, calendar.zone);
  if (profile !== undefined && profile !== before) await sweeps.saveUsual(strategyId, profile);
  return activityValues(pulse, gauges, profile, calendar, nowMs);
}

/** Judged by what was remembered before this sweep, so that what it has just said is left to arrive. */
async function resolveForgotten(
  { fired, health, fleet }: SweepState,
  nowMs: number,
  { config, alerts, sweeps, topics }: HeartbeatTools,
): Promise<void> {
  const dead = config.bots.filter(bot => health.get(bot.id)?.value.diedAt !== undefined).map(bot => silenceKey(bot));
  const watched = [...health.values()].flatMap(({ value }) => Object.keys(value.watch ?? {}));
  const groups = await Promise.all((config.groups ?? []).map(({ id }) => sweeps.readFired(groupOwner(id))));
  const said = [...fired.values(), ...groups].flatMap(({ value }) => Object.keys(value));
  const firing = new Set([...dead, ...watched, ...said]);
  if (fleet.value.silentSince !== undefined) firing.add(telemetryKey);
  const noted = await alerts.all((await alerts.firing(FIRING)).map(({ key }) => key));
  for (const recovery of forgottenRecoveries(noted, firing, nowMs)) await topics.publish(recovery);
}
