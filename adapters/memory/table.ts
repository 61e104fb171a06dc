import type { Expected, Item, Key, Table } from '../aws/table.ts';

/** The table in memory, for tests: same conditions, same order, copies in and out. */
export interface MemoryTable extends Table {
  readonly items: ReadonlyMap<string, Item>;
  /** Every call throws while set, as an unreachable service does. */
  failure: Error | undefined;
}

export function createMemoryTable(): MemoryTable {
  const items = new Map<string, Item>();
  const partitions = new Map<string, Map<string, Item>>();
  const id = ({ pk, sk }: Key) => JSON.stringify([pk, sk]);
  /** Partitions in order, until they change. */
  const ordered = new Map<string, readonly Item[]>();
  const set = (item: Item) => {
    ordered.delete(item.pk);
    const partition = partitions.get(item.pk) ?? new Map<string, Item>();
    partitions.set(item.pk, partition.set(item.sk, item));
    items.set(id(item), item);
  };
  const remove = (key: Key) => {
    ordered.delete(key.pk);
    partitions.get(key.pk)?.delete(key.sk);
    items.delete(id(key));
  };
  const reach = () => {
    if (table.failure !== undefined) throw table.failure;
    return items;
  };
  const partition = (pk: string): readonly Item[] => {
    reach();
    const known = ordered.get(pk) ?? [...(partitions.get(pk)?.values() ?? [])].sort((a, b) => (a.sk < b.sk ? -1 : 1));
    ordered.set(pk, known);
    return known;
  };
  const table: MemoryTable = {
    items,
    failure: undefined,
    get: async key => copy(reach().get(id(key))),
    getAll: async keys => keys.flatMap(key => copy(reach().get(id(key))) ?? []),
    put: async (item, expected) => {
      const current = reach().get(id(item));
      if (expected !== undefined && !holds(expected, current)) return 'conflict';
      set({ ...item });
      return 'saved';
    },
    write: async (puts, deletes) => {
      reach();
      for (const item of puts) set({ ...item });
      for (const key of deletes) remove(key);
    },
    range: async (pk, { from, to, limit }) =>
      partition(pk)
        .filter(({ sk }) => sk >= from && sk <= to)
        .slice(0, limit)
        .map(item => ({ ...item })),
    newest: async (pk, limit) =>
      [...partition(pk)]
        .reverse()
        .slice(0, limit)
        .map(item => ({ ...item })),
  };
  return table;
}

const copy = (item: Item | undefined): Item | undefined => (item === undefined ? undefined : { ...item });

const holds = ({ version }: Expected, current: Item | undefined): boolean =>
  version === 0 ? current === undefined : current?.['version'] === version;
