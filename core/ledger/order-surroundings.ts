/** What the ledger tells orders: values, fees and days that they cannot know by themselves. */
import type { ExecutionEvent } from '../events/types.ts';
import { toApproximate } from '../money/decimal.ts';
import type { OrderLatencies, OrderSurroundings } from '../orders/order-book.ts';
import { type EpochNs, fromEpochMs, toEpochMs } from '../time/instant.ts';
import { conversionAt } from './convert.ts';
import { newestMark } from './marks.ts';
import { knownBook, type StrategyState } from './state.ts';

export function orderSurroundings(state: StrategyState, latencies: OrderLatencies): OrderSurroundings {
  const { calendar } = state;
  let day = { number: 0, from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  return {
    latencies,
    market: {
      valueOf: (accountId, instrumentId, quantity, price) => valueInStrategy(state, { accountId, instrumentId, quantity, price }),
      priceOf: instrumentId => newestMark(state.marks, instrumentId)?.price,
    },
    dayOf: atMs => {
      if (atMs >= day.from && atMs < day.to) return day.number;
      const number = calendar.dayOf(atMs);
      day = { number, from: calendar.startOf(number), to: calendar.endOf(number) };
      return number;
    },
    feesOf: event => feesInStrategy(state, event),
  };
}

interface Traded {
  readonly accountId: string;
  readonly instrumentId: string;
  readonly quantity: number;
  readonly price: number;
}

/** Approximate and never negative; at the newest rate. */
export function valueInStrategy(state: StrategyState, { accountId, instrumentId, quantity, price }: Traded): number | undefined {
  const instrument = state.instruments.get(instrumentId);
  const multiplier = instrument === undefined ? 1 : toApproximate(instrument.contract.multiplier);
  if (instrument?.contract.inverse === true && price === 0) return undefined;
  const worth = Math.abs(instrument?.contract.inverse === true ? (quantity * multiplier) / price : quantity * price * multiplier);
  const currency = instrument?.currency ?? knownBook(state, accountId, instrumentId)?.currency ?? state.currency;
  const rate = rateNow(state, currency, state.newestEventAt ?? 0n);
  return rate === undefined ? undefined : worth * rate;
}

function feesInStrategy(state: StrategyState, { fees, instrumentId, lastPx, transactTime }: ExecutionEvent): number | undefined {
  let sum = 0;
  for (const { amount, currency } of fees ?? []) {
    const instrument = state.instruments.get(instrumentId);
    const isInKind = instrument?.spotBase === currency;
    const rate = rateNow(state, isInKind ? (instrument?.currency ?? currency) : currency, transactTime);
    if (rate === undefined) return undefined;
    sum += Number(amount) * rate * (isInKind ? Number(lastPx) : 1);
  }
  return sum;
}

function rateNow(state: StrategyState, currency: string | undefined, at: EpochNs): number | undefined {
  if (currency === undefined || state.currency === undefined || currency === state.currency) return 1;
  const rate = conversionAt(state, currency, at);
  return rate === undefined ? undefined : toApproximate(rate);
}

/** A mark further from an execution than this says nothing of its price. */
const freshMarkNs = fromEpochMs(60_000);

export interface Deviation {
  /** |price − reference| ÷ |reference|. */
  readonly share: number;
  readonly reference: string;
}

/** Distance of an execution from the mid at its arrival, else from a mark within a minute of it; undefined without either. */
export function deviationOf(state: StrategyState, event: ExecutionEvent): Deviation | undefined {
  const price = Number(event.lastPx);
  if (event.arrivalMid !== undefined) return distance(price, Number(event.arrivalMid), 'the mid at its arrival');
  if (state.marks.size === 0) return undefined;
  const mark = newestMark(state.marks, event.instrumentId);
  if (mark === undefined) return undefined;
  const apart = mark.at - event.transactTime;
  if (apart > freshMarkNs || apart < -freshMarkNs) return undefined;
  return distance(price, toApproximate(mark.price), `the mark of ${new Date(toEpochMs(mark.at)).toISOString()}`);
}

function distance(price: number, reference: number, name: string): Deviation | undefined {
  return reference === 0 ? undefined : { share: Math.abs(price - reference) / Math.abs(reference), reference: `${reference}, ${name}` };
}
