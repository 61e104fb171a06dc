/** One strategy over a stretch of trading days: every figure of the tear sheet, with what it rests on. */
import { type DayNumber, isoDate } from '../calendar/calendar.ts';
import { tradingDaysBetween } from '../calendar/sessions.ts';
import type { StrategyLimits } from '../config/types.ts';
import type { Incident } from '../incidents/incident.ts';
import { netOf } from '../ledger/attribution.ts';
import { dailyReturns, dayValues } from '../ledger/days.ts';
import { type IncompleteReason, incompleteReasons, missingEvents } from '../ledger/incomplete.ts';
import { positionsOf } from '../ledger/positions.ts';
import { currentEquity, defined } from '../ledger/score.ts';
import { capitalOf, type StrategyState } from '../ledger/state.ts';
import { type Decimal, formatDecimal, roundHalfEven, subtract, toApproximate, zero } from '../money/decimal.ts';
import { alpha, beta, downCapture, informationRatio, trackingError, treynor, upCapture } from '../performance/benchmark.ts';
import { type Drawdown, drawdownsOf } from '../performance/drawdown-list.ts';
import { compoundReturn, growthOf, perPeriodRate } from '../performance/growth.ts';
import { deviationOf, present } from '../performance/moments.ts';
import { correlationOf, type ReturnShape, returnShape } from '../performance/return-shape.ts';
import { rollingSharpe, rollingSortino } from '../performance/rolling.ts';
import { type PerformanceSummary, summarize } from '../performance/summary.ts';
import { type TradeStatistics, tradeStatistics } from '../performance/trades.ts';
import type { EpochMs } from '../time/instant.ts';
import type { DayLog } from './day-log.ts';
import { type Exposure, historyOf, type InstrumentMoney, type RoundTrip } from './history.ts';
import type { ReportWindow } from './window.ts';

export interface ReportInput {
  readonly state: StrategyState;
  readonly window: ReportWindow;
  /** Nothing after it is counted. */
  readonly nowMs: EpochMs;
  readonly limits: StrategyLimits;
  /** Absent where only the state is known, as in the scheduled report. */
  readonly log?: DayLog;
  /** Absent where incidents are not known: events alone do not tell. */
  readonly incidents?: readonly Incident[];
  /** Closing prices by day, of the market to compare with. */
  readonly benchmark?: { readonly name: string; readonly closes: ReadonlyMap<DayNumber, number> };
}

export interface DayRow {
  readonly date: string;
  /** Profit of the day, realized and unrealized, exact; absent while a rate is missing. */
  readonly pnl?: string;
  /** Absent without capital. */
  readonly return?: number;
  readonly equity?: number;
  readonly benchmark?: number;
}

export interface PeriodRow {
  readonly period: string;
  readonly return: number;
  readonly days: number;
  readonly benchmark?: number;
}

export interface DrawdownRow {
  readonly peak: string;
  readonly trough: string;
  /** Absent while it lasts. */
  readonly recovered?: string;
  readonly depth: number;
  /** Trading days from peak to recovery, or so far. */
  readonly days: number;
}

/** Ratios of one stretch of daily returns. */
export interface ReturnFigures {
  readonly summary: PerformanceSummary;
  readonly shape: ReturnShape;
}

export interface BenchmarkFigures {
  readonly name: string;
  /** Days on which both have a return. */
  readonly n: number;
  readonly totalReturn: number;
  readonly beta?: number;
  readonly alpha?: number;
  readonly correlation?: number;
  readonly treynor?: number;
  readonly informationRatio?: number;
  readonly trackingError?: number;
  readonly upCapture?: number;
  readonly downCapture?: number;
  readonly figures: ReturnFigures;
}

export interface RollingPoint {
  readonly date: string;
  readonly sharpe?: number;
  readonly sortino?: number;
  readonly volatility?: number;
  readonly beta?: number;
  /** A year. */
  readonly alpha?: number;
  readonly benchmarkVolatility?: number;
}

export interface InstrumentRow {
  /** Absent from the row of what names no instrument. */
  readonly instrumentId?: string;
  readonly gross: string;
  readonly fees: string;
  readonly funding: string;
  readonly net: string;
}

