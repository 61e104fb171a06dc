import { readClosures, type ToldClosure } from '../../core/health/closure.ts';
import { saveVersioned, type Versioned } from './fired-store.ts';
import type { Key, Table } from './table.ts';

/** Closures that were told, in one item that each sweep reads with all others: `MARKETS/CLOSURES`, compare-and-set. */
export interface ClosureStore {
  readonly read: () => Promise<Versioned<readonly ToldClosure[]>>;
  readonly save: (version: number, closures: readonly ToldClosure[]) => Promise<'saved' | 'conflict'>;
}

export const closuresKey: Key = { pk: 'MARKETS', sk: 'CLOSURES' };

export const createClosureStore = (table: Table): ClosureStore => ({
  read: async () => {
    const item = await table.get(closuresKey);
    return { version: Number(item?.['version'] ?? 0), value: readClosures(item?.['value']) };
  },
  save: (version, closures) => saveVersioned(table, closuresKey, version, closures),
});
