import { describe, expect, it } from 'vitest';
import type { MetricAlarm, Transition } from '../../core/alarms/definition.ts';
import { readAlarmNotification } from '../../core/cloudwatch/notification.ts';
import { judgePolicies } from '../../local/access.ts';
import { alarmMessage, alarmSubject } from '../../local/alarm-message.ts';
import { decodeCbor, encodeCbor } from '../../local/endpoint/cbor.ts';
import { subjectOf } from '../../local/notification-subject.ts';
import { emfSamples } from '../../local/services/emf.ts';
import { runInsights } from '../../local/services/logs-insights.ts';

describe('policies', () => {
  const allow = (Action: string | string[], Resource: string | string[], Condition?: object) => ({
    Statement: [{ Effect: 'Allow', Action, Resource, ...(Condition === undefined ? {} : { Condition }) }],
  });
  const deny = (Action: string, Resource: string) => ({ Statement: [{ Effect: 'Deny', Action, Resource }] });
  const ns = { StringEquals: { 'cloudwatch:namespace': 'Mine' } };
  it.each([
    ['the action on the resource', [allow('sqs:SendMessage', 'arn:q')], true],
    ['a wildcard', [allow(['sqs:Get*', 'sqs:Send*'], 'arn:*')], true],
    ['one unknown character each', [allow('sqs:SendMessage', 'arn:?')], true],
    ['any case of the action', [allow('SQS:sendmessage', 'arn:q')], true],
    ['another resource', [allow('sqs:SendMessage', 'arn:other')], false],
    ['nothing', [], false],
    ['an explicit deny beside it', [allow('*', '*'), deny('sqs:*', 'arn:q')], false],
    ['a condition that holds', [allow('*', '*', ns)], true],
    ['a condition that does not', [allow('*', '*', { StringEquals: { 'cloudwatch:namespace': 'Yours' } })], false],
    ['a condition on what the request does not carry', [allow('*', '*', { StringEquals: { 'aws:other': 'x' } })], false],
    ['an operator that is not known', [allow('*', '*', { IpAddress: { 'cloudwatch:namespace': 'Mine' } })], false],
  ])('granting %s: %s', (_, documents, expected) => {
    expect(judgePolicies(documents, { action: 'sqs:SendMessage', resource: 'arn:q', context: { 'cloudwatch:namespace': 'Mine' } })).toBe(
      expected,
    );
  });
});

