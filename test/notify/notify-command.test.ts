import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../adapters/notify/channel.ts';
import { command } from '../../bin/commands/notify.ts';
import { runCommand } from '../../bin/options.ts';
import { faultsByKind } from './limits.ts';
import { alarmArn, compositeMessage, lambdaAction, metricMessage, ownMessage, snsEvent } from './payloads.ts';

interface Rendered {
  readonly channel: string;
  readonly request: HttpRequest;
}

const folder = mkdtempSync(join(tmpdir(), 'nightdesk-notify-'));

async function notify(payload: unknown, ...args: string[]): Promise<readonly Rendered[]> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const out: string[] = [];
  const io = {
    stdout: (t: string) => void out.push(t),
    stderr: () => {},
    stdin: Readable.from([text]),
    env: {},
    cwd: folder,
    isTty: false,
  };
  expect(await runCommand(command, ['-', '--dry-run', '--json', ...args], io as never)).toBe(0);
  return JSON.parse(out.join('')) as Rendered[];
}

const faultsOf = (rendered: readonly Rendered[]) =>
  rendered.flatMap(({ channel, request }) => faultsByKind[channel === 'slack' ? 'slack' : 'pagerduty'](request));

const hostile = '<!channel> <https://evil.example|click> `code` *bold* \u202Eright-to-left \u0000\u0007 & "quotes" \uD800';

const payloads: readonly (readonly [string, unknown])[] = [
  ['a Lambda event with one record', snsEvent([metricMessage()])],
  ['a bare message', metricMessage()],
  ['a composite alarm without Trigger and description', compositeMessage()],
  ['a Lambda alarm action', lambdaAction()],
  [
    'an EventBridge event',
    {
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      account: '111122223333',
      region: 'eu-west-1',
      time: '2026-11-22T03:03:41Z',
      resources: [alarmArn('prod-order-rejects')],
      detail: lambdaAction().alarmData,
    },
  ],
  [
    'an EventBridge event about a changed configuration',
    {
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm Configuration Change',
      detail: { alarmName: 'x', operation: 'update', state: { value: 'OK' } },
    },
  ],
  [
    'null in every optional place',
    metricMessage({ AlarmDescription: null, NewStateReason: null, OldStateValue: null, Trigger: null, AlarmArn: null }),
  ],
  ['an alarm without a time', metricMessage({ StateChangeTime: undefined })],
  ['an alarm with an unreadable time', metricMessage({ StateChangeTime: 'yesterday' })],
  ['an alarm with a time beyond all calendars', metricMessage({ StateChangeTime: 1e300 })],
  ['tags as a list', metricMessage({ AlarmTags: [{ Key: 'severity', Value: 'warning' }] })],
  ['tags as an object', metricMessage({ AlarmTags: { severity: 'warning' } })],
  [
    'an anomaly alarm',
    metricMessage({
      NewStateReason:
        'Thresholds Crossed: 1 out of the last 1 datapoints [12.5 (22/11/26 03:02:00)] was less than the lower thresholds [20.0] or greater than the upper thresholds [40.0].',
      Trigger: {
        Period: 60,
        ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold',
        ThresholdMetricId: 'ad1',
        Metrics: [
          {
            Id: 'm1',
            MetricStat: { Metric: { MetricName: 'Volume', Namespace: 'N', Dimensions: [] }, Period: 60, Stat: 'Sum' },
            ReturnData: true,
          },
          { Id: 'ad1', Expression: 'ANOMALY_DETECTION_BAND(m1, 2)', ReturnData: true },
        ],
      },
    }),
  ],
  ['a contributor of a multi-series alarm', metricMessage({ AlarmContributorId: 'c1', AlarmContributorAttributes: { Bot: 'b1' } })],
  [
    'a log alarm with lines',
    metricMessage({ Trigger: { QueryString: 'fields @message' }, LogLines: ['line one', { message: 'line two' }] }),
  ],
  ['dimensions of a wrong kind', metricMessage({ Trigger: { Dimensions: 'none', Metrics: 'none', Threshold: 'high' } })],
  ['an action released after a mute', metricMessage({ ActionExecutedAfterMuteWindow: true, OldStateValue: 'ALARM' })],
  ['plain text', 'the database is on fire'],
  ['plain text inside SNS', snsEvent(['budget exceeded'])],
  ['an SNS record whose message is an object', { Records: [{ Sns: { Message: metricMessage() } }] }],
  ['an empty message', snsEvent([''])],
  ['an empty object', {}],
  ['an empty list', []],
  ['null', 'null'],
  ['a number', '42'],
  ['an empty file', ''],
  ['no JSON after all', '{"AlarmName": "x", '],
  ['a list of messages', [metricMessage(), compositeMessage()]],
  ['records of another service', { Records: [{ s3: { bucket: 'b' } }] }],
  [
    'an SQS record around SNS',
    { Records: [{ body: JSON.stringify({ Type: 'Notification', MessageId: 'm', Message: JSON.stringify(metricMessage()) }) }] },
  ],
  [
    'envelopes without end',
    Array.from({ length: 30 }, () => 'Message').reduce<unknown>((inner, name) => ({ [name]: inner }), metricMessage()),
  ],
  ['hostile names', metricMessage({ AlarmName: hostile, AlarmArn: undefined, AlarmDescription: hostile, NewStateReason: hostile })],
  [
    'hostile dimensions',
    metricMessage({
      Trigger: {
        MetricName: hostile,
        Dimensions: [
          { name: 'Strategy', value: hostile },
          { name: hostile, value: hostile },
        ],
        Threshold: 5,
      },
    }),
  ],
  [
    '100 kB in every field',
    metricMessage({
      AlarmName: '&'.repeat(100_000),
      AlarmDescription: '<'.repeat(100_000),
      NewStateReason: '`'.repeat(100_000),
      AlarmArn: `${alarmArn('x')}${'y'.repeat(100_000)}`,
    }),
  ],
  ['100 kB of text', '>'.repeat(100_000)],
  [
    'forty dimensions',
    metricMessage({
      Trigger: { MetricName: 'M', Dimensions: Array.from({ length: 40 }, (_, i) => ({ name: `D${i}`, value: '&'.repeat(900) })) },
    }),
  ],
  ['names in other scripts', metricMessage({ AlarmName: '取引停止アラーム 🚨', AlarmArn: alarmArn('取引停止アラーム 🚨') })],
  [
    'names that objects have anyway',
    metricMessage({ NewStateValue: 'constructor', AlarmTags: { severity: 'constructor' }, Trigger: { Dimensions: { __proto__: 'x' } } }),
  ],
];

