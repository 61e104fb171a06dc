/** A config for event files that come without one: one bot per strategy, with the defaults. */

import { botLogGroupName } from '../catalogue/names.ts';
import { defaultRoutes, parseConfig } from './parse.ts';
import { ConfigError } from './problem.ts';
import type { BotConfig, ChannelConfig, NightdeskConfig } from './types.ts';

export interface SeenStrategy {
  readonly strategyId: string;
  readonly accountId?: string;
  readonly venue?: string;
}

/**
 * One bot per strategy in the order of the input, and two stub channels, `slack` and `pagerduty`. Strategy ids are taken as they
 * are, whatever their letters; bot ids, which name log groups, get `_` for what a name may not hold. No strategies: no bots.
 */
export function discoverConfig(strategies: readonly SeenStrategy[]): NightdeskConfig {
  const unique = [...new Map(strategies.map(strategy => [strategy.strategyId, strategy])).values()];
  const parsed = parseConfig({ bots: unique.length === 0 ? [{ id: 'none' }] : unique.map((_, index) => ({ id: `bot-${index}` })) });
  if (!parsed.ok) throw new ConfigError(parsed.error);
  const used = new Set<string>();
  const bots = unique.map(({ strategyId, venue }, index): BotConfig => {
    const template = parsed.value.bots[index]!;
    const id = freeName(strategyId, used);
    const strategy = { ...template.strategies[0]!, id: strategyId, botId: id, ...(venue === undefined ? {} : { venue }) };
    return {
      ...template,
      id,
      strategies: [strategy],
      logGroup: { name: botLogGroupName(parsed.value.stage, id), adopt: false },
      heartbeat: { ...template.heartbeat, strategyId },
    };
  });
  return withStubChannels({ ...parsed.value, bots });
}

function freeName(strategyId: string, used: Set<string>): string {
  const plain = strategyId.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 60) || '_';
  let name = plain;
  for (let n = 2; used.has(name); n += 1) name = `${plain}-${n}`;
  used.add(name);
  return name;
}

/** The same config, or with one Slack and one PagerDuty stub when it has no channel. The stubs' secrets exist only locally. */
export function withStubChannels(config: NightdeskConfig): NightdeskConfig {
  if (Object.keys(config.channels).length > 0) return config;
  const channels: Readonly<Record<string, ChannelConfig>> = {
    slack: { kind: 'slack', webhook: { secretName: `nightdesk/${config.stage}/slack` } },
    pagerduty: { kind: 'pagerduty', routingKey: { secretName: `nightdesk/${config.stage}/pagerduty` }, region: 'us' },
  };
  return { ...config, channels, routes: defaultRoutes(channels) };
}
