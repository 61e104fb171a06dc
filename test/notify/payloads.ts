/** Builders for what AWS sends. All names and numbers are invented. */

export const alarmArn = (name: string) => `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`;

export interface AlarmMessage {
  readonly [key: string]: unknown;
}

const points = '2 out of the last 3 datapoints [9.0 (22/11/26 03:02:00), 12.0 (22/11/26 03:01:00)]';

/** The SNS message of a plain metric alarm, with anything changed or removed (set it to undefined). */
export function metricMessage(changes: Readonly<Record<string, unknown>> = {}): AlarmMessage {
  return {
    AlarmName: 'prod-order-rejects',
    AlarmDescription: 'Order rejects above five a minute. Runbook: https://runbooks.example.com/rejects',
    AWSAccountId: '111122223333',
    AlarmConfigurationUpdatedTimestamp: '2026-11-20T09:00:00.000+0000',
    NewStateValue: 'ALARM',
    NewStateReason: `Threshold Crossed: ${points} was greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).`,
    StateChangeTime: '2026-11-22T03:03:41.512+0000',
    Region: 'EU (Ireland)',
    AlarmArn: alarmArn('prod-order-rejects'),
    OldStateValue: 'OK',
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: 'OrderRejectCount',
      Namespace: 'Trading/Execution',
      StatisticType: 'Statistic',
      Statistic: 'SUM',
      Unit: null,
      Dimensions: [
        { value: 'momentum', name: 'Strategy' },
        { value: 'kraken', name: 'Venue' },
      ],
      Period: 60,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 5,
      TreatMissingData: 'notBreaching',
      EvaluateLowSampleCountPercentile: '',
    },
    ...changes,
  };
}

/** The message of an alarm of this stack, with its machine line. */
export function ownMessage(alarm: string, state: 'OK' | 'ALARM', at: string, strategy = 's1'): AlarmMessage {
  const machine = { v: 1, row: 'heartbeatCount', alarm, severity: 'critical', dimensions: { Strategy: strategy }, runbook: `#${alarm}` };
  return metricMessage({
    AlarmName: `demo-${alarm}-${strategy}`,
    AlarmArn: alarmArn(`demo-${alarm}-${strategy}`),
    AlarmDescription: `${strategy}: heartbeats are below 1.\nFirst: Check open positions at the venue.\nnightdesk ${JSON.stringify(machine)}`,
    NewStateValue: state,
    OldStateValue: state === 'ALARM' ? 'OK' : 'ALARM',
    StateChangeTime: at,
  });
}

/** A Lambda event of SNS with one record per message. */
export function snsEvent(messages: readonly unknown[], topic = 'nightdesk-demo-critical') {
  return {
    Records: messages.map((message, index) => ({
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      Sns: {
        Type: 'Notification',
        MessageId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
        TopicArn: `arn:aws:sns:eu-west-1:111122223333:${topic}`,
        Subject: 'ALARM: "x" in EU (Ireland)',
        Message: typeof message === 'string' ? message : JSON.stringify(message),
        Timestamp: '2026-11-22T03:03:41.560Z',
        MessageAttributes: {},
      },
    })),
  };
}

export const compositeMessage = (): AlarmMessage => ({
  AlarmName: 'prod-service',
  AlarmDescription: null,
  AWSAccountId: '111122223333',
  NewStateValue: 'ALARM',
  NewStateReason: `${alarmArn('prod-heartbeat')} transitioned to ALARM at Sunday 22 November, 2026 03:07:04 UTC`,
  StateChangeTime: '2026-11-22T03:07:04.301+0000',
  Region: 'EU (Ireland)',
  AlarmArn: alarmArn('prod-service'),
  OldStateValue: 'OK',
  AlarmRule: `ALARM("${alarmArn('prod-heartbeat')}")`,
  TriggeringChildren: [{ Arn: alarmArn('prod-heartbeat'), State: { Value: 'ALARM', Timestamp: '2026-11-22T03:07:04.221+0000' } }],
});

export const lambdaAction = (changes: Readonly<Record<string, unknown>> = {}) => ({
  source: 'aws.cloudwatch',
  alarmArn: alarmArn('prod-order-rejects'),
  accountId: '111122223333',
  time: '2026-11-22T03:03:41.512+0000',
  region: 'eu-west-1',
  alarmData: {
    alarmName: 'prod-order-rejects',
    state: {
      value: 'ALARM',
      reason: `Threshold Crossed: ${points} was greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).`,
      reasonData: JSON.stringify({ version: '1.0', statistic: 'Sum', period: 60, recentDatapoints: [3, 12, 9], threshold: 5 }),
      timestamp: '2026-11-22T03:03:41.512+0000',
    },
    previousState: { value: 'OK', timestamp: '2026-11-22T01:01:41.000+0000' },
    configuration: {
      metrics: [
        {
          id: 'm1',
          metricStat: {
            metric: { namespace: 'Trading/Execution', name: 'OrderRejectCount', dimensions: { Strategy: 'momentum', Venue: 'kraken' } },
            period: 60,
            stat: 'Sum',
          },
          returnData: true,
        },
      ],
    },
    ...changes,
  },
});
