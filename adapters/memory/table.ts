import type { Expected, Item, Key, Table } from '../aws/table.ts';

/** The table in memory, for tests: same conditions, same order, copies in and out. */
export interface MemoryTable extends Table {
  readonly items: ReadonlyMap<string, Item>;
  /** Every call throws while set, as an unreachable service does. */
  failure: Error | undefined;
}

export function createMemoryTable(): MemoryTable {
  const items = new Map<string, Item>();
  const id = ({ pk, sk }: Key) => JSON.stringify([pk, sk]);
  const table: MemoryTable = {
    items,
    failure: undefined,
    get: async key => copy(reach().get(id(key))),
    getAll: async keys => keys.flatMap(key => copy(reach().get(id(key))) ?? []),
    put: async (item, expected) => {
      const current = reach().get(id(item));
      if (expected !== undefined && !holds(expected, current)) return 'conflict';
      items.set(id(item), { ...item });
      return 'saved';
    },
    write: async (puts, deletes) => {
      for (const item of puts) reach().set(id(item), { ...item });
      for (const key of deletes) reach().delete(id(key));
    },
    newest: async (pk, limit) =>
      [...reach().values()]
        .filter(item => item.pk === pk)
        .sort((a, b) => (a.sk < b.sk ? 1 : -1))
        .slice(0, limit)
        .map(item => ({ ...item })),
  };
  const reach = () => {
    if (table.failure !== undefined) throw table.failure;
    return items;
  };
  return table;
}

const copy = (item: Item | undefined): Item | undefined => (item === undefined ? undefined : { ...item });

const holds = ({ version }: Expected, current: Item | undefined): boolean =>
  version === 0 ? current === undefined : current?.['version'] === version;
