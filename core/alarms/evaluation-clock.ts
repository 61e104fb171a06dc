import { instantOfLocal, toLocalMs } from '../cloudwatch/zone.ts';
import type { EpochMs } from '../time/instant.ts';
import { DEFAULT_ASSUMPTIONS, type EvaluationAssumptions } from './assumptions.ts';
import type { MetricAlarm } from './definition.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const WEEK = 7 * DAY;
/** The first Monday of the epoch, so that weeks start on Mondays. */
const MONDAY = 4 * DAY;

/**
 * Milliseconds between evaluations: each 10 s for periods under a minute, hourly at the top of the hour for windows over a day,
 * else each minute. Source: CloudWatch user guide, "Evaluating an alarm".
 */
export function evaluationStepMs(alarm: MetricAlarm): number {
  if (alarm.periodSeconds < 60) return 10 * SECOND;
  return alarm.periodSeconds * SECOND * alarm.evaluationPeriods > DAY ? HOUR : MINUTE;
}

/**
 * Whether an evaluation is due: at every whole step, or, when `lastMs` tells when the alarm was last evaluated, as soon as a new step
 * has begun since.
 */
export function isDue(alarm: MetricAlarm, nowMs: EpochMs, lastMs?: EpochMs): boolean {
  const step = evaluationStepMs(alarm);
  return lastMs === undefined ? nowMs % step === 0 : Math.floor(nowMs / step) > Math.floor(lastMs / step);
}

/** Next due evaluation strictly after an instant. */
export function nextEvaluation(alarm: MetricAlarm, afterMs: EpochMs): EpochMs {
  const step = evaluationStepMs(alarm);
  return (Math.floor(afterMs / step) + 1) * step;
}

/** Points that an evaluation looks at: R. */
export function evaluationRange(alarm: MetricAlarm, assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS): number {
  return alarm.evaluationPeriods + (alarm.wallClockZone === undefined ? assumptions.extraPeriods : assumptions.wallClockExtraPeriods);
}

/**
 * Boundaries of the R points of the evaluation at `nowMs`, oldest first: point i covers [result[i], result[i + 1]).
 * Sliding windows end at the last whole step; wall-clock windows at the last boundary of the local clock (minute, hour, midnight, Monday),
 * where a day may have 23 or 25 hours.
 */
export function windowBounds(
  alarm: MetricAlarm,
  nowMs: EpochMs,
  assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS,
): readonly EpochMs[] {
  const range = evaluationRange(alarm, assumptions);
  const period = alarm.periodSeconds * SECOND;
  const zone = alarm.wallClockZone;
  if (zone === undefined) {
    const step = evaluationStepMs(alarm);
    const end = Math.floor((nowMs - assumptions.delayMs) / step) * step;
    return Array.from({ length: range + 1 }, (_, at) => end - (range - at) * period);
  }
  const base = period === WEEK ? MONDAY : 0;
  const local = toLocalMs(zone, nowMs - assumptions.delayMs);
  const newest = Math.floor((local - base) / period) * period + base;
  if (period < DAY) {
    const end = nowMs - assumptions.delayMs - (local - newest);
    return Array.from({ length: range + 1 }, (_, at) => end - (range - at) * period);
  }
  return Array.from({ length: range + 1 }, (_, at) => instantOfLocal(zone, newest - (range - at) * period));
}
