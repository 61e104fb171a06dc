import { describe, expect, it, test } from 'vitest';
import type { AlarmSet } from '../../core/alarms/alarm-set.ts';
import { DEFAULT_ASSUMPTIONS } from '../../core/alarms/assumptions.ts';
import type { AlarmDefinition, AlarmState, LogAlarm } from '../../core/alarms/definition.ts';
import { dueLogRun, evaluateLogAlarm, type LogAlarmMemory, type LogReader, nextLogRun } from '../../core/alarms/log-alarm.ts';
import { newAlarm } from '../../core/alarms/metric-alarm.ts';
import { bindTest } from '../../core/alarms/unit-test/bind.ts';
import { parseTestFile } from '../../core/alarms/unit-test/parse-file.ts';
import type { BacktestHistory } from '../../core/backtest/history.ts';
import { closureOf, runAlarms } from '../../core/backtest/run-alarms.ts';
import type { LogRecord } from '../../core/cloudwatch/logs-query.ts';
import { compositeAlarm, MINUTE, metricAlarm, points, START } from './builders.ts';

/** Errors of the last five minutes, counted each five minutes: more than 2, in 2 of 3 runs. */
const logAlarm = (over: Partial<LogAlarm> = {}): LogAlarm => ({
  kind: 'log',
  name: 'errors',
  actionsEnabled: true,
  alarmActions: [],
  okActions: [],
  insufficientDataActions: [],
  query: 'fields @timestamp, @message | filter level = "ERROR"',
  aggregation: 'count(*) as errors',
  logGroups: ['/bot/a'],
  schedule: 'rate(5 minutes)',
  startOffsetSeconds: 300,
  endOffsetSeconds: 0,
  queryResultsToEvaluate: 3,
  queryResultsToAlarm: 2,
  operator: 'GreaterThanThreshold',
  threshold: 2,
  treatMissingData: 'missing',
  logLineCount: 0,
  ...over,
});

const line = (atMs: number, fields: object, group = '/bot/a'): LogRecord => ({
  atMs,
  message: JSON.stringify(fields),
  group,
  stream: 'main',
});

const readerOf = (records: readonly LogRecord[]): LogReader => ({
  read: (groups, fromMs, toMs) => records.filter(({ atMs, group }) => groups.includes(group) && atMs >= fromMs && atMs < toMs),
});

/** Evaluates every run in (START, START + minutes]. */
function runs(
  alarm: LogAlarm,
  reader: LogReader,
  minutes: number,
  memory: LogAlarmMemory = newAlarm(START),
  assumptions = DEFAULT_ASSUMPTIONS,
) {
  const evaluations: ReturnType<typeof evaluateLogAlarm>[] = [];
  for (let at = nextLogRun(alarm, START); at !== undefined && at <= START + minutes * MINUTE; at = nextLogRun(alarm, at))
    evaluations.push(evaluateLogAlarm(alarm, reader, evaluations.at(-1)?.memory ?? memory, at, assumptions));
  return evaluations;
}

/** A log whose run number i finds one line of each value of a series text, each five minutes; none where a point is missing. */
const valued = (text: string): LogReader =>
  readerOf(points(text).flatMap((value, at) => (value === null ? [] : [line(START + at * 5 * MINUTE, { level: 'ERROR', value })])));

describe('the newest N results decide', () => {
  test.each<readonly [string, string, LogAlarm['treatMissingData'], AlarmState]>([
    ['M of N breaching results fire', '1 9 9', 'missing', 'ALARM'],
    ['they need not be neighbours', '9 1 9', 'missing', 'ALARM'],
    ['fewer than M do not', '9 1 1', 'missing', 'OK'],
    ['older results are forgotten', '9 9 1 1 1', 'missing', 'OK'],
    ['a value at the threshold is no breach', '2 2 2', 'missing', 'OK'],
    ['silence alone is no data', '_*3', 'missing', 'INSUFFICIENT_DATA'],
    ['silence breaches where it is told to', '_*3', 'breaching', 'ALARM'],
    ['silence is fine where it is told to', '9 _*2', 'notBreaching', 'OK'],
    ['a missing run fills up as breaching', '1 9 _', 'breaching', 'ALARM'],
    ['missing runs keep an ALARM that ignores them', '9 9 _*3', 'ignore', 'ALARM'],
    ['no run looks back beyond N', '9 9 _*3', 'missing', 'INSUFFICIENT_DATA'],
  ])('%s', (_claim, text, treatMissingData, state) => {
    const alarm = logAlarm({ aggregation: 'max(value)', treatMissingData });
    expect(runs(alarm, valued(text), points(text).length * 5).at(-1)?.memory.state).toBe(state);
  });
});

