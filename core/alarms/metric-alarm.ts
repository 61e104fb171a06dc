import { bandHistorySpans, bandOf } from '../cloudwatch/anomaly-band.ts';
import { evaluateQueries, type MathSeries, seriesOf } from '../cloudwatch/metric-math.ts';
import { samplesNeeded } from '../series/statistic.ts';
import type { EpochMs } from '../time/instant.ts';
import { DEFAULT_ASSUMPTIONS, type EvaluationAssumptions } from './assumptions.ts';
import type { AlarmState, ComparisonOperator, MetricAlarm, MetricQuery, MetricStat, Transition } from './definition.ts';
import { BREACHING, countedPoints, MISSING, QUIET, type WindowOutcome, windowOutcome } from './evaluate-window.ts';
import { windowBounds } from './evaluation-clock.ts';
import { type EvaluatedPoint, INITIAL_REASON, type Judged, javaDouble, reasonData, reasonText } from './reason.ts';

/**
 * Where an evaluation gets its points: one value per period from `fromMs` while a period starts before `toMs`, null where there is none.
 * Pure: the same question has the same answer within one evaluation.
 */
export interface MetricReader {
  readonly read: (stat: MetricStat, fromMs: EpochMs, toMs: EpochMs) => readonly (number | null)[];
}

/** What an alarm remembers between evaluations. */
export interface AlarmMemory {
  readonly state: AlarmState;
  /** For the warm-up; without it there is none. */
  readonly createdAtMs?: EpochMs;
  /** Whether the warm-up has ended early. */
  readonly warm?: boolean;
}

export interface MetricEvaluation extends Judged {
  readonly memory: AlarmMemory;
  /** Present when the state changed. */
  readonly transition?: Transition;
  /** Why the window did not decide: warm-up, too few samples for the percentile, or a query that has no value. */
  readonly undecided?: 'warmUp' | 'fewSamples' | 'queryFailed';
  /** What is wrong with the queries. */
  readonly problem?: string;
}

/** An alarm that was just created: INSUFFICIENT_DATA until its first evaluation. */
export const newAlarm = (createdAtMs: EpochMs): AlarmMemory => ({ state: 'INSUFFICIENT_DATA', createdAtMs });

export const initialReason = (): string => INITIAL_REASON;

/**
 * Evaluates a metric alarm at an instant, as CloudWatch does. The same function serves live, tests and backtests: only points that the
 * reader gives count, so what arrives later changes nothing that was decided.
 */
export function evaluateMetricAlarm(
  alarm: MetricAlarm,
  reader: MetricReader,
  previous: AlarmMemory | undefined,
  nowMs: EpochMs,
  assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS,
): MetricEvaluation {
  const memory = previous ?? { state: 'INSUFFICIENT_DATA' };
  const bounds = windowBounds(alarm, nowMs, assumptions);
  const read = readPoints(alarm, reader, bounds);
  if ('problem' in read) return failed(alarm, memory, nowMs, read.problem);
  const judged = judge(alarm, read.points, read.approximated);
  const warming = warmUp(alarm, memory, judged, nowMs);
  if (warming) return { ...judged, memory, undecided: 'warmUp' };
  const kept: AlarmMemory = alarm.warmUpMinutes === undefined || memory.warm === true ? memory : { ...memory, warm: true };
  if (alarm.evaluateLowSampleCountPercentile === 'ignore' && hasFewSamples(alarm, reader, bounds, judged)) {
    return { ...judged, memory: kept, undecided: 'fewSamples' };
  }
  const outcome = windowOutcome(judged.codes, judged.codes.length - 1, 1, judged.codes.length, alarm);
  return settled(alarm, reader, { judged, outcome, bounds, memory: kept, nowMs });
}

interface Settling {
  readonly judged: Judged;
  readonly outcome: WindowOutcome;
  readonly bounds: readonly EpochMs[];
  readonly memory: AlarmMemory;
  readonly nowMs: EpochMs;
}

function settled(alarm: MetricAlarm, reader: MetricReader, { judged, outcome, bounds, memory, nowMs }: Settling): MetricEvaluation {
  if (outcome === 'RETAIN' || outcome === memory.state) return { ...judged, memory };
  const transition: Transition = {
    alarm: alarm.name,
    from: memory.state,
    to: outcome,
    atMs: nowMs,
    reason: reasonText(alarm, outcome, judged),
    reasonData: reasonData(alarm, judged, nowMs, sampleCounts(alarm, reader, bounds)),
  };
  return { ...judged, memory: { ...memory, state: outcome }, transition };
}

