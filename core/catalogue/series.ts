/** Which series a row has under a config: one per strategy, bot, function or queue, or one a stage. */
import type { Dimensions } from '../alarms/definition.ts';
import { isInteractive } from '../config/channel-secrets.ts';
import type { BotConfig, NightdeskConfig, RiskGroup, StrategyConfig } from '../config/types.ts';
import type { CatalogueRow } from './index.ts';
import { type FunctionName, functionNames, type Limit, limitValue, queueNames } from './metric.ts';
import type { Unit } from './unit.ts';

export interface MetricSeries {
  /** The dimensions as people and incident keys know them; a service's own metrics carry the physical name instead. */
  readonly dimensions: Dimensions;
  readonly bot?: BotConfig;
  readonly strategy?: StrategyConfig;
  readonly riskGroup?: RiskGroup;
}

/** The limit that holds for a series; undefined when its owner set none and there is no default. */
export const limitOf = (limit: Limit<Unit>, { strategy, riskGroup }: MetricSeries): number | undefined =>
  limitValue(limit, { limits: strategy?.limits ?? {}, group: riskGroup?.limits ?? {} });

/** Does the row reach CloudWatch: by its own storage, by the config's `publish`, or for math when all its inputs do. */
export const isPublished = ({ id, metric }: CatalogueRow, config: Pick<NightdeskConfig, 'publish'>): boolean =>
  metric.storage !== 'table' || (config.publish ?? []).includes(id);

export const hasProbes = ({ probes }: Pick<BotConfig, 'probes'>): boolean => Object.keys(probes).length > 0;

/** Functions that only some configs need; the others are always there. */
const neededBy: Readonly<Partial<Record<FunctionName, (config: NightdeskConfig) => boolean>>> = {
  intake: ({ bots }) => bots.some(({ intake }) => intake !== undefined),
  actions: ({ bots, channels }) =>
    Object.values(channels).some(isInteractive) ||
    bots.some(({ signals, ecsRestart }) => Object.keys(signals?.onAlarm ?? {}).length > 0 || ecsRestart !== undefined),
  report: ({ reports }) => reports !== undefined,
  prober: ({ bots }) => bots.some(bot => hasProbes(bot) && bot.probedFrom === 'internet'),
  'vpc-prober': ({ bots }) => bots.some(bot => hasProbes(bot) && bot.probedFrom === 'vpc'),
};

/** The functions that a config deploys. */
export const functionsFor = (config: NightdeskConfig): readonly FunctionName[] =>
  functionNames.filter(name => neededBy[name]?.(config) ?? true);

/** The HTTP API exists for the functions that are called from outside. */
export const hasHttpApi = (config: NightdeskConfig): boolean =>
  functionsFor(config).includes('intake') || Object.values(config.channels).some(isInteractive);

export function seriesOf({ metric }: CatalogueRow, config: NightdeskConfig): readonly MetricSeries[] {
  const { source, per, only } = metric;
  if ('by' in source && !functionsFor(config).includes(source.by)) return [];
  const probed = config.bots.filter(hasProbes);
  if (only === 'probed' && probed.length === 0) return [];
  if (source.from === 'aws') {
    const { resources } = source;
    if (resources.kind === 'bots')
      return config.bots
        .filter(({ runsOn }) => runsOn !== undefined && resources.on[runsOn.on] !== undefined)
        .map(bot => ({ dimensions: { Bot: bot.id }, bot }));
    if (resources.kind === 'api') return hasHttpApi(config) ? [{ dimensions: {} }] : [];
    const functions = functionsFor(config);
    return resources.kind === 'functions'
      ? (resources.only ?? functions)
          .filter(name => functions.includes(name) && !(resources.except ?? []).includes(name))
          .map(name => ({ dimensions: { Function: name } }))
      : queueNames.filter(name => resources.only.includes(name)).map(name => ({ dimensions: { Queue: name } }));
  }
  if (per.Bot !== undefined) return (only === 'probed' ? probed : config.bots).map(bot => ({ dimensions: { Bot: bot.id }, bot }));
  if (per.RiskGroup !== undefined) return (config.groups ?? []).map(riskGroup => ({ dimensions: { RiskGroup: riskGroup.id }, riskGroup }));
  if (per.Strategy === undefined) return [{ dimensions: {} }];
  return config.bots.flatMap(bot =>
    bot.strategies
      .filter(({ id }) => only !== 'heartbeatStrategy' || id === bot.heartbeat.strategyId)
      .map(strategy => ({ dimensions: { Strategy: strategy.id }, bot, strategy })),
  );
}