describe('a log alarm over a morning', () => {
  const errors = (fromMinute: number, count: number) =>
    Array.from({ length: count }, (_, at) => line(START + fromMinute * MINUTE + at * 1000, { level: 'ERROR', message: `rejected ${at}` }));
  const quiet = Array.from({ length: 60 }, (_, minute) => line(START + minute * MINUTE, { level: 'INFO', message: 'tick' }));
  const reader = readerOf([
    ...quiet,
    ...errors(1, 1),
    ...errors(6, 4),
    ...errors(12, 3),
    ...errors(16, 1),
    ...errors(21, 1),
    ...errors(26, 1),
  ]);

  it('fires with the words and numbers of its runs, and clears', () => {
    const transitions = runs(logAlarm({ logLineCount: 2 }), reader, 30).flatMap(({ transition, lines }) =>
      transition === undefined ? [] : [{ ...transition, minute: (transition.atMs - START) / MINUTE, lines }],
    );
    expect(transitions.map(({ minute, to }) => [minute, to])).toEqual([
      [5, 'OK'],
      [15, 'ALARM'],
      [25, 'OK'],
    ]);
    const [, alarm] = transitions;
    expect(alarm?.reason).toBe(
      'Threshold Crossed: 2 out of the last 3 datapoints [3.0 (22/11/26 03:15:00), 4.0 (22/11/26 03:10:00)] were greater than the threshold (2.0) (minimum 2 datapoints for OK -> ALARM transition).',
    );
    expect(JSON.parse(alarm?.reasonData ?? '')).toMatchObject({ recentDatapoints: [1, 4, 3], threshold: 2 });
    expect(alarm?.lines).toEqual(['{"level":"ERROR","message":"rejected 2"}', '{"level":"ERROR","message":"rejected 1"}']);
  });

  it('looks between its offsets, at its own groups', () => {
    const late = logAlarm({ startOffsetSeconds: 900, endOffsetSeconds: 600 });
    expect(runs(late, reader, 20).map(({ points: [...results] }) => results.at(-1)?.value)).toEqual([null, null, 1, 4]);
    expect(runs(logAlarm({ logGroups: ['/bot/b'] }), reader, 5).at(-1)?.points).toEqual([{ atMs: START + 5 * MINUTE, value: null }]);
  });

  it('keeps a result that a late line would have changed', () => {
    const first = evaluateLogAlarm(logAlarm(), readerOf(errors(1, 1)), newAlarm(START), START + 5 * MINUTE);
    const second = evaluateLogAlarm(logAlarm(), readerOf(errors(1, 9)), first.memory, START + 10 * MINUTE);
    expect(second.memory.results?.map(({ value }) => value)).toEqual([1, null]);
  });

  it('counts no line as 0 where that is assumed', () => {
    const [run] = runs(logAlarm({ logGroups: [] }), reader, 5, newAlarm(START), { ...DEFAULT_ASSUMPTIONS, withoutLines: 'aggregated' });
    expect(run?.points.at(-1)?.value).toBe(0);
    expect(run?.memory.state).toBe('OK');
  });

  it('takes the last number of a row', () => {
    const alarm = logAlarm({ aggregation: 'count(*) as n, latest(message) as text, sum(size) as bytes, max(level) as word' });
    const [run] = runs(alarm, readerOf([line(START, { level: 'ERROR', size: 7, message: 'x' })]), 5);
    expect(run?.points.at(-1)?.value).toBe(7);
  });

  it('says that contributors are not followed, and is never OK', () => {
    const alarm = logAlarm({ aggregation: 'count(*) by message' });
    const evaluation = evaluateLogAlarm(alarm, reader, { state: 'OK' }, START + 10 * MINUTE);
    expect(evaluation).toMatchObject({
      undecided: 'queryFailed',
      transition: { to: 'INSUFFICIENT_DATA', reason: expect.stringContaining('4 rows') },
    });
  });
});

