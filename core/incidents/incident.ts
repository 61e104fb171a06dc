/** What a person handles, and everything that is known about one incident key. Plain data: it is stored as it is. */
import type { Severity } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import type { Announced, Decision } from './decision.ts';
import type { Labels } from './matcher.ts';
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
  held: 'every source has cleared; it counts as firing for a while',
  inhibited: 'another alert that fires explains it',
  quiet: 'outside the hours of its route',
  unacknowledged: 'nobody took it in time; asking the next',
  newAlerts: 'more alerts joined',
  graver: 'graver than what was told',
  repeat: 'a reminder',
  storm: 'too many alerts for a message each',
  gaveUp: 'the channel could not be reached in time',
  changed: 'something changed in the strategy',
  signalled: 'the bot was told, or was not, and why',
  restart: 'its service was restarted, or was not, and why',
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

/** A message that waits for its channel. */
export interface Retry {
  /** Sends that failed; each is several tries. */
  readonly failures: number;
  readonly sinceMs: EpochMs;
  readonly nextAt: EpochMs;
}

/** What a channel was told about this incident. A claim keeps a second delivery from sending at the same moment. */
export interface ChannelState {
  readonly triggeredAt?: EpochMs;
  readonly acknowledgedAt?: EpochMs;
  readonly resolvedAt?: EpochMs;
  readonly claimedAt?: EpochMs;
  /** The incident's revision that the channel shows; absent is 0. */
  readonly revision?: number;
  /** The newest notice that the channel was told. */
  readonly notice?: number;
  readonly retry?: Retry;
  /** A message was given up: nothing more is owed until there is a newer notice than `gaveUpNotice`, or the incident's end is to be told. */
  readonly gaveUpAt?: EpochMs;
  readonly gaveUpNotice?: number;
  readonly gaveUpDuty?: Duty;
  readonly reference?: MessageReference;
  /** Which secret opened it there; resolve and acknowledge must use the same. */
  readonly routedBy?: string;
  /** An incident before this one of the same key whose end the channel was not told yet: it comes first, or the channel takes the new page for the old. */
  readonly earlier?: EarlierEnd;
}

export interface EarlierEnd {
  readonly incidentId: string;
  readonly reference?: MessageReference;
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
  /** The silence by which a person silenced the incident: while it is active it covers all of its alerts. */
  readonly silenceId?: string;
  readonly resolvedAt?: EpochMs;
  readonly closedBy?: string;
  /** Counts changes that channels should show without waking anybody; absent is 0. */
  readonly revision?: number;
  /** Counts what is to be announced: 1 is the first page. Absent until something is announced. */
  readonly notice?: number;
  readonly noticeReason?: Decision;
  /** The route whose channels are told: that of the newest notice, since a graver alert that is suppressed must wake nobody. */
  readonly noticeRoute?: string;
  readonly firstNoticeAt?: EpochMs;
  /** What was announced last, as the decision compares it. */
  readonly announced?: Announced;
  /** Outcome of the newest flush. */
  readonly decision?: Decision;
  /** Why nothing is announced at present. */
  readonly suppression?: string;
  /** Id of the route that it belongs to. */
  readonly route?: string;
  /** Labels that its alerts share; absent when it is about one alert. */
  readonly groupLabels?: Labels;
  readonly firstFlushAt?: EpochMs;
  /** When the rows of its members were written anew, so that none expires while it fires. */
  readonly membersKeptAt?: EpochMs;
  /** When its group is to be looked at next. */
  readonly dueAt?: EpochMs;
  /** Receivers that were asked because nobody acknowledged. */
  readonly escalation?: readonly string[];
  readonly counts?: { readonly firing: number; readonly resolved: number; readonly suppressed: number };
  /** Some of its alerts, the gravest first. */
  readonly members?: readonly MemberView[];
  /** What was done to its bots, or why not: the newest word of each kind for each bot. */
  readonly measures?: readonly Measure[];
  /** Names of its alarms, the first 50. */
  readonly alarms: readonly string[];
  /** Keys of the alerts that fire, the first 50. */
  readonly firing: readonly string[];
  /** The signal that opened it, enriched by later ones; renders trigger and resolve. */
  readonly signal: Signal;
  readonly channels: Readonly<Record<string, ChannelState>>;
  readonly timeline: readonly TimelineEntry[];
}

/** A signal to a bot, or a restart of its service, in words. */
export interface Measure {
  readonly botId: string;
  readonly reason: Extract<Reason, 'restart' | 'signalled'>;
  readonly at: EpochMs;
  readonly text: string;
  /** The incident's revision that brought it. */
  readonly revision: number;
}

/** One alert of an incident, as it is shown. */
export interface MemberView {
  readonly key: string;
  readonly title: string;
  readonly alarm: string;
  readonly severity: Severity;
  readonly firing: boolean;
  readonly startsAt: EpochMs;
  readonly endsAt?: EpochMs;
}

/** State of one group's key: its newest incident, open or not. */
export interface KeyState {
  readonly schemaVersion: 1;
  readonly key: string;
  readonly incident?: Incident;
}

export type OpenIncident = Incident & { readonly status: 'open' | 'acknowledged' };

export const isOpen = (incident: Incident | undefined): incident is OpenIncident =>
  incident !== undefined && incident.status !== 'resolved';
