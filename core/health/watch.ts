/**
 * Alarms on health rows that are stored in the table: CloudWatch does not see them (unless the config publishes them), so the sweep judges them
 * itself, by the same rules of the catalogue. One point a minute; M breaching ones of the newest N fire, and a point within the limit ends it
 * when fewer than M are left. Missing points stay out of the count; what fires and has not been told for ten minutes (its position is closed, its
 * market is) ends.
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
  /** Since when it fires without a point. */
  readonly goneSince?: EpochMs;
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

/** Points of a strategy come each minute while there is something to measure; those of probes come with their period. */
const GONE_MS = 600_000;

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
    const limit = limitOf(each, per, limits);
    if (limit === undefined) continue;
    const named = { [per]: dimensions[per] };
    const key = incidentKey(each.rule.id, named);
    const known = Object.hasOwn(memory, key) ? memory[key]! : {};
    if (value === undefined) {
      if (known.firedAt === undefined || per !== 'Strategy') continue;
      const goneSince = known.goneSince ?? now;
      memory[key] = { ...known, goneSince };
      if (now - goneSince < GONE_MS) continue;
      delete memory[key];
      publish.push(breachOf(each, named, 'OK', { limit, since: known.firedAt }, now));
      continue;
    }
    const next = afterPoint(known, each.rule, value, limit, now);
    if (next.points === undefined && next.firedAt === undefined) delete memory[key];
    else memory[key] = next;
    if ((known.firedAt === undefined) === (next.firedAt === undefined)) continue;
    publish.push(breachOf(each, named, next.firedAt === undefined ? 'OK' : 'ALARM', { value, limit, since: known.firedAt ?? now }, now));
  }
  return { memory, publish };
}

/** Undefined where the row is of something else, or the config sets no limit. */
const limitOf = ({ row, rule }: WatchedRule, per: 'Strategy' | 'Bot', limits: StrategyConfig['limits']): number | undefined =>
  row.metric.per[per] === undefined ? undefined : limitValue(rule.limit, { limits });

/** Without what the config does not watch any more: a strategy that moved, a limit that was taken out. */
function stillWatched(memory: WatchMemory, { id, strategies }: Pick<BotConfig, 'id' | 'strategies'>): WatchMemory {
  const all = Object.entries(memory);
  if (all.length === 0) return memory;
  const keys = new Set(
    watched.flatMap(each => [
      ...(limitOf(each, 'Bot', {}) === undefined ? [] : [incidentKey(each.rule.id, { Bot: id })]),
      ...strategies.flatMap(strategy =>
        limitOf(each, 'Strategy', strategy.limits) === undefined ? [] : [incidentKey(each.rule.id, { Strategy: strategy.id })],
      ),
    ]),
  );
  return Object.fromEntries(all.filter(([key]) => keys.has(key)));
}

/** One minute of a bot and of its strategies; a strategy whose numbers could not be had is left out. Give nothing while the bot is silent or excused: then nothing changes. */
export function watchBot(
  before: WatchMemory,
  bot: Pick<BotConfig, 'id' | 'heartbeat' | 'strategies'>,
  numbers: { readonly ofBot: HealthNumbers; readonly ofStrategies: ReadonlyMap<string, HealthNumbers> },
  now: EpochMs,
): WatchStep {
  const dimensions = { Bot: bot.id, Strategy: bot.heartbeat.strategyId };
  const known = stillWatched(before, bot);
  let { memory, publish } = judgeWatch(known, { values: numbers.ofBot, dimensions, limits: {}, per: 'Bot' }, now);
  for (const { id, limits } of bot.strategies) {
    const values = numbers.ofStrategies.get(id);
    if (values === undefined) continue;
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
  /** Absent when it cannot be told any more. */
  readonly value?: number;
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
    ...(state === 'ALARM' && judged.value !== undefined ? { value: judged.value, limit: judged.limit, unit } : {}),
    reason:
      judged.value === undefined
        ? `${who}: there is nothing to measure any more (${means}).`
        : state === 'ALARM'
          ? `${who}: ${means} is ${show(judged.value)}, ${rule.is} ${show(judged.limit)}.`
          : `${who}: ${means} is back within its limit.`,
    firstAction: rule.first,
    runbook: alarmAnchor(rule.id),
  };
}
