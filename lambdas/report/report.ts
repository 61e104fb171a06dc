import { errorFields, type Output } from '../../adapters/aws/output.ts';
import type { StrategyStore } from '../../adapters/aws/strategy-store.ts';
import type { Table } from '../../adapters/aws/table.ts';
import { calendarName, calendarOf, type DayNumber } from '../../core/calendar/calendar.ts';
import type { NightdeskConfig, StrategyConfig } from '../../core/config/types.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { decodeState } from '../../core/ledger/codec.ts';
import { reportMessage } from '../../core/report/message.ts';
import { reportStrategy, type StrategyReport } from '../../core/report/strategy-report.ts';
import { duePeriods, lastClosedDay, summaryMessages } from '../../core/report/summary.ts';
import { type ReportPeriod, windowOf } from '../../core/report/window.ts';

export interface ReportTools {
  readonly config: NightdeskConfig;
  readonly strategies: Pick<StrategyStore, 'load'>;
  readonly incidents: { readonly list: (limit: number) => Promise<readonly Incident[]> };
  /** `REPORT#<strategy>/LAST` remembers the day that was reported last. */
  readonly table: Pick<Table, 'get' | 'put'>;
  /** Publishes to the info topic. */
  readonly publish: (message: string, subject: string) => Promise<void>;
  readonly now: () => number;
  readonly output: Output;
}

const INCIDENTS = 500;

interface Due {
  readonly strategy: StrategyConfig;
  readonly day: DayNumber;
  /** Version of what is remembered; 0 when nothing is. */
  readonly version: number;
}

/**
 * Looks for strategies whose session has closed since their last report, and says how it went, one message for all of one calendar and period.
 * It is remembered after it was said: a failure between the two says it twice rather than never.
 */
export async function reportAfterClose(tools: ReportTools): Promise<void> {
  const { config, now } = tools;
  if (config.reports === undefined) return;
  const nowMs = now();
  const due = await dueNow(tools, nowMs);
  if (due.length === 0) return;
  const incidents = await tools.incidents.list(INCIDENTS);
  const groups = new Map<string, Due[]>();
  for (const each of due) {
    const key = `${calendarName(each.strategy.calendar)} ${each.day}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  const failures: unknown[] = [];
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    try {
      const calendar = calendarOf(first.strategy.calendar);
      for (const period of duePeriods(calendar, first.day, config.reports.periods)) await say(period, group, incidents, nowMs, tools);
      for (const each of group) await remember(each, tools);
    } catch (error) {
      failures.push(error);
      tools.output.error('report failed', { calendar: calendarName(first.strategy.calendar), ...errorFields(error) });
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function dueNow({ config, table }: ReportTools, nowMs: number): Promise<readonly Due[]> {
  const afterMs = (config.reports?.afterCloseMinutes ?? 0) * 60_000;
  const found: Due[] = [];
  for (const strategy of config.bots.flatMap(({ strategies }) => strategies)) {
    const day = lastClosedDay(calendarOf(strategy.calendar), nowMs, afterMs);
    if (day === undefined) continue;
    const item = await table.get({ pk: `REPORT#${strategy.id}`, sk: 'LAST' });
    if (Number(item?.['day'] ?? Number.NEGATIVE_INFINITY) >= day) continue;
    found.push({ strategy, day, version: Number(item?.['version'] ?? 0) });
  }
  return found;
}

async function say(
  period: ReportPeriod,
  group: readonly Due[],
  incidents: readonly Incident[],
  nowMs: number,
  tools: ReportTools,
): Promise<void> {
  const reports: StrategyReport[] = [];
  for (const { strategy, day } of group) {
    const stored = await tools.strategies.load(strategy.id);
    if (stored === undefined) continue;
    const state = decodeState(stored.encoded.head, stored.encoded.parts, strategy);
    const window = windowOf(period, day);
    const [fromMs, toMs] = [state.calendar.startOf(window.first), state.calendar.endOf(day)];
    reports.push(
      reportStrategy({
        state,
        window: { ...window, last: day },
        nowMs: Math.min(nowMs, toMs),
        limits: strategy.limits,
        incidents: incidents.filter(
          ({ openedAt, signal }) =>
            openedAt >= fromMs &&
            openedAt < toMs &&
            (signal.dimensions['Strategy'] === strategy.id || signal.dimensions['Bot'] === strategy.botId),
        ),
      }),
    );
  }
  const [first] = group;
  // Days from before a strategy's first event are nothing to tell.
  const known = reports.filter(({ days, trades }) => days.length > 0 || trades.fills > 0);
  if (first === undefined || known.length === 0) return;
  for (const message of summaryMessages(tools.config.stage, period, first.day, known, nowMs)) {
    await tools.publish(reportMessage(message), message.headline);
    tools.output.info('report said', { period, days: message.days, strategies: known.length });
  }
}

async function remember({ strategy, day, version }: Due, { table }: ReportTools): Promise<void> {
  await table.put({ pk: `REPORT#${strategy.id}`, sk: 'LAST', version: version + 1, day }, { version });
}
