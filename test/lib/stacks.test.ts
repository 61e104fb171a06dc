import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import type { AlarmDefinition } from '../../core/alarms/definition.ts';
import { catalogueAlarms } from '../../core/catalogue/alarm-definitions.ts';
import { alarmFromTemplate } from '../../core/cloudwatch/template-alarm.ts';
import { parseConfig } from '../../core/config/parse.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { ConfigError, TradingMonitor } from '../../lib/index.ts';
import { featureFlags, monitorApp } from '../../lib/synth.ts';
import { makeStacks } from '../../lib/trading-monitor.ts';
import { stubBundles } from './stub-bundles.ts';

const bundles = stubBundles();
const folders: string[] = [bundles];
const outDir = () => {
  const dir = mkdtempSync(join(tmpdir(), 'nightdesk-lib-'));
  folders.push(dir);
  return dir;
};
afterAll(() => {
  for (const dir of folders) rmSync(dir, { recursive: true, force: true });
});

const written = {
  stage: 't1',
  bots: [
    { id: 'b1', limits: { dailyLoss: '42' } },
    { id: 'b2', logGroup: { adopt: '/ecs/b2' }, strategies: ['x', 'y'] },
  ],
  channels: { desk: { kind: 'slack', webhook: { secretName: 'slack/desk' } } },
  retentionDays: 30,
} as const;

function configOf(input: unknown): NightdeskConfig {
  const parsed = parseConfig(input);
  if (!parsed.ok) throw new ConfigError(parsed.error);
  return parsed.value;
}

const config = configOf(written);
const stacks = makeStacks(monitorApp(outDir()), config, { bundles });
const shared = Template.fromStack(stacks.shared);
const group = Template.fromStack(stacks.groups[0]!);

describe('the shared stack', () => {
  it('keeps the state: on demand, recoverable, expiring, retained', () => {
    shared.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
    });
  });

  it('has six functions on arm64 and the newest runtime, each with a log group of its own that expires', () => {
    shared.resourceCountIs('AWS::Lambda::Function', 6);
    shared.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: { LogGroup: Match.anyValue() },
      Environment: { Variables: { NIGHTDESK_STAGE: 't1', NIGHTDESK_NAMESPACE: 'Nightdesk/t1', NIGHTDESK_TABLE: { Ref: 'StateTable' } } },
    });
    shared.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  it('grants each role its own inline policy and nothing managed', () => {
    shared.allResourcesProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
    shared.resourceCountIs('AWS::IAM::Policy', 0);
    shared.hasResourceProperties('AWS::IAM::Role', {
      Policies: [
        {
          PolicyDocument: {
            Statement: Match.arrayWith([
              {
                Action: 'cloudwatch:PutMetricData',
                Condition: { StringEquals: { 'cloudwatch:namespace': 'Nightdesk/t1' } },
                Effect: 'Allow',
                Resource: '*',
              },
            ]),
          },
        },
      ],
    });
  });

  it('reads secrets by name, and holds none', () => {
    expect(JSON.stringify(shared.toJSON())).toContain(':secret:slack/desk-??????');
  });

  it('lets alarms of this account publish, over TLS only', () => {
    shared.allResourcesProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
    shared.allResourcesProperties('AWS::SNS::Subscription', { RedrivePolicy: Match.anyValue() });
  });

  it('serialises each strategy in a queue with a dead-letter queue, and reports failures one by one', () => {
    shared.hasResourceProperties('AWS::SQS::Queue', { FifoQueue: true, RedrivePolicy: { maxReceiveCount: 5 } });
    shared.hasResourceProperties('AWS::Lambda::EventSourceMapping', { BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] });
  });

  it('sweeps every minute', () => {
    shared.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(1 minute)', FlexibleTimeWindow: { Mode: 'OFF' } });
  });

  it('lets the logs of new and of adopted groups call ingest', () => {
    const permissions = JSON.stringify(shared.findResources('AWS::Lambda::Permission'));
    expect(permissions).toContain(':log-group:/nightdesk/t1/*:*');
    expect(permissions).toContain(':log-group:/ecs/b2:*');
  });

  it('publishes a dashboard for each audience and one of the hosts, whose bodies are JSON', () => {
    const bodies = Object.values(shared.findResources('AWS::CloudWatch::Dashboard')).map(({ Properties }) =>
      resolved(Properties.DashboardBody),
    );
    expect(bodies).toHaveLength(4);
    for (const body of bodies) expect(JSON.parse(body).widgets.length).toBeGreaterThan(5);
  });
});

