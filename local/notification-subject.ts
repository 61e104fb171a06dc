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

/** `payload` is the function's event as JSON text; `body` the message, whose own state and key win where it has them. */
export function subjectOf(payload: string | undefined, body: unknown): NotificationSubject {
  const message = messageOf(payload);
  const alarm = readAlarmNotification(message);
  const breach = readBreach(message);
  const sent = asJson(body);
  const key = typeof sent['dedup_key'] === 'string' ? sent['dedup_key'] : undefined;
  const action = sent['event_action'];
  const state = action === 'resolve' ? 'OK' : action === 'trigger' ? 'ALARM' : (alarm?.to ?? breach?.state);
  const name = alarm?.alarmName ?? (breach === undefined ? undefined : breachAlarm(breach.alarm, breach.dimensions));
  const atMs = alarm?.atMs ?? breach?.atMs;
  return {
    ...(name === undefined ? {} : { alarm: name }),
    ...(key === undefined ? {} : { incident: key }),
    ...(state === undefined ? {} : { state }),
    ...(atMs === undefined ? {} : { atMs }),
  };
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