/** Nothing is known about the alarm's metrics: never OK. */
function failed(alarm: MetricAlarm, memory: AlarmMemory, nowMs: EpochMs, problem: string): MetricEvaluation {
  const nothing = { points: [], codes: new Uint8Array(0), approximated: false, undecided: 'queryFailed', problem } as const;
  if (memory.state === 'INSUFFICIENT_DATA') return { ...nothing, memory };
  const transition: Transition = {
    alarm: alarm.name,
    from: memory.state,
    to: 'INSUFFICIENT_DATA',
    atMs: nowMs,
    reason: `Insufficient Data: the alarm could not be evaluated: ${problem}`.slice(0, 1023),
  };
  return { ...nothing, memory: { ...memory, state: 'INSUFFICIENT_DATA' }, transition };
}

/** The reason of the state that an evaluation found, for alarms that did not change (an alarm page, a test). */
export function currentReason(alarm: MetricAlarm, evaluation: MetricEvaluation): string {
  if (evaluation.transition !== undefined) return evaluation.transition.reason;
  if (evaluation.problem !== undefined) return `Insufficient Data: the alarm could not be evaluated: ${evaluation.problem}`;
  return reasonText(alarm, evaluation.memory.state, evaluation);
}

type Points = { readonly points: readonly EvaluatedPoint[]; readonly approximated: boolean } | { readonly problem: string };

function readPoints(alarm: MetricAlarm, reader: MetricReader, bounds: readonly EpochMs[]): Points {
  const only = alarm.queries.length === 1 ? alarm.queries[0] : undefined;
  if (only !== undefined && 'stat' in only) {
    const values = readBetween(reader, only.stat, bounds);
    return { points: values.map((value, at) => ({ atMs: bounds[at] ?? 0, value })), approximated: false };
  }
  return readQueries(alarm, reader, bounds);
}

/** One value for each pair of neighbouring boundaries, which may be unequally far apart (local days). */
function readBetween(reader: MetricReader, stat: MetricStat, bounds: readonly EpochMs[]): readonly (number | null)[] {
  const from = bounds[0] ?? 0;
  const to = bounds.at(-1) ?? 0;
  if (to - from === (bounds.length - 1) * stat.periodSeconds * 1000) return reader.read(stat, from, to);
  return bounds.slice(0, -1).map((start, at) => {
    const end = bounds[at + 1] ?? start;
    return reader.read({ ...stat, periodSeconds: (end - start) / 1000 }, start, end)[0] ?? null;
  });
}

function readQueries(alarm: MetricAlarm, reader: MetricReader, bounds: readonly EpochMs[]): Points {
  const length = bounds.length - 1;
  const startMs = bounds[0] ?? 0;
  const periodMs = alarm.periodSeconds * 1000;
  const stats = new Map(alarm.queries.flatMap(query => ('stat' in query ? [[query.id, query.stat] as const] : [])));
  let approximated = false;
  const values = evaluateQueries(alarm.queries, {
    startMs,
    periodMs,
    length,
    read: query => readBetween(reader, query.stat, bounds),
    band: (series, deviations) => {
      approximated = true;
      return bandSeries({ reader, stat: stats.get(series.id), series, deviations, startMs, periodMs });
    },
  });
  if (!values.ok) return { problem: values.error.message };
  const bandId = alarm.thresholdMetricId;
  const watched = alarm.queries.find(query => query.returnData && query.id !== bandId) ?? alarm.queries.find(query => query.id !== bandId);
  const main = singleSeries(values.value.get(watched?.id ?? ''), watched);
  if (typeof main === 'string') return { problem: main };
  if (bandId === undefined) return { points: main.values.map((value, at) => ({ atMs: bounds[at] ?? 0, value })), approximated };
  const band = values.value.get(bandId);
  if (band?.kind !== 'array') return { problem: `${bandId} is not a band of the alarm` };
  const [upper, lower] = [band.list[0]?.values, band.list.at(-1)?.values];
  const points = main.values.map((value, at) => {
    const high = upper?.[at] ?? null;
    const low = lower?.[at] ?? null;
    return high === null || low === null
      ? { atMs: bounds[at] ?? 0, value: null }
      : { atMs: bounds[at] ?? 0, value, lower: low, upper: high };
  });
  return { points, approximated };
}

