/** Open positions for people and pages. */
import type { DayNumber } from '../calendar/calendar.ts';
import { compare, type Decimal, formatDecimal } from '../money/decimal.ts';
import { type EpochMs, type EpochNs, isoFromMs, toEpochMs } from '../time/instant.ts';
import { averagePrice } from './book.ts';
import { markPriceOn, openPositionsOf, unrealizedOn } from './days.ts';
import { marketValueOf } from './exposure.ts';
import { defined } from './score.ts';
import { contractOf, type OpenPosition, profitCurrencyOf, type StrategyState } from './state.ts';
import type { ViewPosition } from './view.ts';

export interface PositionView extends ViewPosition {
  readonly accountId: string;
  readonly venue: string;
  readonly markPx: string;
  /** `execution`: nobody has reported a mark, the last fill's price stands in. */
  readonly markFrom: 'mark' | 'execution';
  readonly markAgeSeconds: number;
  readonly realizedPnl: string;
  readonly unrealizedPnl: string;
  /** ISO time at which the position was opened. */
  readonly openedAt: string;
  readonly ageSeconds: number;
}

/** Open positions, largest unrealized loss first. Decimals are strings; money is in the instrument's own currency. */
export function positionsOf(state: StrategyState, nowMs: EpochMs): readonly PositionView[] {
  const day = state.calendar.dayOf(nowMs);
  const rows = openPositionsOf(state).map(open => ({ open, unrealized: unrealizedOn(state, open, day) }));
  const key = ({ open: { book } }: (typeof rows)[number]) => `${book.accountId}\u0001${book.instrumentId}`;
  rows.sort(
    (a, b) => compare(a.unrealized.converted ?? a.unrealized.own, b.unrealized.converted ?? b.unrealized.own) || (key(a) < key(b) ? -1 : 1),
  );
  return rows.map(({ open, unrealized }) => {
    const { book, position } = open;
    const mark = markPriceOn(state, open, day);
    const average = averagePrice(position, contractOf(state, book.instrumentId));
    return defined({
      accountId: book.accountId,
      instrumentId: book.instrumentId,
      venue: book.venue,
      qty: formatDecimal(quantityOf(position)),
      avgPx: average === undefined ? undefined : formatDecimal(average),
      markPx: formatDecimal(mark.price),
      markFrom: mark.from,
      markedAtMs: toEpochMs(mark.at),
      markAgeSeconds: ageSeconds(mark.at, nowMs) ?? 0,
      realizedPnl: formatDecimal({ units: position.realized, scale: position.moneyScale }),
      unrealizedPnl: formatDecimal(unrealized.own),
      currency: profitCurrencyOf(state, book),
      value: valueText(state, open, day),
      openedAt: isoFromMs(toEpochMs(book.trip.openedAt)),
      ageSeconds: ageSeconds(book.trip.openedAt, nowMs) ?? 0,
    });
  });
}

function valueText(state: StrategyState, open: OpenPosition, day: DayNumber): string | undefined {
  const value = marketValueOf(state, open, day);
  return value === undefined ? undefined : formatDecimal(value);
}

/** Signed. */
export function quantityOf(position: OpenPosition['position']): Decimal {
  return { units: position.quantity, scale: position.quantityScale };
}

/** Never negative: a clock that is ahead does not make anything younger than now. */
export function ageSeconds(at: EpochNs | undefined, nowMs: EpochMs): number | undefined {
  return at === undefined ? undefined : Math.max(0, (nowMs - toEpochMs(at)) / 1000);
}
