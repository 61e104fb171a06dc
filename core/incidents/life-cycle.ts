/**
 * The life of an incident as a pure reducer: detected, notified, acknowledged, resolved. Deliveries may come twice and in any
 * order: per source only what is newer than its last word counts, so the end state depends on the signals alone.
 */
import type { Severity } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import { isoFromMs } from '../time/instant.ts';
import { type ChannelState, type Incident, isOpen, type KeyState, type Reason, reasons, type TimelineEntry } from './incident.ts';
import type { Signal } from './signal.ts';

export interface Step {
  readonly state: KeyState;
  readonly reason: Reason;
  /** False when the signal changed nothing and needs no saving. */
  readonly changed: boolean;
}

/** Entries kept of a timeline; the oldest (the opening) always stays. */
export const TIMELINE_LIMIT = 200;

const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

export const emptyKeyState = (key: string): KeyState => ({ schemaVersion: 1, key, sources: {} });

/** What one signal does to its key. `now` stamps the timeline; the incident's own times are the signal's. */
export function applySignal(previous: KeyState | undefined, signal: Signal, now: EpochMs): Step {
  const before = previous ?? emptyKeyState(signal.key);
  const last = Object.hasOwn(before.sources, signal.source) ? before.sources[signal.source] : undefined;
  const unchanged = (reason: Reason): Step => ({ state: before, reason, changed: false });
  if (last !== undefined && signal.atMs < last.at) return unchanged('outdated');
  const sources = { ...before.sources, [signal.source]: { state: signal.state, at: signal.atMs, alarm: signal.alarm } };
  const heard: KeyState = { ...before, sources };
  const isRepeated = last !== undefined && signal.state === last.state && (signal.state !== 'ALARM' || isOpen(before.incident));
  // The same word again is no news, but its later time decides what is outdated.
  if (isRepeated) return { state: heard, reason: 'duplicate', changed: signal.atMs > last.at };
  const step = isOpen(before.incident) ? onOpen(heard, before.incident, signal, now) : onClosed(heard, signal, now);
  return { ...step, changed: true };
}

function onClosed(state: KeyState, signal: Signal, now: EpochMs): Omit<Step, 'changed'> {
  if (signal.state === 'OK') return { state, reason: signal.from === 'INSUFFICIENT_DATA' ? 'notRecovery' : 'notOpen' };
  const reason: Reason = signal.state === 'INSUFFICIENT_DATA' ? 'noDataOpened' : state.incident === undefined ? 'opened' : 'reopened';
  const incident: Incident = {
    id: `${isoFromMs(signal.atMs)}#${signal.key}`,
    key: signal.key,
    title: titleOf(signal),
    severity: signal.state === 'INSUFFICIENT_DATA' ? lower(signal.severity, 'warning') : signal.severity,
    status: 'open',
    openedAt: signal.atMs,
    alarms: [signal.alarm],
    firing: [signal.source],
    signal,
    channels: {},
    timeline: [entry(now, reason, signal)],
  };
  return { state: { ...state, incident }, reason };
}

function onOpen(state: KeyState, open: Incident, signal: Signal, now: EpochMs): Omit<Step, 'changed'> {
  // The first source's words stay; a later one adds what it did not know (a description, an ARN to link to).
  const firing = Object.keys(state.sources).filter(source => state.sources[source]?.state !== 'OK');
  const known = { ...open, firing, alarms: [...new Set([...open.alarms, signal.alarm])] };
  if (signal.state === 'ALARM') {
    const higher = rank[signal.severity] > rank[open.severity];
    const reason: Reason = higher ? 'escalated' : open.alarms.includes(signal.alarm) ? 'refired' : 'joined';
    const incident = { ...known, severity: higher ? signal.severity : open.severity, signal: { ...signal, ...open.signal } };
    return { state: { ...state, incident: noted(incident, entry(now, reason, signal)) }, reason };
  }
  if (signal.state === 'INSUFFICIENT_DATA') {
    return { state: { ...state, incident: noted(known, entry(now, 'noData', signal)) }, reason: 'noData' };
  }
  const reason: Reason = firing.length > 0 ? 'sourceCleared' : 'allCleared';
  const incident = noted(known, entry(now, reason, signal));
  const resolvedAt = Math.max(signal.atMs, open.openedAt);
  return { state: { ...state, incident: firing.length > 0 ? incident : { ...incident, status: 'resolved', resolvedAt } }, reason };
}

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
  const incident: Incident = { ...noted(revised(open), line), status: 'resolved', resolvedAt: Math.max(now, open.openedAt) };
  return { state: { ...state, incident: knownIn(incident, via, { resolvedAt: now }) }, reason: 'closed', changed: true };
}

/** Writes down that a silence covers the open incident, or with `until` undefined that it no longer does. */
export function silenced(state: KeyState, until: EpochMs | undefined, said: string, now: EpochMs): Step {
  const open = state.incident;
  if (!isOpen(open)) return { state, reason: 'notOpen', changed: false };
  const reason: Reason = until === undefined ? 'unsilenced' : 'silenced';
  const { silencedUntil: _, ...rest } = noted(revised(open), { at: now, reason, text: `${reasons[reason]}: ${said}` });
  return { state: { ...state, incident: until === undefined ? rest : { ...rest, silencedUntil: until } }, reason, changed: true };
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

function entry(now: EpochMs, reason: Reason, signal: Signal): TimelineEntry {
  const seen = signal.atMs === now ? '' : ` at ${isoFromMs(signal.atMs)}`;
  return { at: now, reason, text: `${signal.alarm} is ${signal.state}${seen}: ${reasons[reason]}` };
}

export function titleOf(signal: Signal): string {
  const who = signal.dimensions['Strategy'] ?? signal.dimensions['Bot'] ?? signal.dimensions['Function'];
  return who === undefined ? signal.symptom : `${who}: ${signal.symptom}`;
}

const lower = (a: Severity, b: Severity): Severity => (rank[a] < rank[b] ? a : b);
