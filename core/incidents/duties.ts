/**
 * Who still has to be told what, derived from the stored incident and never from the message that woke us: a message that comes
 * twice finds the duty done, and a function that died between saving and sending finds it still open.
 */
import { unreachable } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import { type ChannelState, type Duty, type Incident, type MessageReference, reasons } from './incident.ts';
import { noted } from './life-cycle.ts';
import { afterFailure, notGivenUp } from './outbox.ts';
import { channelsOf, type Routing, routeById } from './routing.ts';

/** Id of the alarm on a channel that does not take its messages. */
export const CHANNEL_FAILING = 'channel-failing';

export interface OpenDuty {
  readonly channel: string;
  readonly duty: Duty;
}

/** How long a claim keeps others from sending; afterwards its owner counts as dead. Longer than all retries of one send. */
export const CLAIM_MS = 25_000;

/** Duties of an incident, over the channels that it is routed to and those that were told before its route changed. */
export function openDuties(incident: Incident | undefined, routed: readonly string[]): readonly OpenDuty[] {
  if (incident === undefined) return [];
  const earlier = Object.keys(incident.channels).filter(channel => incident.channels[channel]?.earlier !== undefined);
  const ends = earlier.map(channel => ({ channel, duty: 'resolve' as const }));
  const told = Object.keys(incident.channels).filter(channel => incident.channels[channel]?.triggeredAt !== undefined);
  if (incident.status === 'resolved') {
    return [
      ...ends,
      ...told.filter(channel => owesEnd(incident.channels[channel])).map(channel => ({ channel, duty: 'resolve' as const })),
    ];
  }
  const announced = (incident.notice ?? 0) > 0;
  return [
    ...ends,
    ...routed
      .filter(channel => announced && !told.includes(channel) && !earlier.includes(channel) && !isGivenUp(incident, channel))
      .map(channel => ({ channel, duty: 'trigger' as const })),
    ...told.flatMap(channel => keepTrue(incident, channel)),
  ];
}

/** Whether a channel that was told is still to be told the end. */
const owesEnd = ({ triggeredAt, resolvedAt, gaveUpAt, gaveUpDuty }: ChannelState = {}): boolean =>
  triggeredAt !== undefined && resolvedAt === undefined && (gaveUpAt === undefined || gaveUpDuty !== 'resolve');

/** Whether what there is to tell was given up already; a newer notice is another matter. */
function isGivenUp({ channels, notice = 0 }: Incident, channel: string): boolean {
  const { gaveUpAt, gaveUpNotice = notice } = channels[channel] ?? {};
  return gaveUpAt !== undefined && notice <= gaveUpNotice;
}

/** What the channels of the next incident of a key start with: the ends of this one that are still to be told. */
export function endsOwed({ id, channels }: Incident): Incident['channels'] {
  const owed = Object.entries(channels).flatMap(([channel, state]) => {
    const { reference, routedBy } = state;
    const own = { incidentId: id, ...(reference === undefined ? {} : { reference }), ...(routedBy === undefined ? {} : { routedBy }) };
    const earlier = owesEnd(state) ? own : state.earlier;
    return earlier === undefined ? [] : [[channel, { earlier }] as const];
  });
  return Object.fromEntries(owed);
}

/** What a channel that was told still shows wrongly, the gravest first. */
function keepTrue(incident: Incident, channel: string): readonly OpenDuty[] {
  const shown = incident.channels[channel] ?? {};
  if (isGivenUp(incident, channel)) return [];
  if ((shown.notice ?? 0) < (incident.notice ?? 0)) return [{ channel, duty: 'trigger' }];
  if (incident.status === 'acknowledged' && shown.acknowledgedAt === undefined) return [{ channel, duty: 'acknowledge' }];
  return (shown.revision ?? 0) < (incident.revision ?? 0) ? [{ channel, duty: 'update' }] : [];
}

