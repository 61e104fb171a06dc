/** How a strategy's result comes about, instrument by instrument. */
import type { DayNumber } from '../calendar/calendar.ts';
import { absolute, add, compare, type Decimal, negate, subtract, zero } from '../money/decimal.ts';
import { openPositionsOf, unrealizedOn } from './days.ts';
import type { Book, StrategyState } from './state.ts';

/** In the strategy's currency; what no rate could convert is left out of the sums, and counted. */
export interface Result {
  readonly gross: Decimal;
  /** Positive is a cost. */
  readonly fees: Decimal;
  readonly funding: Decimal;
  readonly unrealized: Decimal;
  readonly missing: { readonly gross: number; readonly fees: number; readonly funding: number; readonly unrealized: number };
}

export interface InstrumentResult extends Result {
  readonly instrumentId: string;
}

export interface Attribution {
  /** Over its accounts; the largest profit or loss first. */
  readonly instruments: readonly InstrumentResult[];
  /** Everything else of the strategy's totals: fees and funding that name no instrument, and what lies before `attributedSince`. */
  readonly account: Result;
}

const nothing: Result = {
  gross: zero,
  fees: zero,
  funding: zero,
  unrealized: zero,
  missing: { gross: 0, fees: 0, funding: 0, unrealized: 0 },
};

export const resultKinds = ['gross', 'fees', 'funding', 'unrealized'] as const;

/** Rows whose sum is exactly the strategy's total. Positions are valued with the marks of `day`. */
export function attributionOf(state: StrategyState, day: DayNumber): Attribution {
  const rows = new Map<string, Result>();
  const take = (instrumentId: string, result: Result) => rows.set(instrumentId, together([rows.get(instrumentId) ?? nothing, result]));
  for (const book of state.books.values()) take(book.instrumentId, bookedOf(book));
  for (const open of openPositionsOf(state)) {
    const { converted } = unrealizedOn(state, open, day);
    const missing = { ...nothing.missing, unrealized: converted === undefined ? 1 : 0 };
    take(open.book.instrumentId, { ...nothing, unrealized: converted ?? zero, missing });
  }
  const attributed = together([...rows.values()]);
  const { gross, fees, funding, missing } = state.totals;
  const { unrealized } = attributed;
  const whole: Result = { gross, fees, funding, unrealized, missing: { ...missing, unrealized: attributed.missing.unrealized } };
  const size = (row: Result) => absolute(add(netOf(row), row.unrealized));
  const instruments = [...rows]
    .filter(([, row]) => !isNothing(row))
    .sort(([idA, a], [idB, b]) => compare(size(b), size(a)) || (idA < idB ? -1 : 1))
    .map(([instrumentId, row]) => ({ instrumentId, ...row }));
  return { instruments, account: together([whole, opposite(attributed)]) };
}

/** Gross − fees + funding of what could be converted. */
export function netOf({ gross, fees, funding }: Pick<Result, 'gross' | 'fees' | 'funding'>): Decimal {
  return add(subtract(gross, fees), funding);
}

/** Several rows as one. */
export function together(rows: readonly Result[]): Result {
  return rows.reduce(
    (sum, row) => ({
      gross: add(sum.gross, row.gross),
      fees: add(sum.fees, row.fees),
      funding: add(sum.funding, row.funding),
      unrealized: add(sum.unrealized, row.unrealized),
      missing: {
        gross: sum.missing.gross + row.missing.gross,
        fees: sum.missing.fees + row.missing.fees,
        funding: sum.missing.funding + row.missing.funding,
        unrealized: sum.missing.unrealized + row.missing.unrealized,
      },
    }),
    nothing,
  );
}

export const isNothing = (row: Result): boolean => resultKinds.every(kind => row[kind].units === 0n && row.missing[kind] === 0);

function bookedOf({ position, results: { converted, fees, funding, missing } }: Book): Result {
  const gross = add({ units: position.realized, scale: position.moneyScale }, converted);
  return { gross, fees, funding, unrealized: zero, missing: { ...missing, unrealized: 0 } };
}

const opposite = ({ gross, fees, funding, unrealized, missing }: Result): Result => ({
  gross: negate(gross),
  fees: negate(fees),
  funding: negate(funding),
  unrealized: negate(unrealized),
  missing: { gross: -missing.gross, fees: -missing.fees, funding: -missing.funding, unrealized: -missing.unrealized },
});
