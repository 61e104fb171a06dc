import { functionsOf, type MathNode, nodesOf, parsedMath } from '../cloudwatch/metric-math.ts';
import type { EpochMs } from '../time/instant.ts';
import { DEFAULT_ASSUMPTIONS, type EvaluationAssumptions } from './assumptions.ts';
import type { MetricAlarm, MetricStat, Transition } from './definition.ts';
import { BREACHING, MISSING, QUIET, windowOutcome } from './evaluate-window.ts';
import { evaluationRange, evaluationStepMs } from './evaluation-clock.ts';
import { type AlarmMemory, breaches, evaluateMetricAlarm, type MetricReader } from './metric-alarm.ts';

/** Metrics of the past, with the time at which each sample was seen. */
export interface HistoryReader {
  /** As `MetricReader.read`, with the samples that had been seen by then; all samples when absent. */
  readonly read: (stat: MetricStat, fromMs: EpochMs, toMs: EpochMs, seenByMs?: EpochMs) => readonly (number | null)[];
  /** Whether samples of the span arrived late, so that `seenByMs` matters. Absent: none did. */
  readonly hasLate?: (stat: MetricStat, fromMs: EpochMs, toMs: EpochMs) => boolean;
}

export interface History {
  readonly transitions: readonly Transition[];
  /** What the alarm remembers at the end. */
  readonly memory: AlarmMemory;
  readonly evaluations: number;
}

/** What the history knew at an instant: the reader of one live evaluation. */
export const readerAsOf = (history: HistoryReader, seenByMs: EpochMs): MetricReader => ({
  read: (stat, fromMs, toMs) => history.read(stat, fromMs, toMs, seenByMs),
});

/**
 * Evaluates an alarm at every due time in [fromMs, toMs): the same transitions as evaluating it live at each of them, which a
 * property test demands. Alarms on one metric, or on math that works point by point, read their series once; the others, and those
 * with samples that arrived late, are evaluated step by step.
 */
export function evaluateHistory(
  alarm: MetricAlarm,
  history: HistoryReader,
  span: { readonly fromMs: EpochMs; readonly toMs: EpochMs },
  initial?: AlarmMemory,
  assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS,
): History {
  const step = evaluationStepMs(alarm);
  const first = Math.ceil(span.fromMs / step) * step;
  const memory = initial ?? { state: 'INSUFFICIENT_DATA' };
  const range = evaluationRange(alarm, assumptions);
  const reach = range * alarm.periodSeconds * 1000 + assumptions.delayMs + step;
  const evaluate = (state: AlarmMemory, nowMs: EpochMs) =>
    evaluateMetricAlarm(alarm, readerAsOf(history, nowMs), state, nowMs, assumptions);
  if (!canReadOnce(alarm) || isLate(alarm, history, first - reach, span.toMs)) return stepByStep(first, span.toMs, step, memory, evaluate);
  return readOnce({ alarm, history, first, toMs: span.toMs, step, range, memory, assumptions, evaluate });
}

type Evaluate = (memory: AlarmMemory, nowMs: EpochMs) => ReturnType<typeof evaluateMetricAlarm>;

function stepByStep(first: EpochMs, toMs: EpochMs, step: number, initial: AlarmMemory, evaluate: Evaluate): History {
  let memory = initial;
  let evaluations = 0;
  const transitions: Transition[] = [];
  for (let nowMs = first; nowMs < toMs; nowMs += step) {
    const evaluation = evaluate(memory, nowMs);
    memory = evaluation.memory;
    evaluations += 1;
    if (evaluation.transition !== undefined) transitions.push(evaluation.transition);
  }
  return { transitions, memory, evaluations };
}

interface ReadOnce {
  readonly alarm: MetricAlarm;
  readonly history: HistoryReader;
  readonly first: EpochMs;
  readonly toMs: EpochMs;
  readonly step: number;
  readonly range: number;
  readonly memory: AlarmMemory;
  readonly assumptions: EvaluationAssumptions;
  readonly evaluate: Evaluate;
}

/** Codes of all points first, one per step and ending there; then one window after another, and the full evaluation where the state turns. */
function readOnce({ alarm, history, first, toMs, step, range, memory, assumptions, evaluate }: ReadOnce): History {
  const period = alarm.periodSeconds * 1000;
  const stride = period / step;
  const lead = range * stride;
  const lastEnd = Math.floor((first - assumptions.delayMs) / step) * step;
  const evaluations = Math.max(0, Math.ceil((toMs - first) / step));
  const codes = codesOf(alarm, history, { firstEndMs: lastEnd - lead * step, step, points: evaluations + lead, stride });
  let current = memory;
  const transitions: Transition[] = [];
  for (let at = 0; at < evaluations; at += 1) {
    const outcome = windowOutcome(codes, at + lead, stride, range, alarm);
    if (outcome === 'RETAIN' || outcome === current.state) continue;
    const evaluation = evaluate(current, first + at * step);
    current = evaluation.memory;
    if (evaluation.transition !== undefined) transitions.push(evaluation.transition);
  }
  return { transitions, memory: current, evaluations };
}

