/** What others than the ledger need of a strategy, computed by the ledger at each commit: small, and readable without the books. */
import { add, type Decimal, parseDecimal, subtract } from '../money/decimal.ts';
import type { EpochMs } from '../time/instant.ts';
import type { StrategyGauges } from './gauges.ts';

export interface ViewPosition {
  readonly accountId?: string;
  readonly instrumentId: string;
  /** Absent where it is that of the view, or else the one that the config names for the strategy. */
  readonly venue?: string;
  /** Signed decimal. */
  readonly qty: string;
  readonly avgPx?: string;
  readonly markPx?: string;
  readonly realizedPnl?: string;
  readonly unrealizedPnl?: string;
  readonly currency?: string;
  /** What it is worth at the mark, signed, in the strategy's currency; absent while a rate is missing. */
  readonly value?: string;
  /** Time of the mark that values the position. */
  readonly markedAtMs?: EpochMs;
}

export interface StrategyView {
  readonly schemaVersion: 1;
  /** When gauges and positions were computed. */
  readonly at: EpochMs;
  readonly currency?: string;
  /** Of the first position, where the config names none. */
  readonly venue?: string;
  readonly gauges: StrategyGauges;
  /** Exact; absent while a rate is missing. */
  readonly sessionPnl?: string;
  /** Accounts that it has traded in. */
  readonly accounts?: readonly string[];
  /** Newest conversion rates that it has heard, by `FROM/TO`, with their times. */
  readonly rates?: Readonly<Record<string, readonly [rate: string, at: EpochMs]>>;
  readonly positions: readonly ViewPosition[];
  readonly orders?: OrderCounts;
  /** Absent from views that an older release has written. */
  readonly attribution?: AttributionView;
}

/** Orders since the beginning. */
export interface OrderCounts {
  readonly submitted: number;
  readonly accepted: number;
  readonly rejected: number;
  /** By the bot's own risk checks, before a venue saw them. */
  readonly denied: number;
  readonly ended: number;
  readonly filledWhole: number;
  readonly filledPartly: number;
}

/** Decimals in the strategy's currency; null while an amount of it has no rate, and then how many such amounts there are. */
export type ResultText = readonly [
  gross: string | null,
  fees: string | null,
  funding: string | null,
  unrealized: string | null,
  missing?: number,
];

/** Gross − fees + funding; undefined while one of them is. */
export function netOf([gross, fees, funding]: ResultText): Decimal | undefined {
  if (gross === null || fees === null || funding === null) return undefined;
  return add(subtract(parseDecimal(gross), parseDecimal(fees)), parseDecimal(funding));
}

/** The rows sum up to the strategy's totals. */
export interface AttributionView {
  /** Those that made or lost most, at most `INSTRUMENTS`. */
  readonly instruments: readonly (readonly [instrumentId: string, ...ResultText])[];
  /** All further instruments, and how many. */
  readonly others?: readonly [count: number, ...ResultText];
  /** What names no instrument, or lies before `sinceMs`. */
  readonly account?: ResultText;
  /** An older release kept fees and funding for the strategy as a whole: instruments have theirs from this instant on. */
  readonly sinceMs?: EpochMs;
}

export const INSTRUMENTS = 40;

/** Gauges that are ages, in seconds: they grow while nothing happens. */
const ages = [
  'marketDataAgeSeconds',
  'markAgeSeconds',
  'openMarketMarkAgeSeconds',
  'oldestUnacknowledgedSeconds',
  'oldestUnansweredSeconds',
] as const satisfies readonly (keyof StrategyGauges)[];

/** The view's gauges at a later time, with its ages advanced. */
export function gaugesAt(view: StrategyView, now: EpochMs): StrategyGauges {
  const passed = Math.max(0, (now - view.at) / 1000);
  const advanced = ages.flatMap(name => {
    const age = view.gauges[name];
    return age === undefined ? [] : [[name, age + passed] as const];
  });
  return { ...view.gauges, ...Object.fromEntries(advanced) };
}