export interface StrategyReport {
  readonly strategyId: string;
  readonly currency?: string;
  readonly calendar: string;
  readonly window: ReportWindow;
  /** First and last trading day that there is something about. */
  readonly from?: string;
  readonly to?: string;
  readonly money: {
    readonly gross?: string;
    readonly fees?: string;
    readonly funding?: string;
    /** gross − fees + funding. */
    readonly net?: string;
    readonly flows?: string;
    /** With the change of what is unrealized. */
    readonly pnl?: string;
    readonly equityStart?: string;
    readonly equityEnd?: string;
    readonly capital?: string;
  };
  /** The money above by instrument, the largest first: the rows add up to it. Absent with it. */
  readonly byInstrument?: readonly InstrumentRow[];
  readonly days: readonly DayRow[];
  readonly months: readonly PeriodRow[];
  readonly years: readonly PeriodRow[];
  readonly trailing: readonly PeriodRow[];
  readonly figures: ReturnFigures;
  /** Of all days up to the end of the window. */
  readonly sinceStart: ReturnFigures;
  readonly drawdowns: readonly DrawdownRow[];
  readonly rolling: { readonly days: number; readonly points: readonly RollingPoint[] };
  readonly trades: TradeStatistics & {
    readonly n: number;
    readonly unresolved: number;
    readonly fills: number;
    readonly profits: readonly number[];
    readonly medianHoldMs?: number;
    readonly byInstrument: readonly {
      readonly instrumentId: string;
      readonly trips: number;
      readonly fills: number;
      readonly net: string;
    }[];
  };
  readonly exposure: Exposure;
  readonly positions: ReturnType<typeof positionsOf>;
  readonly limits: StrategyLimits;
  readonly log?: DayLog;
  readonly incidents?: readonly Incident[];
  readonly quality: {
    readonly accepted: number;
    readonly duplicates: number;
    readonly conflicting: number;
    readonly late: number;
    readonly incomplete: readonly IncompleteReason[];
    readonly missingEvents: number;
    /** Entries of these days are no longer kept in the state. */
    readonly isCut: boolean;
  };
  readonly benchmark?: BenchmarkFigures;
}

const longestDrawdownList = 10;

export function reportStrategy(input: ReportInput): StrategyReport {
  const { state, window, nowMs, benchmark, log, incidents } = input;
  const { settings } = state;
  const options = { periodsPerYear: settings.annualization, riskFree: settings.riskFree };
  const all = dailyReturns(state);
  const until = all.days.findLastIndex(day => day <= window.last) + 1;
  const fromIndex = all.days.findIndex(day => day >= window.first);
  const from = fromIndex < 0 ? until : Math.min(fromIndex, until);
  const returns = all.returns.slice(from, until);
  const history = historyOf(state, window.first, window.last, nowMs);
  const rows = dayRows(input, all);
  const other = benchmark === undefined ? undefined : benchmarkReturns(all.days, benchmark.closes);
  const figuresOf = (series: readonly number[]): ReturnFigures => ({ summary: summarize(series, options), shape: returnShape(series) });
  const profits = history.trips.flatMap(({ net }) => (net === undefined ? [] : [toApproximate(net)]));
  const equityStart = from > 0 ? all.equity[from - 1] : undefined;
  const capital = capitalOf(state);
  const endsNow = until === all.days.length;
  return defined({
    strategyId: settings.id,
    currency: state.currency,
    calendar: state.calendar.name,
    window,
    from: rows[0]?.date,
    to: rows.at(-1)?.date,
    money: moneyOf(input, history.money, {
      start: equityStart === undefined ? capital && formatDecimal(capital) : shortMoney(equityStart),
      end: endsNow ? textOf(currentEquity(state)) : until > from ? shortMoney(all.equity[until - 1]!) : undefined,
      capital: textOf(capital),
    }),
    byInstrument: history.byInstrument?.map(resultRow),
    days: rows,
    months: periodRows(all, from, until, 7, other),
    years: periodRows(all, from, until, 4, other),
    trailing: trailingRows(state, all, until, other),
    figures: figuresOf(returns),
    sinceStart: figuresOf(all.returns.slice(0, until)),
    drawdowns: drawdownRows(all, from, until),
    rolling: rollingOf(all, { from, until }, options, other),
    trades: {
      ...tradeStatistics(profits),
      n: history.trips.length,
      unresolved: history.trips.length - profits.length,
      fills: history.fills,
      profits,
      ...holdOf(history.trips),
      byInstrument: instrumentRows(history.trips, history.fillsByInstrument),
    },
    exposure: history.exposure,
    positions: positionsOf(state, nowMs),
    limits: input.limits,
    log,
    incidents,
    quality: {
      ...state.counts,
      incomplete: incompleteReasons(state),
      missingEvents: missingEvents(state),
      isCut: history.isCut,
    },
    benchmark:
      benchmark === undefined || other === undefined
        ? undefined
        : compare(benchmark.name, returns, other.slice(from, until), options, figuresOf),
  });
}

