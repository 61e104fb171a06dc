/** Heartbeats and controls for stories of health, in seconds since 1970, each received as it happens unless said otherwise. */
import { parseLine } from '../../core/events/parse.ts';
import type { NightdeskEvent } from '../../core/events/types.ts';
import { emptyPulse, foldPulse, type Pulse } from '../../core/health/pulse.ts';
import { toEpochMs } from '../../core/time/instant.ts';
import { lineOf } from '../events/lines-of.ts';

const iso = (second: number) => new Date(second * 1000).toISOString();

type Changes = Readonly<Record<string, unknown>>;

function eventOf(type: Parameters<typeof lineOf>[0], second: number, changes: Changes): NightdeskEvent {
  const times = { tsEvent: iso(second), tsSent: iso(second), eventId: `${type}${second}${JSON.stringify(changes)}` };
  const parsed = parseLine(lineOf(type, { ...times, ...changes }));
  if (parsed.kind !== 'event') throw new Error(JSON.stringify(parsed));
  return parsed.event;
}

export const beat = (second: number, changes: Changes = {}): NightdeskEvent => eventOf('heartbeat', second, changes);
export const control = (second: number, action: string, changes: Changes = {}): NightdeskEvent =>
  eventOf('control', second, { action, actor: 'ops', reason: 'story', ...changes });

/** Each event in a batch of its own. */
export const heard = (...events: readonly NightdeskEvent[]): Pulse =>
  events.reduce((pulse, event) => foldPulse(pulse, [event], toEpochMs(event.tsEvent)), emptyPulse);

/** What was heard by a second. */
export const heardBy = (second: number, events: readonly NightdeskEvent[]): Pulse =>
  heard(...events.filter(({ tsEvent }) => toEpochMs(tsEvent) <= second * 1000));

export const at = iso;
