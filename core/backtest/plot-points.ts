/** The series that an alarm watched, thinned for a drawing. */
import { DEFAULT_ASSUMPTIONS } from '../alarms/assumptions.ts';
import type { MetricAlarm } from '../alarms/definition.ts';
import { type HistoryReader, readerAsOf } from '../alarms/evaluate-history.ts';
import { evaluateMetricAlarm } from '../alarms/metric-alarm.ts';
import type { EpochMs } from '../time/instant.ts';

/** Smallest and largest value within a part of the span. */
export interface PlotPoint {
  readonly atMs: EpochMs;
  readonly least: number;
  readonly most: number;
}

/** A window longer than a day would be evaluated on the hour. */
const DAY_SECONDS = 86_400;

/**
 * The alarm's own values (math included), as the evaluator sees them with everything known, in at most `width` parts. Parts without
 * values are left out, so that a gap shows as one. Empty for wall-clock windows, whose periods differ in length.
 */
export function plotPoints(
  alarm: MetricAlarm,
  history: HistoryReader,
  span: { readonly fromMs: EpochMs; readonly toMs: EpochMs },
  width: number,
): readonly PlotPoint[] {
  if (alarm.wallClockZone !== undefined) return [];
  const partMs = Math.max((span.toMs - span.fromMs) / width, alarm.periodSeconds * 1000);
  const parts = new Map<number, { least: number; most: number }>();
  const periods = Math.max(1, Math.floor(DAY_SECONDS / alarm.periodSeconds));
  const pieceMs = periods * alarm.periodSeconds * 1000;
  // Without extra periods, an alarm on so many periods reads exactly the points of the piece.
  const { warmUpMinutes: _, ...settled } = alarm;
  const wide: MetricAlarm = { ...settled, evaluationPeriods: periods, datapointsToAlarm: periods };
  const assumptions = { ...DEFAULT_ASSUMPTIONS, extraPeriods: 0, wallClockExtraPeriods: 0, delayMs: 0 };
  const start = Math.floor(span.fromMs / 60_000) * 60_000;
  for (let endMs = start + pieceMs; endMs < span.toMs + pieceMs; endMs += pieceMs) {
    const { points } = evaluateMetricAlarm(wide, readerAsOf(history, Number.POSITIVE_INFINITY), undefined, endMs, assumptions);
    for (const { atMs, value } of points) {
      if (value === null || atMs < span.fromMs - pieceMs || atMs >= span.toMs) continue;
      const part = Math.floor((atMs - span.fromMs) / partMs);
      const known = parts.get(part);
      if (known === undefined) parts.set(part, { least: value, most: value });
      else {
        known.least = Math.min(known.least, value);
        known.most = Math.max(known.most, value);
      }
    }
  }
  return [...parts].sort((a, b) => a[0] - b[0]).map(([part, { least, most }]) => ({ atMs: span.fromMs + part * partMs, least, most }));
}
