/** What a sent message is about, read from the event that the notifier was handling when it sent it. */
import { readAlarmNotification } from '../core/cloudwatch/notification.ts';
import { readBreach } from '../core/incidents/breach.ts';
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

/** The same out of a key, `v1:session-loss:Strategy=s1`, for messages that no alarm's delivery sent but a wait that was over. */
function alarmOfKey(key: string | undefined): string | undefined {
  const [, alarm, pairs = ''] = /^v1:([a-z0-9-]+):(.*)$/.exec(key ?? '') ?? [];
  if (alarm === undefined) return undefined;
  return breachAlarm(
    alarm,
    Object.fromEntries(pairs.split(',').flatMap(pair => (pair.includes('=') ? [pair.split('=') as [string, string]] : []))),
  );
}

/** `payload` is the function's event as JSON text; `body` the message, whose own state and key win where it has them. */
export function subjectOf(payload: string | undefined, body: unknown): NotificationSubject {
  const message = messageOf(payload);
  const alarm = readAlarmNotification(message);
  const breach = readBreach(message);
  const key = keyOf(body);
  const state = stateOf(body) ?? alarm?.to ?? breach?.state;
  const name = alarm?.alarmName ?? (breach === undefined ? alarmOfKey(key) : breachAlarm(breach.alarm, breach.dimensions));
  const atMs = alarm?.atMs ?? breach?.atMs;
  return {
    ...(name === undefined ? {} : { alarm: name }),
    ...(key === undefined ? {} : { incident: key }),
    ...(state === undefined ? {} : { state }),
    ...(atMs === undefined ? {} : { atMs }),
  };
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
