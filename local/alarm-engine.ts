/** The alarms of the template on virtual time: evaluated by the one evaluator of core, with states, history and actions. */
import { compositeOrder } from '../core/alarms/composite-alarm.ts';
import type { AlarmDefinition, AlarmState, CompositeAlarm, LogAlarm, MetricAlarm, Transition } from '../core/alarms/definition.ts';
import { evaluationRange, isDue, nextEvaluation } from '../core/alarms/evaluation-clock.ts';
import type { LikelyAlarm } from '../core/alarms/expectation.ts';
import { nextLikely } from '../core/alarms/expectation.ts';
import { dueLogRun, evaluateLogAlarm, type LogAlarmMemory, type LogReader, nextLogRun } from '../core/alarms/log-alarm.ts';
import type { MetricEvaluation, MetricReader } from '../core/alarms/metric-alarm.ts';
import { evaluateMetricAlarm, initialReason } from '../core/alarms/metric-alarm.ts';
import { bornAlarm, createAlarmSequence, type DueAction, type LiveAlarm } from '../core/alarms/sequence.ts';
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

interface Live<D extends AlarmDefinition = AlarmDefinition> extends LiveAlarm<D> {
  readonly resource: Resource;
  reason: string;
  reasonData?: string;
  updatedMs: EpochMs;
}

interface LiveLog extends Live<LogAlarm> {
  memory: LogAlarmMemory;
  lines: readonly string[];
}

export function createAlarmEngine(assembly: Assembly, hooks: AlarmEngineHooks, startMs: EpochMs): AlarmEngine {
  const metrics: Live<MetricAlarm>[] = [];
  const logAlarms: LiveLog[] = [];
  const unordered = new Map<string, Live<CompositeAlarm>>();
  for (const resource of assembly.ofType(...ALARM_RESOURCE_TYPES)) {
    const definition = definitionOf(resource);
    const born = <D extends AlarmDefinition>(of: D): Live<D> => ({
      ...bornAlarm(of, startMs),
      resource,
      reason: initialReason(),
      updatedMs: startMs,
    });
    if (definition.kind === 'metric') metrics.push(born(definition));
    else if (definition.kind === 'log') logAlarms.push({ ...born(definition), lines: [] });
    else unordered.set(definition.name, born(definition));
  }
  const composites = compositeOrder([...unordered.values()].map(live => live.definition)).map(
    definition => unordered.get(definition.name)!,
  );
  const all: readonly Live[] = [...metrics, ...logAlarms, ...composites];
  const muteResources = assembly.ofType('AWS::CloudWatch::AlarmMuteRule');
  const muteRules = muteResources.map(muteRuleOf);
  const history: AlarmHistoryEntry[] = [];

  const sequence = createAlarmSequence<Live>({
    alarms: all,
    muteRules,
    arnOf: ({ resource }) => resource.arn,
    onChange: noted,
    perform: send,
  });

  const readerAt = (nowMs: EpochMs): MetricReader => {
    const store = hooks.store();
    return { read: (stat, fromMs, toMs) => store.read(stat, fromMs, toMs, nowMs) };
  };

  function noted(live: Live, transition: Transition): void {
    const { alarm, from, to, reason, reasonData, atMs } = transition;
    live.reason = reason;
    live.updatedMs = atMs;
    if (reasonData === undefined) delete live.reasonData;
    else live.reasonData = reasonData;
    history.push({ alarm, atMs, from, to, reason });
    hooks.onTransition(transition);
  }

  function send(live: Live, { state, transition, released }: DueAction): void {
    const { definition } = live;
    if (!definition.actionsEnabled) return;
    const actions = { ALARM: definition.alarmActions, OK: definition.okActions, INSUFFICIENT_DATA: definition.insufficientDataActions }[
      state
    ];
    if (actions.length === 0) return;
    const message = alarmMessage(definition, transition, {
      arn: live.resource.arn,
      accountId: assembly.place.accountId,
      configuredMs: startMs,
      children: (definition.kind === 'composite' ? sequence.childrenOf(definition) : [])
        .filter(child => child.memory.state === 'ALARM')
        .map(child => ({ arn: child.resource.arn, state: child.memory.state, atMs: child.updatedMs })),
      isAfterMute: released,
      logLines: state === 'ALARM' ? (logAlarms.find(each => each === live)?.lines ?? []) : [],
    });
    for (const action of actions) hooks.publish(action, message, alarmSubject(definition, transition));
  }

  function judgeLog(live: LiveLog, nowMs: EpochMs): void {
    const { definition } = live;
    const run = dueLogRun(definition, live.memory, nowMs);
    if (run === undefined) {
      sequence.judged(live, nowMs);
      return;
    }
    const evaluation = evaluateLogAlarm(definition, hooks.logs, live.memory, run);
    const isEarly = run < startMs + definition.startOffsetSeconds * 1_000;
    if (isEarly && evaluation.points.every(({ value }) => value === null)) return;
    live.memory = evaluation.memory;
    live.lines = evaluation.lines;
    sequence.judged(live, nowMs, evaluation.transition);
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
        sequence.judged(live, nowMs, evaluation.transition);
      }
      for (const live of logAlarms) judgeLog(live, nowMs);
      sequence.judgeComposites(nowMs);
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
      const live = sequence.find(name);
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
      const live = sequence.find(name);
      if (live === undefined) return false;
      const to = state as AlarmState;
      const from = live.memory.state;
      if (to !== from)
        sequence.judged(live, nowMs, { alarm: name, from, to, atMs: nowMs, reason, ...(reasonData === undefined ? {} : { reasonData }) });
      sequence.judgeComposites(nowMs);
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
        const live = sequence.find(name);
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
