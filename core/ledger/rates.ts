/** Conversion rates as the bots reported them. */
import { type Decimal, divideHalfEven } from '../money/decimal.ts';
import type { EpochNs } from '../time/instant.ts';
import { costDigits } from './book.ts';
import { insertTimed, type TimedValue, type Timeline, valueAt } from './timeline.ts';

/** Units of the second currency for one of the first, by `FIRST/SECOND`. */
export type Rates = Map<string, Timeline>;

const one: Decimal = { units: 1n, scale: 0 };

/** Returns the instant from which earlier conversions may have changed. */
export function addRate(rates: Rates, from: string, to: string, rate: TimedValue): EpochNs {
  const key = `${from}/${to}`;
  let line = rates.get(key);
  if (line === undefined) {
    line = [];
    rates.set(key, line);
  }
  const wasFirst = line[0];
  insertTimed(line, rate);
  return wasFirst === undefined || rate.at < wasFirst.at ? 0n : rate.at;
}

/**
 * Units of `to` for one `from` at the instant: the newest rate at or before it, else the first one after it (a bot that
 * reports its rates a moment after its first fill); the reverse pair is inverted, half-even at 1e-16. Undefined without any, and
 * when the one found is further away than `maxAgeNs`.
 */
export function rateAt(rates: Rates, from: string, to: string, at: EpochNs, maxAgeNs?: bigint): Decimal | undefined {
  if (from === to) return one;
  const usable = (found: TimedValue | undefined) =>
    found === undefined || (maxAgeNs !== undefined && (at - found.at > maxAgeNs || found.at - at > maxAgeNs)) ? undefined : found;
  const direct = usable(lookUp(rates, `${from}/${to}`, at));
  if (direct !== undefined) return direct.value;
  const reverse = usable(lookUp(rates, `${to}/${from}`, at));
  return reverse === undefined || reverse.value.units === 0n ? undefined : divideHalfEven(one, reverse.value, costDigits);
}

function lookUp(rates: Rates, key: string, at: EpochNs): TimedValue | undefined {
  const line = rates.get(key);
  return line === undefined ? undefined : (valueAt(line, at) ?? line[0]);
}
