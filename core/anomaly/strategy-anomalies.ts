/** Detectors over a strategy's gauges: which rows have one, and one step of all of them. The sweep and the backtest both go through here. */
import { type CalendarReference, calendarOf } from '../calendar/calendar.ts';
import type { MetricValues } from '../catalogue/emit.ts';
import { catalogue, type MetricId } from '../catalogue/index.ts';
import { isPublished } from '../catalogue/series.ts';
import type { NightdeskConfig } from '../config/types.ts';
import type { StrategyGauges } from '../ledger/gauges.ts';
import type { EpochMs } from '../time/instant.ts';
import { sessionsOf } from './cycle.ts';
import type { DetectorSettings } from './detector.ts';
import { type Watched, watchGauges } from './watch.ts';

export interface AnomalyRow extends Omit<DetectorSettings, 'sessionOf'> {
  readonly id: MetricId;
  readonly gauge: keyof StrategyGauges;
}

/** Rows that the config publishes; the others cost nothing. */
export const anomalyRows = (config: Pick<NightdeskConfig, 'publish'>): readonly AnomalyRow[] =>
  catalogue.flatMap(row => {
    const { source } = row.metric;
    return source.from === 'anomaly' && isPublished(row, config)
      ? [{ id: row.id, gauge: source.gauge, preset: source.preset, is: source.is }]
      : [];
  });

const MINUTE = 60_000;
const EVERY_MS = 5 * MINUTE;

/** Detectors look once in five minutes, in the last of them, so that the alarm's period of five minutes closes right after. */
export const isDetectorMinute = (nowMs: EpochMs): boolean => nowMs % EVERY_MS >= EVERY_MS - MINUTE;

export type DetectorStates = Watched<MetricId>['states'];

/** The next states, and the score of each row that has one. Outside of the calendar's sessions nothing is judged or learnt. */
export function strategyAnomalies(
  rows: readonly AnomalyRow[],
  states: DetectorStates,
  gauges: StrategyGauges,
  { calendar, nowMs }: { readonly calendar: CalendarReference; readonly nowMs: EpochMs },
): { readonly states: DetectorStates; readonly values: MetricValues } {
  const sessionOf = sessionsOf(calendarOf(calendar));
  const watched = Object.fromEntries(rows.map(({ id, gauge: _, ...settings }) => [id, { ...settings, sessionOf }]));
  const current = Object.fromEntries(rows.map(({ id, gauge }) => [id, gauges[gauge]]));
  const next = watchGauges<MetricId>(states, current, nowMs, watched);
  return { states: next.states, values: Object.fromEntries(Object.entries(next.gauges).map(([id, { score }]) => [id, score])) };
}