interface Grid {
  /** End of the first point. */
  readonly firstEndMs: EpochMs;
  readonly step: number;
  readonly points: number;
  /** Steps in a period. */
  readonly stride: number;
}

function codesOf(alarm: MetricAlarm, history: HistoryReader, grid: Grid): Uint8Array {
  const codes = new Uint8Array(grid.points + 1);
  const period = alarm.periodSeconds * 1000;
  for (let phase = 0; phase < grid.stride; phase += 1) {
    const startMs = grid.firstEndMs + phase * grid.step - period;
    const count = Math.ceil((grid.points + 1 - phase) / grid.stride);
    const values = phaseValues(alarm, history, startMs, count);
    for (let at = 0; at < count; at += 1) {
      const value = values[at] ?? null;
      codes[phase + at * grid.stride] = value === null ? MISSING : breaches(alarm, value) ? BREACHING : QUIET;
    }
  }
  return codes;
}

/** Values of consecutive periods from `startMs`, read in one go: through a window of that many points. */
function phaseValues(alarm: MetricAlarm, history: HistoryReader, startMs: EpochMs, count: number): readonly (number | null)[] {
  const period = alarm.periodSeconds * 1000;
  const only = alarm.queries.length === 1 ? alarm.queries[0] : undefined;
  if (only !== undefined && 'stat' in only) return history.read(only.stat, startMs, startMs + count * period);
  // An evaluation without extra periods over `count` periods reads exactly these points.
  const wide: MetricAlarm = { ...alarm, evaluationPeriods: count, datapointsToAlarm: count };
  const points = evaluateMetricAlarm(wide, readerOnGrid(history, startMs), undefined, startMs + count * period, {
    ...DEFAULT_ASSUMPTIONS,
    extraPeriods: 0,
  }).points;
  return points.map(point => point.value);
}

/** Shifts reads onto the phase: windows over a day end at whole hours, and a phase need not. */
function readerOnGrid(history: HistoryReader, startMs: EpochMs): MetricReader {
  return {
    read: (stat, fromMs, toMs) => history.read(stat, startMs, startMs + (toMs - fromMs)),
  };
}

function canReadOnce(alarm: MetricAlarm): boolean {
  if (alarm.wallClockZone !== undefined || alarm.thresholdMetricId !== undefined || alarm.warmUpMinutes !== undefined) return false;
  if (alarm.evaluateLowSampleCountPercentile === 'ignore') return false;
  const expressions = alarm.queries.flatMap(query => ('expression' in query ? [parsedMath(query.expression)] : []));
  if (alarm.queries.length === 1) return expressions.length === 0;
  return expressions.every(parsed => parsed.ok && worksPointByPoint(parsed.value));
}

/** Functions whose value at a point depends on that point alone. Time functions are left out: a shifted grid would mislead them. */
const POINTWISE: readonly string[] = ['ABS', 'CEIL', 'FLOOR', 'LOG', 'LOG10', 'IF', 'PERIOD', 'METRICS'];

function worksPointByPoint(node: MathNode): boolean {
  return functionsOf(node).every(
    name => POINTWISE.includes(name) || isOverArray(node, name) || (name === 'FILL' && fillsWithNumbers(node)),
  );
}

/** REPEAT and LINEAR look at other points; a number does not. */
const fillsWithNumbers = (root: MathNode): boolean =>
  [...nodesOf(root)].every(part => part.kind !== 'call' || part.name !== 'FILL' || part.args[1]?.kind === 'number');

/** SUM, AVG, MIN and MAX of an array written out work point by point; of a single series they look at all its points. */
function isOverArray(root: MathNode, name: string): boolean {
  if (!['SUM', 'AVG', 'MIN', 'MAX'].includes(name)) return false;
  return [...nodesOf(root)].every(part => part.kind !== 'call' || part.name !== name || isArray(part.args[0]));
}

function isArray(node: MathNode | undefined): boolean {
  return node?.kind === 'array' || (node?.kind === 'call' && node.name === 'METRICS');
}

function isLate(alarm: MetricAlarm, history: HistoryReader, fromMs: EpochMs, toMs: EpochMs): boolean {
  return alarm.queries.some(query => 'stat' in query && history.hasLate?.(query.stat, fromMs, toMs) === true);
}
