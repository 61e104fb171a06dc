/**
 * A signal: one source says that one trouble begins, ends or can no longer be judged. Both alert paths and every form of
 * notification become this shape; text in it is untrusted and is escaped where it is shown.
 */
import type { AlarmState } from '../alarms/definition.ts';
import type { AlarmNotification } from '../cloudwatch/notification.ts';
import type { Severity } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import { asSeverity, type FastBreach } from './breach.ts';
import { readDescription } from './description.ts';
import { fingerprint, foreignKey, incidentKey } from './key.ts';

export type SignalState = AlarmState;

export interface Signal {
  readonly key: string;
  /** Who says it: `fast`, an alarm's ARN (with its contributor), or `raw`. States are kept per source. */
  readonly source: string;
  readonly state: SignalState;
  readonly from?: SignalState;
  readonly atMs: EpochMs;
  /** When the trouble began, as far as the source tells. */
  readonly sinceMs?: EpochMs;
  readonly severity: Severity;
  /** What a person reads as the alarm's name. */
  readonly alarm: string;
  readonly row?: string;
  /** Id of the catalogue's alarm, for alarms of this stack. */
  readonly alarmId?: string;
  /** Short words for the trouble: `heartbeat missing`, `OrderRejectCount`. */
  readonly symptom: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value?: number;
  readonly limit?: number;
  readonly unit?: string;
  readonly sentence?: string;
  readonly reason?: string;
  readonly firstAction?: string;
  readonly runbook?: string;
  readonly alarmArn?: string;
  readonly region?: string;
  readonly children: readonly string[];
  readonly logLines: readonly string[];
  readonly released: boolean;
  /** The whole message, where it was not understood. */
  readonly raw?: string;
}

/** What the envelope knows about the message, for signals that do not say it themselves. */
export interface Envelope {
  /** The topic's severity, from its name. */
  readonly severity?: Severity;
  readonly subject?: string;
  readonly receivedAtMs: EpochMs;
}

/** Severity: machine line, then tag, then suffix of the name, then the topic; in doubt critical, so that somebody looks. */
export function signalOfAlarm(alarm: AlarmNotification, envelope: Envelope): Signal {
  const described = readDescription(alarm.description);
  const machine = described.machine;
  const identity = `${alarm.alarmArn ?? alarm.alarmName}${alarm.contributor === undefined ? '' : `#${alarm.contributor.id}`}`;
  const tag = (name: string) => Object.entries(alarm.tags).find(([key]) => key.toLowerCase() === name)?.[1];
  const severity = machine?.severity ?? asSeverity(tag('severity')) ?? severityOfName(alarm.alarmName) ?? envelope.severity ?? 'critical';
  const dimensions = { ...alarm.dimensions, ...alarm.contributor?.attributes, ...machine?.dimensions };
  const runbook = described.runbook ?? tag('runbook');
  return {
    key:
      machine === undefined || alarm.contributor !== undefined
        ? foreignKey('alarm', identity)
        : incidentKey(machine.alarm, machine.dimensions),
    source: identity,
    state: alarm.to,
    ...(alarm.from === undefined ? {} : { from: alarm.from }),
    atMs: alarm.atMs ?? envelope.receivedAtMs,
    ...(alarm.sinceMs === undefined ? {} : { sinceMs: alarm.sinceMs }),
    severity,
    alarm: alarm.alarmName,
    ...(machine === undefined ? {} : { row: machine.row, alarmId: machine.alarm }),
    symptom: machine === undefined ? foreignSymptom(alarm) : words(machine.alarm),
    dimensions,
    ...optional('value', alarm.value),
    ...optional('limit', alarm.threshold),
    ...optional('unit', alarm.unit),
    ...optional('sentence', described.sentence),
    ...optional('reason', alarm.reason),
    ...optional('firstAction', described.firstAction),
    ...optional('runbook', runbook),
    ...optional('alarmArn', alarm.alarmArn),
    ...optional('region', alarm.region),
    children: alarm.children,
    logLines: alarm.logLines,
    released: alarm.released,
  };
}

export function signalOfBreach(breach: FastBreach): Signal {
  return {
    key: incidentKey(breach.alarm, breach.dimensions),
    source: 'fast',
    state: breach.state,
    atMs: breach.atMs,
    sinceMs: breach.sinceMs,
    severity: breach.severity,
    alarm: breach.alarm,
    row: breach.row,
    alarmId: breach.alarm,
    symptom: words(breach.alarm),
    dimensions: breach.dimensions,
    ...optional('value', breach.value),
    ...optional('limit', breach.limit),
    ...optional('unit', breach.unit),
    ...(breach.reason === '' ? {} : { sentence: breach.reason }),
    ...optional('firstAction', breach.firstAction),
    ...optional('runbook', breach.runbook),
    children: [],
    logLines: [],
    released: false,
  };
}

/** A message that nobody understands is delivered as it is: better an odd page than a lost one. */
export function signalOfRaw(text: string, envelope: Envelope): Signal {
  return {
    key: foreignKey('raw', text),
    source: `raw:${fingerprint(text)}`,
    state: 'ALARM',
    atMs: envelope.receivedAtMs,
    severity: envelope.severity ?? 'warning',
    alarm: 'unreadable message',
    symptom: envelope.subject ?? 'message that is no alarm',
    dimensions: {},
    children: [],
    logLines: [],
    released: false,
    raw: text,
  };
}

function severityOfName(name: string): Severity | undefined {
  return asSeverity(/[-_.: ]([A-Za-z0-9]+)$/.exec(name)?.[1]);
}

/** The metric with its dimensions in mind, else the label of the math, else the alarm's name. */
function foreignSymptom(alarm: AlarmNotification): string {
  if (alarm.kind === 'composite') return alarm.alarmName;
  return alarm.metricName ?? alarm.label ?? alarm.alarmName;
}

const words = (id: string) => id.replaceAll('-', ' ');

function optional<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: V });
}
