import type { NightdeskConfig, StrategyConfig } from '../config/types.ts';

/** The strategy's part of the config; defaults for one that the config does not name (24x7 UTC, annualisation 365, risk-free 0, average cost). */
export function settingsFor(config: NightdeskConfig | undefined, strategyId: string): StrategyConfig {
  for (const bot of config?.bots ?? []) {
    const found = bot.strategies.find(strategy => strategy.id === strategyId);
    if (found !== undefined) return found;
  }
  return { id: strategyId, botId: strategyId, calendar: '24x7', annualization: 365, riskFree: 0, costMethod: 'average', limits: {} };
}
