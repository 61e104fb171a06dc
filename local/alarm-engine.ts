/** The alarms of the template on virtual time: evaluated by the one evaluator of core, with states, history and actions. */
import type { ChildChange } from '../core/alarms/composite-alarm.ts';
import { compositeOrder, evaluateComposite, watchedBy } from '../core/alarms/composite-alarm.ts';
import type { AlarmDefinition, AlarmState, CompositeAlarm, LogAlarm, MetricAlarm, Transition } from '../core/alarms/definition.ts';
import { evaluationRange, isDue, nextEvaluation } from '../core/alarms/evaluation-clock.ts';
import type { LikelyAlarm } from '../core/alarms/expectation.ts';
import { nextLikely } from '../core/alarms/expectation.ts';
import { dueLogRun, evaluateLogAlarm, type LogAlarmMemory, type LogReader, nextLogRun } from '../core/alarms/log-alarm.ts';
import type { AlarmMemory, MetricEvaluation, MetricReader } from '../core/alarms/metric-alarm.ts';
import { evaluateMetricAlarm, initialReason, newAlarm } from '../core/alarms/metric-alarm.ts';
import type { MuteMemory } from '../core/alarms/mute.ts';
import { muteOf, throughMute, UNMUTED } from '../core/alarms/mute.ts';
import type { SuppressionMemory, SuppressionStep } from '../core/alarms/suppression.ts';
import { compositeChanged, startSuppression, suppressionUntil, suppressorChanged } from '../core/alarms/suppression.ts';
import { alarmNameOf } from '../core/cloudwatch/composite-rule.ts';
import type { MuteRule } from '../core/cloudwatch/template-alarm.ts';
import { ALARM_RESOURCE_TYPES, alarmFromTemplate, muteRuleFromTemplate } from '../core/cloudwatch/template-alarm.ts';
import type { SeriesStore } from '../core/series/series-store.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { alarmMessage, alarmSubject } from './alarm-message.ts';
import { metricData } from './metric-data.ts';
import type { AlarmView, DataQuery, DataSeries, MuteRuleView } from './services/cloudwatch.ts';
import type { Assembly, Resource } from './template/assembly.ts';

export type AlarmTransition = Transition;

export interface AlarmEngineHooks {
  readonly store: () => SeriesStore;
  readonly logs: LogReader;
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
  readonly muteRules: () => readonly MuteRuleView[];
  /** When a metric alarm is judged next, and when it fires if the present silence or breach goes on. */
  readonly expectation: (name: string, nowMs: EpochMs) => { readonly nextMs?: EpochMs; readonly likely?: LikelyAlarm };
  readonly history: (name?: string) => readonly AlarmHistoryEntry[];
  /** False when there is no such alarm. */
  readonly setState: (name: string, state: string, reason: string, nowMs: EpochMs, reasonData?: string) => boolean;
  readonly data: (queries: readonly DataQuery[], fromMs: EpochMs, toMs: EpochMs) => readonly DataSeries[];
  /** States and history as JSON text, and back. */
  readonly serialise: () => string;
  readonly restore: (text: string) => void;
}

/** An alarm with everything that changes about it. */
interface Live<D extends AlarmDefinition = AlarmDefinition> {
  readonly definition: D;
  readonly resource: Resource;
  memory: AlarmMemory;
  reason: string;
  reasonData?: string;
  updatedMs: EpochMs;
  mute: MuteMemory;
  /** The newest change, for actions that a mute or a suppressor held back. */
  newest?: Transition;
}

interface LiveComposite extends Live<CompositeAlarm> {
  suppression?: SuppressionMemory;
}

interface LiveLog extends Live<LogAlarm> {
  memory: LogAlarmMemory;
  lines: readonly string[];
}

