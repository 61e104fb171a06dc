import { describe, expect, test } from 'vitest';
import {
  alarmFromTemplate,
  anomalyDetectorFromTemplate,
  isoDurationMs,
  muteRuleFromTemplate,
} from '../../core/cloudwatch/template-alarm.ts';

const plain = {
  AlarmName: 'demo-session-loss-s1',
  AlarmDescription: 'Loss limit',
  Namespace: 'Nightdesk/demo',
  MetricName: 'SessionPnl',
  Dimensions: [{ Name: 'Strategy', Value: 's1' }],
  Statistic: 'Minimum',
  Period: 60,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  ComparisonOperator: 'LessThanThreshold',
  Threshold: -2500,
  TreatMissingData: 'breaching',
  AlarmActions: ['arn:aws:sns:eu-west-1:1:critical'],
};

describe('alarms', () => {
  test('a plain alarm, with numbers as CloudFormation may write them', () => {
    const alarm = alarmFromTemplate('AWS::CloudWatch::Alarm', { ...plain, Period: '60', Threshold: '-2500' }, 'fallback');
    expect(alarm).toMatchObject({
      ok: true,
      value: {
        kind: 'metric',
        name: 'demo-session-loss-s1',
        periodSeconds: 60,
        datapointsToAlarm: 2,
        threshold: -2500,
        treatMissingData: 'breaching',
        actionsEnabled: true,
        alarmActions: ['arn:aws:sns:eu-west-1:1:critical'],
        queries: [
          {
            stat: {
              namespace: 'Nightdesk/demo',
              metricName: 'SessionPnl',
              dimensions: { Strategy: 's1' },
              statistic: 'Minimum',
              periodSeconds: 60,
            },
          },
        ],
      },
    });
  });

  test('defaults: a name, M = N, missing', () => {
    const { AlarmName: _name, DatapointsToAlarm: _m, TreatMissingData: _treat, ...rest } = plain;
    expect(alarmFromTemplate('AWS::CloudWatch::Alarm', rest, 'fallback')).toMatchObject({
      ok: true,
      value: { name: 'fallback', datapointsToAlarm: 3, treatMissingData: 'missing' },
    });
  });

  test('a math alarm takes its period from its metrics', () => {
    const { Namespace: _n, MetricName: _m, Dimensions: _d, Statistic: _s, Period: _p, ...rest } = plain;
    const metric = (id: string, period: number) => ({
      Id: id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'N', MetricName: id, Dimensions: [] }, Period: period, Stat: 'Sum' },
    });
    const math = (second: number) =>
      alarmFromTemplate(
        'AWS::CloudWatch::Alarm',
        { ...rest, Metrics: [metric('a', 300), metric('b', second), { Id: 'e1', Expression: 'a / b', Label: 'share' }] },
        'x',
      );
    expect(math(300)).toMatchObject({
      ok: true,
      value: { periodSeconds: 300, queries: [{ returnData: false }, {}, { expression: 'a / b', returnData: true, label: 'share' }] },
    });
    expect(math(60)).toMatchObject({ ok: false, error: [{ path: 'Period' }] });
  });

  test('an anomaly alarm has a band instead of a threshold', () => {
    const alarm = alarmFromTemplate(
      'AWS::CloudWatch::Alarm',
      {
        EvaluationPeriods: 2,
        ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold',
        ThresholdMetricId: 'ad1',
        Metrics: [
          { Id: 'm1', MetricStat: { Metric: { Namespace: 'N', MetricName: 'M' }, Period: 60, Stat: 'Average' } },
          { Id: 'ad1', Expression: 'ANOMALY_DETECTION_BAND(m1, 2)' },
        ],
      },
      'x',
    );
    expect(alarm).toMatchObject({ ok: true, value: { thresholdMetricId: 'ad1' } });
    expect(alarm.ok && 'threshold' in alarm.value).toBe(false);
  });

  test('wall clock and warm-up', () => {
    const alarm = alarmFromTemplate(
      'AWS::CloudWatch::Alarm',
      {
        ...plain,
        EvaluationWindow: { WallClockWindow: { Timezone: 'America/New_York' } },
        WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 10, OnlyStartEvaluatingAfterWarmUpPeriodEnds: true },
      },
      'x',
    );
    expect(alarm).toMatchObject({ ok: true, value: { wallClockZone: 'America/New_York', warmUpMinutes: 10, warmUpWholePeriod: true } });
  });

  const logAlarm = {
    AlarmName: 'rejects',
    QueryResultsToEvaluate: 3,
    QueryResultsToAlarm: 2,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 5,
    ActionLogLineCount: 10,
    ScheduledQueryConfiguration: {
      QueryString: 'filter eventType = "orderRejected"',
      AggregationExpression: 'count(*)',
      LogGroupIdentifiers: ['/bot/a', 'arn:aws:logs:eu-west-1:1:log-group:/bot/b:*'],
      ScheduledQueryRoleARN: 'arn:aws:iam::1:role/r',
      ScheduleConfiguration: { ScheduleExpression: 'rate(5 minutes)', StartTimeOffset: 300 },
    },
  };

  test('a log alarm, its groups by name', () => {
    const warm = { WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 15 } };
    expect(alarmFromTemplate('AWS::CloudWatch::LogAlarm', { ...logAlarm, ...warm }, 'x')).toMatchObject({
      ok: true,
      value: {
        kind: 'log',
        name: 'rejects',
        query: 'filter eventType = "orderRejected"',
        aggregation: 'count(*)',
        logGroups: ['/bot/a', '/bot/b'],
        schedule: 'rate(5 minutes)',
        startOffsetSeconds: 300,
        endOffsetSeconds: 0,
        queryResultsToEvaluate: 3,
        queryResultsToAlarm: 2,
        threshold: 5,
        treatMissingData: 'missing',
        warmUpMinutes: 15,
        logLineCount: 10,
      },
    });
  });

  test.each([
    ['a schedule that is none', { ScheduleConfiguration: { ScheduleExpression: 'hourly', StartTimeOffset: 300 } }, 'ScheduleExpression'],
    [
      'a window that ends before it starts',
      { ScheduleConfiguration: { ScheduleExpression: 'rate(1 minute)', StartTimeOffset: 60, EndTimeOffset: 60 } },
      'StartTimeOffset',
    ],
    ['a query that does not parse', { QueryString: 'select *' }, 'QueryString'],
    ['no aggregation', { AggregationExpression: undefined }, 'AggregationExpression'],
  ])('%s is a problem of its path', (_claim, over, path) => {
    const broken = { ...logAlarm, ScheduledQueryConfiguration: { ...logAlarm.ScheduledQueryConfiguration, ...over } };
    expect(alarmFromTemplate('AWS::CloudWatch::LogAlarm', broken, 'x')).toMatchObject({
      ok: false,
      error: [{ path: expect.stringContaining(path) }],
    });
  });

  test('a log alarm has no band and at most 50 lines', () => {
    const broken = { ...logAlarm, ComparisonOperator: 'LessThanLowerThreshold', ActionLogLineCount: 51 };
    expect(alarmFromTemplate('AWS::CloudWatch::LogAlarm', broken, 'x')).toMatchObject({
      ok: false,
      error: [{ path: 'ComparisonOperator' }, { path: 'ActionLogLineCount' }],
    });
  });

  test('a composite with its suppressor', () => {
    const alarm = alarmFromTemplate(
      'AWS::CloudWatch::CompositeAlarm',
      {
        AlarmName: 'c',
        AlarmRule: 'ALARM(a)',
        ActionsSuppressor: 'arn:x',
        ActionsSuppressorWaitPeriod: 60,
        ActionsSuppressorExtensionPeriod: 120,
        ActionsEnabled: false,
      },
      'x',
    );
    expect(alarm).toMatchObject({
      ok: true,
      value: {
        kind: 'composite',
        rule: 'ALARM(a)',
        actionsEnabled: false,
        suppressor: { alarm: 'arn:x', waitSeconds: 60, extensionSeconds: 120 },
      },
    });
  });

  test('every problem is named with its path and value', () => {
    const alarm = alarmFromTemplate(
      'AWS::CloudWatch::Alarm',
      { ...plain, ComparisonOperator: 'Above', Threshold: { Ref: 'X' }, TreatMissingData: 'no', Statistic: undefined },
      'x',
    );
    expect(alarm.ok ? [] : alarm.error.map(problem => problem.path)).toEqual([
      'Statistic',
      'ComparisonOperator',
      'Threshold',
      'TreatMissingData',
    ]);
    expect(alarm.ok ? '' : alarm.error[2]?.message).toBe('Threshold must be a number; was {"Ref":"X"}');
  });
});

