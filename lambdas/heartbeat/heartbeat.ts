import type { ProbeResult } from '../../adapters/aws/http-probe.ts';
import { errorFields, type Output } from '../../adapters/aws/output.ts';
import type { SweepState, SweepStore, Versioned } from '../../adapters/aws/sweep-store.ts';
import type { AlertTopics } from '../../adapters/aws/topics.ts';
import type { MetricValues } from '../../core/catalogue/emit.ts';
import type { BotConfig, NightdeskConfig, ProbeConfig } from '../../core/config/types.ts';
import { freshHeartbeat, type HealthGauges, healthGauges } from '../../core/health/gauges.ts';
import type { LastHeartbeat } from '../../core/health/pulse.ts';
import { afterProbe, type BotHealth, judgeSilence, type ProbeName } from '../../core/health/silence.ts';
import type { FastBreach } from '../../core/incidents/breach.ts';
import { fastFlips } from '../../core/incidents/fast-path.ts';
import { forgottenRecoveries } from '../../core/incidents/forgotten.ts';
import type { AlertStore } from '../../core/incidents/store.ts';
import type { StrategyGauges } from '../../core/ledger/gauges.ts';
import type { RecordHistory } from './history.ts';
import { silenceBreach, silenceKey } from './silence-breach.ts';

/** A strategy as of now: its gauges, and the limits that it breaks. */
export interface StrategyNow {
  readonly gauges: StrategyGauges;
  readonly breaching: readonly FastBreach[];
}

export interface HeartbeatTools {
  readonly config: NightdeskConfig;
  readonly sweeps: SweepStore;
  readonly alerts: Pick<AlertStore, 'firing' | 'all'>;
  readonly topics: AlertTopics;
  readonly output: Output;
  readonly now: () => number;
  readonly probe: (probe: ProbeConfig) => Promise<ProbeResult>;
  /** Undefined for a strategy that has no state yet. */
  readonly strategyNow: (strategyId: string, state: SweepState, nowMs: number) => Promise<StrategyNow | undefined>;
  /** Scores of detectors that are due. */
  readonly anomalies: (strategyId: string, gauges: StrategyGauges, nowMs: number) => Promise<MetricValues>;
  /** Keeps the minute for curves and calendars. */
  readonly recordHistory: RecordHistory;
  readonly anomalyLines: (strategyId: string, scores: MetricValues, nowMs: number) => readonly string[];
  readonly strategyLines: (strategyId: string, gauges: StrategyGauges, nowMs: number) => readonly string[];
  readonly botLines: (bot: BotConfig, gauges: HealthGauges, beat: LastHeartbeat | undefined, nowMs: number) => readonly string[];
}

/** Forgotten recoveries are rare: every fifth sweep looks for them. */
const RESOLVE_EVERY_MS = 300_000;
/** Firing alerts that are looked at. */
const FIRING = 200;

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
  const failures: unknown[] = [];
  const attempt = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
      tools.output.error('sweep failed', { what, ...errorFields(error) });
    }
  };
  await Promise.all([
    ...config.bots.map(bot => attempt(`bot ${bot.id}`, () => sweepBot(bot, state, nowMs, tools))),
    ...strategyIds.map(id => attempt(`strategy ${id}`, () => sweepStrategy(id, state, nowMs, tools))),
  ]);
  if (nowMs % RESOLVE_EVERY_MS < 60_000) await attempt('incidents', () => resolveForgotten(state, nowMs, tools));
  if (failures.length > 0) throw failures[0];
}

async function sweepBot(bot: BotConfig, state: SweepState, nowMs: number, tools: HeartbeatTools): Promise<void> {
  const before = state.health.get(bot.id) as Versioned<BotHealth>;
  const pulse = state.heads.get(bot.heartbeat.strategyId)?.pulse;
  const judged = judgeSilence(before.value, pulse, bot.heartbeat, nowMs);
  const health = { ...judged.health, probes: await probeAll(bot, judged.health, tools) };
  if (judged.flip !== undefined) {
    tools.output.info('bot flipped', { bot: bot.id, to: health.status, at: judged.flip.at });
    await tools.topics.publish(silenceBreach(bot, judged.flip, nowMs));
  }
  // Said first and remembered then. In a conflict another sweep has said the same; the notifier tells the pair by its equal times.
  if (!sameHealth(before.value, health)) await tools.sweeps.saveHealth(bot.id, before.version, health);
  tools.output.metrics(tools.botLines(bot, healthGauges(health, pulse, nowMs), freshHeartbeat(pulse, bot.heartbeat, nowMs), nowMs));
}

/** `up` and `late` alternate with every beat of a slow bot and are not worth a write; flips and probe counts are. */
function sameHealth(a: BotHealth, b: BotHealth): boolean {
  const kind = ({ status }: BotHealth) => (status === 'late' ? 'up' : status);
  return kind(a) === kind(b) && a.diedAt === b.diedAt && JSON.stringify(a.probes) === JSON.stringify(b.probes);
}

async function probeAll(bot: BotConfig, health: BotHealth, tools: HeartbeatTools): Promise<BotHealth['probes']> {
  const configured = Object.entries(bot.probes) as [ProbeName, ProbeConfig][];
  const results = await Promise.all(
    configured.map(async ([name, probe]) => {
      const result = await tools.probe(probe);
      if (!result.ok) tools.output.warn('probe failed', { bot: bot.id, probe: name, detail: result.detail, tookMs: result.tookMs });
      return [name, afterProbe(health.probes[name], result.ok, probe.failureThreshold)] as const;
    }),
  );
  return Object.fromEntries(results);
}

async function sweepStrategy(strategyId: string, state: SweepState, nowMs: number, tools: HeartbeatTools): Promise<void> {
  const strategy = await tools.strategyNow(strategyId, state, nowMs);
  if (strategy === undefined) return;
  tools.output.metrics(tools.strategyLines(strategyId, strategy.gauges, nowMs));
  const fired = state.fired.get(strategyId)!;
  const flips = fastFlips(fired.value, strategy.breaching, nowMs);
  for (const breach of flips.publish) await tools.topics.publish(breach);
  if (flips.changed) await tools.sweeps.saveFired(strategyId, fired.version, flips.fired);
  // Last, since nothing here is urgent.
  tools.output.metrics(tools.anomalyLines(strategyId, await tools.anomalies(strategyId, strategy.gauges, nowMs), nowMs));
  await tools.recordHistory(strategyId, strategy.gauges, state.heads.get(strategyId)?.pulse, nowMs);
}

/** Judged by what was remembered before this sweep, so that what it has just said is left to arrive. */
async function resolveForgotten({ fired, health }: SweepState, nowMs: number, { config, alerts, topics }: HeartbeatTools): Promise<void> {
  const dead = config.bots.filter(bot => health.get(bot.id)?.value.diedAt !== undefined).map(bot => silenceKey(bot));
  const firing = new Set([...dead, ...[...fired.values()].flatMap(({ value }) => Object.keys(value))]);
  const noted = await alerts.all((await alerts.firing(FIRING)).map(({ key }) => key));
  for (const recovery of forgottenRecoveries(noted, firing, nowMs)) await topics.publish(recovery);
}
