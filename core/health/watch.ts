/**
 * Alarms on health rows that are stored in the table: CloudWatch does not see them (unless the config publishes them), so the sweep judges them
 * itself, by the same rules of the catalogue. One point a minute; M breaching ones of the newest N fire, and a point within the limit ends it
 * when fewer than M are left. Missing points stay out of the count.
 */
import { rulesOf } from '../catalogue/alarm-definitions.ts';
import { type CatalogueRow, catalogue } from '../catalogue/index.ts';
import { type HealthValueName, type LimitAlarm, limitValue } from '../catalogue/metric.ts';
import { alarmAnchor } from '../catalogue/names.ts';
import { showQuantity } from '../catalogue/unit.ts';
import type { BotConfig, StrategyConfig } from '../config/types.ts';
import type { FastBreach } from '../incidents/breach.ts';
import { incidentKey } from '../incidents/key.ts';
import type { EpochMs } from '../time/instant.ts';

export interface WatchState {
  /** The newest points, oldest first: `b` breaching, `o` within the limit. Absent while all are `o`. */
  readonly points?: string;
  /** When it fired; absent while it does not. */
  readonly firedAt?: EpochMs;
}

/** By incident key. */
export type WatchMemory = Readonly<Record<string, WatchState>>;

interface WatchedRule {
  readonly row: CatalogueRow;
  readonly rule: LimitAlarm;
  readonly of: HealthValueName;
}

const watched: readonly WatchedRule[] = catalogue.flatMap(row => {
  const { source, storage } = row.metric;
  if (source.from !== 'health' || storage !== 'table') return [];
  return rulesOf(row.metric).flatMap(rule => (rule.kind === 'anomaly' ? [] : [{ row, rule, of: source.of }]));
});

/** Numbers of health by their names; absent while they cannot be told. */
export type HealthNumbers = Readonly<Partial<Record<HealthValueName, number>>>;

export interface WatchInput {
  readonly values: HealthNumbers;
  readonly dimensions: Readonly<Record<'Strategy' | 'Bot', string>>;
  readonly limits: StrategyConfig['limits'];
  /** Which rows: those per strategy, or those per bot. */
  readonly per: 'Strategy' | 'Bot';
}

export interface WatchStep {
  readonly memory: WatchMemory;
  readonly publish: readonly FastBreach[];
}

/** Judges one minute of the rows of one kind. */
export function judgeWatch(before: WatchMemory, { values, dimensions, limits, per }: WatchInput, now: EpochMs): WatchStep {
  const memory: Record<string, WatchState> = { ...before };
  const publish: FastBreach[] = [];
  for (const each of watched) {
    const value = values[each.of];
    if (each.row.metric.per[per] === undefined || value === undefined) continue;
    const limit = limitValue(each.rule.limit, { limits });
    if (limit === undefined) continue;
    const named = { [per]: dimensions[per] };
    const key = incidentKey(each.rule.id, named);
    const known = Object.hasOwn(memory, key) ? memory[key]! : {};
    const next = afterPoint(known, each.rule, value, limit, now);
    if (next.points === undefined && next.firedAt === undefined) delete memory[key];
    else memory[key] = next;
    if ((known.firedAt === undefined) === (next.firedAt === undefined)) continue;
    publish.push(breachOf(each, named, next.firedAt === undefined ? 'OK' : 'ALARM', { value, limit, since: known.firedAt ?? now }, now));
  }
  return { memory, publish };
}

/** One minute of a bot and of its strategies. Give nothing while the bot is silent or excused: then nothing changes. */
export function watchBot(
  before: WatchMemory,
  bot: Pick<BotConfig, 'id' | 'heartbeat' | 'strategies'>,
  numbers: { readonly ofBot: HealthNumbers; readonly ofStrategies: ReadonlyMap<string, HealthNumbers> },
  now: EpochMs,
): WatchStep {
  const dimensions = { Bot: bot.id, Strategy: bot.heartbeat.strategyId };
  let { memory, publish } = judgeWatch(before, { values: numbers.ofBot, dimensions, limits: {}, per: 'Bot' }, now);
  for (const { id, limits } of bot.strategies) {
    const values = numbers.ofStrategies.get(id) ?? {};
    const step = judgeWatch(memory, { values, dimensions: { ...dimensions, Strategy: id }, limits, per: 'Strategy' }, now);
    memory = step.memory;
    publish = [...publish, ...step.publish];
  }
  return { memory, publish };
}

function afterPoint(before: WatchState, { is, held }: LimitAlarm, value: number, limit: number, now: EpochMs): WatchState {
  const [breaching, of] = held;
  const isBreaching = is === 'above' ? value > limit : value < limit;
  const points = `${before.points ?? ''}${isBreaching ? 'b' : 'o'}`.slice(-of);
  const count = points.split('b').length - 1;
  const fires = count >= breaching;
  return {
    ...(count === 0 ? {} : { points }),
    ...(fires ? { firedAt: before.firedAt ?? now } : {}),
  };
}

interface Judged {
  readonly value: number;
  readonly limit: number;
  readonly since: EpochMs;
}

function breachOf(
  { row, rule }: WatchedRule,
  dimensions: Readonly<Record<string, string>>,
  state: 'ALARM' | 'OK',
  judged: Judged,
  now: EpochMs,
): FastBreach {
  const { unit, means } = row.metric;
  const show = (value: number) => showQuantity({ unit, value: Math.round(value * 100) / 100 });
  const who = Object.values(dimensions).join(', ');
  return {
    row: row.id,
    alarm: rule.id,
    dimensions,
    state,
    severity: rule.severity,
    atMs: now,
    sinceMs: judged.since,
    ...(state === 'ALARM' ? { value: judged.value, limit: judged.limit, unit } : {}),
    reason:
      state === 'ALARM'
        ? `${who}: ${means} is ${show(judged.value)}, ${rule.is} ${show(judged.limit)}.`
        : `${who}: ${means} is back within its limit.`,
    firstAction: rule.first,
    runbook: alarmAnchor(rule.id),
  };
}