/**
 * Channels of an incident: those of the receiver of the route that was announced, and of the receivers that were asked later. A channel's own
 * failure is told to the others of these; where there are none, to all other channels.
 */
export function routedChannels(incident: Incident, routing: Routing): readonly string[] {
  const receivers = [routeById(routing, incident.noticeRoute ?? incident.route).receiver, ...(incident.escalation ?? [])];
  const channels = [...new Set(receivers.flatMap(receiver => channelsOf(routing, receiver)))];
  const broken = incident.signal.alarmId === CHANNEL_FAILING ? incident.signal.dimensions['Channel'] : undefined;
  if (broken === undefined) return channels;
  const others = channels.filter(channel => channel !== broken);
  return others.length > 0 ? others : [...new Set(Object.values(routing.receivers).flat())].filter(channel => channel !== broken);
}

/**
 * Marks duties as being worked on; those that another delivery has claimed a moment ago are left to it. `retryAt` is the moment for which
 * retries are due, a little after `now` when a wake was early; a claim by a clock that is ahead counts as one of now.
 */
export function claim(
  incident: Incident,
  duties: readonly OpenDuty[],
  now: EpochMs,
  retryAt: EpochMs = now,
): { readonly incident: Incident; readonly mine: readonly OpenDuty[] } {
  const free = ({ channel }: OpenDuty) => {
    const { claimedAt, retry } = incident.channels[channel] ?? {};
    if (retry !== undefined && retry.nextAt > retryAt) return false;
    return claimedAt === undefined || Math.abs(now - claimedAt) >= CLAIM_MS;
  };
  const mine = duties.filter(free);
  const channels = { ...incident.channels };
  for (const { channel } of mine) channels[channel] = { ...channels[channel], claimedAt: now };
  return { incident: mine.length === 0 ? incident : { ...incident, channels }, mine };
}

export interface Sent extends OpenDuty {
  readonly ok: boolean;
  /** For a failed send: whether it can succeed later, and what kind of failure it was. */
  readonly retry?: 'later' | 'never';
  readonly kind?: string;
  /** Requests that it took; 0 when the channel had nothing to say. */
  readonly tries?: number;
  /** What the channel asked for with `Retry-After`. */
  readonly retryAfterMs?: number;
  readonly at: EpochMs;
  /** Milliseconds from the transition to the channel's acceptance. */
  readonly latencyMs?: number;
  /** What the channel answered, without secrets. */
  readonly detail: string;
  readonly reference?: MessageReference;
  readonly routedBy?: string;
  /** The incident's revision and notice that the message shows. */
  readonly revision?: number;
  readonly notice?: number;
}

/** Writes down what became of the sends, and frees their claims. */
export function recordSends(incident: Incident, sends: readonly Sent[]): Incident {
  let known = incident;
  for (const sent of sends) {
    const channels = { ...known.channels, [sent.channel]: afterSend(known.channels[sent.channel], sent) };
    const line = { at: sent.at, reason: sent.ok ? ('sent' as const) : ('failed' as const), text: sendText(sent) };
    known = noted({ ...known, channels }, line);
    const after = channels[sent.channel];
    if (after?.gaveUpAt === sent.at) known = noted(known, { at: sent.at, reason: 'gaveUp', text: `${reasons.gaveUp}: ${sent.channel}` });
    if (after?.retry !== undefined) known = { ...known, dueAt: Math.min(known.dueAt ?? after.retry.nextAt, after.retry.nextAt) };
  }
  return known;
}

function afterSend(before: ChannelState = {}, sent: Sent): ChannelState {
  const { claimedAt: _, ...told } = before;
  if (!sent.ok) return afterFailure(told, sent);
  const { reference, routedBy, revision, notice } = sent;
  const { retry: _done, earlier, ...reached } = notGivenUp(told);
  // The message was about the incident before.
  if (earlier !== undefined) return reached;
  const known = {
    ...reached,
    ...(notice === undefined ? {} : { notice }),
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
