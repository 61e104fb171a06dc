import type { ProbeStates } from '../../core/health/probe-state.ts';
import type { BotHealth } from '../../core/health/silence.ts';
import { versioned } from './fired-store.ts';
import type { Key, Table } from './table.ts';

/** Where sweeps remember how a bot is. */
export const healthKey = (botId: string): Key => ({ pk: `BOT#${botId}`, sk: 'HEALTH' });

/** What the newest sweep knows of a bot's probes; none for a bot that no sweep has seen. */
export async function readProbeStates(table: Table, botId: string): Promise<ProbeStates> {
  return versioned<Partial<BotHealth>>(await table.get(healthKey(botId)), {}).value.probes ?? {};
}
