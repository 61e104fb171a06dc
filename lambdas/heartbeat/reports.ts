import { gaugesToEmf, healthValues, heartbeatValues, type MetricValues, strategyValues } from '../../core/catalogue/emit.ts';
import type { BotConfig, NightdeskConfig } from '../../core/config/types.ts';
import type { HealthGauges } from '../../core/health/gauges.ts';
import type { LastHeartbeat } from '../../core/health/pulse.ts';
import type { StrategyGauges } from '../../core/ledger/gauges.ts';

/** What a sweep publishes, under the names of the catalogue. */
export function heartbeatReports(namespace: string, config: NightdeskConfig) {
  return {
    strategyLines: (strategyId: string, gauges: StrategyGauges, nowMs: number) =>
      gaugesToEmf(namespace, strategyValues(gauges, config), { Strategy: strategyId }, nowMs),
    anomalyLines: (strategyId: string, scores: MetricValues, nowMs: number) =>
      gaugesToEmf(namespace, scores, { Strategy: strategyId }, nowMs),
    botLines: (bot: BotConfig, { heartbeatAge, ...flags }: HealthGauges, beat: LastHeartbeat | undefined, nowMs: number) => {
      const age = healthValues(heartbeatAge === undefined ? {} : { heartbeatAge }, config);
      const process = { ...healthValues(flags, config), ...heartbeatValues(beat ?? {}, config) };
      return [
        ...gaugesToEmf(namespace, age, { Strategy: bot.heartbeat.strategyId }, nowMs),
        ...gaugesToEmf(namespace, process, { Bot: bot.id }, nowMs),
      ];
    },
  };
}
