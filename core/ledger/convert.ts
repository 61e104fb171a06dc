/** Conversion into the strategy's currency, at rates that are fresh enough for its settings. */
import type { Decimal } from '../money/decimal.ts';
import type { EpochNs } from '../time/instant.ts';
import { rateAt } from './rates.ts';
import type { StrategyState } from './state.ts';

/** Units of the strategy's currency for one of `from` at the instant; 1 before anything has named the strategy's. Undefined is withheld. */
export function conversionAt(state: StrategyState, from: string, at: EpochNs): Decimal | undefined {
  return rateAt(state.rates, from, state.currency ?? from, at, maxAgeNs(state));
}

/** Whether there is a rate, only too old. */
export function hasStaleRate(state: StrategyState, from: string, at: EpochNs): boolean {
  return rateAt(state.rates, from, state.currency ?? from, at) !== undefined;
}

/** The end of a day, or the newest time that is known of a running one: no rate can be fresh for an instant that has not come. */
export function endOfKnown(state: StrategyState, end: EpochNs): EpochNs {
  const newest = state.newestEventAt;
  return maxAgeNs(state) === undefined || newest === undefined || newest >= end ? end : newest;
}

function maxAgeNs({ settings }: StrategyState): bigint | undefined {
  return settings.rateMaxAgeSeconds === undefined ? undefined : BigInt(Math.round(settings.rateMaxAgeSeconds * 1e9));
}
