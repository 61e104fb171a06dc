import type { NightdeskConfig } from '../../config/types.ts';
import { openDuties, recordSends } from '../../incidents/duties.ts';
import type { KeyState } from '../../incidents/incident.ts';
import { applySignal } from '../../incidents/life-cycle.ts';
import { type Signal, signalOfAlarm } from '../../incidents/signal.ts';
import type { EpochMs } from '../../time/instant.ts';
import type { AlarmDefinition, AlarmState, Transition } from '../definition.ts';

/** Who was told about an alarm so far. */
export interface Told {
  /** Pages: one per incident, whatever the number of channels. */
  readonly pages: number;
  /** Channels of the newest page; without a config the topics that the alarm acts on. */
  readonly route: readonly string[];
}

export interface Pager {
  /** Performs an alarm's actions for a state, as its topic's subscriber would. */
  readonly perform: (alarm: AlarmDefinition, state: AlarmState, transition: Transition, atMs: EpochMs, released: boolean) => void;
  readonly told: (alarm: string) => Told;
}

const NOBODY: Told = { pages: 0, route: [] };

/** Incidents as the notifier keeps them; channels accept every message. */
export function createPager(config: NightdeskConfig | undefined): Pager {
  const keyOf = new Map<string, string>();
  const states = new Map<string, KeyState>();
  const tolds = new Map<string, Told>();
  return {
    perform(alarm, state, transition, atMs, released) {
      const actions = actionsOf(alarm, state);
      if (!alarm.actionsEnabled || actions.length === 0) return;
      const signal = signalFor(alarm, state, transition, released);
      keyOf.set(alarm.name, signal.key);
      const { incident, ...rest } = applySignal(states.get(signal.key), signal, atMs).state;
      const routed = incident === undefined ? [] : (config?.routes[incident.severity] ?? actions.map(topicOf));
      const duties = openDuties(incident, routed);
      const sent = duties.map(duty => ({ ...duty, ok: true, at: atMs, detail: '' }));
      states.set(signal.key, incident === undefined ? rest : { ...rest, incident: recordSends(incident, sent) });
      const triggered = duties.filter(({ duty }) => duty === 'trigger').map(({ channel }) => channel);
      if (triggered.length > 0) tolds.set(signal.key, { pages: (tolds.get(signal.key) ?? NOBODY).pages + 1, route: triggered });
    },
    told: name => tolds.get(keyOf.get(name) ?? '') ?? NOBODY,
  };
}

function actionsOf(alarm: AlarmDefinition, state: AlarmState): readonly string[] {
  if (state === 'ALARM') return alarm.alarmActions;
  return state === 'OK' ? alarm.okActions : alarm.insufficientDataActions;
}

/** The last part of an ARN: a topic's or function's name. */
const topicOf = (arn: string): string => arn.split(':').at(-1) ?? arn;

function signalFor(alarm: AlarmDefinition, state: AlarmState, transition: Transition, released: boolean): Signal {
  return signalOfAlarm(
    {
      kind: alarm.kind === 'composite' ? 'composite' : 'metric',
      alarmName: alarm.name,
      ...(alarm.description === undefined ? {} : { description: alarm.description }),
      from: transition.from,
      to: state,
      atMs: transition.atMs,
      reason: transition.reason,
      dimensions: {},
      children: [],
      tags: {},
      released,
      logLines: [],
    },
    { receivedAtMs: transition.atMs },
  );
}