function singleSeries(value: Parameters<typeof seriesOf>[0] | undefined, query: MetricQuery | undefined): MathSeries | string {
  if (value === undefined || query === undefined) return 'no query returns data';
  const list = seriesOf(value);
  if (!list.ok) return list.error.message;
  const [first, second] = list.value;
  return first === undefined || second !== undefined
    ? `an alarm watches one time series, and ${query.id} gives ${list.value.length}`
    : first;
}

interface BandQuestion {
  readonly reader: MetricReader;
  readonly stat: MetricStat | undefined;
  readonly series: MathSeries;
  readonly deviations: number;
  readonly startMs: EpochMs;
  readonly periodMs: number;
}

function bandSeries({ reader, stat, series, deviations, startMs, periodMs }: BandQuestion): readonly [MathSeries, MathSeries] {
  // Without a value to judge there is no need of a band: most windows of a sparse metric.
  const isNeeded = stat !== undefined && series.values.some(value => value !== null);
  const history = isNeeded ? bandHistorySpans(startMs, periodMs).flatMap(span => reader.read(stat, span.fromMs, span.toMs)) : [];
  const band = bandOf(history, deviations);
  const flat = (value: number | undefined): MathSeries => ({ ...series, isMetric: false, values: series.values.map(() => value ?? null) });
  return [flat(band?.upper), flat(band?.lower)];
}

function judge(alarm: MetricAlarm, points: readonly EvaluatedPoint[], approximated: boolean): Judged {
  const codes = new Uint8Array(points.length);
  for (const [at, point] of points.entries())
    codes[at] = point.value === null ? MISSING : breaches(alarm, point.value, point) ? BREACHING : QUIET;
  return { points, codes, approximated };
}

/** Whether a value is beyond the alarm's threshold or outside its band. */
export function breaches(
  alarm: Pick<MetricAlarm, 'operator' | 'threshold'>,
  value: number,
  band?: { readonly lower?: number; readonly upper?: number },
): boolean {
  const { operator, threshold = Number.NaN } = alarm;
  const lower = band?.lower ?? Number.NEGATIVE_INFINITY;
  const upper = band?.upper ?? Number.POSITIVE_INFINITY;
  return compare(operator, value, { threshold, lower, upper });
}

function compare(
  operator: ComparisonOperator,
  value: number,
  limits: { readonly threshold: number; readonly lower: number; readonly upper: number },
): boolean {
  switch (operator) {
    case 'GreaterThanThreshold':
      return value > limits.threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= limits.threshold;
    case 'LessThanThreshold':
      return value < limits.threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= limits.threshold;
    case 'LessThanLowerOrGreaterThanUpperThreshold':
      return value < limits.lower || value > limits.upper;
    case 'LessThanLowerThreshold':
      return value < limits.lower;
    case 'GreaterThanUpperThreshold':
      return value > limits.upper;
  }
}

/** Warm-up lasts `warmUpMinutes` from creation, or, unless the whole time is asked for, until N real points are there. */
function warmUp(alarm: MetricAlarm, memory: AlarmMemory, judged: Judged, nowMs: EpochMs): boolean {
  if (alarm.warmUpMinutes === undefined || memory.createdAtMs === undefined || memory.warm === true) return false;
  if (nowMs >= memory.createdAtMs + alarm.warmUpMinutes * 60_000) return false;
  return alarm.warmUpWholePeriod === true || countedPoints(judged.codes, alarm.evaluationPeriods).length < alarm.evaluationPeriods;
}

/** Whether a counted point of a percentile has too few samples to be trusted. */
function hasFewSamples(alarm: MetricAlarm, reader: MetricReader, bounds: readonly EpochMs[], judged: Judged): boolean {
  const only = alarm.queries[0];
  const needed = only !== undefined && 'stat' in only ? samplesNeeded(only.stat.statistic) : undefined;
  if (needed === undefined || only === undefined || !('stat' in only)) return false;
  const counts = readBetween(reader, { ...only.stat, statistic: 'SampleCount' }, bounds);
  return countedPoints(judged.codes, alarm.evaluationPeriods).some(at => (counts[at] ?? 0) < needed);
}

function sampleCounts(alarm: MetricAlarm, reader: MetricReader, bounds: readonly EpochMs[]): readonly (number | null)[] | undefined {
  const only = alarm.queries.length === 1 ? alarm.queries[0] : undefined;
  return only === undefined || !('stat' in only) ? undefined : readBetween(reader, { ...only.stat, statistic: 'SampleCount' }, bounds);
}

/** A metric's value at a glance, as reasons write it. */
export const formatValue = javaDouble;
