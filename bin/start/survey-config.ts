import { discoverConfig } from '../../core/config/discover.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import type { Survey } from '../../local/event-file.ts';

/** The config of recorded bots that come without one. They say how often they send heartbeats; that is what they are held to. */
export function configOf(survey: Survey): NightdeskConfig {
  const config = discoverConfig(survey.strategies);
  const seconds = new Map(survey.strategies.map(({ strategyId, heartbeatSeconds }) => [strategyId, heartbeatSeconds]));
  return {
    ...config,
    bots: config.bots.map(bot => ({
      ...bot,
      heartbeat: { ...bot.heartbeat, intervalSeconds: seconds.get(bot.heartbeat.strategyId) ?? bot.heartbeat.intervalSeconds },
    })),
  };
}
