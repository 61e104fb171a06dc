import { type LogRecord, type LogsQuery, parseLogsQuery, runLogsQuery } from '../cloudwatch/logs-query.ts';
import { nextOccurrence, parseSchedule } from '../cloudwatch/schedule.ts';
import { err, ok, type Result } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';
import { DEFAULT_ASSUMPTIONS, type EvaluationAssumptions } from './assumptions.ts';
import type { AlarmState, LogAlarm, Transition } from './definition.ts';
import { BREACHING, countedPoints, MISSING, QUIET, windowOutcome } from './evaluate-window.ts';
import { type AlarmMemory, breaches } from './metric-alarm.ts';
import { awsDate, type Judged, javaDouble, type ReasonedRule, reasonText } from './reason.ts';

/** Where a run gets its lines: the records of some log groups in [fromMs, toMs), in any order. Pure within one evaluation. */
export interface LogReader {
  readonly read: (groups: readonly string[], fromMs: EpochMs, toMs: EpochMs) => readonly LogRecord[];
}

/** What one run of the query gave; null is missing. */
export interface LogResult {
  readonly atMs: EpochMs;
  readonly value: number | null;
}

export interface LogAlarmMemory extends AlarmMemory {
  /** The newest N results, oldest first: a line that arrives later changes none of them. */
  readonly results?: readonly LogResult[];
}

export interface LogEvaluation extends Judged {
  readonly memory: LogAlarmMemory;
  /** Present when the state changed. */
  readonly transition?: Transition;
  readonly undecided?: 'warmUp' | 'queryFailed';
  /** What is wrong with the query. */
  readonly problem?: string;
  /** Newest matching lines of this run, as many as the alarm's notification carries. */
  readonly lines: readonly string[];
}

/** Next run strictly after an instant; undefined when the schedule does not parse or has ended. */
export function nextLogRun(alarm: LogAlarm, afterMs: EpochMs): EpochMs | undefined {
  const schedule = parseSchedule(alarm.schedule);
  return schedule.ok ? nextOccurrence(schedule.value, afterMs) : undefined;
}

/** The newest run that is due at `nowMs` and was not made yet; runs that were slept through are not made up for. */
export function dueLogRun(alarm: LogAlarm, memory: LogAlarmMemory, nowMs: EpochMs): EpochMs | undefined {
  const schedule = parseSchedule(alarm.schedule);
  if (!schedule.ok) return undefined;
  const last = memory.results?.at(-1)?.atMs ?? memory.createdAtMs ?? nowMs - 1;
  let due: EpochMs | undefined;
  for (let run = nextOccurrence(schedule.value, last); run !== undefined && run <= nowMs; run = nextOccurrence(schedule.value, run))
    due = run;
  return due;
}

/**
 * Makes the run of a log alarm that is due at `nowMs` and judges the newest N results, missing ones by the alarm's treatment. The
 * evaluation range is N itself. Reasons have the words of metric alarms: those of log alarms are not published.
 *
 * An aggregation by a field gives one value per contributor, and CloudWatch follows each of them by itself; here a run with several rows
 * cannot be judged, and says so (INSUFFICIENT_DATA). Of a row with several numbers the last column is the result.
 * Source: CloudWatch user guide, "Log alarms" (2026).
 */
export function evaluateLogAlarm(
  alarm: LogAlarm,
  reader: LogReader,
  previous: LogAlarmMemory | undefined,
  nowMs: EpochMs,
  assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS,
): LogEvaluation {
  const memory = previous ?? { state: 'INSUFFICIENT_DATA' };
  const run = resultOf(alarm, reader, nowMs, assumptions);
  const result: LogResult = { atMs: nowMs, value: run.ok ? run.value.value : null };
  const results = [...(memory.results ?? []), result].slice(-alarm.queryResultsToEvaluate);
  const judged = judge(alarm, results);
  const kept: LogAlarmMemory = { ...memory, results };
  const lines = run.ok ? run.value.lines : [];
  if (!run.ok) {
    const reason = `Insufficient Data: the alarm could not be evaluated: ${run.error}`.slice(0, 1023);
    return {
      ...settled(alarm, kept, 'INSUFFICIENT_DATA', nowMs, { reason }),
      ...judged,
      lines,
      undecided: 'queryFailed',
      problem: run.error,
    };
  }
  if (isWarmingUp(alarm, kept, judged, nowMs)) return { ...judged, memory: kept, lines, undecided: 'warmUp' };
  const warm: LogAlarmMemory = alarm.warmUpMinutes === undefined ? kept : { ...kept, warm: true };
  const rule = ruleOf(alarm);
  const outcome = windowOutcome(judged.codes, results.length - 1, 1, alarm.queryResultsToEvaluate, rule);
  const state = outcome === 'RETAIN' ? memory.state : outcome;
  const why = { reason: reasonText(rule, state, judged), reasonData: reasonDataOf(alarm, judged, nowMs) };
  return { ...settled(alarm, warm, state, nowMs, why), ...judged, lines };
}

