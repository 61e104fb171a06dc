import { type Incident, isOpen, type KeyState, type TimelineEntry } from '../../core/incidents/incident.ts';
import { fingerprint } from '../../core/incidents/key.ts';
import type { IncidentStore } from '../../core/incidents/store.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { dueItem, dueKey, dueOf } from './due-list.ts';
import type { Item, Key, Table } from './table.ts';

/** Days that a key's last word, its members and its notes stay, and a resolved incident, for late duplicates and for post-mortems. */
const KEEP_KEY_DAYS = 30;
const KEEP_INCIDENT_DAYS = 400;
const DAY_SECONDS = 86_400;
/** Members read at once. */
const PAGE = 100;
const NOTES = 1_000;
/** Incidents that are open at once, more than any person reads. */
const MOST_OPEN = 1_000;

/**
 * `INCIDENT#<key>/OPEN` is the commit point of a group; `DUE/<time>#<key>` is its next time, written before it, and
 * `INCIDENTS/<openedAt>#<key>` its copy for lists, written after it. `OPEN/<openedAt>#<key>`, also written before it, points at those that
 * may be open; the commit point says whether they are. `INCIDENT#<key>/MEMBER#<alert>` names its alerts, `…/NOTE#<time>…` holds lines of its timeline.
 * `now` in epoch milliseconds dates the expiry of what is closed; open incidents never expire.
 */
export function createIncidentStore(table: Table, now: () => number): IncidentStore {
  const expiry = (days: number) => Math.floor(now() / 1000) + days * DAY_SECONDS;
  return {
    load: async key => {
      const item = await table.get({ pk: `INCIDENT#${key}`, sk: 'OPEN' });
      if (item === undefined) return undefined;
      return { version: Number(item['version']), state: JSON.parse(String(item['state'])) as KeyState };
    },
    save: async (state, expectedVersion) => {
      const closed = state.incident === undefined || state.incident.status === 'resolved';
      // First, so that nothing that is due or open is forgotten when the function dies between the writes.
      const ahead = state.incident === undefined ? [] : pointersTo(state.incident, expiry(KEEP_INCIDENT_DAYS));
      if (ahead.length > 0) await table.write(ahead, []);
      const saved = await table.put(
        {
          pk: `INCIDENT#${state.key}`,
          sk: 'OPEN',
          version: expectedVersion + 1,
          schemaVersion: state.schemaVersion,
          state: JSON.stringify(state),
          ...(closed ? { expiresAt: expiry(KEEP_KEY_DAYS) } : {}),
        },
        { version: expectedVersion },
      );
      if (saved === 'saved' && state.incident !== undefined)
        await table.write([listItem(state.incident, expiry(KEEP_INCIDENT_DAYS))], isOpen(state.incident) ? [] : [openKey(state.incident)]);
      return saved;
    },
    open: async () => {
      const pointers = await table.range('OPEN', { from: '', to: '\uffff', limit: MOST_OPEN });
      const keys = [...new Set(pointers.map(({ sk }) => sk.slice(ISO_LENGTH + 1)))];
      const states = await table.getAll(keys.map(key => ({ pk: `INCIDENT#${key}`, sk: 'OPEN' })));
      return states
        .flatMap(item => (JSON.parse(String(item['state'])) as KeyState).incident ?? [])
        .filter(isOpen)
        .sort((a, b) => a.openedAt - b.openedAt);
    },
    list: async limit => (await table.newest('INCIDENTS', limit)).map(item => JSON.parse(String(item['incident'])) as Incident),
    find: async id => {
      const item = await table.get({ pk: 'INCIDENTS', sk: id });
      return item === undefined ? undefined : (JSON.parse(String(item['incident'])) as Incident);
    },
    addMember: async (groupKey, alertKey) => {
      await table.put({ pk: `INCIDENT#${groupKey}`, sk: `MEMBER#${alertKey}`, schemaVersion: 1, expiresAt: expiry(KEEP_KEY_DAYS) });
    },
    members: groupKey => membersOf(table, groupKey),
    due: async (at, limit) => (await table.range('DUE', { from: '', to: `${isoFromMs(at)}~`, limit })).map(dueOf),
    attended: ({ at, key }) => table.write([], [dueKey(at, key)]),
    note: async (groupKey, line) => {
      const sk = `NOTE#${isoFromMs(line.at)}#${fingerprint(line.text)}`;
      await table.put({ pk: `INCIDENT#${groupKey}`, sk, schemaVersion: 1, line: JSON.stringify(line), expiresAt: expiry(KEEP_KEY_DAYS) });
    },
    notes: async (groupKey, from, to) => {
      const bounds = { from: `NOTE#${isoFromMs(from)}`, to: `NOTE#${isoFromMs(to)}~`, limit: NOTES };
      return (await table.range(`INCIDENT#${groupKey}`, bounds)).map(item => JSON.parse(String(item['line'])) as TimelineEntry);
    },
    countOpening: async (kind, groupKey, at, limit) => {
      const pk = `OPENED#${kind}#${isoFromMs(at).slice(0, 16)}`;
      const known = await table.newest(pk, limit + 1);
      // A full minute needs no more rows: whoever comes then is beyond the limit.
      if (known.length > limit || known.some(({ sk }) => sk === groupKey)) return known.length;
      await table.put({ pk, sk: groupKey, schemaVersion: 1, expiresAt: Math.floor(at / 1000) + DAY_SECONDS });
      return known.length + 1;
    },
  };
}

const ISO_LENGTH = '2026-03-09T03:00:00.000Z'.length;

const openKey = ({ openedAt, key }: Incident): Key => ({ pk: 'OPEN', sk: `${isoFromMs(openedAt)}#${key}` });

const pointersTo = (incident: Incident, expiresAt: number): readonly Item[] => [
  // Times that were moved stay until they are attended to: whoever finds one looks at the incident itself.
  ...(incident.dueAt === undefined ? [] : [dueItem(incident.dueAt, incident.key)]),
  ...(isOpen(incident) ? [{ ...openKey(incident), schemaVersion: 1, expiresAt }] : []),
];

async function* membersOf(table: Table, groupKey: string): AsyncIterable<readonly string[]> {
  let from = 'MEMBER#';
  for (;;) {
    const page = await table.range(`INCIDENT#${groupKey}`, { from, to: 'MEMBER#\uffff', limit: PAGE });
    if (page.length > 0) yield page.map(({ sk }) => sk.slice('MEMBER#'.length));
    if (page.length < PAGE) return;
    from = `${page.at(-1)!.sk}\u0000`;
  }
}

function listItem({ announced: _, ...incident }: Incident, expiresAt: number): Item {
  return {
    pk: 'INCIDENTS',
    sk: `${isoFromMs(incident.openedAt)}#${incident.key}`,
    schemaVersion: 1,
    status: incident.status,
    incident: JSON.stringify(incident),
    expiresAt,
  };
}
