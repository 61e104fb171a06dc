import type { NightdeskConfig } from '../../core/config/types.ts';
import { closureSilences } from '../../core/health/closure-silence.ts';
import type { SilenceStore } from '../../core/incidents/silence.ts';
import type { ClosureStore } from './closure-store.ts';

/** Silences with those that closures are. */
export function withClosureSilences(
  silences: SilenceStore,
  closures: Pick<ClosureStore, 'read'>,
  config: Pick<NightdeskConfig, 'bots' | 'closures' | 'closedMarkets'>,
): SilenceStore {
  return {
    ...silences,
    current: async now => {
      const [stored, { value }] = await Promise.all([silences.current(now), closures.read()]);
      return [...stored, ...closureSilences(config, value, now)];
    },
  };
}
