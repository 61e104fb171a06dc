/** The summary of a day, week or month after the close: one line a strategy, for the channels that info goes to. */
import type { Calendar, DayNumber } from '../calendar/calendar.ts';
import { sessionsBetween } from '../calendar/sessions.ts';
import { add, type Decimal, formatDecimal, parseDecimal, zero } from '../money/decimal.ts';
import type { EpochMs } from '../time/instant.ts';
import { countText, moneyText, percentText } from './figures.ts';
import type { ReportMessage } from './message.ts';
import type { StrategyReport } from './strategy-report.ts';
import { type ReportPeriod, windowOf, windowText } from './window.ts';

/** A message of some channels shows ten facts. */
export const STRATEGIES_PER_MESSAGE = 10;

/** The newest trading day whose session closed at least `afterMs` ago; undefined when none did in the last ten days. */
export function lastClosedDay(calendar: Calendar, nowMs: EpochMs, afterMs: number): DayNumber | undefined {
  return sessionsBetween(calendar, nowMs - 10 * 86_400_000, nowMs).findLast(({ closeMs }) => closeMs + afterMs <= nowMs)?.day;
}

/** What is due when a day has closed: the day, and the week or month whose last trading day it is. */
export function duePeriods(calendar: Calendar, day: DayNumber, wanted: readonly ReportPeriod[]): readonly ReportPeriod[] {
  const next = calendar.after(day);
  return wanted.filter(period => period === 'day' || (period !== 'all' && windowOf(period, day).last < next));
}

export function summaryMessages(
  stage: string,
  period: ReportPeriod,
  day: DayNumber,
  reports: readonly StrategyReport[],
  atMs: EpochMs,
): readonly ReportMessage[] {
  const days = windowText(windowOf(period, day));
  const messages: ReportMessage[] = [];
  for (let from = 0; from < reports.length; from += STRATEGIES_PER_MESSAGE) {
    const part = reports.slice(from, from + STRATEGIES_PER_MESSAGE);
    const parts = Math.ceil(reports.length / STRATEGIES_PER_MESSAGE);
    const which = parts === 1 ? '' : ` (${from / STRATEGIES_PER_MESSAGE + 1} of ${parts})`;
    messages.push({
      period,
      days,
      headline: `[REPORT] ${stage} ${period} ${days}${which}: ${totals(part)}`,
      sentence: sentenceOf(part),
      facts: part.map(report => ({ label: report.strategyId, value: strategyLine(report) })),
      atMs,
    });
  }
  return messages;
}

/** Sums by currency: unlike ones never add. Who is left out, because their profit is not known, is counted. */
function totals(reports: readonly StrategyReport[]): string {
  const sums = new Map<string, Decimal>();
  let known = 0;
  for (const { currency, money } of reports) {
    if (currency === undefined || money.pnl === undefined) continue;
    known += 1;
    sums.set(currency, add(sums.get(currency) ?? zero, parseDecimal(money.pnl)));
  }
  if (known === 0) return 'profit not known';
  const texts = [...sums].map(([currency, sum]) => `${sum.units > 0n ? '+' : ''}${moneyText(formatDecimal(sum), currency)}`);
  return `${texts.join(', ')}${known === reports.length ? '' : ` (not known of ${reports.length - known} of ${reports.length})`}`;
}

function sentenceOf(reports: readonly StrategyReport[]): string {
  const incidents = reports.reduce((sum, { incidents: own }) => sum + (own?.length ?? 0), 0);
  const incomplete = reports.filter(({ quality }) => quality.incomplete.length > 0).map(({ strategyId }) => strategyId);
  return [
    incidents === 0 ? 'No incident.' : `${incidents} incident${incidents === 1 ? '' : 's'}.`,
    ...(incomplete.length === 0 ? [] : [`Numbers are incomplete: ${incomplete.join(', ')}.`]),
  ].join(' ');
}

function strategyLine({ currency, money, figures, sinceStart, trades, limits }: StrategyReport): string {
  if (trades.fills === 0 && money.pnl === undefined) return 'nothing reported';
  const { sharpe, currentDrawdown, n } = sinceStart.summary;
  const limit = limits.drawdown === undefined ? '' : ` of ${percentText(limits.drawdown, 0)} allowed`;
  return [
    `P&L ${moneyText(money.pnl, currency)}${figures.summary.totalReturn === undefined ? '' : ` (${percentText(figures.summary.totalReturn)})`}`,
    `${countText(trades.n)} round trips${trades.winRate === undefined ? '' : `, ${percentText(trades.winRate, 0)} won`}`,
    ...(money.fees === undefined ? [] : [`fees ${moneyText(money.fees)}`]),
    ...(money.equityEnd === undefined ? [] : [`equity ${moneyText(money.equityEnd)}`]),
    ...(currentDrawdown === undefined ? [] : [`drawdown ${percentText(currentDrawdown)}${limit}`]),
    n < 20 || sharpe === undefined ? `Sharpe not yet (n ${n} days)` : `Sharpe ${sharpe.toFixed(2)} (n ${n} days)`,
  ].join(' · ');
}
