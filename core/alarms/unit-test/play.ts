import { alarmNameOf } from '../../cloudwatch/composite-rule.ts';
import type { MuteRule } from '../../cloudwatch/template-alarm.ts';
import type { NightdeskConfig } from '../../config/types.ts';
import type { EpochMs } from '../../time/instant.ts';
import { type ChildChange, compositeOrder, evaluateComposite, watchedBy } from '../composite-alarm.ts';
import type { AlarmDefinition, AlarmState, CompositeAlarm, MetricAlarm, Transition } from '../definition.ts';
import { evaluationStepMs, isDue } from '../evaluation-clock.ts';
import {
  type AlarmMemory,
  evaluateMetricAlarm,
  initialReason,
  type MetricEvaluation,
  type MetricReader,
  newAlarm,
} from '../metric-alarm.ts';
import { type MuteMemory, muteOf, throughMute, UNMUTED } from '../mute.ts';
import {
  compositeChanged,
  type SuppressionMemory,
  type SuppressionStep,
  startSuppression,
  suppressionUntil,
  suppressorChanged,
} from '../suppression.ts';
import { createPager, type Told } from './pages.ts';

/** Alarms on a clock that the caller moves. */
export interface Play {
  /** Evaluates everything that is due up to and including the instant. */
  readonly until: (ms: EpochMs) => void;
  readonly look: (alarm: string) => Look | undefined;
}

export interface Look extends Told {
  readonly state: AlarmState;
  readonly reason: string;
  readonly sinceMs: EpochMs;
  /** The newest evaluation of a metric alarm. */
  readonly evaluation?: MetricEvaluation;
}

export interface PlayInput {
  /** Metric alarms that have a history; the others are not evaluated. */
  readonly metrics: readonly MetricAlarm[];
  readonly composites: readonly CompositeAlarm[];
  readonly mutes: readonly MuteRule[];
  readonly reader: MetricReader;
  readonly config?: NightdeskConfig | undefined;
  /** Creation of the alarms; they are evaluated after it. */
  readonly startMs: EpochMs;
}

interface Live<D extends AlarmDefinition = AlarmDefinition> {
  readonly definition: D;
  memory: AlarmMemory;
  reason: string;
  sinceMs: EpochMs;
  mute: MuteMemory;
  newest?: Transition;
  evaluation?: MetricEvaluation;
  suppression?: SuppressionMemory;
}

export function createPlay({ metrics, composites, mutes, reader, config, startMs }: PlayInput): Play {
  const live = <D extends AlarmDefinition>(definition: D): Live<D> => ({
    definition,
    memory: newAlarm(startMs),
    reason: initialReason(),
    sinceMs: startMs,
    mute: UNMUTED,
  });
  const liveMetrics = metrics.map(live);
  const liveComposites = compositeOrder(composites).map(live);
  const byName = new Map<string, Live>([...liveMetrics, ...liveComposites].map(each => [each.definition.name, each]));
  const pager = createPager(config);
  const tick = Math.min(60_000, ...metrics.map(evaluationStepMs));
  let nowMs = Math.floor(startMs / tick) * tick;

  const stateOf = (name: string): AlarmState | undefined => byName.get(name)?.memory.state;

  function change(each: Live, transition: Transition): void {
    each.memory = { ...each.memory, state: transition.to };
    each.reason = transition.reason;
    each.sinceMs = transition.atMs;
    each.newest = transition;
  }

  function act(each: Live, due?: AlarmState): void {
    if (due === undefined && !each.mute.muted) return;
    const muted = mutes.length > 0 && muteOf(each.definition.name, mutes, nowMs) !== undefined;
    const step = throughMute(each.mute, { muted, state: each.memory.state, ...(due === undefined ? {} : { due }) });
    each.mute = step.memory;
    if (step.perform !== undefined && each.newest !== undefined)
      pager.perform(each.definition, step.perform, each.newest, nowMs, step.afterMute === true);
  }

  /** The watched alarm that changed last. */
  function causeOf(each: Live<CompositeAlarm>): ChildChange | undefined {
    const changed = watchedBy(each.definition)
      .flatMap(name => byName.get(name) ?? [])
      .filter(child => child.newest !== undefined)
      .sort((a, b) => b.sinceMs - a.sinceMs)[0];
    return changed === undefined
      ? undefined
      : { arn: standInArn(changed.definition.name), to: changed.memory.state, atMs: changed.sinceMs };
  }

  function suppressed(each: Live<CompositeAlarm>, changedTo: AlarmState | undefined): readonly AlarmState[] {
    const { suppressor } = each.definition;
    if (suppressor === undefined) return changedTo === undefined ? [] : [changedTo];
    const rule = { wait: suppressor.waitSeconds * 1000, extension: suppressor.extensionSeconds * 1000 };
    const state = stateOf(alarmNameOf(suppressor.alarm)) ?? 'INSUFFICIENT_DATA';
    const due: AlarmState[] = [];
    const take = (step: SuppressionStep) => {
      each.suppression = step.memory;
      due.push(...step.actions.map(action => action.state));
    };
    let memory = each.suppression ?? startSuppression('INSUFFICIENT_DATA', 'INSUFFICIENT_DATA');
    if (state !== memory.suppressor) take(suppressorChanged(memory, state, nowMs, rule));
    memory = each.suppression ?? memory;
    if (changedTo !== undefined) take(compositeChanged(memory, changedTo, nowMs, rule));
    take(suppressionUntil(each.suppression ?? memory, nowMs));
    return due;
  }

  function evaluate(): void {
    for (const each of liveMetrics) {
      if (!isDue(each.definition, nowMs)) continue;
      const evaluation = evaluateMetricAlarm(each.definition, reader, each.memory, nowMs);
      each.evaluation = evaluation;
      each.memory = evaluation.memory;
      if (evaluation.transition !== undefined) change(each, evaluation.transition);
      act(each, evaluation.transition?.to);
    }
    for (const each of liveComposites) {
      const { transition } = evaluateComposite(each.definition, stateOf, each.memory.state, nowMs, causeOf(each));
      if (transition !== undefined) change(each, transition);
      const due = suppressed(each, transition?.to);
      if (due.length === 0) act(each);
      for (const state of due) act(each, state);
    }
  }

  return {
    until(ms) {
      while (nowMs + tick <= ms) {
        nowMs += tick;
        evaluate();
      }
    },
    look(name) {
      const each = byName.get(name);
      if (each === undefined) return undefined;
      const { memory, reason, sinceMs, evaluation } = each;
      return { state: memory.state, reason, sinceMs, ...pager.told(name, nowMs), ...(evaluation === undefined ? {} : { evaluation }) };
    },
  };
}

/** ARN of an alarm in an account that stands for the real one. */
const standInArn = (name: string): string => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`;
