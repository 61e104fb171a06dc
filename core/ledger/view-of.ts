import { formatDecimal } from '../money/decimal.ts';
import { type EpochMs, toEpochMs } from '../time/instant.ts';
import { attributionOf, isNothing, type Result, resultKinds, together } from './attribution.ts';
import { type PositionView, positionsOf } from './positions.ts';
import type { StrategyState } from './state.ts';
import { sessionPnl, strategyGauges } from './strategy-gauges.ts';
import { type AttributionView, INSTRUMENTS, type OrderCounts, type ResultText, type StrategyView, type ViewPosition } from './view.ts';

/** The strategy's view as of `now`. */
export function viewOf(state: StrategyState, now: EpochMs): StrategyView {
  const positions = positionsOf(state, now);
  const ofFirst = positions[0]?.venue;
  const usual = state.settings.venue ?? ofFirst;
  return {
    schemaVersion: 1,
    at: now,
    gauges: strategyGauges(state, now),
    ...moneyParts(state, now),
    positions: positions.map(position => viewPosition(position, usual)),
    orders: orderCounts(state),
    attribution: attributionView(state, now),
    ...(state.currency === undefined ? {} : { currency: state.currency }),
    ...(state.settings.venue !== undefined || ofFirst === undefined || ofFirst === '' ? {} : { venue: ofFirst }),
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

/** Orders since the beginning. */
export const orderCounts = ({ orders }: StrategyState): OrderCounts => ({
  submitted: orders.submitted,
  accepted: orders.accepted,
  rejected: orders.rejected,
  denied: orders.denied,
  ended: orders.endedCount,
  filledWhole: orders.filledWhole,
  filledPartly: orders.filledPartly,
});

/** Only what a view has: ages and the like can be told from it, and each commit writes it. */
function viewPosition(
  { venue, markFrom: _from, markAgeSeconds: _age, openedAt: _opened, ageSeconds: _held, ...position }: PositionView,
  usual: string | undefined,
): ViewPosition {
  return venue === usual || venue === '' ? position : { ...position, venue };
}

function attributionView(state: StrategyState, now: EpochMs): AttributionView {
  const { instruments, account } = attributionOf(state, state.calendar.dayOf(now));
  const others = instruments.slice(INSTRUMENTS);
  const since = state.attributedSince;
  return {
    instruments: instruments.slice(0, INSTRUMENTS).map(row => [row.instrumentId, ...resultText(row)] as const),
    ...(others.length === 0 ? {} : { others: [others.length, ...resultText(together(others))] as const }),
    ...(isNothing(account) ? {} : { account: resultText(account) }),
    ...(since === undefined ? {} : { sinceMs: toEpochMs(since) }),
  };
}

function resultText(result: Result): ResultText {
  const text = (kind: (typeof resultKinds)[number]) => (result.missing[kind] > 0 ? null : formatDecimal(result[kind]));
  const missing = resultKinds.reduce((sum, kind) => sum + result.missing[kind], 0);
  const texts = [text('gross'), text('fees'), text('funding'), text('unrealized')] as const;
  return missing === 0 ? texts : [...texts, missing];
}