function settled(
  alarm: LogAlarm,
  memory: LogAlarmMemory,
  to: AlarmState,
  atMs: EpochMs,
  why: Pick<Transition, 'reason' | 'reasonData'>,
): Pick<LogEvaluation, 'memory' | 'transition'> {
  if (to === memory.state) return { memory };
  return { memory: { ...memory, state: to }, transition: { alarm: alarm.name, from: memory.state, to, atMs, ...why } };
}

const ruleOf = (alarm: LogAlarm): ReasonedRule => ({
  evaluationPeriods: alarm.queryResultsToEvaluate,
  datapointsToAlarm: alarm.queryResultsToAlarm,
  operator: alarm.operator,
  threshold: alarm.threshold,
  treatMissingData: alarm.treatMissingData,
});

function judge(alarm: LogAlarm, results: readonly LogResult[]): Judged {
  const codes = Uint8Array.from(results, ({ value }) => (value === null ? MISSING : breaches(alarm, value) ? BREACHING : QUIET));
  return { points: results, codes, approximated: false };
}

/** As metric alarms: for its whole time, or until N results are there. */
function isWarmingUp(alarm: LogAlarm, memory: LogAlarmMemory, { codes }: Judged, nowMs: EpochMs): boolean {
  if (alarm.warmUpMinutes === undefined || memory.createdAtMs === undefined || memory.warm === true) return false;
  if (nowMs >= memory.createdAtMs + alarm.warmUpMinutes * 60_000) return false;
  const wanted = alarm.queryResultsToEvaluate;
  return alarm.warmUpWholePeriod === true || countedPoints(codes, wanted).length < wanted;
}

interface Run {
  readonly value: number | null;
  readonly lines: readonly string[];
}

function resultOf(alarm: LogAlarm, reader: LogReader, nowMs: EpochMs, { withoutLines }: EvaluationAssumptions): Result<Run, string> {
  const lined = parseLogsQuery(`${alarm.query}\n| fields @message`);
  const aggregated = parseLogsQuery(aggregatedQuery(alarm));
  if (!lined.ok || !aggregated.ok) return err(lined.ok ? (aggregated.ok ? '' : aggregated.error.message) : lined.error.message);
  const records = reader.read(alarm.logGroups, nowMs - alarm.startOffsetSeconds * 1000, nowMs - alarm.endOffsetSeconds * 1000);
  const { fields, rows } = runLogsQuery(lined.value, records);
  if (rows.length === 0 && withoutLines === 'missing') return ok({ value: null, lines: [] });
  const column = fields.indexOf('@message');
  const lines = rows.slice(0, alarm.logLineCount).flatMap(row => (typeof row[column] === 'string' ? [row[column]] : []));
  const value = numberOf(aggregated.value, records);
  return value.ok ? ok({ value: value.value, lines }) : value;
}

/** The query with its aggregation. */
export const aggregatedQuery = ({ query, aggregation }: Pick<LogAlarm, 'query' | 'aggregation'>): string =>
  aggregation === undefined ? query : `${query}\n| stats ${aggregation}`;

function numberOf(query: LogsQuery, records: readonly LogRecord[]): Result<number | null, string> {
  const { rows } = runLogsQuery(query, records);
  if (rows.length > 1) return err(`the query gives ${rows.length} rows, and contributors are not followed one by one here`);
  const numbers = (rows[0] ?? []).flatMap(value => (typeof value === 'number' ? [value] : []));
  return ok(numbers.at(-1) ?? null);
}

function reasonDataOf(alarm: LogAlarm, judged: Judged, nowMs: EpochMs): string {
  const inTime = countedPoints(judged.codes, alarm.queryResultsToEvaluate)
    .flatMap(at => judged.points[at] ?? [])
    .reverse();
  const start = inTime[0] === undefined ? '' : `"startDate":"${awsDate(inTime[0].atMs)}",`;
  const recent = inTime.map(({ value }) => javaDouble(value ?? 0)).join(',');
  return `{"version":"1.0","queryDate":"${awsDate(nowMs)}",${start}"recentDatapoints":[${recent}],"threshold":${javaDouble(alarm.threshold)}}`;
}
