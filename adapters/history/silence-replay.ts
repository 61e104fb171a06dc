/** Deaths over history: the sweep at whole minutes and the fast timer between them, by the same rules as the functions. */

import type { BotConfig, NightdeskConfig } from '../../core/config/types.ts';
import { type FleetMemory, type FleetVerdict, judgeFleet } from '../../core/health/fleet.ts';
import { newFleet, newHealth } from '../../core/health/initial.ts';
import type { Pulse } from '../../core/health/pulse.ts';
import { silenceRuleOf } from '../../core/health/rules.ts';
import type { BotHealth, Flip, SilenceVerdict } from '../../core/health/silence.ts';
import { delaySecondsUntil, isBroken, type TimerChain } from '../../core/health/timer-chain.ts';
import type { FastBreach } from '../../core/incidents/breach.ts';
import type { EpochMs } from '../../core/time/instant.ts';

export interface SilenceWords {
  /** What the sweep says about a death or a return. */
  readonly silenceBreach: (bot: BotConfig, flip: Flip, verdict: SilenceVerdict, nowMs: EpochMs) => FastBreach;
  readonly telemetryBreach: (flip: Flip, verdict: FleetVerdict, nowMs: EpochMs) => FastBreach;
}

export interface SilenceReplayOptions extends SilenceWords {
  readonly config: NightdeskConfig;
  readonly fromMs: EpochMs;
  readonly pulseOf: (strategyId: string) => Pulse | undefined;
  readonly say: (breaches: readonly FastBreach[], saidAtMs: EpochMs) => void;
}

export interface SilenceReplay {
  /** Lets the timer wake as often as it is due before the instant. */
  readonly wakeUntil: (nowMs: EpochMs) => void;
  readonly sweep: (nowMs: EpochMs) => FleetVerdict;
}

export function createSilenceReplay({ config, fromMs, pulseOf, say, silenceBreach, telemetryBreach }: SilenceReplayOptions): SilenceReplay {
  const health = new Map<string, BotHealth>(config.bots.map(bot => [bot.id, newHealth(fromMs)]));
  const rules = new Map(config.bots.map(bot => [bot.id, silenceRuleOf(bot, config)]));
  let fleet: FleetMemory = newFleet;
  let chain: TimerChain | undefined;

  const judge = (nowMs: EpochMs, isSweep: boolean): FleetVerdict => {
    const bots = config.bots.map(bot => {
      const receipts = bot.strategies.flatMap(({ id }) => pulseOf(id)?.receivedMs ?? []);
      return {
        id: bot.id,
        before: health.get(bot.id)!,
        pulse: pulseOf(bot.heartbeat.strategyId),
        rule: rules.get(bot.id)!,
        ...(receipts.length === 0 ? {} : { receivedMs: Math.max(...receipts) }),
      };
    });
    const verdict = judgeFleet(fleet, bots, nowMs);
    const { sweptAt: _, ...memory } = verdict.memory;
    const sweptAt = isSweep ? nowMs : fleet.sweptAt;
    fleet = { ...memory, ...(sweptAt === undefined ? {} : { sweptAt }) };
    if (verdict.flip !== undefined) say([telemetryBreach(verdict.flip, verdict, nowMs)], nowMs);
    for (const [index, each] of verdict.bots.entries()) {
      health.set(each.id, each.health);
      if (each.flip !== undefined) say([silenceBreach(config.bots[index]!, each.flip, each, nowMs)], nowMs);
    }
    return verdict;
  };

  const arm = (nextMs: EpochMs | undefined, nowMs: EpochMs): void => {
    chain = { schemaVersion: 1, token: '', dueMs: nowMs + delaySecondsUntil(nextMs, nowMs) * 1000 };
  };

  return {
    wakeUntil: nowMs => {
      while (chain !== undefined && chain.dueMs < nowMs) {
        const atMs = chain.dueMs;
        arm(judge(atMs, false).nextMs, atMs);
      }
    },
    sweep: nowMs => {
      const verdict = judge(nowMs, true);
      if (isBroken(chain, verdict.nextMs, nowMs) || (chain !== undefined && chain.dueMs <= nowMs)) arm(verdict.nextMs, nowMs);
      return verdict;
    },
  };
}
