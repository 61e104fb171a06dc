/** One table in memory: partitions by hash key, each sorted by range key. Expired items go on virtual time. */
import type { EpochMs } from '../../../core/time/instant.ts';
import { validation } from '../../endpoint/errors.ts';
import type { AttributeValue, Item } from './value.ts';
import { compare, typeOf } from './value.ts';

export interface KeySchema {
  readonly hash: string;
  readonly range?: string;
}

export interface TableDefinition {
  readonly name: string;
  readonly arn: string;
  readonly keys: KeySchema;
  readonly indexes: Readonly<Record<string, KeySchema>>;
  /** Name of the attribute with epoch seconds; absent means items live for ever. */
  readonly ttlAttribute?: string;
}

export interface Table {
  readonly definition: TableDefinition;
  readonly get: (key: Item) => Item | undefined;
  readonly put: (item: Item) => void;
  readonly remove: (key: Item) => void;
  /** Items of one partition in range order, or of the index. */
  readonly partition: (hash: AttributeValue, index?: string) => readonly Item[];
  readonly all: () => Iterable<Item>;
  /** Removes what has expired; returns how many. */
  readonly expire: (nowMs: EpochMs) => number;
  readonly clear: () => void;
}

const keyText = (value: AttributeValue): string => {
  const type = typeOf(value);
  return `${type}:${String(value[type])}`;
};

export function createTable(definition: TableDefinition): Table {
  const { keys } = definition;
  const partitions = new Map<string, Item[]>();
  let expiring = 0;

  function part(item: Item, name: string): AttributeValue {
    const value = item[name];
    if (value === undefined) throw validation(`One of the required keys was not given a value: Missing the key ${name} in the item`);
    const type = typeOf(value);
    if (type !== 'S' && type !== 'N' && type !== 'B') throw validation(`Invalid attribute value type: key ${name} is ${type}`);
    if (value[type] === '')
      throw validation(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
      );
    return value;
  }

  /** Index of the item with this range key, or where it belongs as −1 − index. */
  function find(items: readonly Item[], key: Item): number {
    if (keys.range === undefined) return items.length > 0 ? 0 : -1;
    const wanted = part(key, keys.range);
    let low = 0;
    let high = items.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const order = compare(items[middle]![keys.range]!, wanted) ?? 0;
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return -1 - low;
  }

  return {
    definition,
    get(key) {
      const items = partitions.get(keyText(part(key, keys.hash)));
      if (items === undefined) return undefined;
      return items[find(items, key)];
    },
    put(item) {
      const id = keyText(part(item, keys.hash));
      if (definition.ttlAttribute !== undefined && item[definition.ttlAttribute] !== undefined) expiring += 1;
      const items = partitions.get(id);
      if (items === undefined) {
        if (keys.range !== undefined) part(item, keys.range);
        partitions.set(id, [item]);
        return;
      }
      const index = find(items, item);
      if (index >= 0) items[index] = item;
      else items.splice(-1 - index, 0, item);
    },
    remove(key) {
      const id = keyText(part(key, keys.hash));
      const items = partitions.get(id);
      if (items === undefined) return;
      const index = find(items, key);
      if (index >= 0) items.splice(index, 1);
      if (items.length === 0) partitions.delete(id);
    },
    partition(hash, index) {
      if (index === undefined) return partitions.get(keyText(hash)) ?? [];
      const schema = definition.indexes[index];
      if (schema === undefined) throw validation(`The table does not have the specified index: ${index}`);
      const wanted = keyText(hash);
      const found = [...partitions.values()]
        .flat()
        .filter(item => item[schema.hash] !== undefined && keyText(item[schema.hash]!) === wanted);
      const range = schema.range;
      if (range === undefined) return found;
      return found.filter(item => item[range] !== undefined).sort((a, b) => compare(a[range]!, b[range]!) ?? 0);
    },
    *all() {
      for (const items of partitions.values()) yield* items;
    },
    expire(nowMs) {
      const attribute = definition.ttlAttribute;
      if (attribute === undefined || expiring === 0) return 0;
      let removed = 0;
      let left = 0;
      for (const [id, items] of partitions) {
        const kept = items.filter(item => {
          const at = item[attribute]?.['N'];
          if (at === undefined) return true;
          if (Number(at) * 1_000 < nowMs) return false;
          left += 1;
          return true;
        });
        removed += items.length - kept.length;
        if (kept.length === 0) partitions.delete(id);
        else if (kept.length < items.length) partitions.set(id, kept);
      }
      expiring = left;
      return removed;
    },
    clear() {
      partitions.clear();
      expiring = 0;
    },
  };
}
