/** Judges the silence of all bots, says what changed, and remembers it. The sweep and the fast timer both do, at once and twice if it happens. */

import type { BotConfig, NightdeskConfig } from '../../core/config/types.ts';
import { closuresOf } from '../../core/health/closure.ts';
import { type FleetBot, type FleetMemory, type FleetVerdict, judgeFleet } from '../../core/health/fleet.ts';
import { newHealth } from '../../core/health/initial.ts';
import { silenceRuleOf } from '../../core/health/rules.ts';
import type { BotHealth, Flip, SilenceVerdict, Unsaid } from '../../core/health/silence.ts';
import { silenceBreach } from '../../core/health/silence-breach.ts';
import { telemetryBreach } from '../../core/health/telemetry-breach.ts';
import { delaySecondsUntil, isBroken } from '../../core/health/timer-chain.ts';
import { createAttempts } from './attempts.ts';
import type { Output } from './output.ts';
import type { SweepState, SweepStore, Versioned } from './sweep-store.ts';
import type { TimerQueue } from './timer-queue.ts';
import type { AlertTopics } from './topics.ts';

export interface DeathTools {
  readonly config: NightdeskConfig;
  readonly sweeps: SweepStore;
  readonly topics: AlertTopics;
  readonly timer: TimerQueue;
  readonly output: Output;
  readonly now: () => number;
  /** Another each time. */
  readonly newToken: () => string;
}

/** Who has taken on to say a flip is believed dead after this. */
const TAKEN_MS = 20_000;
/** How old the time of the newest judgement may be. */
const SWEPT_MS = 60_000;
/** Bots that are told about at once. */
const AT_ONCE = 50;

export interface Deaths {
  readonly verdict: FleetVerdict;
  /** Of each bot, what is remembered now. Absent for a bot that another sweep has just judged, and for one that could not be told about. */
  readonly health: ReadonlyMap<string, Versioned<BotHealth>>;
  readonly failures: readonly unknown[];
}

export async function judgeDeaths(tools: DeathTools, state: SweepState, nowMs: number, isSweep: boolean): Promise<Deaths> {
  const { config } = tools;
  const verdict = judgeFleet(state.fleet.value, fleetBots(config, state, nowMs), nowMs);
  const { attempt, failures } = createAttempts(tools.output);
  await attempt('fleet', () => tellFleet(tools, state.fleet, verdict, nowMs, isSweep));
  const verdicts = new Map(verdict.bots.map(each => [each.id, each]));
  const health = new Map<string, Versioned<BotHealth>>();
  for (let from = 0; from < config.bots.length; from += AT_ONCE) {
    const bots = config.bots.slice(from, from + AT_ONCE);
    await Promise.all(
      bots.map(bot =>
        attempt(`bot ${bot.id}`, async () => {
          const kept = await tellBot(tools, bot, state.health.get(bot.id)!, verdicts.get(bot.id)!, nowMs);
          if (kept !== undefined) health.set(bot.id, kept);
        }),
      ),
    );
  }
  return { verdict, health, failures };
}

export function fleetBots(config: NightdeskConfig, { heads, health, closures }: SweepState, nowMs: number): readonly FleetBot[] {
  const closed = closuresOf(config, closures);
  return config.bots.map(bot => {
    const receipts = bot.strategies.flatMap(({ id }) => heads.get(id)?.pulse?.receivedMs ?? []);
    return {
      id: bot.id,
      before: health.get(bot.id)?.value ?? newHealth(nowMs),
      pulse: heads.get(bot.heartbeat.strategyId)?.pulse,
      rule: silenceRuleOf(bot, config, closed),
      ...(receipts.length === 0 ? {} : { receivedMs: Math.max(...receipts) }),
    };
  });
}