const resultRow = ({ instrumentId, gross, fees, funding }: InstrumentMoney): InstrumentRow => ({
  ...(instrumentId === undefined ? {} : { instrumentId }),
  gross: formatDecimal(gross),
  fees: formatDecimal(fees),
  funding: formatDecimal(funding),
  net: formatDecimal(netOf({ gross, fees, funding })),
});

type Daily = ReturnType<typeof dailyReturns>;

const textOf = (amount: Decimal | undefined): string | undefined => (amount === undefined ? undefined : formatDecimal(amount));

/** Equity at the end of earlier days is kept as a float. */
const shortMoney = (value: number): string => String(Number(value.toFixed(8)));

function moneyOf(
  { state, window }: ReportInput,
  sums: ReturnType<typeof historyOf>['money'],
  equity: { readonly start: string | undefined; readonly end: string | undefined; readonly capital: string | undefined },
): StrategyReport['money'] {
  const values = dayValues(state);
  const last = values.findLast(({ day }) => day <= window.last);
  const before = values.findLast(({ day }) => day < window.first);
  const known = last?.pnl !== undefined && (before === undefined || before.pnl !== undefined);
  const net = sums === undefined ? undefined : subtract({ ...sums.gross }, subtract(sums.fees, sums.funding));
  return defined({
    gross: textOf(sums?.gross),
    fees: textOf(sums?.fees),
    funding: textOf(sums?.funding),
    net: textOf(net),
    flows: textOf(sums?.flows),
    pnl: known ? formatDecimal(subtract(last.pnl!, before?.pnl ?? zero)) : undefined,
    equityStart: equity.start,
    equityEnd: equity.end,
    capital: equity.capital,
  });
}

function dayRows({ state, window, benchmark }: ReportInput, all: Daily): DayRow[] {
  const values = dayValues(state);
  const indexOf = new Map(all.days.map((day, at) => [day, at]));
  const other =
    benchmark === undefined
      ? undefined
      : benchmarkReturns(
          values.map(({ day }) => day),
          benchmark.closes,
        );
  return values.flatMap(({ day, pnl }, at) => {
    if (day < window.first || day > window.last) return [];
    const before = values[at - 1];
    const own = pnl === undefined || (before !== undefined && before.pnl === undefined) ? undefined : subtract(pnl, before?.pnl ?? zero);
    const index = indexOf.get(day);
    const row: DayRow = defined({
      date: isoDate(day),
      pnl: own === undefined ? undefined : formatDecimal(roundHalfEven(own, 8)),
      return: index === undefined ? undefined : all.returns[index],
      equity: index === undefined ? undefined : all.equity[index],
      benchmark: other?.[at] ?? undefined,
    });
    return [row];
  });
}