export function createAlarmEngine(assembly: Assembly, hooks: AlarmEngineHooks, startMs: EpochMs): AlarmEngine {
  const metrics: Live<MetricAlarm>[] = [];
  const logAlarms: LiveLog[] = [];
  const unordered = new Map<string, LiveComposite>();
  for (const resource of assembly.ofType(...ALARM_RESOURCE_TYPES)) {
    const definition = definitionOf(resource);
    const common = { resource, memory: newAlarm(startMs), reason: initialReason(), updatedMs: startMs, mute: UNMUTED };
    if (definition.kind === 'metric') metrics.push({ definition, ...common });
    else if (definition.kind === 'log') logAlarms.push({ definition, ...common, lines: [] });
    else unordered.set(definition.name, { definition, ...common });
  }
  const composites = compositeOrder([...unordered.values()].map(live => live.definition)).map(
    definition => unordered.get(definition.name)!,
  );
  const all: readonly Live[] = [...metrics, ...logAlarms, ...composites];
  const byName = new Map(all.map(live => [live.definition.name, live]));
  const muteResources = assembly.ofType('AWS::CloudWatch::AlarmMuteRule');
  const muteRules = muteResources.map(muteRuleOf);
  const history: AlarmHistoryEntry[] = [];

  const stateOf = (name: string): AlarmState | undefined => byName.get(name)?.memory.state;

  const readerAt = (nowMs: EpochMs): MetricReader => {
    const store = hooks.store();
    return { read: (stat, fromMs, toMs) => store.read(stat, fromMs, toMs, nowMs) };
  };

  function change(live: Live, transition: Transition): void {
    const { alarm, from, to, reason, reasonData, atMs } = transition;
    live.memory = { ...live.memory, state: to };
    live.reason = reason;
    live.updatedMs = atMs;
    live.newest = transition;
    if (reasonData === undefined) delete live.reasonData;
    else live.reasonData = reasonData;
    history.push({ alarm, atMs, from, to, reason });
    hooks.onTransition(transition);
  }

  /** Passes what is due through the alarm's mutes and sends what comes out. */
  function act(live: Live, nowMs: EpochMs, due?: AlarmState): void {
    if (due === undefined && !live.mute.muted) return;
    const muted = muteRules.length > 0 && muteOf(live.definition.name, muteRules, nowMs) !== undefined;
    const step = throughMute(live.mute, { muted, state: live.memory.state, ...(due === undefined ? {} : { due }) });
    live.mute = step.memory;
    if (step.perform !== undefined) send(live, step.perform, step.afterMute === true);
  }

  function send(live: Live, state: AlarmState, isAfterMute: boolean): void {
    const { definition, newest } = live;
    if (!definition.actionsEnabled || newest === undefined) return;
    const actions = { ALARM: definition.alarmActions, OK: definition.okActions, INSUFFICIENT_DATA: definition.insufficientDataActions }[
      state
    ];
    if (actions.length === 0) return;
    const children = definition.kind === 'composite' ? watchedBy(definition).flatMap(name => byName.get(name) ?? []) : [];
    const message = alarmMessage(definition, newest, {
      arn: live.resource.arn,
      accountId: assembly.place.accountId,
      configuredMs: startMs,
      children: children
        .filter(child => child.memory.state === 'ALARM')
        .map(child => ({ arn: child.resource.arn, state: child.memory.state, atMs: child.updatedMs })),
      isAfterMute,
      logLines: state === 'ALARM' ? (logAlarms.find(each => each === live)?.lines ?? []) : [],
    });
    for (const action of actions) hooks.publish(action, message, alarmSubject(definition, newest));
  }

  /** The child whose change led here: the one that changed last. */
  function causeOf(live: LiveComposite): ChildChange | undefined {
    const children = watchedBy(live.definition).flatMap(name => byName.get(name) ?? []);
    const changed = children.filter(child => child.newest !== undefined).sort((a, b) => b.updatedMs - a.updatedMs)[0];
    return changed === undefined ? undefined : { arn: changed.resource.arn, to: changed.memory.state, atMs: changed.updatedMs };
  }

  function judgeComposite(live: LiveComposite, nowMs: EpochMs): void {
    const { transition } = evaluateComposite(live.definition, stateOf, live.memory.state, nowMs, causeOf(live));
    if (transition !== undefined) change(live, transition);
    const due =
      live.definition.suppressor === undefined
        ? transition?.to === undefined
          ? []
          : [transition.to]
        : suppressed(live, nowMs, transition?.to);
    if (due.length === 0) act(live, nowMs);
    for (const state of due) act(live, nowMs, state);
  }

  /** States whose actions are due now, after the suppressor has had its say. */
  function suppressed(live: LiveComposite, nowMs: EpochMs, changedTo: AlarmState | undefined): readonly AlarmState[] {
    const { alarm, waitSeconds, extensionSeconds } = live.definition.suppressor!;
    const rule = { wait: waitSeconds * 1_000, extension: extensionSeconds * 1_000 };
    const suppressor = stateOf(alarmNameOf(alarm)) ?? 'INSUFFICIENT_DATA';
    const due: AlarmState[] = [];
    const take = (step: SuppressionStep) => {
      live.suppression = step.memory;
      due.push(...step.actions.map(({ state }) => state));
    };
    live.suppression ??= startSuppression('INSUFFICIENT_DATA', 'INSUFFICIENT_DATA');
    if (suppressor !== live.suppression.suppressor) take(suppressorChanged(live.suppression, suppressor, nowMs, rule));
    if (changedTo !== undefined) take(compositeChanged(live.suppression, changedTo, nowMs, rule));
    take(suppressionUntil(live.suppression, nowMs));
    return due;
  }

  function judgeLog(live: LiveLog, nowMs: EpochMs): void {
    const { definition } = live;
    const run = dueLogRun(definition, live.memory, nowMs);
    if (run === undefined) {
      act(live, nowMs);
      return;
    }
    const evaluation = evaluateLogAlarm(definition, hooks.logs, live.memory, run);
    const isEarly = run < startMs + definition.startOffsetSeconds * 1_000;
    if (isEarly && evaluation.points.every(({ value }) => value === null)) return;
    live.memory = evaluation.memory;
    live.lines = evaluation.lines;
    if (evaluation.transition !== undefined) change(live, evaluation.transition);
    act(live, nowMs, evaluation.transition?.to);
  }

  /** Nothing was measured yet, and the window reaches back before the stack began: there is nothing to judge. */
  function isBlind(definition: MetricAlarm, { points }: MetricEvaluation, nowMs: EpochMs): boolean {
    return nowMs < startMs + evaluationRange(definition) * definition.periodSeconds * 1_000 && points.every(point => point.value === null);
  }

  return {
    definitions: all.map(live => live.definition),
    evaluate(nowMs) {
      const reader = readerAt(nowMs);
      for (const live of metrics) {
        if (!isDue(live.definition, nowMs)) continue;
        const evaluation = evaluateMetricAlarm(live.definition, reader, live.memory, nowMs);
        if (isBlind(live.definition, evaluation, nowMs)) continue;
        live.memory = evaluation.memory;
        if (evaluation.transition !== undefined) change(live, evaluation.transition);
        act(live, nowMs, evaluation.transition?.to);
      }
      for (const live of logAlarms) judgeLog(live, nowMs);
      for (const live of composites) judgeComposite(live, nowMs);
    },
    views: () =>
      all.map(({ definition, resource, memory, reason, reasonData, updatedMs }) => ({
        name: definition.name,
        arn: resource.arn,
        state: memory.state,
        reason,
        updatedMs,
        kind: definition.kind,
        properties: resource.properties,
        ...(reasonData === undefined ? {} : { reasonData }),
      })),
    expectation(name, nowMs) {
      const live = byName.get(name);
      if (live?.definition.kind === 'log') {
        const next = nextLogRun(live.definition, nowMs);
        return next === undefined ? {} : { nextMs: next };
      }
      if (live === undefined || live.definition.kind !== 'metric') return {};
      const likely = nextLikely(live.definition, readerAt(nowMs), live.memory, nowMs);
      return { nextMs: nextEvaluation(live.definition, nowMs), ...(likely === undefined ? {} : { likely }) };
    },
    muteRules: () => muteRules.map(({ name, alarms }, index) => ({ name, alarms, properties: muteResources[index]!.properties })),
    history: name => (name === undefined ? history : history.filter(entry => entry.alarm === name)),
    setState(name, state, reason, nowMs, reasonData) {
      const live = byName.get(name);
      if (live === undefined) return false;
      const to = state as AlarmState;
      const from = live.memory.state;
      if (to !== from) {
        change(live, { alarm: name, from, to, atMs: nowMs, reason, ...(reasonData === undefined ? {} : { reasonData }) });
        act(live, nowMs, to);
      }
      for (const composite of composites) judgeComposite(composite, nowMs);
      return true;
    },
    data: (queries, fromMs, toMs) => metricData(hooks.store(), queries, fromMs, toMs),
    serialise: () =>
      JSON.stringify({
        history: history.slice(-2_000),
        states: Object.fromEntries(all.map(live => [live.definition.name, saved(live)])),
        // Of the template, for whoever reads what was kept without it.
        muteRules,
        composites: composites.map(({ definition }) => definition),
      }),
    restore(text) {
      const stored = JSON.parse(text) as {
        readonly history: AlarmHistoryEntry[];
        readonly states: Readonly<Record<string, ReturnType<typeof saved>>>;
      };
      history.push(...stored.history);
      for (const [name, state] of Object.entries(stored.states)) {
        const live = byName.get(name);
        if (live !== undefined) Object.assign(live, state);
      }
    },
  };
}

const saved = ({ memory, reason, updatedMs, mute, newest }: Live) => ({
  memory,
  reason,
  updatedMs,
  mute,
  ...(newest === undefined ? {} : { newest }),
});

function muteRuleOf(resource: Resource): MuteRule {
  const result = muteRuleFromTemplate(resource.properties, resource.name);
  if (result.ok) return result.value;
  throw new Error(`InvalidMuteRule at ${resource.stack}/${resource.logicalId}: ${result.error.map(problem => problem.message).join('; ')}`);
}

function definitionOf(resource: Resource): AlarmDefinition {
  const result = alarmFromTemplate(resource.type, resource.properties, resource.name);
  if (result.ok) return result.value;
  throw new Error(`InvalidAlarm at ${resource.stack}/${resource.logicalId}: ${result.error.map(problem => problem.message).join('; ')}`);
}