describe('warm-up', () => {
  const breaching = valued('9*6');
  it('ends when the window is full', () => {
    const states = runs(logAlarm({ aggregation: 'max(value)', warmUpMinutes: 60 }), breaching, 20).map(({ memory }) => memory.state);
    expect(states).toEqual(['INSUFFICIENT_DATA', 'INSUFFICIENT_DATA', 'ALARM', 'ALARM']);
  });

  it('lasts its whole time where that is asked for', () => {
    const alarm = logAlarm({ aggregation: 'max(value)', warmUpMinutes: 20, warmUpWholePeriod: true });
    expect(runs(alarm, breaching, 20).map(({ undecided }) => undecided)).toEqual(['warmUp', 'warmUp', 'warmUp', undefined]);
  });
});

describe('due runs', () => {
  test('the newest one that was not made; slept-through ones are left out', () => {
    const alarm = logAlarm();
    expect(dueLogRun(alarm, newAlarm(START), START + 4 * MINUTE)).toBeUndefined();
    expect(dueLogRun(alarm, newAlarm(START), START + 5 * MINUTE)).toBe(START + 5 * MINUTE);
    const made: LogAlarmMemory = { state: 'OK', results: [{ atMs: START + 5 * MINUTE, value: 1 }] };
    expect(dueLogRun(alarm, made, START + 9 * MINUTE)).toBeUndefined();
    expect(dueLogRun(alarm, made, START + 31 * MINUTE)).toBe(START + 30 * MINUTE);
  });

  test('a cron runs at its minutes', () => {
    expect(nextLogRun(logAlarm({ schedule: 'cron(15 * * * ? *)' }), START)).toBe(START + 15 * MINUTE);
  });
});

describe('where only metrics are known', () => {
  const above: AlarmDefinition = compositeAlarm('ALARM(errors)', 'desk');

  it('a backtest says why it does not replay it, and passes it by in a composite', () => {
    const history: BacktestHistory = {
      read: () => [],
      fromMs: START,
      toMs: START + 60 * MINUTE,
      knows: () => true,
      source: 'metrics',
      fidelity: [],
    };
    const replayed = runAlarms([logAlarm(), above], history);
    expect(replayed.get('errors')?.skipped).toBe('it watches log lines, and the history holds metrics');
    expect(replayed.get('desk')?.skipped).toBe('none of the alarms that it watches is replayed');
    expect(closureOf('desk', [above, logAlarm()]).map(({ name }) => name)).toEqual(['desk', 'errors']);
  });

  it('a test of alarms says so, at its line', () => {
    const text = `source: x
tests:
  - name: errors
    series: [{ metric: Value, values: '1*5' }]
    start: 2026-11-22T03:00:00Z
    expect: [{ at: 5m, alarm: errors, state: OK }]
`;
    const set: AlarmSet = {
      from: 'template.yaml',
      kind: 'template',
      alarms: [logAlarm(), metricAlarm()].map(definition => ({ definition, place: { file: 'template.yaml' } })),
      unusable: [],
      mutes: [],
      aliases: [],
    };
    const parsed = parseTestFile(text, 'a.yaml');
    const [first] = parsed.ok ? parsed.value.tests : [];
    const bound = first === undefined ? undefined : bindTest(first, set, 'a.yaml');
    expect(bound?.ok === false ? bound.error : bound).toEqual([
      { file: 'a.yaml', line: 6, message: 'errors is a log alarm: it reads log lines, and a test has series' },
    ]);
  });
});
