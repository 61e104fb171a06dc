import type { Silence, SilenceStore } from '../../core/incidents/silence.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import type { Table } from './table.ts';

/** Expired silences stay for so long, to answer who was not told and why. */
const KEEP_DAYS = 30;
/** Read at once; more silences than this at one time is a mistake of the config. */
const LIMIT = 1_000;

/** `SILENCES/<endsAt>#<id>`, so that those that still hold are the newest. */
export function createSilenceStore(table: Table): SilenceStore {
  const list = async (limit: number) => (await table.newest('SILENCES', limit)).map(item => JSON.parse(String(item['silence'])) as Silence);
  return {
    list,
    current: async now => (await list(LIMIT)).filter(({ endsAt }) => endsAt > now),
    put: async silence => {
      const item = silenceItem(silence);
      // Another end is another place in the order.
      const others = (await list(LIMIT)).filter(({ id }) => id === silence.id).map(other => keyOf(other));
      await table.write(
        [item],
        others.filter(({ sk }) => sk !== item.sk),
      );
    },
  };
}

const keyOf = ({ id, endsAt }: Silence) => ({ pk: 'SILENCES', sk: `${isoFromMs(endsAt)}#${id}` });

const silenceItem = (silence: Silence) => ({
  ...keyOf(silence),
  schemaVersion: 1,
  silence: JSON.stringify(silence),
  expiresAt: Math.floor(silence.endsAt / 1000) + KEEP_DAYS * 86_400,
});
