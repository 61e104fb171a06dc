import { type Alert, alertLabels } from '../../core/incidents/alert.ts';
import type { FiringAlert } from '../../core/incidents/inhibition.ts';
import type { AlertStore } from '../../core/incidents/store.ts';
import type { Item, Table } from './table.ts';

/** Days that an alert's last word stays, for late duplicates. */
const KEEP_DAYS = 30;

/** `ALERT#<key>/STATE` is the commit point; `FIRING/<key>` names those in which a source fires. */
export function createAlertStore(table: Table, now: () => number): AlertStore {
  return {
    load: async key => {
      const item = await table.get(keyOf(key));
      return item === undefined ? undefined : { version: Number(item['version']), alert: alertOf(item) };
    },
    all: async keys => (await table.getAll(keys.map(keyOf))).map(alertOf),
    save: async (alert, expectedVersion) => {
      const firing = alert.startsAt !== undefined && alert.endsAt === undefined;
      // Noted before and forgotten after: who reads the note looks at the alert itself.
      if (firing) await table.put(firingItem(alert));
      const saved = await table.put(
        {
          ...keyOf(alert.key),
          version: expectedVersion + 1,
          schemaVersion: alert.schemaVersion,
          alert: JSON.stringify(alert),
          ...(firing ? {} : { expiresAt: Math.floor(now() / 1000) + KEEP_DAYS * 86_400 }),
        },
        { version: expectedVersion },
      );
      if (saved === 'saved' && !firing) await table.write([], [firingKey(alert.key)]);
      return saved;
    },
    firing: async limit =>
      (await table.newest('FIRING', limit)).map((item): FiringAlert => ({ key: item.sk, labels: JSON.parse(String(item['labels'])) })),
  };
}

const keyOf = (key: string) => ({ pk: `ALERT#${key}`, sk: 'STATE' });
const firingKey = (key: string) => ({ pk: 'FIRING', sk: key });
const firingItem = (alert: Alert): Item => ({ ...firingKey(alert.key), schemaVersion: 1, labels: JSON.stringify(alertLabels(alert)) });
const alertOf = (item: Item): Alert => JSON.parse(String(item['alert'])) as Alert;
