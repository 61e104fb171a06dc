import type { Incident, KeyState } from './incident.ts';

/** Where the state of incident keys lives. One writer wins: `save` answers `conflict` when somebody was faster. */
export interface IncidentStore {
  load(key: string): Promise<StoredKeyState | undefined>;
  /** `expectedVersion` is 0 for a key that was not there. Also keeps the incident in the list. */
  save(state: KeyState, expectedVersion: number): Promise<'saved' | 'conflict'>;
  /** Newest first by time of opening. */
  list(limit: number): Promise<readonly Incident[]>;
}

export interface StoredKeyState {
  readonly version: number;
  readonly state: KeyState;
}
