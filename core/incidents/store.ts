/** Where alerts, their groups and incidents live. One writer wins: a conditional `save` answers `conflict` when somebody was faster. */
import type { EpochMs } from '../time/instant.ts';
import type { Alert } from './alert.ts';
import type { Incident, KeyState, TimelineEntry } from './incident.ts';
import type { FiringAlert } from './inhibition.ts';

export interface IncidentStore {
  load(key: string): Promise<StoredKeyState | undefined>;
  /** `expectedVersion` is 0 for a key that was not there. Also keeps the incident in the list, and the time at which it is due. */
  save(state: KeyState, expectedVersion: number): Promise<'saved' | 'conflict'>;
  /** Newest first by time of opening. */
  list(limit: number): Promise<readonly Incident[]>;
  /** All that are open or acknowledged, the oldest first, however many came since. */
  open(): Promise<readonly Incident[]>;
  /** The incident of this id, also when its key has a newer one. */
  find(id: string): Promise<Incident | undefined>;
  /** Makes an alert a member of a group; again is harmless. */
  addMember(groupKey: string, alertKey: string): Promise<void>;
  /** Keys of a group's alerts, also of those that are over, in pages. */
  members(groupKey: string): AsyncIterable<readonly string[]>;
  /** Keys of groups that are due at `now`, the earliest first. */
  due(now: EpochMs, limit: number): Promise<readonly Due[]>;
  /** Forgets a time that has been attended to. */
  attended(due: Due): Promise<void>;
  /** Adds a line to a group's timeline without touching its incident. */
  note(groupKey: string, line: TimelineEntry): Promise<void>;
  /** Those lines, oldest first. */
  notes(groupKey: string, from: EpochMs, to: EpochMs): Promise<readonly TimelineEntry[]>;
  /** Counts an incident that opens in the minute of `now`, and gives the number so far, at most `limit` + 1. */
  countOpening(kind: string, groupKey: string, now: EpochMs, limit: number): Promise<number>;
}

export interface Due {
  readonly key: string;
  readonly at: EpochMs;
}

export interface StoredKeyState {
  readonly version: number;
  readonly state: KeyState;
}

export interface AlertStore {
  load(key: string): Promise<StoredAlert | undefined>;
  save(alert: Alert, expectedVersion: number): Promise<'saved' | 'conflict'>;
  /** Alerts of these keys that exist, in no order. */
  all(keys: readonly string[]): Promise<readonly Alert[]>;
  /** Alerts in which a source fires, as far as is noted: one may have ended meanwhile. At most `limit`. */
  firing(limit: number): Promise<readonly FiringAlert[]>;
}

export interface StoredAlert {
  readonly version: number;
  readonly alert: Alert;
}
