/** Alarms over a history: the one evaluator for metric alarms, then composites, suppressors and mutes in the order of time. */
import { DEFAULT_ASSUMPTIONS, type EvaluationAssumptions } from '../alarms/assumptions.ts';
import { compositeOrder, watchedBy } from '../alarms/composite-alarm.ts';
import type { AlarmDefinition, CompositeAlarm, MetricAlarm, Transition } from '../alarms/definition.ts';
import { evaluateHistory, readerAsOf } from '../alarms/evaluate-history.ts';
import { evaluationRange, nextEvaluation } from '../alarms/evaluation-clock.ts';
import { evaluateMetricAlarm, newAlarm } from '../alarms/metric-alarm.ts';
import { bornAlarm, createAlarmSequence, type DueAction, type LiveAlarm } from '../alarms/sequence.ts';
import { alarmNameOf } from '../cloudwatch/composite-rule.ts';
import type { MuteRule } from '../cloudwatch/template-alarm.ts';
import type { EpochMs } from '../time/instant.ts';
import type { BacktestHistory } from './history.ts';

/** Actions that an alarm performed: its transitions after mutes and suppressors have had their say. */
export type PerformedAction = DueAction;

export interface AlarmRun {
  readonly definition: AlarmDefinition;
  readonly transitions: readonly Transition[];
  readonly actions: readonly PerformedAction[];
  readonly evaluations: number;
  /** Why it was not replayed; absent when it was. */
  readonly skipped?: string;
  /** A band of our stand-in decided, not CloudWatch's own model. */
  readonly approximated: boolean;
}

export interface RunOptions {
  readonly muteRules?: readonly MuteRule[];
  readonly assumptions?: EvaluationAssumptions;
}

const MINUTE = 60_000;

/** Runs in the order of the definitions. */
export function runAlarms(
  definitions: readonly AlarmDefinition[],
  history: BacktestHistory,
  options: RunOptions = {},
): ReadonlyMap<string, AlarmRun> {
  const metrics = definitions.filter(alarm => alarm.kind === 'metric').map(alarm => runMetricAlarm(alarm, history, options.assumptions));
  const judged = new Set(metrics.filter(run => run.skipped === undefined).map(run => run.definition.name));
  const composites = compositeOrder(definitions.filter(alarm => alarm.kind === 'composite'));
  for (const composite of composites) if (watchedBy(composite).some(child => judged.has(child))) judged.add(composite.name);
  const replay = replayActions(metrics, composites, judged, history, options);
  return new Map(
    definitions.map(definition => {
      const live = replay.get(definition.name);
      const metric = metrics.find(run => run.definition === definition);
      return [
        definition.name,
        {
          definition,
          transitions: live?.transitions ?? [],
          actions: live?.actions ?? [],
          evaluations: metric?.evaluations ?? 0,
          approximated: metric?.approximated ?? false,
          ...skippedOf(definition, metric, judged),
        },
      ];
    }),
  );
}

function skippedOf(definition: AlarmDefinition, metric: MetricRun | undefined, judged: ReadonlySet<string>): { readonly skipped?: string } {
  if (judged.has(definition.name)) return {};
  if (definition.kind === 'composite') return { skipped: 'none of the alarms that it watches is replayed' };
  if (metric?.skipped !== undefined) return { skipped: metric.skipped };
  return { skipped: 'it watches log lines, and the history holds metrics' };
}

/** Names of the alarm and of all that decide about it: children, and suppressors with what they watch. */
export function closureOf(name: string, definitions: readonly AlarmDefinition[]): readonly AlarmDefinition[] {
  const byName = new Map(definitions.map(definition => [definition.name, definition]));
  const found = new Set<AlarmDefinition>();
  const visit = (next: string): void => {
    const definition = byName.get(next);
    if (definition === undefined || found.has(definition)) return;
    found.add(definition);
    if (definition.kind !== 'composite') return;
    for (const child of watchedBy(definition)) visit(child);
    if (definition.suppressor !== undefined) visit(alarmNameOf(definition.suppressor.alarm));
  };
  visit(name);
  return definitions.filter(definition => found.has(definition));
}

interface MetricRun {
  readonly definition: MetricAlarm;
  readonly transitions: readonly Transition[];
  readonly evaluations: number;
  readonly approximated: boolean;
  readonly skipped?: string;
}

