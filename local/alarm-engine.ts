/** The alarms of the template on virtual time: evaluated by the one evaluator of core, with states, history and actions. */
import type { AlarmDefinition, AlarmState, CompositeAlarm, MetricAlarm, Transition } from '../core/alarms/definition.ts';
import { evaluationRange, isDue, nextEvaluation } from '../core/alarms/evaluation-clock.ts';
import type { AlarmMemory, MetricEvaluation, MetricReader } from '../core/alarms/metric-alarm.ts';
import { evaluateMetricAlarm, initialReason, newAlarm } from '../core/alarms/metric-alarm.ts';
import type { CompositeRule } from '../core/cloudwatch/composite-rule.ts';
import { alarmNameOf, childrenOf, parseCompositeRule, ruleHolds } from '../core/cloudwatch/composite-rule.ts';
import { alarmFromTemplate } from '../core/cloudwatch/template-alarm.ts';
import type { SeriesStore } from '../core/series/series-store.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { alarmMessage, alarmSubject } from './alarm-message.ts';
import { metricData } from './metric-data.ts';
import type { AlarmView, DataQuery, DataSeries } from './services/cloudwatch.ts';
import type { Assembly, Resource } from './template/assembly.ts';

export type AlarmTransition = Transition;

export interface AlarmEngineHooks {
  readonly store: () => SeriesStore;
  readonly publish: (topicArn: string, message: string, subject: string) => void;
  readonly onTransition: (transition: AlarmTransition) => void;
}

export interface AlarmHistoryEntry {
  readonly alarm: string;
  readonly atMs: EpochMs;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
}

export interface AlarmEngine {
  readonly definitions: readonly AlarmDefinition[];
  /**
   * Judges every alarm that is due (but none before its first data point, while its window reaches back before the start: the local
   * stack attaches to running bots, it is not their birth), then the composites above them, then sends what their actions say. */
  readonly evaluate: (nowMs: EpochMs) => void;
  readonly views: () => readonly AlarmView[];
  readonly nextEvaluationMs: (name: string, nowMs: EpochMs) => EpochMs | undefined;
  readonly history: (name?: string) => readonly AlarmHistoryEntry[];
  /** False when there is no such alarm. */
  readonly setState: (name: string, state: string, reason: string, nowMs: EpochMs, reasonData?: string) => boolean;
  readonly data: (queries: readonly DataQuery[], fromMs: EpochMs, toMs: EpochMs) => readonly DataSeries[];
  /** States and history as JSON text, and back. */
  readonly serialise: () => string;
  readonly restore: (text: string) => void;
}

interface Live<D extends AlarmDefinition = AlarmDefinition> {
  readonly definition: D;
  readonly resource: Resource;
  memory: AlarmMemory;
  reason: string;
  reasonData?: string;
  updatedMs: EpochMs;
}

interface LiveComposite extends Live<CompositeAlarm> {
  readonly rule: CompositeRule;
}

