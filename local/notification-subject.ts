/** What a sent message is about, read from the event that the notifier was handling when it sent it. */
import { readAlarmNotification } from '../core/cloudwatch/notification.ts';
import { readBreach } from '../core/incidents/breach.ts';
import { incidentKey } from '../core/incidents/key.ts';
import { signalOfAlarm } from '../core/incidents/signal.ts';
import type { EpochMs } from '../core/time/instant.ts';

export interface NotificationSubject {
  readonly alarm?: string;
  readonly incident?: string;
  readonly state?: string;
  readonly atMs?: EpochMs;
}

type Json = Readonly<Record<string, unknown>>;

const asJson = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

/** The alarm's name in full: a breach names only the catalogue's alarm and its dimensions. */
function breachAlarm(alarm: string, dimensions: Readonly<Record<string, string>>): string {
  const values = Object.entries(dimensions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);
  return [alarm, ...values].join('-');
}

/** Keys that name no alarm of the catalogue: a group, a storm, an unreadable message, an alarm of somebody else. */
const notAlarms: ReadonlySet<string> = new Set(['group', 'storm', 'raw', 'arn']);

/** The same out of an alert's key, `v1:session-loss:Strategy=s1`. */
function alarmOfKey(key: string | undefined): string | undefined {
  const [, alarm, pairs = ''] = /^v1:([a-z0-9-]+):(.*)$/.exec(key ?? '') ?? [];
  if (alarm === undefined || notAlarms.has(alarm)) return undefined;
  return breachAlarm(
    alarm,
    Object.fromEntries(pairs.split(',').flatMap(pair => (pair.includes('=') ? [pair.split('=') as [string, string]] : []))),
  );
}

/**
 * `payload` is the function's event as JSON text; `body` the message, whose own state and key win where it has them: a function that
 * handles one alarm also sends what became due of others.
 */
export function subjectOf(payload: string | undefined, body: unknown): NotificationSubject {
  const key = keyOf(body);
  // Where a second route has the alert too, `@route` stands behind its key.
  const alertKey = key?.replace(/@[^@]*$/, '');
  const ofKey = alarmOfKey(alertKey);
  const handled = handledBy(payload);
  const heard = ofKey === undefined || handled?.key === alertKey ? handled : undefined;
  const state = stateOf(body) ?? heard?.state;
  const name = heard?.alarm ?? ofKey;
  return {
    ...(name === undefined ? {} : { alarm: name }),
    ...(key === undefined ? {} : { incident: key }),
    ...(state === undefined ? {} : { state }),
    ...(heard?.atMs === undefined ? {} : { atMs: heard.atMs }),
  };
}

interface Handled {
  readonly key: string;
  readonly alarm: string;
  readonly state: string;
  readonly atMs?: EpochMs;
}

function handledBy(payload: string | undefined): Handled | undefined {
  const message = messageOf(payload);
  const alarm = readAlarmNotification(message);
  if (alarm !== undefined) {
    const { key } = signalOfAlarm(alarm, { receivedAtMs: alarm.atMs ?? 0 });
    return { key, alarm: alarm.alarmName, state: alarm.to, ...(alarm.atMs === undefined ? {} : { atMs: alarm.atMs }) };
  }
  const breach = readBreach(message);
  if (breach === undefined) return undefined;
  const { alarm: id, dimensions, state, atMs } = breach;
  return { key: incidentKey(id, dimensions), alarm: breachAlarm(id, dimensions), state, atMs };
}

/** The incident's key: every channel shows it or carries it, so that a reader finds the incident. */
function keyOf(body: unknown): string | undefined {
  const { dedup_key: dedupKey, key, metadata } = asJson(body);
  for (const each of [dedupKey, key, asJson(metadata)['threadId']]) if (typeof each === 'string') return each;
  const shown = /Nightdesk(?: ·|,) (?:`|<code>)?(v1:[^`<\n"]+)/.exec(textsOf(body).join('\n'))?.[1];
  return shown?.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').replaceAll('\u2060', '').trim();
}

/** What the message says of the state: a headline begins with it. */
function stateOf(body: unknown): string | undefined {
  const { event_action: action, duty } = asJson(body);
  if (action === 'resolve' || duty === 'resolve') return 'OK';
  if (action !== undefined || duty !== undefined) return 'ALARM';
  const headline = textsOf(body).find(text => /\[\\?(?:RESOLVED|CRIT|WARN|INFO)\\?]/.test(text.slice(0, 60)));
  return headline === undefined ? undefined : /RESOLVED/.test(headline.slice(0, 60)) ? 'OK' : 'ALARM';
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function messageOf(payload: string | undefined): unknown {
  if (payload === undefined) return undefined;
  try {
    const event = JSON.parse(payload) as { readonly Records?: readonly { readonly Sns?: { readonly Message?: string } }[] };
    return JSON.parse(event.Records?.[0]?.Sns?.Message ?? 'null') as unknown;
  } catch {
    return undefined;
  }
}