/** One metric alarm over the history; not replayed when the source does not know one of its metrics. */
export function runMetricAlarm(
  definition: MetricAlarm,
  history: BacktestHistory,
  assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS,
): MetricRun {
  const skipped = whySkipped(definition, history);
  if (skipped !== undefined) return { definition, transitions: [], evaluations: 0, approximated: false, skipped };
  const fromMs = firstJudged(definition, history, assumptions);
  const span = { fromMs, toMs: history.toMs + 1 };
  const { transitions, evaluations } = evaluateHistory(definition, history, span, newAlarm(history.fromMs), assumptions);
  return { definition, transitions, evaluations, approximated: definition.thresholdMetricId !== undefined };
}

function whySkipped(definition: MetricAlarm, history: BacktestHistory): string | undefined {
  const stats = definition.queries.flatMap(query => ('stat' in query ? [query.stat] : []));
  if (stats.length === 0) return 'it watches a query, not stored metrics';
  if (definition.thresholdMetricId !== undefined && history.noBands !== undefined) return history.noBands;
  const finest = history.finestSeconds ?? 0;
  if (definition.periodSeconds < finest) return `its period is ${definition.periodSeconds} s and the history holds points of ${finest} s`;
  const unknown = stats.find(stat => !history.knows(stat));
  if (unknown === undefined) return undefined;
  const dimensions = Object.entries(unknown.dimensions).map(([name, value]) => `${name}=${value}`);
  return `the history holds no ${unknown.namespace} ${unknown.metricName}${dimensions.length === 0 ? '' : ` {${dimensions.join(', ')}}`}`;
}

/**
 * First evaluation that has something to judge: none before the first data point, while the window reaches back before the start.
 * The local stack does the same: the history is not the bots' birth.
 */
function firstJudged(alarm: MetricAlarm, history: BacktestHistory, assumptions: EvaluationAssumptions): EpochMs {
  const blindUntil = history.fromMs + evaluationRange(alarm, assumptions) * alarm.periodSeconds * 1000;
  let nowMs = nextEvaluation(alarm, history.fromMs);
  for (; nowMs < blindUntil && nowMs <= history.toMs; nowMs = nextEvaluation(alarm, nowMs)) {
    const { points } = evaluateMetricAlarm(alarm, readerAsOf(history, nowMs), undefined, nowMs, assumptions);
    if (points.some(({ value }) => value !== null)) return nowMs;
  }
  return nowMs;
}

interface Replayed extends LiveAlarm {
  readonly transitions: Transition[];
  readonly actions: PerformedAction[];
}

function replayActions(
  metrics: readonly MetricRun[],
  composites: readonly CompositeAlarm[],
  judged: ReadonlySet<string>,
  history: BacktestHistory,
  { muteRules = [], assumptions = DEFAULT_ASSUMPTIONS }: RunOptions,
): ReadonlyMap<string, Replayed> {
  const born = (definition: AlarmDefinition): Replayed => ({ ...bornAlarm(definition, history.fromMs), transitions: [], actions: [] });
  const below = metrics.map(({ definition }) => born(definition));
  const all = [...below, ...composites.map(born)];
  const sequence = createAlarmSequence<Replayed>({
    alarms: all,
    isJudged: ({ name }) => judged.has(name),
    muteRules,
    assumptions,
    arnOf: ({ definition }) => definition.name,
    onChange: (alarm, transition) => alarm.transitions.push(transition),
    perform: (alarm, action) => alarm.actions.push(action),
  });
  const changes = metrics.flatMap(run => run.transitions).sort((a, b) => a.atMs - b.atMs);
  const isBusy = () => all.some(({ mute, suppression }) => mute.muted || suppression?.period !== undefined);
  let next = 0;
  let isFirst = true;
  for (let minute = Math.floor(history.fromMs / MINUTE) * MINUTE + MINUTE; minute <= history.toMs; minute += MINUTE) {
    // Alarms of less than a minute change in between: their composites look at once.
    for (;;) {
      const atMs = Math.min(changes[next]?.atMs ?? minute, minute);
      const changed = new Map<string, Transition>();
      for (; next < changes.length && changes[next]!.atMs <= atMs; next += 1) changed.set(changes[next]!.alarm, changes[next]!);
      if (changed.size > 0 || isFirst || (atMs === minute && isBusy())) {
        for (const alarm of below) sequence.judged(alarm, atMs, changed.get(alarm.definition.name));
        sequence.judgeComposites(atMs);
        isFirst = false;
      }
      if (atMs === minute) break;
    }
  }
  return new Map(all.map(alarm => [alarm.definition.name, alarm]));
}
