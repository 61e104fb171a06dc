import { gaugesToEmf, groupValues, healthValues, heartbeatValues, type MetricValues, strategyValues } from '../../core/catalogue/emit.ts';
import type { BotConfig, NightdeskConfig } from '../../core/config/types.ts';
import type { LastHeartbeat } from '../../core/health/pulse.ts';
import type { HealthNumbers } from '../../core/health/watch.ts';
import type { StrategyGauges } from '../../core/ledger/gauges.ts';
import type { GroupGauges } from '../../core/ledger/groups.ts';

/** What a sweep publishes, under the names of the catalogue. */
export function heartbeatReports(namespace: string, config: NightdeskConfig) {
  return {
    strategyLines: (strategyId: string, gauges: StrategyGauges, nowMs: number) =>
      gaugesToEmf(namespace, strategyValues(gauges, config), { Strategy: strategyId }, nowMs),
    anomalyLines: (strategyId: string, scores: MetricValues, nowMs: number) =>
      gaugesToEmf(namespace, scores, { Strategy: strategyId }, nowMs),
    groupLines: (groupId: string, gauges: GroupGauges, nowMs: number) =>
      gaugesToEmf(namespace, groupValues(gauges, config), { RiskGroup: groupId }, nowMs),
    activityLines: (strategyId: string, numbers: HealthNumbers, nowMs: number) =>
      gaugesToEmf(namespace, healthValues(numbers, config), { Strategy: strategyId }, nowMs),
    stageLines: (numbers: HealthNumbers, nowMs: number) => gaugesToEmf(namespace, healthValues(numbers, config), {}, nowMs),
    excuseLines: (bot: BotConfig, nowMs: number) =>
      gaugesToEmf(namespace, { heartbeatCount: 1 }, { Strategy: bot.heartbeat.strategyId }, nowMs),
    botLines: (bot: BotConfig, { heartbeatAge, ...flags }: HealthNumbers, beat: LastHeartbeat | undefined, nowMs: number) => {
      const age = healthValues(heartbeatAge === undefined ? {} : { heartbeatAge }, config);
      const process = { ...healthValues(flags, config), ...heartbeatValues(beat ?? {}, config) };
      return [
        ...gaugesToEmf(namespace, age, { Strategy: bot.heartbeat.strategyId }, nowMs),
        ...gaugesToEmf(namespace, process, { Bot: bot.id }, nowMs),
      ];
    },
  };
}
