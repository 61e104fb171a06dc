import type { EpochMs } from '../../core/time/instant.ts';
import type { Table } from './table.ts';

/** Which batches were accepted, by bot and batch id. */
export interface BatchMemory {
  /** Hash of the body that was accepted under this id; undefined when none was, or too long ago. */
  find(bot: string, batchId: string): Promise<string | undefined>;
  /** Call when everything of the batch is safe. `conflict`: another call with the same id was first; ask `find`. */
  remember(bot: string, batchId: string, bodyHash: string): Promise<'saved' | 'conflict'>;
}

/** Longer than a spool of our senders waits between two attempts, many times over. The table's expiry bounds what is kept. */
const HOURS = 24;

/** An item a batch. Expired items count as absent, since the table deletes them up to two days late. */
export function createBatchMemory(table: Table, now: () => EpochMs): BatchMemory {
  const keyOf = (bot: string, batchId: string) => ({ pk: `INTAKE#${bot}`, sk: batchId });
  const nowSeconds = () => Math.floor(now() / 1000);
  return {
    find: async (bot, batchId) => {
      const item = await table.get(keyOf(bot, batchId));
      return item === undefined || Number(item['expiresAt']) <= nowSeconds() ? undefined : String(item['bodyHash']);
    },
    remember: async (bot, batchId, bodyHash) => {
      const item = { ...keyOf(bot, batchId), bodyHash, expiresAt: nowSeconds() + HOURS * 3600 };
      const saved = await table.put(item, { version: 0 });
      if (saved === 'saved') return saved;
      const known = await table.get(keyOf(bot, batchId));
      // Not yet deleted although it expired: it may be overwritten.
      return Number(known?.['expiresAt']) <= nowSeconds() ? table.put(item) : 'conflict';
    },
  };
}