describe('the stack of a group', () => {
  it('makes log groups, except those it adopts', () => {
    group.resourceCountIs('AWS::Logs::LogGroup', 1);
    group.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Retain',
      Properties: { LogGroupName: '/nightdesk/t1/b1', RetentionInDays: 30 },
    });
    group.hasResourceProperties('AWS::Logs::SubscriptionFilter', { LogGroupName: '/ecs/b2', FilterPattern: '' });
  });

  it('counts heartbeats by strategy, without a default value', () => {
    group.hasResourceProperties('AWS::Logs::MetricFilter', {
      LogGroupName: { Ref: Match.stringLikeRegexp('^LogGroupB1') },
      FilterPattern: '{ $.eventType = "heartbeat" }',
      MetricTransformations: [
        {
          MetricNamespace: 'Nightdesk/t1',
          MetricName: 'HeartbeatCount',
          MetricValue: '1',
          Dimensions: [{ Key: 'Strategy', Value: '$.strategyId' }],
          DefaultValue: Match.absent(),
        },
      ],
    });
  });

  it('takes limits from the config', () => {
    group.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: 't1-session-loss-b1', Threshold: -42 });
    group.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: 't1-session-loss-x', Threshold: -1000 });
  });

  it('watches one heartbeat per bot, however many strategies it runs', () => {
    const names = Object.values(group.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => String(Properties.AlarmName));
    expect(names.filter(name => name.includes('heartbeat-missing'))).toEqual(['t1-heartbeat-missing-b1', 't1-heartbeat-missing-x']);
  });

  it('makes composites after the alarms that they name', () => {
    for (const composite of Object.values(group.findResources('AWS::CloudWatch::CompositeAlarm')))
      expect(composite.DependsOn.length).toBeGreaterThan(0);
  });
});

it('alarms survive the way through the template: what CloudWatch reads is what the catalogue says', () => {
  const said = catalogueAlarms(config, { actions: () => ['arn'] });
  for (const template of [shared, group]) {
    for (const type of ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']) {
      for (const { Properties } of Object.values(template.findResources(type))) {
        const plain = {
          ...Properties,
          ...(Properties.AlarmActions ? { AlarmActions: ['arn'] } : {}),
          ...(Properties.OKActions ? { OKActions: ['arn'] } : {}),
        };
        const read = alarmFromTemplate(type, withNames(plain), 'unnamed');
        const expected = said.find(({ definition }) => definition.name === Properties.AlarmName)!.definition;
        expect(read.ok && comparable(read.value)).toEqual(comparable(expected));
      }
    }
  }
});

it('a synth in process has the feature flags of the command line’s', () => {
  const { context } = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8'));
  expect(featureFlags).toEqual(context);
});

describe('TradingMonitor', () => {
  it('takes what a person writes', () => {
    const app = new App({ outdir: outDir() });
    const monitor = new TradingMonitor(app, 'Monitor', { ...written, bundles });
    expect(monitor.groups.map(({ stackName }) => stackName)).toEqual(['Nightdesk-t1-bots-1']);
  });

  it('throws every problem of the config at once', () => {
    const app = new App({ outdir: outDir() });
    expect(() => new TradingMonitor(app, 'Monitor', { bots: [{ id: 'a b' }, { id: 'a b' }], bundles })).toThrow(
      /INVALID_VALUE[\s\S]*DUPLICATE_BOT/,
    );
  });

  it('says what to do when the functions are not built', () => {
    const app = new App({ outdir: outDir() });
    expect(() => new TradingMonitor(app, 'Monitor', { ...written, bundles: '/nowhere' })).toThrow(/MissingBundle at .*npm run build/);
  });

  it('spreads many bots over stacks that stay below 500 resources', () => {
    const app = new App({ outdir: outDir() });
    const bots = Array.from({ length: 21 }, (_, n) => ({ id: `b${n}` }));
    const monitor = new TradingMonitor(app, 'Monitor', { stage: 't1', bots, bundles });
    expect(monitor.groups).toHaveLength(3);
    expect(Object.keys(Template.fromStack(monitor.groups[0]!).toJSON().Resources).length).toBeLessThan(450);
  });
});

/** Text of a `Fn::Join` with every reference as `x`. */
function resolved(value: unknown): string {
  if (typeof value === 'string') return value;
  const [, parts] = (value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return parts.map(part => (typeof part === 'string' ? part : 'x')).join('');
}

/** References to functions and queues read as their catalogue names. */
function withNames(properties: Record<string, unknown>): unknown {
  const text = JSON.stringify(properties)
    .replace(/\{"Ref":"(ingest|ledger|heartbeat|timer|notifier|widgets)Function\w+"\}/g, '"$1"')
    .replace(
      /\{"Fn::GetAtt":\["(\w+)Queue","QueueName"\]\}/g,
      (_, id: string) => `"${id.replace(/(?<=.)[A-Z]/g, letter => `-${letter}`).toLowerCase()}"`,
    );
  return JSON.parse(text);
}

/** Without the ids of single queries, which templates do not have, and what the reader fills in. */
const comparable = (definition: AlarmDefinition): unknown =>
  JSON.parse(
    JSON.stringify({
      ...definition,
      ...(definition.kind === 'metric'
        ? { queries: definition.queries.map(query => ('stat' in query ? query.stat : query.expression)) }
        : {}),
      insufficientDataActions: [],
    }),
  );
