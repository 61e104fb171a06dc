import { describe, expect, it } from 'vitest';
import { accountAlarms, accountChanges } from '../../adapters/history/account-alarms.ts';
import { type AccountOptions, accountHistory, type CloudWatchSender, finestSeconds } from '../../adapters/history/account-history.ts';
import type { MetricStat } from '../../core/alarms/definition.ts';
import { runAlarms } from '../../core/backtest/run-alarms.ts';
import { alarm, at, composite, minute, startMs } from './history-of.ts';

interface Query {
  readonly Id: string;
  readonly MetricStat: { readonly Metric: { readonly MetricName: string }; readonly Period: number; readonly Stat: string };
}
interface Asked {
  readonly StartTime: Date;
  readonly EndTime: Date;
  readonly NextToken?: string;
  readonly MetricDataQueries: readonly Query[];
}

/** Values by metric and statistic at each minute since 13:30; answers two points a page. */
function fakeAccount(data: Readonly<Record<string, readonly (readonly [minute: number, value: number])[]>>, perPage = 2) {
  const asked: Asked[] = [];
  const refusals: Error[] = [];
  const send = async (command: { readonly input: unknown }) => {
    const refusal = refusals.shift();
    if (refusal !== undefined) throw refusal;
    const input = command.input as Asked;
    asked.push(input);
    const offset = Number(input.NextToken ?? 0);
    const found = input.MetricDataQueries.map(({ Id, MetricStat: { Metric, Period, Stat } }) => ({
      Id,
      points: (data[`${Metric.MetricName} ${Stat} ${Period}`] ?? []).filter(
        ([m]) => at(m) >= input.StartTime.getTime() && at(m) < input.EndTime.getTime(),
      ),
    }));
    const longest = Math.max(0, ...found.map(({ points }) => points.length));
    return {
      MetricDataResults: found.map(({ Id, points }) => ({
        Id,
        StatusCode: 'Complete',
        Timestamps: points.slice(offset, offset + perPage).map(([m]) => new Date(at(m))),
        Values: points.slice(offset, offset + perPage).map(([, value]) => value),
      })),
      ...(longest > offset + perPage ? { NextToken: String(offset + perPage) } : {}),
    };
  };
  return { client: { send } as unknown as CloudWatchSender, asked, refusals };
}

const waits: number[] = [];
const options = (more: Partial<AccountOptions> = {}): AccountOptions => ({
  fromMs: startMs,
  toMs: at(30),
  nowMs: at(60),
  name: 'account',
  pause: async ms => void waits.push(ms),
  ...more,
});

const stat = (metricName: string, statistic: string, periodSeconds = 60): MetricStat => ({
  namespace: 'T',
  metricName,
  dimensions: {},
  statistic,
  periodSeconds,
});
const watching = (query: MetricStat) =>
  alarm('a', query.metricName, { queries: [{ id: 'm', stat: query, returnData: true }], periodSeconds: query.periodSeconds });

describe('GetMetricData as history', () => {
  it('follows pages and replays what it finds', async () => {
    const { client, asked } = fakeAccount({
      'M Maximum 60': [
        [1, 1],
        [2, 1],
        [3, 20],
        [4, 20],
        [5, 1],
      ],
    });
    const definition = alarm('a', 'M');
    const history = await accountHistory(client, [definition], options());
    expect(asked.filter(({ NextToken }) => NextToken !== undefined)).toHaveLength(2);
    const { transitions } = runAlarms([definition], history).get('a')!;
    expect(transitions.map(({ to, atMs }) => [to, (atMs - startMs) / minute])).toEqual([
      ['OK', 2],
      ['ALARM', 4],
      ['OK', 6],
    ]);
  });

  it('puts averages of any window together from sums and counts', async () => {
    const { client } = fakeAccount({
      'M Sum 60': [
        [1, 10],
        [2, 90],
      ],
      'M SampleCount 60': [
        [1, 1],
        [2, 3],
      ],
    });
    const average = stat('M', 'Average', 300);
    const history = await accountHistory(client, [watching(average)], options());
    expect(history.read(average, at(0), at(10))).toEqual([25, null]);
    expect(history.read(average, at(2), at(7))).toEqual([30]);
  });

  it('reads percentiles at whole periods, and never one that was not over', async () => {
    const { client } = fakeAccount({
      'M p99 300': [
        [0, 7],
        [5, 9],
      ],
    });
    const p99 = stat('M', 'p99', 300);
    const history = await accountHistory(client, [watching(p99)], options());
    expect(history.read(p99, at(0), at(10))).toEqual([7, 9]);
    expect(history.read(p99, at(3), at(8))).toEqual([7]);
    expect(history.fidelity).toContain(
      'percentiles and trimmed means of periods over a minute exist at whole periods only; sliding windows use the newest whole one',
    );
  });

  it('waits between calls, and longer while it is told that it is too much', async () => {
    const { client, refusals } = fakeAccount({});
    refusals.push(Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }));
    waits.length = 0;
    await accountHistory(client, [alarm('a', 'M')], options());
    expect(waits.slice(0, 2)).toEqual([100, 1000]);
  });

  it('gives up at once where trying again does not help', async () => {
    const { client, refusals } = fakeAccount({});
    refusals.push(Object.assign(new Error('not allowed'), { name: 'AccessDenied' }));
    await expect(accountHistory(client, [alarm('a', 'M')], options())).rejects.toThrow('not allowed');
  });

  it('goes on where an interrupted run stopped', async () => {
    const kept = new Map<string, string>();
    const pieces = { read: async (key: string) => kept.get(key), write: async (key: string, text: string) => void kept.set(key, text) };
    const span = { fromMs: startMs, toMs: at(3 * 1440), nowMs: at(3 * 1440), pieces };
    const first = fakeAccount({ 'M Maximum 60': [[1, 20]] });
    let calls = 0;
    const interrupted = {
      send: (command: never) => {
        calls += 1;
        if (calls === 3) return Promise.reject(new Error('the line is cut'));
        return (first.client as unknown as { send: (command: never) => Promise<unknown> }).send(command);
      },
    } as unknown as CloudWatchSender;
    await expect(accountHistory(interrupted, [alarm('a', 'M')], options(span))).rejects.toThrow('the line is cut');
    expect(kept.size).toBe(2);
    const second = fakeAccount({ 'M Maximum 60': [[1, 20]] });
    const history = await accountHistory(second.client, [alarm('a', 'M')], options(span));
    expect(history.read(stat('M', 'Maximum'), at(1), at(2))).toEqual([20]);
    expect(second.asked.length + 2).toBe(kept.size);
  });

  const days = 86_400_000;
  it.each([
    [14, 60],
    [16, 300],
    [64, 3600],
    [456, undefined],
  ])('has for %i days ago points of %s s', (ago, seconds) => {
    expect(finestSeconds(startMs - ago * days, startMs)).toBe(seconds);
  });

  it('replays neither bands nor alarms shorter than the points that are kept', async () => {
    const { client } = fakeAccount({ 'M Maximum 300': [[0, 20]] });
    const { threshold: _, ...banded } = alarm('band', 'M', { thresholdMetricId: 'b', periodSeconds: 300 });
    const old = { fromMs: startMs, toMs: at(30), nowMs: startMs + 20 * days };
    const history = await accountHistory(client, [alarm('short', 'M'), banded], options(old));
    const runs = runAlarms([alarm('short', 'M'), banded], history);
    expect(runs.get('short')!.skipped).toBe('its period is 60 s and the history holds points of 300 s');
    expect(runs.get('band')!.skipped).toContain('knowledge of what came later');
  });
});

