import type { EpochMs } from '../time/instant.ts';
import { positionsOf } from './positions.ts';
import type { StrategyState } from './state.ts';
import { strategyGauges } from './strategy-gauges.ts';
import type { StrategyView } from './view.ts';

/** The strategy's view as of `now`. */
export function viewOf(state: StrategyState, now: EpochMs): StrategyView {
  return {
    schemaVersion: 1,
    at: now,
    gauges: strategyGauges(state, now),
    positions: positionsOf(state, now),
    ...(state.currency === undefined ? {} : { currency: state.currency }),
  };
}
