/** What a person handles, and everything that is known about one incident key. Plain data: it is stored as it is. */
import type { Severity } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import type { Signal, SignalState } from './signal.ts';

export type IncidentStatus = 'open' | 'acknowledged' | 'resolved';

/** Why something happened or did not; a closed list, stored with each timeline entry. */
export const reasons = {
  opened: 'the first source fired',
  reopened: 'fired again after it was resolved',
  joined: 'another source reports the same trouble',
  refired: 'a source fired again while the incident was open',
  escalated: 'a source with higher severity joined',
  sourceCleared: 'one source cleared, another still fires',
  allCleared: 'every source that fired has cleared',
  noData: 'a source can no longer be judged; the incident stays open',
  noDataOpened: 'a source can no longer be judged',
  duplicate: 'delivered before',
  outdated: 'older than what the source said last',
  notOpen: 'nothing was open',
  notRecovery: 'data came back; that is no recovery',
  acknowledged: 'a person took it',
  alreadyAcknowledged: 'acknowledged before',
  silenced: 'a person silenced it',
  unsilenced: 'its silence was ended',
  closed: 'a person resolved it',
  sent: 'accepted by the channel',
  failed: 'refused by the channel',
} as const;
export type Reason = keyof typeof reasons;

export interface TimelineEntry {
  readonly at: EpochMs;
  readonly reason: Reason;
  readonly text: string;
}

export interface SourceState {
  readonly state: SignalState;
  readonly at: EpochMs;
  /** Name of its alarm, for people. */
  readonly alarm: string;
}

/**
 * What a channel is to be told. `trigger` is news that may wake somebody: the first page, more alerts, a reminder; a channel that was told
 * before finds its `reference`. `update` only keeps what it shows true (silenced, graver, fewer alerts). `acknowledge` and `resolve` end
 * the waking. A channel that has nothing to say for a duty accepts it without a message.
 */
export type Duty = 'trigger' | 'update' | 'acknowledge' | 'resolve';

/** What a channel needs to find its message again, such as Slack's channel and ts. Opaque to everybody else, at most 1 KB. */
export type MessageReference = Readonly<Record<string, string>>;

/** What a channel was told about this incident. A claim keeps a second delivery from sending at the same moment. */
export interface ChannelState {
  readonly triggeredAt?: EpochMs;
  readonly acknowledgedAt?: EpochMs;
  readonly resolvedAt?: EpochMs;
  readonly claimedAt?: EpochMs;
  /** The incident's revision that the channel shows; absent is 0. */
  readonly revision?: number;
  readonly reference?: MessageReference;
  /** Which secret opened it there; resolve and acknowledge must use the same. */
  readonly routedBy?: string;
}

export interface Incident {
  /** Unique over time: the key with the time of opening. */
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly severity: Severity;
  readonly status: IncidentStatus;
  readonly openedAt: EpochMs;
  readonly acknowledgedAt?: EpochMs;
  readonly acknowledgedBy?: string;
  readonly silencedUntil?: EpochMs;
  readonly resolvedAt?: EpochMs;
  /** Counts changes that channels should show without waking anybody; absent is 0. */
  readonly revision?: number;
  readonly alarms: readonly string[];
  /** Sources that have not cleared. */
  readonly firing: readonly string[];
  /** The signal that opened it, enriched by later ones; renders trigger and resolve. */
  readonly signal: Signal;
  readonly channels: Readonly<Record<string, ChannelState>>;
  readonly timeline: readonly TimelineEntry[];
}

/** State of one key: what each source said last, and the newest incident, open or not. */
export interface KeyState {
  readonly schemaVersion: 1;
  readonly key: string;
  readonly sources: Readonly<Record<string, SourceState>>;
  readonly incident?: Incident;
}

export const isOpen = (incident: Incident | undefined): incident is Incident => incident !== undefined && incident.status !== 'resolved';
