import { emptySignalLog, type SignalLog } from '../../core/incidents/bot-signal.ts';
import type { Table } from './table.ts';

/** What each bot was told. One writer wins, so that the limit per hour holds. */
export interface SignalStore {
  load(botId: string): Promise<{ readonly log: SignalLog; readonly version: number }>;
  save(botId: string, log: SignalLog, expectedVersion: number): Promise<'saved' | 'conflict'>;
}

export function createSignalStore(table: Table): SignalStore {
  const keyOf = (botId: string) => ({ pk: `SIGNALS#${botId}`, sk: 'LOG' });
  return {
    load: async botId => {
      const item = await table.get(keyOf(botId));
      if (item === undefined) return { log: emptySignalLog, version: 0 };
      return { log: JSON.parse(String(item['log'])) as SignalLog, version: Number(item['version']) };
    },
    save: (botId, log, version) =>
      table.put({ ...keyOf(botId), version: version + 1, schemaVersion: 1, log: JSON.stringify(log) }, { version }),
  };
}
