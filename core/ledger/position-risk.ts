/** Positions that should not be there, and how close the venue is to closing one. */
import { toApproximate } from '../money/decimal.ts';
import type { EpochMs } from '../time/instant.ts';
import { markPriceOn, openPositionsOf } from './days.ts';
import type { OpenPosition, StrategyState } from './state.ts';

export interface Unexpected {
  readonly open: OpenPosition;
  readonly why: 'instrument' | 'closed';
}

/** Positions in instruments that the limits do not list, and those outside the sessions when the strategy is to be flat then. */
export function unexpectedPositions(state: StrategyState, nowMs: EpochMs): readonly Unexpected[] {
  const { instruments, flatAtClose } = state.settings.limits;
  if (instruments === undefined && flatAtClose !== true) return [];
  const isClosed = flatAtClose === true && !state.calendar.isOpen(nowMs);
  return openPositionsOf(state).flatMap((open): Unexpected[] => {
    if (instruments !== undefined && !instruments.includes(open.book.instrumentId)) return [{ open, why: 'instrument' }];
    return isClosed ? [{ open, why: 'closed' }] : [];
  });
}

export interface Liquidation {
  readonly instrumentId: string;
  /** Fraction of the mark; 0 and below: the liquidation price is reached. */
  readonly distance: number;
  readonly price: number;
  readonly mark: number;
}

/** For open positions of which a snapshot states a liquidation price; closest first. */
export function liquidations(state: StrategyState, nowMs: EpochMs): readonly Liquidation[] {
  const day = state.calendar.dayOf(nowMs);
  const found = openPositionsOf(state).flatMap((open): Liquidation[] => {
    const stated = state.assertions.get(open.book)?.liquidation;
    if (stated === undefined) return [];
    const mark = toApproximate(markPriceOn(state, open, day).price);
    const price = toApproximate(stated);
    if (mark === 0) return [];
    const room = open.position.quantity > 0n ? mark - price : price - mark;
    return [{ instrumentId: open.book.instrumentId, distance: room / Math.abs(mark), price, mark }];
  });
  return found.sort((a, b) => a.distance - b.distance);
}
