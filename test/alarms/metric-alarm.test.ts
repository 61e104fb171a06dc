import { describe, expect, test } from 'vitest';
import { evaluateHistory } from '../../core/alarms/evaluate-history.ts';
import { evaluationStepMs, isDue, windowBounds } from '../../core/alarms/evaluation-clock.ts';
import { expectedDetection, likelyText, nextLikely } from '../../core/alarms/expectation.ts';
import { evaluateMetricAlarm, newAlarm } from '../../core/alarms/metric-alarm.ts';
import { javaDouble } from '../../core/alarms/reason.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';
import { MINUTE, metricAlarm, readerOf, START, stat, storeOf } from './builders.ts';

const at = (minutes: number): number => START + minutes * MINUTE;

test('numbers are written as Java writes doubles', () => {
  expect([9, 0.05, 45628, 0.0666851903306472, 12_345_678, 0.0001, -2500, 0].map(javaDouble)).toEqual([
    '9.0',
    '0.05',
    '45628.0',
    '0.0666851903306472',
    '1.2345678E7',
    '1.0E-4',
    '-2500.0',
    '0.0',
  ]);
});

test('reason data carries the counted points oldest first, with sample counts', () => {
  const evaluation = evaluateMetricAlarm(metricAlarm({ datapointsToAlarm: 2 }), readerOf(storeOf({ Value: '3 12 9' })), undefined, at(3));
  expect(evaluation.transition?.reasonData).toBe(
    '{"version":"1.0","queryDate":"2026-11-22T03:03:00.000+0000","startDate":"2026-11-22T03:00:00.000+0000","statistic":"Maximum","period":60,' +
      '"recentDatapoints":[3.0,12.0,9.0],"threshold":5.0,"evaluatedDatapoints":[{"timestamp":"2026-11-22T03:02:00.000+0000","sampleCount":1.0,"value":9.0},' +
      '{"timestamp":"2026-11-22T03:01:00.000+0000","sampleCount":1.0,"value":12.0},{"timestamp":"2026-11-22T03:00:00.000+0000","sampleCount":1.0,"value":3.0}]}',
  );
});