/** Return of each day against the last close before it; null where either is missing. */
function benchmarkReturns(days: readonly DayNumber[], closes: ReadonlyMap<DayNumber, number>): (number | null)[] {
  const known = [...closes].sort(([a], [b]) => a - b);
  let at = -1;
  return days.map((day, index) => {
    while (at + 1 < known.length && known[at + 1]![0] <= day) at++;
    const now = known[at];
    if (now === undefined || now[0] !== day) return null;
    const earlier = index === 0 ? known[at - 1] : lastBefore(known, at, days[index - 1]!);
    return earlier === undefined || earlier[1] === 0 ? null : now[1] / earlier[1] - 1;
  });
}

/** The close of the day before in our days, or the newest one before it. */
function lastBefore(known: readonly (readonly [DayNumber, number])[], at: number, day: DayNumber) {
  for (let index = at - 1; index >= 0; index--) if (known[index]![0] <= day) return known[index];
  return undefined;
}

/** Returns compounded by the first `digits` characters of the date: 7 is a month, 4 a year. */
function periodRows(
  { days, returns }: Daily,
  from: number,
  until: number,
  digits: number,
  other?: readonly (number | null)[],
): PeriodRow[] {
  const groups = new Map<string, number[]>();
  for (let at = from; at < until; at++) {
    const period = isoDate(days[at]!).slice(0, digits);
    groups.set(period, [...(groups.get(period) ?? []), at]);
  }
  return [...groups].map(([period, indexes]) =>
    defined({
      period,
      return: compoundReturn(indexes.map(at => returns[at]!)),
      days: indexes.length,
      benchmark: other === undefined ? undefined : compoundReturn(indexes.map(at => other[at] ?? null)),
    }),
  );
}

/** Growth of the last stretches that end with the window, as far as the history reaches. */
function trailingRows(
  { calendar }: StrategyState,
  { days, returns }: Daily,
  until: number,
  other?: readonly (number | null)[],
): PeriodRow[] {
  const last = days[until - 1];
  if (last === undefined) return [];
  const end = isoDate(last);
  const monthStart = Date.parse(`${end.slice(0, 7)}-01`) / 86_400_000;
  const yearStart = Date.parse(`${end.slice(0, 4)}-01-01`) / 86_400_000;
  const back = (months: number) => {
    const date = new Date(last * 86_400_000);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, date.getUTCDate()) / 86_400_000 + 1;
  };
  const stretches: readonly (readonly [string, DayNumber])[] = [
    ['week', last - 6],
    ['month to date', monthStart],
    ['3 months', back(3)],
    ['6 months', back(6)],
    ['year to date', yearStart],
    ['1 year', back(12)],
    ['3 years', back(36)],
    ['5 years', back(60)],
    ['10 years', back(120)],
  ];
  const oldest = days[0]!;
  const row = (period: string, first: DayNumber): PeriodRow => {
    const from = days.findIndex(day => day >= first);
    return defined({
      period,
      return: compoundReturn(returns.slice(from, until)),
      days: until - from,
      benchmark: other === undefined ? undefined : compoundReturn(other.slice(from, until)),
    });
  };
  const reached = stretches.filter(
    ([name, first]) => first >= oldest || (name.endsWith('date') && tradingDaysBetween(calendar, first, oldest).length === 0),
  );
  return [...reached.map(([name, first]) => row(name, first)), row('since the start', oldest)];
}

function drawdownRows({ days, returns }: Daily, from: number, until: number): DrawdownRow[] {
  const values = [1];
  for (let at = from; at < until; at++) values.push(values.at(-1)! * (1 + returns[at]!));
  const dateOf = (index: number) => (index === 0 ? `before ${isoDate(days[from]!)}` : isoDate(days[from + index - 1]!));
  const row = ({ peakAt, troughAt, recoveredAt, depth }: Drawdown): DrawdownRow =>
    defined({
      peak: dateOf(peakAt),
      trough: dateOf(troughAt),
      recovered: recoveredAt === undefined ? undefined : dateOf(recoveredAt),
      depth,
      days: (recoveredAt ?? values.length - 1) - peakAt,
    });
  return until <= from ? [] : drawdownsOf(values).slice(0, longestDrawdownList).map(row);
}

interface Options {
  readonly periodsPerYear: number;
  readonly riskFree: number;
}