test('mute rules', () => {
  const rule = {
    Name: 'closed',
    Rule: { Schedule: { Expression: 'cron(0 17 * * *)', Duration: 'PT16H', Timezone: 'America/New_York' } },
    MuteTargets: { AlarmNames: ['a'] },
    ExpireDate: '2027-01-01T00:00',
  };
  expect(muteRuleFromTemplate(rule, 'x')).toEqual({
    ok: true,
    value: {
      name: 'closed',
      schedule: 'cron(0 17 * * *)',
      timeZone: 'America/New_York',
      durationMs: 57_600_000,
      alarms: ['a'],
      expireMs: Date.UTC(2027, 0, 1),
    },
  });
  expect(muteRuleFromTemplate({ Rule: { Schedule: { Expression: 'cron(0 17 * * *)', Duration: 'P16D' } } }, 'x').ok).toBe(false);
});

test('durations', () => {
  expect(['PT1M', 'P15D', 'P1DT2H', 'PT1.5S', 'P', 'PT', '1h'].map(isoDurationMs)).toEqual([
    60_000,
    1_296_000_000,
    93_600_000,
    1500,
    undefined,
    undefined,
    undefined,
  ]);
});

test('anomaly detectors', () => {
  expect(
    anomalyDetectorFromTemplate({
      SingleMetricAnomalyDetector: { Namespace: 'N', MetricName: 'M', Stat: 'Sum', Dimensions: [{ Name: 'A', Value: '1' }] },
    }),
  ).toEqual({
    namespace: 'N',
    metricName: 'M',
    dimensions: { A: '1' },
    statistic: 'Sum',
  });
  expect(anomalyDetectorFromTemplate({ MetricMathAnomalyDetector: {} })).toBeUndefined();
});
