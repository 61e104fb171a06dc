import { describe, expect, it } from 'vitest';
import { readAlarmNotification } from '../../core/cloudwatch/notification.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';
import { STAND_IN_PLACE } from '../../core/template/resource-types.ts';
import { createAlarmEngine } from '../../local/alarm-engine.ts';
import { createLogs } from '../../local/services/logs.ts';
import { resourcesOf } from '../../local/template/assembly.ts';

const START = Date.UTC(2026, 2, 9, 13, 30);
const MINUTE = 60_000;
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:pages';

const template = {
  Resources: {
    Rejects: {
      Type: 'AWS::CloudWatch::LogAlarm',
      Properties: {
        AlarmName: 'rejects',
        QueryResultsToEvaluate: 1,
        QueryResultsToAlarm: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Threshold: 2,
        TreatMissingData: 'notBreaching',
        ActionLogLineCount: 5,
        AlarmActions: [TOPIC],
        ScheduledQueryConfiguration: {
          QueryString: 'filter eventType = "orderRejected"',
          AggregationExpression: 'count(*)',
          LogGroupIdentifiers: ['/bots/a'],
          ScheduleConfiguration: { ScheduleExpression: 'rate(5 minutes)', StartTimeOffset: 300 },
        },
      },
    },
    Desk: {
      Type: 'AWS::CloudWatch::CompositeAlarm',
      Properties: { AlarmName: 'desk', AlarmRule: 'ALARM(rejects)', AlarmActions: [TOPIC] },
    },
  },
};

/** The engine over the lines of a bot, minute by minute. */
function engine() {
  let nowMs = START;
  const published: string[] = [];
  const states: string[] = [];
  const logs = createLogs({ groups: [], metricFilters: [], subscriptions: [] }, { accountId: '000000000000' }, () => undefined, {
    now: () => nowMs,
    onMetric: () => undefined,
    onPending: () => undefined,
    deliver: () => undefined,
    onEvent: () => undefined,
  });
  const resources = resourcesOf([{ name: 'Bots', template }], STAND_IN_PLACE, name => name);
  const store = createSeriesStore();
  const alarms = createAlarmEngine(
    {
      place: STAND_IN_PLACE,
      resources,
      ofType: (...types) => resources.filter(({ type }) => types.includes(type)),
      assetDir: key => key,
    },
    {
      store: () => store,
      logs: { read: logs.records },
      publish: (_arn, message) => published.push(message),
      onTransition: ({ alarm, to, atMs }) => states.push(`${(atMs - START) / MINUTE}m ${alarm} ${to}`),
    },
    START,
  );
  const reject = (minute: number): void =>
    logs.append('/bots/a', 'main', START + minute * MINUTE, JSON.stringify({ eventType: 'orderRejected', orderId: `o${minute}` }));
  const runTo = (minute: number): void => {
    for (; nowMs < START + minute * MINUTE; ) {
      nowMs += MINUTE;
      alarms.evaluate(nowMs);
    }
  };
  return { alarms, published, states, reject, runTo };
}

describe('a log alarm of the template on the local stack', () => {
  it('runs its query on schedule, pages with the lines, feeds its composite and clears', () => {
    const { published, states, reject, runTo } = engine();
    reject(1);
    runTo(6);
    reject(7);
    reject(8);
    runTo(16);
    expect(states).toEqual(['1m desk OK', '5m rejects OK', '10m rejects ALARM', '10m desk ALARM', '15m rejects OK', '15m desk OK']);
    expect(readAlarmNotification(JSON.parse(published[0] ?? ''))).toMatchObject({
      kind: 'query',
      alarmName: 'rejects',
      to: 'ALARM',
      value: 2,
      threshold: 2,
      logLines: ['{"eventType":"orderRejected","orderId":"o8"}', '{"eventType":"orderRejected","orderId":"o7"}'],
    });
  });

  it('judges nothing before the first line, tells its next run, and remembers its results', () => {
    const { alarms, states, reject, runTo } = engine();
    runTo(4);
    expect(states.filter(state => state.includes('rejects'))).toEqual([]);
    expect(alarms.expectation('rejects', START + 4 * MINUTE)).toEqual({ nextMs: START + 5 * MINUTE });
    reject(4);
    reject(4);
    runTo(6);
    const again = engine();
    again.alarms.restore(alarms.serialise());
    expect(again.alarms.views().find(({ name }) => name === 'rejects')).toMatchObject({ kind: 'log', state: 'ALARM' });
    again.runTo(9);
    expect(again.states.filter(state => state.includes('rejects'))).toEqual([]);
  });
});
