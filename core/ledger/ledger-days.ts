import { formatDecimal } from '../money/decimal.ts';
import type { EpochMs } from '../time/instant.ts';
import { dayValues } from './days.ts';
import { LEDGER_DAYS, type LedgerDays } from './history.ts';
import { capitalOf, type StrategyState } from './state.ts';

/** The value of every trading day so far, exact, in a form that charts and calendars read without the books. */
export function ledgerDays(state: StrategyState, now: EpochMs): LedgerDays {
  const capital = capitalOf(state);
  const text = (value: Parameters<typeof formatDecimal>[0] | undefined) => (value === undefined ? null : formatDecimal(value));
  return {
    schemaVersion: 1,
    at: now,
    ...(state.currency === undefined ? {} : { currency: state.currency }),
    ...(capital === undefined ? {} : { capital: formatDecimal(capital) }),
    days: dayValues(state)
      .slice(-LEDGER_DAYS)
      .map(({ day, pnl, flows }) => [day, text(pnl), text(flows)]),
  };
}