describe('the message of an alarm', () => {
  const stat = { namespace: 'N', metricName: 'M', dimensions: { Strategy: 's1' }, statistic: 'Maximum', periodSeconds: 60 };
  const alarm: MetricAlarm = {
    kind: 'metric',
    name: 'demo-x-s1',
    description: 'why',
    actionsEnabled: true,
    alarmActions: ['arn:topic'],
    okActions: [],
    insufficientDataActions: [],
    queries: [{ id: 'm1', stat, returnData: true }],
    periodSeconds: 60,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    operator: 'GreaterThanThreshold',
    threshold: 5,
    treatMissingData: 'breaching',
  };
  const transition: Transition = { alarm: alarm.name, from: 'OK', to: 'ALARM', atMs: Date.UTC(2026, 2, 9), reason: 'Threshold Crossed: …' };
  const context = { arn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:demo-x-s1', accountId: '000000000000', configuredMs: 0 };

  it('is read back by the notifier’s parser', () => {
    expect(readAlarmNotification(JSON.parse(alarmMessage(alarm, transition, context)))).toMatchObject({
      kind: 'metric',
      alarmName: 'demo-x-s1',
      from: 'OK',
      to: 'ALARM',
      atMs: transition.atMs,
      metricName: 'M',
      dimensions: { Strategy: 's1' },
      threshold: 5,
      region: 'us-east-1',
    });
  });

  it('names math by its queries and composites by their rule', () => {
    const math = {
      ...alarm,
      queries: [
        ...alarm.queries.map(query => ({ ...query, returnData: false })),
        { id: 'e', expression: 'm1 * 2', label: 'double', returnData: true },
      ],
    };
    expect(JSON.parse(alarmMessage(math, transition, context))).toMatchObject({
      Trigger: {
        Metrics: [
          { Id: 'm1', MetricStat: { Stat: 'Maximum' } },
          { Id: 'e', Expression: 'm1 * 2', Label: 'double' },
        ],
      },
    });
    const { kind: _kind, queries: _queries, ...base } = alarm;
    const composite = JSON.parse(
      alarmMessage({ ...base, kind: 'composite', rule: 'ALARM("a")' }, transition, {
        ...context,
        children: [{ arn: 'arn:a', state: 'ALARM', atMs: 0 }],
      }),
    ) as object;
    expect(composite).toMatchObject({ AlarmRule: 'ALARM("a")', TriggeringChildren: [{ Arn: 'arn:a', State: { Value: 'ALARM' } }] });
    expect(composite).not.toHaveProperty('Trigger');
  });

  it('has a subject of at most 100 plain characters', () => {
    expect(alarmSubject(alarm, transition)).toBe('ALARM: "demo-x-s1" in US East (N. Virginia)');
    const long = alarmSubject({ ...alarm, name: `ü${'x'.repeat(200)}` }, transition);
    expect([long.length, /^[\x20-\x7e]+$/.test(long)]).toEqual([100, true]);
  });

  it('tells what a sent page is about, also for the fast path and for a resolve', () => {
    const sns = (message: string) => JSON.stringify({ Records: [{ Sns: { Message: message } }] });
    expect(subjectOf(sns(alarmMessage(alarm, transition, context)), {})).toEqual({
      alarm: 'demo-x-s1',
      state: 'ALARM',
      atMs: transition.atMs,
    });
    const breach = {
      nightdesk: 1,
      kind: 'breach',
      row: 'r',
      alarm: 'heartbeat-missing',
      dimensions: { Strategy: 's1' },
      state: 'ALARM',
      severity: 'critical',
      at: '2026-03-09T00:00:00Z',
      since: '2026-03-09T00:00:00Z',
      reason: 'x',
    };
    expect(subjectOf(sns(JSON.stringify(breach)), { dedup_key: 'k', event_action: 'resolve' })).toMatchObject({
      alarm: 'heartbeat-missing-s1',
      incident: 'k',
      state: 'OK',
    });
    expect(subjectOf(undefined, 'text')).toEqual({});
    // What became due of another incident goes out with whatever the function handles.
    const own = { dedup_key: 'v1:heartbeat-missing:Strategy=s1', event_action: 'trigger' };
    expect(subjectOf(sns(JSON.stringify(breach)), own)).toMatchObject({ alarm: 'heartbeat-missing-s1', atMs: Date.parse(breach.at) });
    const other = { dedup_key: 'v1:drawdown:Strategy=s2,Venue=v@desk', event_action: 'trigger' };
    expect(subjectOf(sns(JSON.stringify(breach)), other)).toEqual({
      alarm: 'drawdown-s2-v',
      incident: other.dedup_key,
      state: 'ALARM',
    });
    const group = { dedup_key: 'v1:group:bot:Bot=b1', event_action: 'trigger' };
    expect(subjectOf(undefined, group)).toEqual({ incident: group.dedup_key, state: 'ALARM' });
  });
});

describe('embedded metrics', () => {
  const document = (more: object) =>
    JSON.stringify({
      _aws: {
        Timestamp: 5,
        CloudWatchMetrics: [{ Namespace: 'N', Dimensions: [['A'], []], Metrics: [{ Name: 'x', Unit: 'Count' }, { Name: 'y' }] }],
      },
      A: 'a',
      x: 1,
      y: [2, 3],
      ...more,
    });
  it('give each metric in each dimension set', () => {
    expect(emfSamples(document({}))?.map(({ name, dimensions, values }) => [name, dimensions, values])).toEqual([
      ['x', { A: 'a' }, [1]],
      ['y', { A: 'a' }, [2, 3]],
      ['x', {}, [1]],
      ['y', {}, [2, 3]],
    ]);
  });
  it('leave out what is missing or no number', () => {
    expect(emfSamples(document({ A: 1, x: 'one' }))?.map(({ name }) => name)).toEqual(['y']);
    expect(emfSamples('{"_aws": broken')).toBeUndefined();
    expect(emfSamples('{"_aws":{}}')).toBeUndefined();
    expect(emfSamples('plain')).toBeUndefined();
  });
});

describe('Logs Insights', () => {
  const rows = [
    { level: 'ERROR', code: 'A', n: 3 },
    { level: 'ERROR', code: 'B', n: 1 },
    { level: 'INFO', code: 'A', n: 7, deep: { x: 1 } },
  ].map((event, index) => ({ atMs: index * 60_000, message: JSON.stringify(event), stream: 's', group: 'g' }));
  it.each([
    ['fields code', [['A'], ['B'], ['A']]],
    ['fields n | sort n asc | limit 2', [['1'], ['3']]],
    ['fields code | filter level = "ERROR" and n > 1', [['A']]],
    ['fields code | filter not (level = "ERROR") or n = 1 | sort n asc', [['B'], ['A']]],
    ['fields n | filter code in ["A", "C"] | sort n desc', [['7'], ['3']]],
    ['fields n | filter level like /(?i)err/ | sort n asc', [['1'], ['3']]],
    ['fields deep.x | filter ispresent(deep.x)', [['1']]],
    [
      'stats count(*) as hits by code',
      [
        ['A', '2'],
        ['B', '1'],
      ],
    ],
    [
      'stats sum(n), max(n) by level',
      [
        ['INFO', '7', '7'],
        ['ERROR', '4', '3'],
      ],
    ],
    [
      'stats count(*) as c by bin(1m) as minute | sort minute asc',
      [
        ['1970-01-01 00:00:00.000', '1'],
        ['1970-01-01 00:01:00.000', '1'],
        ['1970-01-01 00:02:00.000', '1'],
      ],
    ],
  ])('%s', (query, expected) => {
    expect(runInsights(query, rows).rows).toEqual(expected);
  });
  it.each(['dance', 'filter level =', 'filter (level = "x"', 'stats mode(n)', 'filter level ~ 3'])('refuses "%s"', query => {
    expect(() => runInsights(query, rows)).toThrow();
  });
});

describe('CBOR', () => {
  it.each([
    [null],
    [true],
    [0],
    [23],
    [24],
    [255],
    [65_536],
    [-1],
    [-500],
    [1.5],
    [-1e300],
    ['text ü'],
    [[1, [2, 'x']]],
    [{ a: { b: [true, false] } }],
  ])('keeps %j', value => {
    expect(decodeCbor(encodeCbor(value)) ?? null).toEqual(value);
  });
  it.each([
    ['f93e00', 1.5],
    ['fa47c35000', 100_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['c11a514b67b0', 1_363_896_240],
    ['9f0102ff', [1, 2]],
    ['bf6161f5ff', { a: true }],
    ['7f6573747265616d696e67ff', undefined],
  ])('reads %s', (hex, expected) => {
    if (expected === undefined) expect(() => decodeCbor(Buffer.from(hex, 'hex'))).toThrow(RangeError);
    else expect(decodeCbor(Buffer.from(hex, 'hex'))).toEqual(expected);
  });
});
