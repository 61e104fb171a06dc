/** What a replay comes to, as one JSON document: counts, results, metrics, transitions, notifications and incidents. */
import { createIncidentStore } from '../adapters/aws/incident-store.ts';
import { createStrategyStore } from '../adapters/aws/strategy-store.ts';
import type { AlarmDefinition } from '../core/alarms/definition.ts';
import { metricName, namespaceOf } from '../core/catalogue/names.ts';
import type { NightdeskConfig } from '../core/config/types.ts';
import type { Incident } from '../core/incidents/incident.ts';
import { decodeState } from '../core/ledger/codec.ts';
import type { StrategyScore } from '../core/ledger/score.ts';
import { scoreStrategy } from '../core/ledger/score.ts';
import { settingsFor } from '../core/ledger/settings.ts';
import type { Counts, StrategyState } from '../core/ledger/state.ts';
import type { SeriesStore } from '../core/series/series-store.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { isoFromMs } from '../core/time/instant.ts';
import type { InboxEntry } from './outbound.ts';
import type { LocalStack } from './stack.ts';
import { tablePort } from './table-port.ts';

export interface Summary {
  readonly events: { readonly accepted: number; readonly rejected: number; readonly duplicates: number };
  readonly invocations: Readonly<Record<string, number>>;
  readonly clock: { readonly from: string; readonly to: string; readonly virtualMinutes: number; readonly wallSeconds: number };
  readonly strategies: Readonly<Record<string, StrategyScore>>;
  readonly metrics: Readonly<Record<string, readonly NewestValue[]>>;
  readonly transitions: readonly {
    readonly alarm: string;
    readonly from: string;
    readonly to: string;
    readonly at: string;
    readonly reason: string;
  }[];
  readonly notifications: readonly NotificationView[];
  readonly incidents: readonly IncidentView[];
  /** Function errors and messages that ended in a dead-letter queue: 0 unless something of ours is broken. */
  readonly faults: { readonly functionErrors: number; readonly deadLetters: number };
}

export interface NewestValue {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly value: number;
  readonly at: string;
}

interface NotificationView {
  readonly channel: string;
  readonly at: string;
  readonly alarm?: string;
  readonly state?: string;
  readonly request: { readonly url: string; readonly body: unknown };
}

export interface IncidentView {
  readonly id: string;
  readonly key: string;
  readonly severity: string;
  readonly openedAt: string;
  readonly acknowledgedAt?: string;
  readonly resolvedAt?: string;
  readonly alarms: readonly string[];
}

export interface SummaryInput {
  readonly stack: LocalStack;
  readonly config: NightdeskConfig;
  readonly strategyIds: readonly string[];
  /** Lines that could not become text, which never reached the stack. */
  readonly unreadable: number;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly virtualMinutes: number;
  readonly wallSeconds: number;
}

/** The table that holds the state: the only one of the stack. */
export const stateTable = (stack: LocalStack) => tablePort([...stack.tables.values()][0]!);

/** The stored state of each strategy that has one. */
export async function storedStates(
  stack: LocalStack,
  config: NightdeskConfig,
  strategyIds: readonly string[],
): Promise<ReadonlyMap<string, StrategyState>> {
  const store = createStrategyStore(stateTable(stack));
  const states = new Map<string, StrategyState>();
  for (const id of strategyIds) {
    const stored = await store.load(id);
    if (stored !== undefined) states.set(id, decodeState(stored.encoded.head, stored.encoded.parts, settingsFor(config, id)));
  }
  return states;
}

/** Newest first. */
export const incidentsOf = (stack: LocalStack, limit: number): Promise<readonly Incident[]> =>
  createIncidentStore(stateTable(stack), stack.clock.now).list(limit);

