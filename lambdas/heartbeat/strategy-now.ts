import type { StrategyStore } from '../../adapters/aws/strategy-store.ts';
import type { SweepState } from '../../adapters/aws/sweep-store.ts';
import { calendarOf } from '../../core/calendar/calendar.ts';
import type { NightdeskConfig, StrategyLimits } from '../../core/config/types.ts';
import { limitBreaches } from '../../core/incidents/limit-breach.ts';
import { breachesOf } from '../../core/ledger/breaches.ts';
import { decodeState } from '../../core/ledger/codec.ts';
import type { StrategyGauges } from '../../core/ledger/gauges.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import type { StrategyState } from '../../core/ledger/state.ts';
import { strategyGauges } from '../../core/ledger/strategy-gauges.ts';
import { gaugesAt } from '../../core/ledger/view.ts';
import type { StrategyNow } from './heartbeat.ts';

/** A view this young still holds, but for its ages. */
const FRESH_MS = 90_000;

/**
 * Gauges and crossed limits of a strategy as of the sweep. A strategy that trades has a view from the last minute, which is enough while
 * nothing of it is near a limit; for a quiet one, or across the end of its day, the books are read, once per version.
 */
export function createStrategyNow(config: NightdeskConfig, strategies: StrategyStore) {
  const read = new Map<string, { readonly version: number; readonly state: StrategyState }>();

  const books = async (strategyId: string, version: number): Promise<StrategyState | undefined> => {
    const known = read.get(strategyId);
    if (known?.version === version) return known.state;
    const stored = await strategies.load(strategyId);
    if (stored === undefined) return undefined;
    const state = decodeState(stored.encoded.head, stored.encoded.parts, settingsFor(config, strategyId));
    read.set(strategyId, { version: stored.version, state });
    return state;
  };

  return async (strategyId: string, { heads, fired }: SweepState, nowMs: number): Promise<StrategyNow | undefined> => {
    const head = heads.get(strategyId);
    if (head === undefined) return undefined;
    const { view } = head;
    const settings = settingsFor(config, strategyId);
    const calendar = calendarOf(settings.calendar);
    const isQuiet = Object.keys(fired.get(strategyId)?.value ?? {}).length === 0;
    const isFresh = view !== undefined && nowMs - view.at < FRESH_MS && calendar.dayOf(view.at) === calendar.dayOf(nowMs);
    // The ledger says breaches at once; here only what was fired is judged again, and what nobody has judged since the last event.
    if (isFresh && isQuiet) {
      const gauges = gaugesAt(view, nowMs);
      if (!waitsTooLong(gauges, settings.limits)) return { gauges, breaching: [] };
    }
    const state = await books(strategyId, head.version);
    if (state === undefined) return undefined;
    return {
      gauges: strategyGauges(state, nowMs),
      breaching: limitBreaches({ Strategy: strategyId }, breachesOf(state, settings, nowMs), nowMs),
    };
  };
}

/** What only time breaks: an order without an answer, a mark that nobody renews. */
function waitsTooLong(gauges: StrategyGauges, limits: StrategyLimits): boolean {
  const { oldestUnacknowledgedSeconds, oldestUnansweredSeconds, openMarketMarkAgeSeconds } = gauges;
  const pairs = [
    [oldestUnacknowledgedSeconds, limits.unacknowledgedSeconds],
    [oldestUnansweredSeconds, limits.pendingCancelSeconds],
    [openMarketMarkAgeSeconds, limits.markAgeSeconds],
  ] as const;
  return pairs.some(([age = 0, limit = Number.POSITIVE_INFINITY]) => age > limit);
}
