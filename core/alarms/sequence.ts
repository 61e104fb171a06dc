/**
 * What a change of one alarm leads to, in the order in which CloudWatch does it: its own actions through its mutes, then the composites
 * above it, children before parents, whose actions pass their suppressors first and their mutes then. Whoever judges the alarms (the local
 * stack, a backtest, a unit test) brings the transitions and does the actions.
 */
import { alarmNameOf } from '../cloudwatch/composite-rule.ts';
import type { MuteRule } from '../cloudwatch/template-alarm.ts';
import type { EpochMs } from '../time/instant.ts';
import type { EvaluationAssumptions } from './assumptions.ts';
import { type ChildChange, compositeOrder, evaluateComposite, watchedBy } from './composite-alarm.ts';
import type { AlarmDefinition, AlarmState, CompositeAlarm, Transition } from './definition.ts';
import { type AlarmMemory, newAlarm } from './metric-alarm.ts';
import { type MuteMemory, muteOf, throughMute, UNMUTED } from './mute.ts';
import {
  compositeChanged,
  type SuppressionMemory,
  type SuppressionStep,
  startSuppression,
  suppressionUntil,
  suppressorChanged,
} from './suppression.ts';

/** An alarm with everything that changes about it. */
export interface LiveAlarm<D extends AlarmDefinition = AlarmDefinition> {
  readonly definition: D;
  memory: AlarmMemory;
  mute: MuteMemory;
  /** The newest change, for actions that a mute or a suppressor held back. */
  newest?: Transition;
  suppression?: SuppressionMemory;
}

export const bornAlarm = <D extends AlarmDefinition>(definition: D, atMs: EpochMs): LiveAlarm<D> => ({
  definition,
  memory: newAlarm(atMs),
  mute: UNMUTED,
});

export interface DueAction {
  readonly atMs: EpochMs;
  readonly state: AlarmState;
  /** The newest change, which is what the message is about. */
  readonly transition: Transition;
  /** A mute held it back. */
  readonly released: boolean;
}

export interface AlarmSequenceInput<A extends LiveAlarm> {
  /** In any order; composites in a circle, or that `isJudged` leaves out, stay as they are. */
  readonly alarms: readonly A[];
  readonly isJudged?: (composite: CompositeAlarm) => boolean;
  readonly muteRules: readonly MuteRule[];
  readonly assumptions?: EvaluationAssumptions;
  /** How reasons name an alarm. */
  readonly arnOf: (alarm: A) => string;
  readonly onChange?: (alarm: A, transition: Transition) => void;
  readonly perform: (alarm: A, action: DueAction) => void;
}

export interface AlarmSequence<A extends LiveAlarm> {
  readonly find: (name: string) => A | undefined;
  /** The alarm was judged, and changed or did not. */
  readonly judged: (alarm: A, nowMs: EpochMs, transition?: Transition) => void;
  /** Judges all composites by what they watch; after everything below them. */
  readonly judgeComposites: (nowMs: EpochMs) => void;
  /** Alarms that a composite watches. */
  readonly childrenOf: (composite: CompositeAlarm) => readonly A[];
}

export function createAlarmSequence<A extends LiveAlarm>(input: AlarmSequenceInput<A>): AlarmSequence<A> {
  const { alarms, muteRules, assumptions, arnOf, perform } = input;
  const byName = new Map(alarms.map(alarm => [alarm.definition.name, alarm]));
  const stateOf = (name: string): AlarmState | undefined => byName.get(name)?.memory.state;
  const childrenOf = (composite: CompositeAlarm): readonly A[] => watchedBy(composite).flatMap(name => byName.get(name) ?? []);
  const composites = compositeOrder(alarms.flatMap(({ definition }) => (definition.kind === 'composite' ? [definition] : [])))
    .filter(composite => input.isJudged?.(composite) ?? true)
    .map(composite => ({ composite, alarm: byName.get(composite.name)!, children: childrenOf(composite) }));

  function change(alarm: A, transition: Transition): void {
    alarm.memory = { ...alarm.memory, state: transition.to };
    alarm.newest = transition;
    input.onChange?.(alarm, transition);
  }

  /** Passes what is due through the alarm's mutes. */
  function act(alarm: A, nowMs: EpochMs, due?: AlarmState): void {
    if (due === undefined && !alarm.mute.muted) return;
    const muted = muteRules.length > 0 && muteOf(alarm.definition.name, muteRules, nowMs) !== undefined;
    const step = throughMute(alarm.mute, { muted, state: alarm.memory.state, ...(due === undefined ? {} : { due }) }, assumptions);
    alarm.mute = step.memory;
    if (step.perform !== undefined && alarm.newest !== undefined)
      perform(alarm, { atMs: nowMs, state: step.perform, transition: alarm.newest, released: step.afterMute === true });
  }

  /** The child whose change led here: the one that changed last. */
  function causeOf(children: readonly A[]): ChildChange | undefined {
    let last: A | undefined;
    for (const child of children)
      if (child.newest !== undefined && (last?.newest === undefined || child.newest.atMs > last.newest.atMs)) last = child;
    return last?.newest === undefined ? undefined : { arn: arnOf(last), to: last.memory.state, atMs: last.newest.atMs };
  }

  /** States whose actions are due now, after the suppressor has had its say. */
  function suppressed(alarm: A, { suppressor }: CompositeAlarm, nowMs: EpochMs, changedTo: AlarmState | undefined): readonly AlarmState[] {
    if (suppressor === undefined) return changedTo === undefined ? [] : [changedTo];
    const rule = { wait: suppressor.waitSeconds * 1_000, extension: suppressor.extensionSeconds * 1_000 };
    const state = stateOf(alarmNameOf(suppressor.alarm)) ?? 'INSUFFICIENT_DATA';
    const due: AlarmState[] = [];
    let memory = alarm.suppression ?? startSuppression('INSUFFICIENT_DATA', 'INSUFFICIENT_DATA');
    const take = (step: SuppressionStep) => {
      memory = step.memory;
      due.push(...step.actions.map(action => action.state));
    };
    if (state !== memory.suppressor) take(suppressorChanged(memory, state, nowMs, rule));
    if (changedTo !== undefined) take(compositeChanged(memory, changedTo, nowMs, rule));
    take(suppressionUntil(memory, nowMs));
    alarm.suppression = memory;
    return due;
  }

  return {
    find: name => byName.get(name),
    childrenOf,
    judged(alarm, nowMs, transition) {
      if (transition !== undefined) change(alarm, transition);
      act(alarm, nowMs, transition?.to);
    },
    judgeComposites(nowMs) {
      for (const { composite, alarm, children } of composites) {
        const { transition } = evaluateComposite(composite, stateOf, alarm.memory.state, nowMs, causeOf(children));
        if (transition !== undefined) change(alarm, transition);
        const due = suppressed(alarm, composite, nowMs, transition?.to);
        if (due.length === 0) act(alarm, nowMs);
        for (const state of due) act(alarm, nowMs, state);
      }
    },
  };
}