describe('the account’s alarms', () => {
  const pages = (answers: readonly unknown[]) => {
    const left = [...answers];
    return { send: async () => left.shift() } as unknown as CloudWatchSender;
  };
  const described = {
    AlarmName: 'cpu',
    AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu',
    Namespace: 'AWS/EC2',
    MetricName: 'CPUUtilization',
    Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }],
    Statistic: 'Average',
    Period: 300,
    EvaluationPeriods: 2,
    Threshold: 90,
    ComparisonOperator: 'GreaterThanThreshold',
    ActionsEnabled: true,
    AlarmActions: ['arn:aws:sns:eu-west-1:123456789012:ops'],
    OKActions: [],
    DatapointsToAlarm: undefined,
  };

  it('come from DescribeAlarms, over pages; what cannot be read is named', async () => {
    const client = pages([
      { MetricAlarms: [described], NextToken: 'more' },
      {
        CompositeAlarms: [{ AlarmName: 'both', AlarmRule: 'ALARM("cpu")', ActionsEnabled: true }],
        MetricAlarms: [{ ...described, AlarmName: 'odd', ComparisonOperator: 'Sideways' }],
      },
    ]);
    const set = await accountAlarms(client, 'account', options());
    expect(set.alarms.map(({ definition }) => definition)).toMatchObject([
      {
        kind: 'metric',
        name: 'cpu',
        datapointsToAlarm: 2,
        alarmActions: ['arn:aws:sns:eu-west-1:123456789012:ops'],
        queries: [{ stat: { namespace: 'AWS/EC2', dimensions: { InstanceId: 'i-1' }, statistic: 'Average', periodSeconds: 300 } }],
      },
      { ...composite('both', 'ALARM("cpu")'), alarmActions: [], okActions: [] },
    ]);
    expect(set.unusable).toMatchObject([{ name: 'odd' }]);
  });

  it('are log alarms too', async () => {
    const ScheduleConfiguration = { ScheduleExpression: 'rate(5 minutes)', StartTimeOffset: 300 };
    const query = { QueryString: 'fields @message', AggregationExpression: 'count(*)', LogGroupIdentifiers: ['/bots/a'] };
    const results = { QueryResultsToEvaluate: 3, QueryResultsToAlarm: 2 };
    const client = pages([
      {
        LogAlarms: [
          {
            AlarmName: 'rejects',
            ...results,
            Threshold: 5,
            ComparisonOperator: 'GreaterThanThreshold',
            ScheduledQueryConfiguration: { ...query, ScheduleConfiguration, ScheduledQueryRoleARN: 'arn:aws:iam::1:role/r' },
          },
        ],
      },
    ]);
    const set = await accountAlarms(client, 'account', options());
    expect(set.alarms.map(({ definition }) => definition)).toMatchObject([{ kind: 'log', name: 'rejects', logGroups: ['/bots/a'] }]);
  });

  it('have a history of changes', async () => {
    const data = { oldState: { stateValue: 'OK' }, newState: { stateValue: 'ALARM', stateReason: 'Threshold Crossed' } };
    const client = pages([
      { AlarmHistoryItems: [{ AlarmName: 'cpu', Timestamp: new Date(at(3)), HistoryData: JSON.stringify(data) }], NextToken: 'more' },
      { AlarmHistoryItems: [{ AlarmName: 'cpu', Timestamp: new Date(at(4)), HistoryData: 'not json' }] },
    ]);
    expect(await accountChanges(client, { fromMs: at(0), toMs: at(9) }, options())).toEqual([
      { alarm: 'cpu', from: 'OK', to: 'ALARM', atMs: at(3), reason: 'Threshold Crossed' },
    ]);
  });
});
