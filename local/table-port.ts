/** The local table behind the functions' own table port, so that the state can be read and written without a call. */
import type { Item, Key, Table as TablePort } from '../adapters/aws/table.ts';
import type { Table } from './services/dynamodb/table.ts';
import type { AttributeValue, Item as WireItem } from './services/dynamodb/value.ts';

const wire = (item: Item | Key): WireItem =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]): [string, AttributeValue] => [
      name,
      typeof value === 'number'
        ? { N: String(value) }
        : typeof value === 'string'
          ? { S: value }
          : { B: Buffer.from(value).toString('base64') },
    ]),
  );

function plain(item: WireItem | undefined): Item | undefined {
  if (item === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, value]): [string, Item[string]][] => {
      if (typeof value['N'] === 'string') return [[name, Number(value['N'])]];
      if (typeof value['B'] === 'string') return [[name, Buffer.from(value['B'], 'base64')]];
      return typeof value['S'] === 'string' ? [[name, value['S']]] : [];
    }),
  ) as Item;
}

export function tablePort(table: Table): TablePort {
  const get = (key: { readonly pk: string; readonly sk: string }) => plain(table.get(wire({ pk: key.pk, sk: key.sk })));
  return {
    get: async key => get(key),
    getAll: async keys => keys.flatMap(key => get(key) ?? []),
    async put(item, expected) {
      if (expected !== undefined && Number(get(item)?.['version'] ?? 0) !== expected.version) return 'conflict';
      table.put(wire(item));
      return 'saved';
    },
    async write(puts, deletes) {
      for (const item of puts) table.put(wire(item));
      for (const key of deletes) table.remove(wire({ pk: key.pk, sk: key.sk }));
    },
    range: async (pk, { from, to, limit }) =>
      table
        .partition({ S: pk })
        .flatMap(item => plain(item) ?? [])
        .filter(({ sk }) => sk >= from && sk <= to)
        .slice(0, limit),
    newest: async (pk, limit) =>
      [...table.partition({ S: pk })]
        .reverse()
        .slice(0, limit)
        .flatMap(item => plain(item) ?? []),
  };
}