describe('the clock', () => {
  test('periods of a minute and more are due each minute, short ones each ten seconds, long windows each hour', () => {
    expect(evaluationStepMs(metricAlarm())).toBe(60_000);
    expect(evaluationStepMs(metricAlarm({ periodSeconds: 10 }))).toBe(10_000);
    expect(evaluationStepMs(metricAlarm({ periodSeconds: 3600, evaluationPeriods: 24 }))).toBe(60_000);
    expect(evaluationStepMs(metricAlarm({ periodSeconds: 3600, evaluationPeriods: 25 }))).toBe(3_600_000);
    expect([isDue(metricAlarm(), START), isDue(metricAlarm(), START + 1000), isDue(metricAlarm(), START + 61_000, START + 4000)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('a wall-clock day is that of its zone, also when it has 23 hours', () => {
    const alarm = metricAlarm({ periodSeconds: 86_400, evaluationPeriods: 2, datapointsToAlarm: 1, wallClockZone: 'America/New_York' });
    expect(windowBounds(alarm, Date.parse('2026-03-09T12:00:00Z')).map(ms => new Date(ms).toISOString())).toEqual([
      '2026-03-07T05:00:00.000Z',
      '2026-03-08T05:00:00.000Z',
      '2026-03-09T04:00:00.000Z',
    ]);
  });

  test('a wall-clock week starts on Monday', () => {
    const alarm = metricAlarm({ periodSeconds: 604_800, evaluationPeriods: 1, datapointsToAlarm: 1, wallClockZone: 'UTC' });
    expect(windowBounds(alarm, Date.parse('2026-11-25T12:00:00Z')).map(ms => new Date(ms).toISOString().slice(0, 10))).toEqual([
      '2026-11-16',
      '2026-11-23',
    ]);
  });

  test('high-resolution alarms judge ten-second points', () => {
    const store = storeOf({ Value: '1*6 9*3' }, 10_000);
    const alarm = metricAlarm({ periodSeconds: 10, evaluationPeriods: 3, datapointsToAlarm: 3 });
    const history = evaluateHistory(alarm, store, { fromMs: START, toMs: START + 100_000 });
    expect(history.transitions.map(({ to, atMs }) => [to, (atMs - START) / 1000])).toEqual([
      ['OK', 10],
      ['ALARM', 90],
    ]);
  });
});

describe('math alarms', () => {
  const share = metricAlarm({
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    threshold: 50,
    queries: [
      { id: 'bad', stat: stat('Bad', { statistic: 'Sum' }), returnData: false },
      { id: 'all', stat: stat('All', { statistic: 'Sum' }), returnData: false },
      { id: 'share', expression: 'IF(all > 2, 100 * bad / all, 0)', returnData: true },
    ],
  });

  test('an error share with a minimum volume', () => {
    const history = evaluateHistory(share, storeOf({ Bad: '1 1 3 3', All: '1 4 4 8' }), { fromMs: START, toMs: at(5) });
    expect(history.transitions.map(({ to, atMs }) => [to, (atMs - START) / MINUTE])).toEqual([
      ['OK', 1],
      ['ALARM', 3],
      ['OK', 4],
    ]);
  });

  test('a share whose denominator stops reads as no errors, which is why the guide wants a second alarm', () => {
    expect(evaluateMetricAlarm(share, readerOf(storeOf({ Bad: '5', All: '_' })), undefined, at(1)).memory.state).toBe('OK');
  });

  test('an expression that cannot be evaluated is never OK', () => {
    const broken = metricAlarm({ queries: [{ id: 'e1', expression: 'm1 + nobody', returnData: true }] });
    const evaluation = evaluateMetricAlarm(broken, readerOf(storeOf({})), { state: 'OK' }, at(1));
    expect(evaluation.memory.state).toBe('INSUFFICIENT_DATA');
    expect(evaluation.problem).toContain('m1 is not an id of the request');
  });
});

describe('percentiles with few samples', () => {
  const alarm = metricAlarm({
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    evaluateLowSampleCountPercentile: 'ignore',
    queries: [{ id: 'm1', stat: stat('Latency', { statistic: 'p90' }), returnData: true }],
  });
  const reader = (samples: number) => {
    const store = createSeriesStore();
    store.put('Test', 'Latency', {}, START, { values: [9], counts: [samples] });
    return readerOf(store);
  };

  test('keep the state until there are 10 / (1 - p) of them', () => {
    expect(evaluateMetricAlarm(alarm, reader(99), { state: 'OK' }, at(1))).toMatchObject({
      memory: { state: 'OK' },
      undecided: 'fewSamples',
    });
    expect(evaluateMetricAlarm(alarm, reader(100), { state: 'OK' }, at(1)).memory.state).toBe('ALARM');
  });

  test('are used anyway by default', () => {
    const { evaluateLowSampleCountPercentile: _ignored, ...evaluating } = alarm;
    expect(evaluateMetricAlarm(evaluating, reader(1), { state: 'OK' }, at(1)).memory.state).toBe('ALARM');
  });
});

describe('warm-up', () => {
  const alarm = metricAlarm({ treatMissingData: 'breaching', warmUpMinutes: 10 });

  test('a new heartbeat alarm does not page before its time', () => {
    const silent = readerOf(storeOf({}));
    expect(evaluateMetricAlarm(alarm, silent, newAlarm(START), at(9))).toMatchObject({
      memory: { state: 'INSUFFICIENT_DATA' },
      undecided: 'warmUp',
    });
    expect(evaluateMetricAlarm(alarm, silent, newAlarm(START), at(10)).memory.state).toBe('ALARM');
  });

  test('ends as soon as the window is filled, and does not begin again', () => {
    const reader = readerOf(storeOf({ Value: '1*3' }));
    const filled = evaluateMetricAlarm(alarm, reader, newAlarm(START), at(3)).memory;
    expect(filled).toMatchObject({ state: 'OK', warm: true });
    expect(evaluateMetricAlarm(alarm, reader, filled, at(8)).memory.state).toBe('ALARM');
  });
});

describe('anomaly bands', () => {
  const alarm = metricAlarm({
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    operator: 'LessThanLowerOrGreaterThanUpperThreshold',
    thresholdMetricId: 'ad1',
    queries: [
      { id: 'm1', stat: stat('Value', { statistic: 'Average' }), returnData: true },
      { id: 'ad1', expression: 'ANOMALY_DETECTION_BAND(m1, 3)', returnData: true },
    ],
  });

  test('a jump out of the band fires, and the reason says that the band is ours', () => {
    const { transition } = evaluateMetricAlarm(alarm, readerOf(storeOf({ Value: '10 11*30 12 10 11 40*2' })), { state: 'OK' }, at(36));
    expect(transition?.to).toBe('ALARM');
    expect(transition?.reason).toMatch(
      /^Thresholds Crossed: 2 out of the last 2 datapoints \[40\.0 .* were less than the lower thresholds \[.*\] or greater than the upper thresholds \[.*\] .*The band is approximated\.$/,
    );
    expect(JSON.parse(transition?.reasonData ?? '')).toHaveProperty('recentUpperThresholds');
  });

  test('without history there is no band, and no judgement', () => {
    expect(evaluateMetricAlarm(alarm, readerOf(storeOf({ Value: '1*3 90*2' })), undefined, at(5)).memory.state).toBe('INSUFFICIENT_DATA');
  });
});

describe('expectations', () => {
  const heartbeat = metricAlarm({ operator: 'LessThanThreshold', threshold: 1, treatMissingData: 'breaching' });

  test('a silence fires between M and M + 2 periods and one evaluation', () => {
    expect(expectedDetection(heartbeat)).toEqual({ leastMs: 3 * MINUTE, mostMs: 6 * MINUTE });
    expect(expectedDetection(metricAlarm())).toBeUndefined();
  });

  test('while the heart is silent, the time of the alarm is known', () => {
    const reader = readerOf(storeOf({ Value: '1*10' }));
    expect(nextLikely(heartbeat, reader, { state: 'OK' }, at(10))).toBeUndefined();
    expect(nextLikely(heartbeat, reader, { state: 'OK' }, at(12))).toEqual({ atMs: at(15), because: 'silence' });
    expect(likelyText({ atMs: at(15), because: 'silence' })).toBe('ALARM expected at 03:15:00 UTC if the silence goes on');
    expect(evaluateMetricAlarm(heartbeat, reader, { state: 'OK' }, at(15)).memory.state).toBe('ALARM');
    expect(evaluateMetricAlarm(heartbeat, reader, { state: 'OK' }, at(14)).memory.state).toBe('OK');
  });

  test('while a breach goes on, too', () => {
    const reader = readerOf(storeOf({ Value: '1*5 9' }));
    expect(nextLikely(metricAlarm(), reader, { state: 'OK' }, at(6))).toEqual({ atMs: at(8), because: 'breach' });
  });
});
