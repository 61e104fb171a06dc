import type { EpochMs } from '../time/instant.ts';
import { DEFAULT_ASSUMPTIONS, type EvaluationAssumptions } from './assumptions.ts';
import type { MetricAlarm, MetricStat } from './definition.ts';
import { BREACHING, MISSING } from './evaluate-window.ts';
import { evaluationRange, evaluationStepMs, nextEvaluation, windowBounds } from './evaluation-clock.ts';
import { type AlarmMemory, evaluateMetricAlarm, type MetricReader } from './metric-alarm.ts';

/** How long a silence lasts until the alarm fires, at least and at most, in milliseconds. Delay of ingestion is not included. */
export interface DetectionBound {
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * Bound in which an alarm that treats missing data as breaching fires after the last healthy point; undefined for the other treatments,
 * under which silence does not fire. The alarm fires once at most N − M real points are left in its range of R: after M periods when
 * R = N, after M + (R − N) with the range assumed here, and one evaluation later at most.
 */
export function expectedDetection(
  alarm: MetricAlarm,
  assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS,
): DetectionBound | undefined {
  if (alarm.treatMissingData !== 'breaching') return undefined;
  const period = alarm.periodSeconds * 1000;
  const extra = evaluationRange(alarm, assumptions) - alarm.evaluationPeriods;
  const least = alarm.datapointsToAlarm * period;
  return { leastMs: least, mostMs: least + extra * period + evaluationStepMs(alarm) + assumptions.delayMs };
}

export interface LikelyAlarm {
  readonly atMs: EpochMs;
  /** What must go on: no data, or the newest value. */
  readonly because: 'silence' | 'breach';
}

/** `ALARM expected at 13:05:00 UTC if the silence goes on`. */
export function likelyText(likely: LikelyAlarm): string {
  return `ALARM expected at ${new Date(likely.atMs).toISOString().slice(11, 19)} UTC if the ${likely.because} goes on`;
}

/** Evaluations that `nextLikely` looks ahead at most. */
const LOOK_AHEAD = 2000;

/**
 * When an alarm that is not in ALARM will fire if the present silence, or the present breach, goes on; undefined when the newest point is
 * healthy, when nothing like that would fire, or when the alarm already fires. "Silence" is a missing newest point.
 */
export function nextLikely(
  alarm: MetricAlarm,
  reader: MetricReader,
  memory: AlarmMemory,
  nowMs: EpochMs,
  assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS,
): LikelyAlarm | undefined {
  if (memory.state === 'ALARM') return undefined;
  const present = evaluateMetricAlarm(alarm, reader, memory, nowMs, assumptions);
  const newest = present.codes.at(-1);
  if (newest !== MISSING && newest !== BREACHING) return undefined;
  const because = newest === MISSING ? 'silence' : 'breach';
  const knownUntil = windowBounds(alarm, nowMs, assumptions).at(-1) ?? nowMs;
  const ahead = because === 'silence' ? upTo(reader, knownUntil) : repeating(reader, knownUntil);
  const last = nowMs + (evaluationRange(alarm, assumptions) + 2) * alarm.periodSeconds * 1000;
  let state = memory;
  let atMs = nowMs;
  for (let look = 0; look < LOOK_AHEAD && atMs <= last; look += 1) {
    atMs = nextEvaluation(alarm, atMs);
    const evaluation = evaluateMetricAlarm(alarm, ahead, state, atMs, assumptions);
    if (evaluation.memory.state === 'ALARM') return { atMs, because };
    state = evaluation.memory;
  }
  return undefined;
}

/** The reader with nothing after an instant. */
function upTo(reader: MetricReader, untilMs: EpochMs): MetricReader {
  return {
    read: (stat, fromMs, toMs) =>
      reader.read(stat, fromMs, toMs).map((value, at) => (fromMs + at * stat.periodSeconds * 1000 >= untilMs ? null : value)),
  };
}

/** The reader with the newest period's value repeated after an instant. */
function repeating(reader: MetricReader, untilMs: EpochMs): MetricReader {
  const newest = new Map<MetricStat, number | null>();
  return {
    read: (stat, fromMs, toMs) => {
      const period = stat.periodSeconds * 1000;
      let last = newest.get(stat);
      if (last === undefined) {
        last = reader.read(stat, untilMs - period, untilMs)[0] ?? null;
        newest.set(stat, last);
      }
      const repeated = last;
      return reader.read(stat, fromMs, toMs).map((value, at) => (fromMs + (at + 1) * period > untilMs ? repeated : value));
    },
  };
}