/** Saved first, by compare and set: only who wins says it. What its sayer did not get to say is taken on by a later sweep. */
async function tellBot(
  tools: DeathTools,
  bot: BotConfig,
  { version, value: before }: Versioned<BotHealth>,
  verdict: SilenceVerdict,
  nowMs: number,
): Promise<Versioned<BotHealth> | undefined> {
  const flip = verdict.flip ?? abandoned(before.unsaid, nowMs);
  const health = flip === undefined ? verdict.health : { ...verdict.health, unsaid: { ...flip, takenAt: nowMs } };
  if (version > 0 && sameHealth(before, health)) return { version, value: health };
  if ((await tools.sweeps.saveHealth(bot.id, version, health)) === 'conflict') {
    const stored = await tools.sweeps.readHealth(bot.id, nowMs);
    // What a probe has shown meanwhile says nothing about silence; anything else was judged by another.
    if (!sameHealth(withProbes(stored.value, before), before)) return undefined;
    return tellBot(tools, bot, stored, { ...verdict, health: withProbes(verdict.health, stored.value) }, nowMs);
  }
  if (flip === undefined) return { version: version + 1, value: health };
  tools.output.info('bot flipped', { bot: bot.id, to: health.status, at: flip.at, silent: verdict.silent });
  await tools.topics.publish(silenceBreach(bot, plain(flip), verdict, nowMs));
  const { unsaid: _, ...said } = health;
  const saved = await tools.sweeps.saveHealth(bot.id, version + 1, said);
  return saved === 'saved' ? { version: version + 2, value: said } : undefined;
}

async function tellFleet(
  tools: DeathTools,
  { version, value: before }: Versioned<FleetMemory>,
  verdict: FleetVerdict,
  nowMs: number,
  isSweep: boolean,
): Promise<void> {
  const flip = verdict.flip ?? abandoned(before.unsaid, nowMs);
  const memory = flip === undefined ? verdict.memory : { ...verdict.memory, unsaid: { ...flip, takenAt: nowMs } };
  // The timer wakes more often than the time of the newest judgement is worth a write.
  const isRecent = nowMs - (before.sweptAt ?? 0) < SWEPT_MS;
  if (!isSweep && isRecent && flip === undefined && memory.holdUntil === before.holdUntil) return;
  if ((await tools.sweeps.saveFleet(version, memory)) === 'conflict' || flip === undefined) return;
  tools.output.info('telemetry flipped', { to: flip.to, at: flip.at, silent: verdict.silent, awaited: verdict.awaited });
  await tools.topics.publish(telemetryBreach(plain(flip), verdict, nowMs));
  const { unsaid: _, ...said } = memory;
  await tools.sweeps.saveFleet(version + 1, said);
}

const abandoned = (unsaid: Unsaid | undefined, nowMs: number): Flip | undefined =>
  unsaid !== undefined && nowMs - unsaid.takenAt >= TAKEN_MS ? unsaid : undefined;

const plain = ({ to, at, since }: Flip): Flip => ({ to, at, since });

/** `up` and `late` alternate with every beat of a slow bot and are not worth a write. */
export function sameHealth(a: BotHealth, b: BotHealth): boolean {
  const kept = ({ status, since: _, ...rest }: BotHealth) => ({ ...rest, status: status === 'late' ? 'up' : status });
  return JSON.stringify(sorted(kept(a))) === JSON.stringify(sorted(kept(b)));
}

function withProbes({ probes: _, watch: __, ...health }: BotHealth, { probes, watch }: BotHealth): BotHealth {
  return { ...health, probes, ...(watch === undefined ? {} : { watch }) };
}

const sorted = (value: object): object => Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)));

/** Sends the next message of the chain and remembers it. Sent first: a message that nobody remembers ends by itself. */
export async function armTimer(tools: DeathTools, chain: SweepState['chain'], nextMs: number | undefined, nowMs: number): Promise<void> {
  const delaySeconds = delaySecondsUntil(nextMs, nowMs);
  const token = tools.newToken();
  await tools.timer.send(token, delaySeconds);
  await tools.sweeps.saveChain(chain.version, { schemaVersion: 1, token, dueMs: nowMs + delaySeconds * 1000 });
}

/** Begins the chain when it has broken. */
export async function mendTimer(tools: DeathTools, { chain }: SweepState, nextMs: number | undefined, nowMs: number): Promise<void> {
  if (isBroken(chain.value, nextMs, nowMs)) await armTimer(tools, chain, nextMs, nowMs);
}
