/** A backtest result of freqtrade, and what its own figures say beside ours. */
import {
  absolute,
  add,
  compare,
  type Decimal,
  formatDecimal,
  multiply,
  parseDecimal,
  roundHalfEven,
  subtract,
  zero,
} from '../../../core/money/decimal.ts';
import { decimalOf, type Fields, isFields, isoOfEpoch, isoOfText, listOf, textOf } from '../field-reader.ts';
import { derivedText } from '../plain-decimal.ts';
import type { Mapped, Origin, SourceProblem, WireEvent } from '../source.ts';
import { wireEvent } from '../source.ts';
import { netOf, readTrade, type TradeMemory } from './trade.ts';

export interface BacktestReading extends Mapped {
  readonly notes: readonly string[];
}

interface Sums {
  trades: number;
  gross: Decimal;
  net: Decimal;
  /** The file's own figures: Σ profit_abs, and Σ stake × (1 + fee_open) × profit_ratio. */
  profitAbs: Decimal;
  profitOfRatio: Decimal;
  wins: number;
  losses: number;
}

/** Time order; at one time, what closes comes before what another trade opens. */
export function inTimeOrder(trades: readonly (readonly WireEvent[])[]): WireEvent[] {
  const openedAt = trades.map(events => String(events[0]?.tsEvent ?? ''));
  const rows = trades.flatMap((events, trade) => events.map((event, step) => ({ event, trade, step })));
  const rank = ({ event, trade, step }: (typeof rows)[number]) => (step > 0 && openedAt[trade] !== event.tsEvent ? 0 : 1);
  rows.sort((a, b) => compareText(timeKey(a.event), timeKey(b.event)) || rank(a) - rank(b) || a.trade - b.trade || a.step - b.step);
  return rows.map(({ event }) => event);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** ISO text without its Z sorts by time, also where fractions differ in length. */
const timeKey = (event: WireEvent): string => event.tsEvent.slice(0, -1);

export function readBacktest(
  result: Fields,
  given: { place: string; origin: Origin; venue: string },
  memory: TradeMemory,
): BacktestReading {
  const trades = listOf(result['trades']);
  const problems: SourceProblem[] = [];
  const perTrade: (readonly WireEvent[])[] = [];
  const keys = new Map<string, number>();
  const sums: Sums = { trades: 0, gross: zero, net: zero, profitAbs: zero, profitOfRatio: zero, wins: 0, losses: 0 };
  for (const [index, fields] of trades.entries()) {
    const place = `${given.place}, trade ${index + 1}`;
    if (!isFields(fields)) {
      problems.push({ place, message: 'is no object' });
      continue;
    }
    const reading = readTrade(fields, { ...given, place, key: keyOf(fields, keys) }, memory);
    problems.push(...reading.problems);
    perTrade.push(reading.events);
    if (reading.closed !== undefined) addUp(sums, fields, reading.closed);
  }
  const events = inTimeOrder(perTrade);
  return {
    events: [...capital(result, given.origin, events[0]?.tsEvent), ...events],
    problems,
    notes: notesOf(sums, given.origin.strategyId),
  };
}

/** Pair and time of entry name a trade; several at once are numbered. */
function keyOf(fields: Fields, keys: Map<string, number>): string {
  const at = isoOfEpoch(fields['open_timestamp'], 'ms') ?? isoOfText(fields['open_date']) ?? '?';
  const key = `${textOf(fields['pair']) ?? '?'}@${at}`;
  const count = (keys.get(key) ?? 0) + 1;
  keys.set(key, count);
  return count === 1 ? key : `${key}#${count}`;
}

function capital(result: Fields, origin: Origin, firstAt: string | undefined): WireEvent[] {
  const equity = decimalOf(result['starting_balance']) ?? decimalOf(result['dry_run_wallet']);
  const currency = textOf(result['stake_currency']);
  const stated = isoOfEpoch(result['backtest_start_ts'], 'ms');
  const at = firstAt !== undefined && (stated === undefined || firstAt < stated) ? firstAt : stated;
  if (equity === undefined || currency === undefined || at === undefined) return [];
  const eventId = `freqtrade:${origin.strategyId}:capital`;
  return [wireEvent(origin, 'account', { eventId, tsEvent: at, equity, currency, tsAsOf: at, origin: 'internal' })];
}

function addUp(sums: Sums, fields: Fields, closed: { readonly gross: Decimal; readonly fees: Decimal }): void {
  sums.trades++;
  sums.gross = add(sums.gross, closed.gross);
  sums.net = add(sums.net, netOf(closed));
  sums.profitAbs = add(sums.profitAbs, numberOf(fields, 'profit_abs'));
  const ratio = numberOf(fields, 'profit_ratio');
  const openFactor = add({ units: 1n, scale: 0 }, numberOf(fields, 'fee_open'));
  sums.profitOfRatio = add(sums.profitOfRatio, multiply(multiply(numberOf(fields, 'stake_amount'), openFactor), ratio));
  if (ratio.units > 0n) sums.wins++;
  else if (ratio.units < 0n) sums.losses++;
}

const numberOf = (fields: Fields, name: string): Decimal => parseDecimal(decimalOf(fields[name]) ?? '0');

const shown = (value: Decimal): string => formatDecimal(roundHalfEven(value, 12));

function notesOf(sums: Sums, strategyId: string): string[] {
  const { trades, gross, net, profitAbs, profitOfRatio, wins, losses } = sums;
  if (trades === 0) return [];
  const draws = trades - wins - losses;
  const decided = wins + losses;
  const share = (count: number, of: number) => (of === 0 ? 'undefined' : `${((100 * count) / of).toFixed(1)} %`);
  return [
    `${strategyId}: ${trades} closed trades; gross P&L ${shown(gross)}, net P&L ${shown(net)}. ${conventionOf(profitAbs, gross, net)} ` +
      `Its stakes × (1 + fee_open) × profit_ratio sum to ${shown(profitOfRatio)} (net; profit_ratio has 8 digits).`,
    `${strategyId}: the win rate differs from freqtrade's. freqtrade divides wins by all trades: ${wins}/${trades} = ${share(wins, trades)}. ` +
      `Nightdesk leaves out trades that end at zero after fees (${draws} here) and counts wins/(wins + losses): ` +
      `${wins}/${decided} = ${share(wins, decided)}, each net of fees and rounded to the currency's precision.`,
  ];
}

/** Files of different versions mean different things by profit_abs; which one this is can be told from its sum. */
function conventionOf(profitAbs: Decimal, gross: Decimal, net: Decimal): string {
  const scale = absolute(subtract(gross, net));
  const isNear = (value: Decimal) => compare(multiply(absolute(subtract(profitAbs, value)), { units: 1_000_000n, scale: 0 }), scale) <= 0;
  const sum = derivedText(profitAbs);
  if (isNear(gross)) return `The file's profit_abs is before fees and sums to the gross P&L (${sum}).`;
  if (isNear(net)) return `The file's profit_abs is after fees and sums to the net P&L (${sum}).`;
  return `The file's profit_abs sums to ${sum}, which is neither.`;
}