describe('notify --dry-run', () => {
  it.each(payloads)('renders %s within every limit and without empty words', async (_name, payload) => {
    const rendered = await notify(payload);
    expect(rendered.length).toBeGreaterThanOrEqual(2);
    expect(faultsOf(rendered)).toEqual([]);
  });

  it('gives nothing a way out of its text', async () => {
    const text = JSON.stringify(
      await notify(metricMessage({ AlarmName: hostile, AlarmDescription: hostile, NewStateReason: hostile })).then(([slack]) => slack),
    );
    expect(text).not.toContain('<!channel>');
    expect(text).not.toContain('<https://evil');
    expect(text).not.toContain('\u202E');
    expect(text).toContain('&lt;!channel&gt;');
  });

  it('says symptom, value, limit and duration in the first line, and strategy and venue', async () => {
    const [slack, pagerduty] = await notify(metricMessage());
    expect(slack?.request.body['text']).toBe('[CRIT] momentum@kraken: OrderRejectCount 9 (limit 5) for 2 min');
    expect(pagerduty?.request.body['payload']).toMatchObject({ summary: slack?.request.body['text'] });
  });

  it('masks secrets', async () => {
    const [slack, pagerduty] = await notify(metricMessage());
    expect(slack?.request.url).toBe('https://hooks.slack.com/services/***');
    expect(pagerduty?.request.body['routing_key']).toBe('***');
  });

  it('resolves on OK with the key that triggered', async () => {
    const [, trigger] = await notify(metricMessage());
    const [slack, resolve] = await notify(metricMessage({ NewStateValue: 'OK', OldStateValue: 'ALARM' }));
    expect(resolve?.request.body).toMatchObject({ event_action: 'resolve', dedup_key: trigger?.request.body['dedup_key'] });
    expect(slack?.request.body['text']).toMatch(/^\[RESOLVED]/);
  });

  it('does not announce data that came back as a recovery', async () => {
    expect(await notify(metricMessage({ NewStateValue: 'OK', OldStateValue: 'INSUFFICIENT_DATA' }))).toEqual([]);
  });

  it('says nothing when OK stays OK', async () => {
    expect(await notify(metricMessage({ NewStateValue: 'OK', OldStateValue: 'OK' }))).toEqual([]);
  });

  it('renders a record once that was delivered twice, by message id and by content', async () => {
    const twice = snsEvent([metricMessage(), metricMessage()]);
    expect(await notify(twice)).toHaveLength(2);
    const sameId = { Records: [snsEvent([metricMessage()]).Records[0], snsEvent([metricMessage()]).Records[0]] };
    expect(await notify(sameId)).toHaveLength(2);
  });

  it('gives one entry a channel for each of several records', async () => {
    expect(await notify(snsEvent([metricMessage(), compositeMessage()]))).toHaveLength(4);
  });

  it('delivers what it does not understand as it is', async () => {
    const [slack, pagerduty] = await notify('disk of host-7 is full');
    expect(JSON.stringify(slack?.request.body)).toContain('disk of host-7 is full');
    expect(JSON.stringify(pagerduty?.request.body)).toContain('disk of host-7 is full');
  });

  it('reads the machine line of our own alarms: same key as the fast path, first action, runbook', async () => {
    const [slack, pagerduty] = await notify(ownMessage('heartbeat-missing', 'ALARM', '2026-11-22T03:03:41.512+0000'));
    expect(pagerduty?.request.body['dedup_key']).toBe('v1:heartbeat-missing:Strategy=s1');
    const text = JSON.stringify(slack?.request.body);
    expect(text).toContain('First action: Check open positions at the venue.');
    expect(text).toContain('docs/metrics.md#heartbeat-missing');
    expect(text).not.toContain('nightdesk {');
  });

  it('links to the runbook where the config says where people read it', async () => {
    const config = {
      stage: 'demo',
      bots: [{ id: 's1' }],
      channels: { chat: { kind: 'slack', webhook: { secretName: 'nightdesk/slack' } } },
      routes: { critical: ['chat'], warning: ['chat'], info: ['chat'] },
      runbookUrl: 'https://wiki.example.com/metrics.md',
    };
    writeFileSync(join(folder, 'runbooks.json'), JSON.stringify(config));
    const [slack] = await notify(ownMessage('heartbeat-missing', 'ALARM', '2026-11-22T03:03:41.512+0000'), '--config', 'runbooks.json');
    expect(JSON.stringify(slack?.request.body)).toContain('https://wiki.example.com/metrics.md#heartbeat-missing');
  });

  it('links to the log group of the function that an alarm is about', async () => {
    const machine = { v: 1, row: 'functionErrors', alarm: 'function-errors', severity: 'warning', dimensions: { Function: 'heartbeat' } };
    const name = 'demo-function-errors-heartbeat';
    const AlarmDescription = `heartbeat: errors.\nFirst: Read the newest error.\nnightdesk ${JSON.stringify(machine)}`;
    const Trigger = { MetricName: 'Errors', Namespace: 'AWS/Lambda', Dimensions: [{ name: 'FunctionName', value: 'x' }] };
    const [slack] = await notify(metricMessage({ AlarmName: name, AlarmArn: alarmArn(name), AlarmDescription, Trigger }));
    expect(JSON.stringify(slack?.request.body)).toContain('$252Fnightdesk$252Fdemo-functions$252Fheartbeat');
  });

  it('routes by severity with a config', async () => {
    const config = {
      stage: 'prod',
      bots: [{ id: 'b1', strategies: [{ id: 'momentum', venue: 'kraken' }] }],
      channels: {
        chat: { kind: 'slack', webhook: { secretName: 'nightdesk/slack' } },
        pager: { kind: 'pagerduty', routingKey: { secretName: 'nightdesk/pagerduty' }, region: 'eu' },
      },
      routes: { critical: ['pager', 'chat'], warning: ['chat'], info: ['chat'] },
    };
    writeFileSync(join(folder, 'nightdesk.config.json'), JSON.stringify(config));
    const critical = await notify(metricMessage(), '--config', 'nightdesk.config.json');
    expect(critical.map(({ channel }) => channel)).toEqual(['pager', 'chat']);
    expect(critical[0]?.request.url).toBe('https://events.eu.pagerduty.com/v2/enqueue');
    const warning = await notify(metricMessage({ AlarmTags: { severity: 'warning' } }), '--config', 'nightdesk.config.json');
    expect(warning.map(({ channel }) => channel)).toEqual(['chat']);
  });

  it.each([
    ['no file', []],
    ['sending', ['x.json']],
    ['an unknown option', ['x.json', '--dry-run', '--loud']],
    ['a missing file', ['missing.json', '--dry-run']],
  ])('refuses %s with one clear line', async (_name, args) => {
    const io = { stdout: () => {}, stderr: () => {}, stdin: Readable.from([]), env: {}, cwd: folder, isTty: false };
    await expect(runCommand(command, args, io as never)).rejects.toThrow(/^notify: .+/);
  });
});
