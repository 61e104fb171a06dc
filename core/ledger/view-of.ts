import { absolute, add, compare, type Decimal, formatDecimal, parseDecimal, zero } from '../money/decimal.ts';
import { type EpochMs, toEpochMs } from '../time/instant.ts';
import { positionsOf } from './positions.ts';
import { profitCurrencyOf, type StrategyState } from './state.ts';
import { sessionPnl, strategyGauges } from './strategy-gauges.ts';
import { INSTRUMENTS, type InstrumentResult, type OrderCounts, type StrategyView, type ViewPosition } from './view.ts';

/** The strategy's view as of `now`. */
export function viewOf(state: StrategyState, now: EpochMs): StrategyView {
  const positions = positionsOf(state, now);
  return {
    schemaVersion: 1,
    at: now,
    gauges: strategyGauges(state, now),
    ...moneyParts(state, now),
    positions,
    orders: orderCounts(state),
    instruments: instrumentResults(state, positions),
    ...(state.currency === undefined ? {} : { currency: state.currency }),
  };
}

/** What sums over several strategies are made of. */
function moneyParts(state: StrategyState, now: EpochMs): Pick<StrategyView, 'sessionPnl' | 'accounts' | 'rates'> {
  const session = sessionPnl(state, now);
  const accounts = [...new Set([...state.books.values()].map(({ accountId }) => accountId))].sort();
  const rates = [...state.rates].flatMap(([pair, line]) => {
    const newest = line.at(-1);
    return newest === undefined ? [] : [[pair, [formatDecimal(newest.value), toEpochMs(newest.at)] as const] as const];
  });
  return {
    ...(session === undefined ? {} : { sessionPnl: formatDecimal(session) }),
    ...(accounts.length === 0 ? {} : { accounts }),
    ...(rates.length === 0 ? {} : { rates: Object.fromEntries(rates) }),
  };
}

const orderCounts = ({ orders }: StrategyState): OrderCounts => ({
  submitted: orders.submitted,
  accepted: orders.accepted,
  rejected: orders.rejected,
  denied: orders.denied,
  ended: orders.endedCount,
  filledWhole: orders.filledWhole,
  filledPartly: orders.filledPartly,
});

interface Sums {
  gross: Decimal;
  unrealized: Decimal;
  currency: string | undefined;
}

/** Realized and unrealized P&L of each instrument over its accounts, the largest first. */
function instrumentResults(state: StrategyState, positions: readonly ViewPosition[]): readonly InstrumentResult[] {
  const byInstrument = new Map<string, Sums>();
  for (const book of state.books.values()) {
    const sums = byInstrument.get(book.instrumentId) ?? { gross: zero, unrealized: zero, currency: profitCurrencyOf(state, book) };
    sums.gross = add(sums.gross, { units: book.position.realized, scale: book.position.moneyScale });
    byInstrument.set(book.instrumentId, sums);
  }
  for (const { instrumentId, unrealizedPnl } of positions) {
    const sums = byInstrument.get(instrumentId);
    if (sums !== undefined && unrealizedPnl !== undefined) sums.unrealized = add(sums.unrealized, parseDecimal(unrealizedPnl));
  }
  const size = ({ gross, unrealized }: Sums) => absolute(add(gross, unrealized));
  return [...byInstrument]
    .sort(([idA, a], [idB, b]) => compare(size(b), size(a)) || (idA < idB ? -1 : 1))
    .slice(0, INSTRUMENTS)
    .map(([instrumentId, { gross, unrealized, currency }]) => ({
      instrumentId,
      gross: formatDecimal(gross),
      unrealized: formatDecimal(unrealized),
      ...(currency === undefined ? {} : { currency }),
    }));
}
