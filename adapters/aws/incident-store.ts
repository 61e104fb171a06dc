import type { Incident, KeyState } from '../../core/incidents/incident.ts';
import type { IncidentStore } from '../../core/incidents/store.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import type { Table } from './table.ts';

/** Days that a key's last word and a resolved incident stay, for late duplicates and for post-mortems. */
const KEEP_KEY_DAYS = 30;
const KEEP_INCIDENT_DAYS = 400;
const DAY_SECONDS = 86_400;

/**
 * `INCIDENT#<key>/OPEN` is the commit point of a key; `INCIDENTS/<openedAt>#<key>` is its copy for lists, written after it.
 * `now` in epoch milliseconds dates the expiry of what is closed; open incidents never expire.
 */
export function createIncidentStore(table: Table, now: () => number): IncidentStore {
  return {
    load: async key => {
      const item = await table.get({ pk: `INCIDENT#${key}`, sk: 'OPEN' });
      if (item === undefined) return undefined;
      return { version: Number(item['version']), state: JSON.parse(String(item['state'])) as KeyState };
    },
    save: async (state, expectedVersion) => {
      const closed = state.incident === undefined || state.incident.status === 'resolved';
      const saved = await table.put(
        {
          pk: `INCIDENT#${state.key}`,
          sk: 'OPEN',
          version: expectedVersion + 1,
          schemaVersion: state.schemaVersion,
          state: JSON.stringify(state),
          ...(closed ? { expiresAt: Math.floor(now() / 1000) + KEEP_KEY_DAYS * DAY_SECONDS } : {}),
        },
        { version: expectedVersion },
      );
      if (saved === 'saved' && state.incident !== undefined) await table.put(listItem(state.incident, now()));
      return saved;
    },
    list: async limit => (await table.newest('INCIDENTS', limit)).map(item => JSON.parse(String(item['incident'])) as Incident),
  };
}

function listItem(incident: Incident, nowMs: number) {
  return {
    pk: 'INCIDENTS',
    sk: `${isoFromMs(incident.openedAt)}#${incident.key}`,
    schemaVersion: 1,
    status: incident.status,
    incident: JSON.stringify(incident),
    expiresAt: Math.floor(nowMs / 1000) + KEEP_INCIDENT_DAYS * DAY_SECONDS,
  };
}