export function createAlarmEngine(assembly: Assembly, hooks: AlarmEngineHooks, startMs: EpochMs): AlarmEngine {
  const metrics: Live<MetricAlarm>[] = [];
  const composites: LiveComposite[] = [];
  for (const resource of assembly.ofType('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm')) {
    const definition = definitionOf(resource);
    const common = { resource, memory: newAlarm(startMs), reason: initialReason(), updatedMs: startMs };
    if (definition.kind === 'metric') metrics.push({ definition, ...common });
    else composites.push({ definition, ...common, rule: ruleOf(definition, resource) });
  }
  const all: readonly Live[] = [...metrics, ...composites];
  const byName = new Map(all.map(live => [live.definition.name, live]));
  const history: AlarmHistoryEntry[] = [];
  const ordered = inOrderOfChildren(composites);

  const stateOf = (nameOrArn: string): AlarmState | undefined => byName.get(alarmNameOf(nameOrArn))?.memory.state;

  function change(live: Live, transition: Transition, children: readonly Live[] = []): void {
    live.memory = { ...live.memory, state: transition.to };
    live.reason = transition.reason;
    live.updatedMs = transition.atMs;
    if (transition.reasonData === undefined) delete live.reasonData;
    else live.reasonData = transition.reasonData;
    const { alarm, from, to, reason, atMs } = transition;
    history.push({ alarm, atMs, from, to, reason });
    hooks.onTransition(transition);
    act(live, transition, children);
  }

  function act(live: Live, transition: Transition, children: readonly Live[]): void {
    const { definition } = live;
    if (!definition.actionsEnabled) return;
    const actions = { ALARM: definition.alarmActions, OK: definition.okActions, INSUFFICIENT_DATA: definition.insufficientDataActions }[
      transition.to
    ];
    if (actions.length === 0) return;
    const message = alarmMessage(definition, transition, {
      arn: live.resource.arn,
      accountId: assembly.place.accountId,
      configuredMs: startMs,
      children: children.map(child => ({ arn: child.resource.arn, state: child.memory.state, atMs: child.updatedMs })),
    });
    for (const action of actions) hooks.publish(action, message, alarmSubject(definition, transition));
  }

  function judgeComposite(live: LiveComposite, nowMs: EpochMs): void {
    const to: AlarmState = ruleHolds(live.rule, stateOf) ? 'ALARM' : 'OK';
    const from = live.memory.state;
    if (to === from) return;
    const children = childrenOf(live.rule).flatMap(name => byName.get(alarmNameOf(name)) ?? []);
    const newest = [...children].sort((a, b) => b.updatedMs - a.updatedMs)[0];
    const reason =
      newest === undefined
        ? `rule changed to ${to}`
        : `${newest.resource.arn} transitioned to ${newest.memory.state} at ${longDate(newest.updatedMs)}`;
    change(
      live,
      { alarm: live.definition.name, from, to, atMs: nowMs, reason },
      children.filter(child => child.memory.state === 'ALARM'),
    );
  }

  /** Nothing was measured yet, and the window reaches back before the stack began: there is nothing to judge. */
  function isBlind(definition: MetricAlarm, { points }: MetricEvaluation, nowMs: EpochMs): boolean {
    return nowMs < startMs + evaluationRange(definition) * definition.periodSeconds * 1_000 && points.every(point => point.value === null);
  }

  return {
    definitions: all.map(live => live.definition),
    evaluate(nowMs) {
      const store = hooks.store();
      const reader: MetricReader = { read: (stat, fromMs, toMs) => store.read(stat, fromMs, toMs, nowMs) };
      for (const live of metrics) {
        if (!isDue(live.definition, nowMs)) continue;
        const evaluation = evaluateMetricAlarm(live.definition, reader, live.memory, nowMs);
        if (isBlind(live.definition, evaluation, nowMs)) continue;
        live.memory = evaluation.memory;
        if (evaluation.transition !== undefined) change(live, evaluation.transition);
      }
      for (const live of ordered) judgeComposite(live, nowMs);
    },
    views: () =>
      all.map(({ definition, resource, memory, reason, reasonData, updatedMs }) => ({
        name: definition.name,
        arn: resource.arn,
        state: memory.state,
        reason,
        updatedMs,
        isComposite: definition.kind === 'composite',
        properties: resource.properties,
        ...(reasonData === undefined ? {} : { reasonData }),
      })),
    nextEvaluationMs(name, nowMs) {
      const definition = byName.get(name)?.definition;
      return definition?.kind === 'metric' ? nextEvaluation(definition, nowMs) : undefined;
    },
    history: name => (name === undefined ? history : history.filter(entry => entry.alarm === name)),
    setState(name, state, reason, nowMs, reasonData) {
      const live = byName.get(name);
      if (live === undefined) return false;
      const to = state as AlarmState;
      const from = live.memory.state;
      if (to !== from) change(live, { alarm: name, from, to, atMs: nowMs, reason, ...(reasonData === undefined ? {} : { reasonData }) });
      for (const composite of ordered) judgeComposite(composite, nowMs);
      return true;
    },
    data: (queries, fromMs, toMs) => metricData(hooks.store(), queries, fromMs, toMs),
    serialise: () =>
      JSON.stringify({
        history: history.slice(-2_000),
        states: Object.fromEntries(
          all.map(({ definition, memory, reason, updatedMs }) => [definition.name, { memory, reason, updatedMs }]),
        ),
      }),
    restore(text) {
      const saved = JSON.parse(text) as {
        readonly history: AlarmHistoryEntry[];
        readonly states: Readonly<Record<string, { memory: AlarmMemory; reason: string; updatedMs: number }>>;
      };
      history.push(...saved.history);
      for (const [name, state] of Object.entries(saved.states)) {
        const live = byName.get(name);
        if (live !== undefined) Object.assign(live, state);
      }
    },
  };
}

function definitionOf(resource: Resource): AlarmDefinition {
  const result = alarmFromTemplate(resource.type, resource.properties, resource.name);
  if (result.ok) return result.value;
  throw new Error(`InvalidAlarm at ${resource.stack}/${resource.logicalId}: ${result.error.map(problem => problem.message).join('; ')}`);
}

function ruleOf(definition: CompositeAlarm, resource: Resource): CompositeRule {
  const result = parseCompositeRule(definition.rule);
  if (result.ok) return result.value;
  throw new Error(`InvalidAlarmRule at ${resource.stack}/${resource.logicalId}: ${result.error.message}`);
}

/** Composites after the composites that they watch, so that one pass settles them all; circles stay in their given order. */
function inOrderOfChildren(composites: readonly LiveComposite[]): readonly LiveComposite[] {
  const byName = new Map(composites.map(live => [live.definition.name, live]));
  const done = new Set<LiveComposite>();
  const visit = (live: LiveComposite, open: ReadonlySet<LiveComposite>): void => {
    if (done.has(live) || open.has(live)) return;
    for (const child of childrenOf(live.rule)) {
      const below = byName.get(alarmNameOf(child));
      if (below !== undefined) visit(below, new Set([...open, live]));
    }
    done.add(live);
  };
  for (const live of composites) visit(live, new Set());
  return [...done];
}

/** `Friday 22 July, 2022 15:57:45 UTC`, as composites write times. */
function longDate(ms: EpochMs): string {
  const date = new Date(ms);
  const part = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options }).format(date);
  const clock = part({ hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
  return `${part({ weekday: 'long' })} ${part({ day: '2-digit' })} ${part({ month: 'long' })}, ${part({ year: 'numeric' })} ${clock} UTC`;
}
