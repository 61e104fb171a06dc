import type { Fired } from '../../core/incidents/fast-path.ts';
import type { Item, Key, Table } from './table.ts';

/** A value with the version to save it against; 0 for one that was never saved. */
export interface Versioned<T> {
  readonly version: number;
  readonly value: T;
}

/** Which breaches of a strategy were said: `STRATEGY#<id>/BREACHES`, compare-and-set. A file of its own: the ledger needs no more. */
export interface FiredStore {
  readonly readFired: (strategyId: string) => Promise<Versioned<Fired>>;
  readonly saveFired: (strategyId: string, version: number, fired: Fired) => Promise<'saved' | 'conflict'>;
}

/** A strategy's id, or what `groupOwner` makes of a group's: no id has a colon. */
export const firedKey = (owner: string): Key => ({
  pk: owner.includes(':') ? `RISK-GROUP#${owner.slice(owner.indexOf(':') + 1)}` : `STRATEGY#${owner}`,
  sk: 'BREACHES',
});

/** Under which a group's breaches are remembered. */
export const groupOwner = (groupId: string): string => `group:${groupId}`;

export function createFiredStore(table: Table): FiredStore {
  return {
    readFired: async id => versioned<Fired>(await table.get(firedKey(id)), {}),
    saveFired: (id, version, fired) => saveVersioned(table, firedKey(id), version, fired),
  };
}

export const saveVersioned = (table: Table, key: Key, version: number, value: unknown): Promise<'saved' | 'conflict'> =>
  table.put({ ...key, version: version + 1, schemaVersion: 1, value: JSON.stringify(value) }, { version });

export function versioned<T>(item: Item | undefined, absent: T): Versioned<T> {
  return item === undefined
    ? { version: 0, value: absent }
    : { version: Number(item['version']), value: JSON.parse(String(item['value'])) as T };
}
