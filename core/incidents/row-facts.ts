import { rulesOf } from '../catalogue/alarm-definitions.ts';
import { type CatalogueRow, catalogue, isMetricId, rowOf } from '../catalogue/index.ts';
import { type AlarmRule, limitValue } from '../catalogue/metric.ts';
import { alarmName } from '../catalogue/names.ts';
import type { NightdeskConfig } from '../config/types.ts';
import type { MoneyAtRisk } from './money-at-risk.ts';
import type { Signal } from './signal.ts';

const rules: ReadonlyMap<string, { readonly row: CatalogueRow; readonly rule: AlarmRule }> = new Map(
  catalogue.flatMap(row => rulesOf(row.metric).map(rule => [rule.id, { row, rule }] as const)),
);

type Surroundings = Pick<NightdeskConfig, 'stage' | 'bots' | 'groups'>;

/**
 * A signal of this stack, completed from the catalogue and the strategy's gauges: CloudWatch's messages name no unit, those of composites
 * no value and no threshold, and the fast path no CloudWatch alarm to link to. What the signal says itself wins.
 */
export function completed(signal: Signal, config: Surroundings, money: MoneyAtRisk | undefined): Signal {
  const { row: rowId, alarmId } = signal;
  if (rowId === undefined || alarmId === undefined || !isMetricId(rowId)) return signal;
  const { unit } = rowOf(rowId).metric;
  const unitText = unit === 'money' ? money?.currency : unit;
  const found = rules.get(alarmId);
  const follower = found !== undefined && found.rule.follows !== undefined && signal.source !== 'fast';
  return {
    ...(unitText === undefined ? {} : { unit: unitText }),
    ...(follower ? judged(found, signal, config, money) : {}),
    ...(follower ? withoutComposite(signal) : signal),
    alarm: found !== undefined && signal.source === 'fast' ? alarmName(config.stage, alarmId, signal.dimensions) : signal.alarm,
  };
}

/** What the metric alarm below a composite compares: the gauge as it is now, and the limit. */
function judged(
  { row, rule }: { readonly row: CatalogueRow; readonly rule: AlarmRule },
  signal: Signal,
  config: Surroundings,
  money: MoneyAtRisk | undefined,
) {
  const { source } = row.metric;
  const value = source.from === 'strategy' ? money?.gauges?.[source.gauge] : undefined;
  const strategy = config.bots.flatMap(bot => bot.strategies).find(({ id }) => id === signal.dimensions['Strategy']);
  const group = config.groups?.find(({ id }) => id === signal.dimensions['RiskGroup']);
  const owner = { ...(strategy === undefined ? {} : { limits: strategy.limits }), ...(group === undefined ? {} : { group: group.limits }) };
  const limit = rule.kind === 'anomaly' ? undefined : limitValue(rule.limit, owner);
  return { ...(value === undefined ? {} : { value }), ...(limit === undefined ? {} : { limit }) };
}

/** A follower's only child is its own metric alarm, and the composite's reason says no more than that. */
function withoutComposite({ reason: _, ...signal }: Signal): Signal {
  return { ...signal, children: [] };
}