/** A quarter of what there is, at least ten days, at most half a year. */
const rollingDays = (count: number, periodsPerYear: number) =>
  Math.max(10, Math.min(Math.round(periodsPerYear / 2), Math.floor(count / 4)));

function rollingOf(
  { days, returns }: Daily,
  { from, until }: { readonly from: number; readonly until: number },
  { periodsPerYear, riskFree }: Options,
  other?: readonly (number | null)[],
): StrategyReport['rolling'] {
  const size = rollingDays(until - from, periodsPerYear);
  if (until - from < size + 3) return { days: size, points: [] };
  const rate = perPeriodRate(riskFree, periodsPerYear) ?? 0;
  const own = returns.slice(from, until);
  const market = other?.slice(from, until);
  const sharpes = rollingSharpe(own, size, periodsPerYear, rate);
  const sortinos = rollingSortino(own, size, periodsPerYear, rate);
  return {
    days: size,
    points: sharpes.map((sharpe, at) => {
      const part = own.slice(at, at + size);
      return defined({
        date: isoDate(days[from + at + size - 1]!),
        sharpe,
        sortino: sortinos[at],
        volatility: summarize(part, { periodsPerYear, riskFree: 0 }).volatility,
        ...(market === undefined ? {} : marketFigures(part, market.slice(at, at + size), { periodsPerYear, rate })),
      });
    }),
  };
}

function marketFigures(
  own: readonly number[],
  market: readonly (number | null)[],
  { periodsPerYear, rate }: { readonly periodsPerYear: number; readonly rate: number },
) {
  const deviation = deviationOf(present(market));
  return {
    beta: beta(own, market),
    alpha: alpha(own, market, periodsPerYear, rate),
    benchmarkVolatility: deviation === undefined ? undefined : deviation * Math.sqrt(periodsPerYear),
  };
}

function holdOf(trips: readonly RoundTrip[]): { medianHoldMs?: number } {
  const lengths = trips.map(({ openedMs, closedMs }) => closedMs - openedMs).sort((a, b) => a - b);
  const middle = lengths[Math.floor((lengths.length - 1) / 2)];
  return middle === undefined ? {} : { medianHoldMs: middle };
}

function instrumentRows(trips: readonly RoundTrip[], fills: ReadonlyMap<string, number>): StrategyReport['trades']['byInstrument'] {
  const names = new Set([...fills.keys(), ...trips.map(({ instrumentId }) => instrumentId)]);
  return [...names]
    .map(instrumentId => {
      const own = trips.filter(trip => trip.instrumentId === instrumentId);
      const net = own.reduce<Decimal>(
        (sum, trip) => (trip.net === undefined ? sum : subtract(sum, { units: -trip.net.units, scale: trip.net.scale })),
        zero,
      );
      return { instrumentId, trips: own.length, fills: fills.get(instrumentId) ?? 0, net: formatDecimal(roundHalfEven(net, 8)) };
    })
    .sort((a, b) => Number(b.net) - Number(a.net));
}

function compare(
  name: string,
  returns: readonly number[],
  other: readonly (number | null)[],
  { periodsPerYear, riskFree }: Options,
  figuresOf: (series: readonly number[]) => ReturnFigures,
): BenchmarkFigures {
  const rate = perPeriodRate(riskFree, periodsPerYear) ?? 0;
  const both = returns.flatMap((own, at) => (other[at] === null || other[at] === undefined ? [] : [[own, other[at]!] as const]));
  const market = both.map(([, value]) => value);
  return defined({
    name,
    n: both.length,
    totalReturn: growthOf(market) - 1,
    beta: beta(returns, other),
    alpha: alpha(returns, other, periodsPerYear, rate),
    correlation: correlationOf(
      both.map(([own]) => own),
      market,
    ),
    treynor: treynor(returns, other, periodsPerYear, rate),
    informationRatio: informationRatio(returns, other, periodsPerYear),
    trackingError: trackingError(returns, other, periodsPerYear),
    upCapture: upCapture(returns, other, periodsPerYear),
    downCapture: downCapture(returns, other, periodsPerYear),
    figures: figuresOf(market),
  });
}
