import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_ASSUMPTIONS } from '../../core/alarms/assumptions.ts';
import type { MetricAlarm, Transition } from '../../core/alarms/definition.ts';
import { evaluateHistory } from '../../core/alarms/evaluate-history.ts';
import { evaluationStepMs, isDue } from '../../core/alarms/evaluation-clock.ts';
import { type AlarmMemory, evaluateMetricAlarm } from '../../core/alarms/metric-alarm.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';
import { MINUTE, metricAlarm, START, stat } from './builders.ts';

interface Sample {
  readonly minute: number;
  readonly value: number;
  /** Minutes after its own time at which it is seen. */
  readonly late: number;
}

const samples = fc.array(
  fc.record({
    minute: fc.integer({ min: 0, max: 90 }),
    value: fc.integer({ min: 0, max: 10 }),
    late: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 20 })),
  }),
  { maxLength: 120 },
);

const alarms: fc.Arbitrary<MetricAlarm> = fc
  .record({
    n: fc.integer({ min: 1, max: 5 }),
    m: fc.integer({ min: 1, max: 5 }),
    treatMissingData: fc.constantFrom('missing' as const, 'ignore' as const, 'breaching' as const, 'notBreaching' as const),
    operator: fc.constantFrom(
      'GreaterThanThreshold' as const,
      'GreaterThanOrEqualToThreshold' as const,
      'LessThanThreshold' as const,
      'LessThanOrEqualToThreshold' as const,
    ),
    statistic: fc.constantFrom('Sum', 'Average', 'Maximum', 'Minimum', 'SampleCount', 'p90'),
    periodSeconds: fc.constantFrom(60, 120, 300, 3600),
    wallClockZone: fc.constantFrom(undefined, 'America/New_York', 'Asia/Kolkata', '+05:45'),
    shape: fc.constantFrom('plain' as const, 'share' as const, 'sum' as const, 'rate' as const, 'fill' as const),
    warmUpMinutes: fc.constantFrom(undefined, 10),
  })
  .map(({ n, m, statistic, periodSeconds, wallClockZone, shape, warmUpMinutes, ...rest }) => {
    const query = { id: 'm1', stat: stat('Value', { statistic, periodSeconds }), returnData: shape === 'plain' };
    const expressions = {
      plain: '',
      share: 'IF(m1 > 3, 100 * m1 / (m1 + 2), 0)',
      sum: 'SUM([m1, m1]) - ABS(m1)',
      rate: 'RATE(m1)',
      fill: 'FILL(m1, REPEAT)',
    };
    return metricAlarm({
      ...rest,
      evaluationPeriods: n,
      datapointsToAlarm: Math.min(n, m),
      periodSeconds,
      queries: shape === 'plain' ? [query] : [query, { id: 'e1', expression: expressions[shape], returnData: true }],
      // Local boundaries of 300 s and an hour are whole minutes apart in every zone.
      ...(wallClockZone === undefined || periodSeconds === 120 ? {} : { wallClockZone }),
      ...(warmUpMinutes === undefined ? {} : { warmUpMinutes }),
    });
  });

function liveTransitions(alarm: MetricAlarm, list: readonly Sample[], toMs: number): readonly Transition[] {
  const store = createSeriesStore();
  const waiting = list.map(sample => ({ ...sample, seenAtMs: seenAt(sample) })).sort((a, b) => a.seenAtMs - b.seenAtMs);
  let memory: AlarmMemory = { state: 'INSUFFICIENT_DATA', createdAtMs: START };
  const transitions: Transition[] = [];
  for (let nowMs = START; nowMs < toMs; nowMs += MINUTE) {
    for (let first = waiting[0]; first !== undefined && first.seenAtMs <= nowMs; first = waiting[0]) {
      waiting.shift();
      store.put('Test', 'Value', {}, START + first.minute * MINUTE, { values: [first.value] });
    }
    if (!isDue(alarm, nowMs)) continue;
    const evaluation = evaluateMetricAlarm(alarm, store, memory, nowMs);
    memory = evaluation.memory;
    if (evaluation.transition !== undefined) transitions.push(evaluation.transition);
  }
  return transitions;
}

/** Samples are seen thirty seconds into their own minute, or that many minutes later. */
const seenAt = (sample: Sample): number => START + (sample.minute + sample.late) * MINUTE + 30_000;

test('evaluating minute by minute, as samples arrive, equals evaluating the whole history at once', () => {
  fc.assert(
    fc.property(alarms, samples, (alarm, list) => {
      const toMs = START + 150 * MINUTE;
      const store = createSeriesStore();
      for (const sample of list) store.put('Test', 'Value', {}, START + sample.minute * MINUTE, { values: [sample.value] }, seenAt(sample));
      const history = evaluateHistory(
        alarm,
        { read: store.read, hasLate: (wanted, from, to) => store.hasLate(wanted, from, to) },
        { fromMs: START, toMs },
        { state: 'INSUFFICIENT_DATA', createdAtMs: START },
      );
      expect(history.transitions).toEqual(liveTransitions(alarm, list, toMs));
    }),
    { seed: 20261122, numRuns: 400 },
  );
});

test('a window of over a day is evaluated hourly, and the history agrees', () => {
  const alarm = metricAlarm({
    threshold: 7,
    periodSeconds: 6 * 3600,
    evaluationPeriods: 5,
    datapointsToAlarm: 2,
    queries: [{ id: 'm1', stat: stat('Value', { statistic: 'Sum', periodSeconds: 6 * 3600 }), returnData: true }],
  });
  const store = createSeriesStore();
  for (let hour = 0; hour < 72; hour += 3) store.put('Test', 'Value', {}, START + hour * 3_600_000, { values: [hour % 7] });
  expect(evaluationStepMs(alarm)).toBe(3_600_000);
  const toMs = START + 90 * 3_600_000;
  let memory: AlarmMemory | undefined;
  const live: Transition[] = [];
  for (let nowMs = START; nowMs < toMs; nowMs += 3_600_000) {
    const evaluation = evaluateMetricAlarm(alarm, store, memory, nowMs, DEFAULT_ASSUMPTIONS);
    memory = evaluation.memory;
    if (evaluation.transition !== undefined) live.push(evaluation.transition);
  }
  expect(live.length).toBeGreaterThan(2);
  expect(evaluateHistory(alarm, store, { fromMs: START, toMs }).transitions).toEqual(live);
});
