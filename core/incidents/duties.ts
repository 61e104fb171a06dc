/**
 * Who still has to be told what, derived from the stored incident and never from the message that woke us: a message that comes
 * twice finds the duty done, and a function that died between saving and sending finds it still open.
 */
import { unreachable } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import type { ChannelState, Duty, Incident, MessageReference } from './incident.ts';
import { noted } from './life-cycle.ts';

export interface OpenDuty {
  readonly channel: string;
  readonly duty: Duty;
}

/** How long a claim keeps others from sending; afterwards its owner counts as dead. Longer than all retries of one send. */
export const CLAIM_MS = 25_000;

/** Duties of an incident, over the channels of its route and those that were told before the route changed. */
export function openDuties(incident: Incident | undefined, routed: readonly string[]): readonly OpenDuty[] {
  if (incident === undefined) return [];
  const told = Object.keys(incident.channels).filter(channel => incident.channels[channel]?.triggeredAt !== undefined);
  if (incident.status === 'resolved') {
    return told.filter(channel => incident.channels[channel]?.resolvedAt === undefined).map(channel => ({ channel, duty: 'resolve' }));
  }
  return [
    ...routed.filter(channel => !told.includes(channel)).map(channel => ({ channel, duty: 'trigger' as const })),
    ...told.flatMap(channel => keepTrue(incident, channel)),
  ];
}

/** What a channel that was told still shows wrongly. */
function keepTrue(incident: Incident, channel: string): readonly OpenDuty[] {
  const shown = incident.channels[channel] ?? {};
  if (incident.status === 'acknowledged' && shown.acknowledgedAt === undefined) return [{ channel, duty: 'acknowledge' }];
  return (shown.revision ?? 0) < (incident.revision ?? 0) ? [{ channel, duty: 'update' }] : [];
}

/** Marks duties as being worked on; those that another delivery has claimed a moment ago are left to it. */
export function claim(
  incident: Incident,
  duties: readonly OpenDuty[],
  now: EpochMs,
): { readonly incident: Incident; readonly mine: readonly OpenDuty[] } {
  const free = ({ channel }: OpenDuty) => {
    const claimedAt = incident.channels[channel]?.claimedAt;
    return claimedAt === undefined || now - claimedAt >= CLAIM_MS || claimedAt > now;
  };
  const mine = duties.filter(free);
  const channels = { ...incident.channels };
  for (const { channel } of mine) channels[channel] = { ...channels[channel], claimedAt: now };
  return { incident: mine.length === 0 ? incident : { ...incident, channels }, mine };
}

export interface Sent extends OpenDuty {
  readonly ok: boolean;
  readonly at: EpochMs;
  /** Milliseconds from the transition to the channel's acceptance. */
  readonly latencyMs?: number;
  /** What the channel answered, without secrets. */
  readonly detail: string;
  readonly reference?: MessageReference;
  readonly routedBy?: string;
  /** The incident's revision that the message shows. */
  readonly revision?: number;
}

/** Writes down what became of the sends, and frees their claims. */
export function recordSends(incident: Incident, sends: readonly Sent[]): Incident {
  let known = incident;
  for (const sent of sends) {
    const channels = { ...known.channels, [sent.channel]: afterSend(known.channels[sent.channel], sent) };
    const line = { at: sent.at, reason: sent.ok ? ('sent' as const) : ('failed' as const), text: sendText(sent) };
    known = noted({ ...known, channels }, line);
  }
  return known;
}

function afterSend(before: ChannelState = {}, sent: Sent): ChannelState {
  const { claimedAt: _, ...told } = before;
  if (!sent.ok) return told;
  const { reference, routedBy, revision } = sent;
  const known = {
    ...told,
    ...(reference === undefined ? {} : { reference }),
    ...(routedBy === undefined ? {} : { routedBy }),
    ...(revision === undefined ? {} : { revision }),
  };
  switch (sent.duty) {
    case 'trigger':
      return { ...known, triggeredAt: told.triggeredAt ?? sent.at };
    case 'update':
      return known;
    case 'acknowledge':
      return { ...known, acknowledgedAt: sent.at };
    case 'resolve':
      return { ...known, resolvedAt: sent.at };
    default:
      return unreachable(sent.duty);
  }
}

function sendText(sent: Sent): string {
  const took = sent.latencyMs === undefined ? '' : `, ${(sent.latencyMs / 1000).toFixed(1)} s after the transition`;
  return `${sent.duty} to ${sent.channel} ${sent.ok ? 'accepted' : 'failed'} at ${isoFromMs(sent.at)}${took}: ${sent.detail}`;
}
