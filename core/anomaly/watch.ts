/**
 * Detectors beside gauges: the values of watched rows in, one number a row out, which a plain alarm "above 1" can watch. The alarm then
 * sees in production what it sees in a replay, which no band that CloudWatch learns can offer.
 */
import type { EpochMs } from '../time/instant.ts';
import { type DetectorSettings, type DetectorState, detect, emptyDetector, type Verdict } from './detector.ts';

export interface AnomalyGauge {
  /** 0 to 100; above 1 exactly while an episode lasts, so that the alarm's transitions are the detector's episodes. */
  readonly score: number;
  /** Unit of the row. */
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
}

/** Undefined while the detector has no band, or the market is closed: the metric is then missing, and missing is not breaching. */
export function gaugeOf({ anomalous, score, expected, lower, upper }: Verdict): AnomalyGauge | undefined {
  if (score === undefined || expected === undefined || lower === undefined || upper === undefined) return undefined;
  return { score: anomalous ? score : Math.min(score, 1), expected, lower, upper };
}

export interface Watched<Row extends string> {
  readonly states: Readonly<Partial<Record<Row, DetectorState>>>;
  readonly gauges: Readonly<Partial<Record<Row, AnomalyGauge>>>;
}

/** One step of every detector. A row without a value keeps its state and has no gauge; rows that are no longer watched are dropped. */
export function watchGauges<Row extends string>(
  states: Watched<Row>['states'],
  values: Readonly<Partial<Record<Row, number | undefined>>>,
  at: EpochMs,
  watched: Readonly<Partial<Record<Row, DetectorSettings>>>,
): Watched<Row> {
  const next: Partial<Record<Row, DetectorState>> = {};
  const gauges: Partial<Record<Row, AnomalyGauge>> = {};
  for (const [row, settings] of Object.entries(watched) as [Row, DetectorSettings][]) {
    const before = states[row] ?? emptyDetector;
    const value = values[row];
    if (value === undefined || !Number.isFinite(value)) {
      next[row] = before;
      continue;
    }
    const { state, verdict } = detect(before, { at, value }, settings);
    next[row] = state;
    const gauge = gaugeOf(verdict);
    if (gauge !== undefined) gauges[row] = gauge;
  }
  return { states: next, gauges };
}
