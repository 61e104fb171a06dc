/** What open positions are worth at their marks, in the strategy's currency. */
import type { DayNumber } from '../calendar/calendar.ts';
import { absolute, add, type Decimal, zero } from '../money/decimal.ts';
import { worthOf } from './book.ts';
import { conversionAt } from './convert.ts';
import { markPriceOn } from './days.ts';
import { contractOf, type OpenPosition, profitCurrencyOf, type StrategyState } from './state.ts';

export interface Exposure {
  /** Σ |value|. */
  readonly gross: Decimal;
  /** Σ value: longs less shorts. */
  readonly net: Decimal;
}

/** Signed like the position, also for inverse contracts; undefined while a rate is missing. */
export function marketValueOf(state: StrategyState, open: OpenPosition, day: DayNumber): Decimal | undefined {
  const { position, book } = open;
  const mark = markPriceOn(state, open, day);
  const worth = worthOf(position, contractOf(state, book.instrumentId), position.quantity, mark.price.units, mark.price.scale);
  const size = worth < 0n ? -worth : worth;
  const currency = profitCurrencyOf(state, book) ?? state.currency;
  const rate = currency === undefined || state.currency === undefined ? undefined : conversionAt(state, currency, mark.at);
  if (currency !== state.currency && rate === undefined) return undefined;
  const units = (position.quantity < 0n ? -size : size) * (rate?.units ?? 1n);
  return { units, scale: position.moneyScale + (rate?.scale ?? 0) };
}

/** Undefined while a rate is missing. */
export function exposureOf(state: StrategyState, open: readonly OpenPosition[], day: DayNumber): Exposure | undefined {
  let gross: Decimal = zero;
  let net: Decimal = zero;
  for (const position of open) {
    const value = marketValueOf(state, position, day);
    if (value === undefined) return undefined;
    gross = add(gross, absolute(value));
    net = add(net, value);
  }
  return { gross, net };
}
