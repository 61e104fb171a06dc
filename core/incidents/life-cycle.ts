/** What people do to an incident, as pure steps; what its alerts do to it is in group.ts. */
import type { EpochMs } from '../time/instant.ts';
import {
  type ChannelState,
  type Incident,
  isOpen,
  type KeyState,
  type Measure,
  type Reason,
  reasons,
  type TimelineEntry,
} from './incident.ts';

export interface Step {
  readonly state: KeyState;
  readonly reason: Reason;
  /** False when nothing changed and nothing needs saving. */
  readonly changed: boolean;
}

/** Entries kept of a timeline; the oldest (the opening) always stays. */
export const TIMELINE_LIMIT = 200;

/** A person takes the incident; a second time changes nothing. `via` is the channel in which it happened, which knows already. */
export function acknowledge(state: KeyState, who: string, now: EpochMs, via?: string): Step {
  const open = state.incident;
  if (!isOpen(open)) return { state, reason: 'notOpen', changed: false };
  if (open.status === 'acknowledged') return { state, reason: 'alreadyAcknowledged', changed: false };
  const incident: Incident = {
    ...noted(revised(open), { at: now, reason: 'acknowledged', text: `${reasons.acknowledged}: ${who}` }),
    status: 'acknowledged',
    acknowledgedAt: now,
    acknowledgedBy: who,
  };
  return { state: { ...state, incident: knownIn(incident, via, { acknowledgedAt: now }) }, reason: 'acknowledged', changed: true };
}

/** A person ends the incident while its sources may still fire; it opens again when one of them fires anew. */
export function close(state: KeyState, who: string, now: EpochMs, via?: string): Step {
  const open = state.incident;
  if (!isOpen(open)) return { state, reason: 'notOpen', changed: false };
  const line: TimelineEntry = { at: now, reason: 'closed', text: `${reasons.closed}: ${who}` };
  const incident: Incident = { ...noted(revised(open), line), status: 'resolved', resolvedAt: Math.max(now, open.openedAt), closedBy: who };
  return { state: { ...state, incident: knownIn(incident, via, { resolvedAt: now }) }, reason: 'closed', changed: true };
}

/** Writes down that a silence covers the open incident, or with `until` undefined that it no longer does. */
export function silenced(state: KeyState, until: EpochMs | undefined, said: string, now: EpochMs, silenceId?: string): Step {
  const open = state.incident;
  if (!isOpen(open)) return { state, reason: 'notOpen', changed: false };
  const reason: Reason = until === undefined ? 'unsilenced' : 'silenced';
  const { silencedUntil: _, silenceId: _id, ...rest } = noted(revised(open), { at: now, reason, text: `${reasons[reason]}: ${said}` });
  const covered = { ...(until === undefined ? {} : { silencedUntil: until }), ...(silenceId === undefined ? {} : { silenceId }) };
  return { state: { ...state, incident: { ...rest, ...covered } }, reason, changed: true };
}

/** Measures of one incident that its pages show. */
const MEASURES = 10;

/** Writes down what was done to a bot of the open incident, or why not. The same words again change nothing. */
export function measured(state: KeyState, measure: Omit<Measure, 'revision'>): Step {
  const open = state.incident;
  const { botId, reason, at, text } = measure;
  if (!isOpen(open)) return { state, reason: 'notOpen', changed: false };
  const before = open.measures ?? [];
  const isSame = (each: Measure) => each.botId === botId && each.reason === reason;
  if (before.some(each => isSame(each) && each.text === text)) return { state, reason, changed: false };
  const next = revised(noted(open, { at, reason, text }));
  const measures = [...before.filter(each => !isSame(each)), { ...measure, revision: next.revision ?? 0 }].slice(-MEASURES);
  return { state: { ...state, incident: { ...next, measures } }, reason, changed: true };
}

const revised = (incident: Incident): Incident => ({ ...incident, revision: (incident.revision ?? 0) + 1 });

function knownIn(incident: Incident, channel: string | undefined, known: ChannelState): Incident {
  const told = channel === undefined ? undefined : incident.channels[channel];
  if (channel === undefined || told?.triggeredAt === undefined) return incident;
  return { ...incident, channels: { ...incident.channels, [channel]: { ...told, ...known } } };
}

export function noted(incident: Incident, line: TimelineEntry): Incident {
  const timeline = [...incident.timeline, line];
  const kept = timeline.length <= TIMELINE_LIMIT ? timeline : [timeline[0]!, ...timeline.slice(-(TIMELINE_LIMIT - 1))];
  return { ...incident, timeline: kept };
}
