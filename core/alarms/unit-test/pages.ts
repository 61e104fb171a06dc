import type { NightdeskConfig } from '../../config/types.ts';
import { createDesk, type Notice } from '../../incidents/desk.ts';
import { routingOf, routingOfSeverities } from '../../incidents/routing.ts';
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
  readonly told: (alarm: string, atMs: EpochMs) => Told;
}

const NOBODY: Told = { pages: 0, route: [] };

/** Incidents as the notifier keeps them; channels accept every message. */
export function createPager(config: NightdeskConfig | undefined): Pager {
  const keyOf = new Map<string, string>();
  const tolds = new Map<string, Told>();
  const desk = createDesk(config === undefined ? routingOfSeverities(anybody) : routingOf(config));
  const count = (notices: readonly Notice[], topics: readonly string[]) => {
    for (const [key, triggered] of groupTriggers(notices)) {
      const route = config === undefined ? topics : triggered;
      tolds.set(key, { pages: (tolds.get(key) ?? NOBODY).pages + 1, route });
    }
  };
  return {
    perform(alarm, state, transition, atMs, released) {
      const actions = actionsOf(alarm, state);
      if (!alarm.actionsEnabled || actions.length === 0) return;
      const signal = signalFor(alarm, state, transition, released);
      const notices = desk.hear(signal, atMs);
      keyOf.set(alarm.name, desk.groupOf(signal.key) ?? signal.key);
      count(notices, actions.map(topicOf));
    },
    told: (name, atMs) => {
      count(desk.until(atMs), []);
      return tolds.get(keyOf.get(name) ?? '') ?? NOBODY;
    },
  };
}

/** Stands for the topics of an alarm where no config names channels. */
const anybody = { critical: ['topic'], warning: ['topic'], info: ['topic'] };

/** Channels that were paged, by incident; reminders are no new pages. */
function groupTriggers(notices: readonly Notice[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { channel, duty, incident } of notices) {
    if (duty !== 'trigger' || incident.noticeReason === 'repeat') continue;
    groups.set(incident.key, [...(groups.get(incident.key) ?? []), channel]);
  }
  return groups;
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
