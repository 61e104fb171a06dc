/** Lines in, everything out that a report of them needs. */
import { calendarOf } from '../calendar/calendar.ts';
import type { NightdeskConfig } from '../config/types.ts';
import type { SplitLine } from '../events/lines.ts';
import { parseLine } from '../events/parse.ts';
import { createScorer } from '../ledger/scorer.ts';
import { settingsFor } from '../ledger/settings.ts';
import { type EpochMs, toEpochMs } from '../time/instant.ts';
import { closesOf, type Prices } from './benchmark-prices.ts';
import { createDayLogs, type DayLogs } from './day-log.ts';
import type { ReadLines } from './present.ts';
import { reportStrategy, type StrategyReport } from './strategy-report.ts';
import { type ReportPeriod, type ReportWindow, windowOf } from './window.ts';

/** Of a heartbeat, where the config names no bot. */
const usualGraceSeconds = 30;

export interface Asked {
  readonly period: ReportPeriod;
  /** A moment in the day, week or month; absent means the newest event. */
  readonly atMs?: EpochMs;
  readonly strategyId?: string;
  readonly benchmark?: Prices;
}

export interface Collected {
  readonly window: ReportWindow;
  readonly strategies: readonly StrategyReport[];
  readonly lines: ReadLines;
  readonly known: readonly string[];
}

export interface ReportCollector {
  readonly add: (line: SplitLine) => void;
  /** Undefined when no line was an event. */
  readonly report: (asked: Asked) => Collected | undefined;
}

export function createReportCollector(config?: NightdeskConfig): ReportCollector {
  const scorer = createScorer(config);
  const logs = new Map<string, DayLogs>();
  let newestMs = Number.NEGATIVE_INFINITY;

  const graceOf = (strategyId: string) =>
    config?.bots.find(bot => bot.strategies.some(({ id }) => id === strategyId))?.heartbeat.graceSeconds ?? usualGraceSeconds;

  return {
    add: line => {
      scorer.add(line);
      if (line.kind !== 'text') return;
      const parsed = parseLine(line.text);
      if (parsed.kind !== 'event') return;
      const { event } = parsed;
      newestMs = Math.max(newestMs, toEpochMs(event.tsEvent));
      let log = logs.get(event.strategyId);
      if (log === undefined) {
        log = createDayLogs(calendarOf(settingsFor(config, event.strategyId).calendar), graceOf(event.strategyId));
        logs.set(event.strategyId, log);
      }
      log.add(event);
    },
    report: ({ period, atMs, strategyId, benchmark }) => {
      const states = scorer.states();
      if (states.size === 0) return undefined;
      const at = atMs ?? newestMs;
      let window = windowOf(period, Math.floor(at / 86_400_000));
      const strategies = [...states].flatMap(([id, state]) => {
        if (strategyId !== undefined && id !== strategyId) return [];
        const own = windowOf(period, state.calendar.dayOf(at));
        window = own;
        const log = logs.get(id)?.between(own.first, own.last);
        const nowMs = Math.min(newestMs, state.calendar.endOf(own.last));
        return [
          reportStrategy({
            state,
            window: own,
            nowMs,
            limits: state.settings.limits,
            ...(log === undefined ? {} : { log }),
            ...(benchmark === undefined ? {} : { benchmark: { name: benchmark.name, closes: closesOf(benchmark, state.calendar) } }),
          }),
        ];
      });
      return { window, strategies, lines: scorer.result().quality, known: [...states.keys()] };
    },
  };
}