export async function summarise(input: SummaryInput): Promise<Summary> {
  const { stack, config } = input;
  const states = await storedStates(stack, config, input.strategyIds);
  const count = (name: keyof Counts) => [...states.values()].reduce((sum, state) => sum + state.counts[name], 0);
  const rejected = totalOf(stack.store(), namespaceOf(config.stage), metricName('rejectedLines'));
  const incidents = await incidentsOf(stack, 10_000);
  return {
    events: { accepted: count('accepted'), rejected: rejected + input.unreadable, duplicates: count('duplicates') },
    invocations: Object.fromEntries([...stack.counts.values()].map(({ label, invocations }) => [label, invocations])),
    clock: {
      from: isoFromMs(input.fromMs),
      to: isoFromMs(input.toMs),
      virtualMinutes: input.virtualMinutes,
      wallSeconds: Math.round(input.wallSeconds * 100) / 100,
    },
    strategies: Object.fromEntries([...states].map(([id, state]) => [id, scoreStrategy(state)])),
    metrics: newestMetrics(stack.store(), stack.alarms.definitions, input.toMs),
    transitions: stack.alarms.history().map(({ alarm, from, to, atMs, reason }) => ({ alarm, from, to, at: isoFromMs(atMs), reason })),
    // A change event notifies nobody.
    notifications: stack.outbound
      .entries()
      .filter(({ message }) => message?.isChange !== true)
      .map(notificationView),
    incidents: [...incidents].reverse().map(incidentView),
    faults: {
      functionErrors: [...stack.counts.values()].reduce((sum, { errors }) => sum + errors, 0),
      deadLetters: deadLetters(stack),
    },
  };
}

function deadLetters(stack: LocalStack): number {
  const targets = new Set(stack.queues.map(queue => queue.definition.redrive?.queueArn));
  const isDead = (arn: string) => targets.has(arn) || /dead/i.test(arn);
  return stack.queues.filter(queue => isDead(queue.definition.arn)).reduce((sum, queue) => sum + queue.counts().visible, 0);
}

function totalOf(store: SeriesStore, namespace: string, name: string): number {
  return store.listMetrics({ namespace, metricName: name }).reduce((sum, { dimensions, newestMs }) => {
    const values = store.read(
      { namespace, metricName: name, dimensions, statistic: 'Sum', periodSeconds: 86_400 },
      newestMs - 400 * 86_400_000,
      newestMs + 60_000,
    );
    return sum + values.reduce<number>((total, value) => total + (value ?? 0), 0);
  }, 0);
}

/** The newest value of each metric, by the statistic that an alarm watches it with; Average where none does. */
export function newestMetrics(
  store: SeriesStore,
  alarms: readonly AlarmDefinition[],
  nowMs: EpochMs,
): Readonly<Record<string, readonly NewestValue[]>> {
  const statistics = new Map<string, string>();
  for (const alarm of alarms) {
    if (alarm.kind !== 'metric') continue;
    for (const query of alarm.queries)
      if ('stat' in query) statistics.set(`${query.stat.namespace}/${query.stat.metricName}`, query.stat.statistic);
  }
  const metrics: Record<string, NewestValue[]> = {};
  for (const metric of store.listMetrics()) {
    const statistic = statistics.get(`${metric.namespace}/${metric.metricName}`) ?? 'Average';
    const [value] = store.read({ ...metric, statistic, periodSeconds: 60 }, metric.newestMs, metric.newestMs + 60_000);
    if (value === null || value === undefined) continue;
    const list = metrics[metric.metricName] ?? [];
    list.push({ dimensions: metric.dimensions, statistic, value, at: isoFromMs(Math.min(metric.newestMs, nowMs)) });
    metrics[metric.metricName] = list;
  }
  return metrics;
}

function notificationView({ channel, atMs, alarm, state, request }: InboxEntry): NotificationView {
  return { channel, at: isoFromMs(atMs), ...(alarm === undefined ? {} : { alarm }), ...(state === undefined ? {} : { state }), request };
}

export function incidentView(incident: Incident): IncidentView {
  const { id, key, severity, openedAt, acknowledgedAt, resolvedAt, alarms } = incident;
  return {
    id,
    key,
    severity,
    openedAt: isoFromMs(openedAt),
    ...(acknowledgedAt === undefined ? {} : { acknowledgedAt: isoFromMs(acknowledgedAt) }),
    ...(resolvedAt === undefined ? {} : { resolvedAt: isoFromMs(resolvedAt) }),
    alarms,
  };
}
