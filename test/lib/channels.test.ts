import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { bindInbound } from '../../adapters/notify/inbound-kinds.ts';
import { isInteractive } from '../../core/config/channel-secrets.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { monitorApp } from '../../lib/synth.ts';
import { makeStacks } from '../../lib/trading-monitor.ts';
import { everyChannel } from '../notify/every-channel.ts';
import { stubBundles } from './stub-bundles.ts';

const bundles = stubBundles();
const folders: string[] = [bundles];
afterAll(() => {
  for (const dir of folders) rmSync(dir, { recursive: true, force: true });
});

function templateOf(written: object): Template {
  const parsed = parseConfig({ stage: 't2', bots: [{ id: 'b1' }], ...written });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const dir = mkdtempSync(join(tmpdir(), 'nightdesk-channels-'));
  folders.push(dir);
  return Template.fromStack(makeStacks(monitorApp(dir), parsed.value, { bundles }).shared);
}

const secret = (secretName: string) => ({ secretName });
const slackApp = { kind: 'slackApp', botToken: secret('token'), channel: 'C0123456789', signingSecret: secret('signing') };
const receiver = { webhook: { url: secret('bot-url'), signingSecret: secret('bot-key') } };

const policyOf = (template: Template, description: string) => {
  const roles = Object.values(
    template.findResources('AWS::IAM::Role', { Properties: { Description: Match.stringLikeRegexp(description) } }),
  );
  expect(roles).toHaveLength(1);
  return JSON.stringify(roles[0]!['Properties'].Policies);
};

describe('channels in the template', () => {
  it('have a way back exactly when their config can prove who comes', () => {
    for (const [, channel] of everyChannel) expect(isInteractive(channel), channel.kind).toBe(bindInbound(channel) !== undefined);
  });

  it('have a route each, and a function that reads the secrets of both directions apart', () => {
    const template = templateOf({
      channels: { chat: slackApp, pager: { kind: 'pagerduty', routingKey: secret('key'), webhookSecret: secret('hook') } },
    });
    for (const path of ['chat', 'pager']) template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: `POST /actions/${path}` });
    const actions = policyOf(template, 'the actions function');
    expect(actions).toMatch(/signing-\?+/);
    expect(actions).not.toMatch(/secret:token/);
    const notifier = policyOf(template, 'the notifier function');
    expect(notifier).toMatch(/token-\?+/);
    expect(notifier).not.toMatch(/secret:signing/);
  });

  it('that only send need no door', () => {
    const template = templateOf({ channels: { chat: { kind: 'slack', webhook: secret('hook') } } });
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
    expect(
      Object.keys(template.findResources('AWS::Lambda::Function', { Properties: { Description: Match.stringLikeRegexp('buttons') } })),
    ).toEqual([]);
  });

  it('over SNS get a topic with their addresses, unless they name one', () => {
    const template = templateOf({
      channels: {
        mail: { kind: 'email', addresses: ['a@example.com', 'b@example.com'] },
        chat: { kind: 'amazonQ' },
        other: { kind: 'amazonQ', topicArn: 'arn:aws:sns:eu-west-1:111122223333:there' },
      },
    });
    for (const name of ['mail', 'chat']) template.hasResourceProperties('AWS::SNS::Topic', { TopicName: `nightdesk-t2-to-${name}` });
    template.resourcePropertiesCountIs('AWS::SNS::Subscription', { Protocol: 'email' }, 2);
    expect(policyOf(template, 'the notifier function')).toContain('arn:aws:sns:eu-west-1:111122223333:there');
  });
});

describe('signals to bots in the template', () => {
  it('go through a queue of their own', () => {
    const template = templateOf({ bots: [{ id: 'b1', signals: receiver }], channels: { chat: slackApp } });
    template.hasResource('AWS::SQS::Queue', Match.objectLike({ Properties: Match.objectLike({ MessageRetentionPeriod: 3_600 }) }));
    template.resourcePropertiesCountIs('AWS::SNS::Subscription', { Protocol: 'lambda' }, 3);
  });

  it('bound to alarms listen to the topics', () => {
    const template = templateOf({ bots: [{ id: 'b1', signals: { ...receiver, onAlarm: { 'session-loss': 'halt' } } }] });
    template.resourcePropertiesCountIs('AWS::SNS::Subscription', { Protocol: 'lambda' }, 6);
  });
});

describe('restarts of ECS services in the template', () => {
  const service = (name: string) => ({ cluster: 'trading', service: name });
  const statements = (template: Template) => {
    const [role] = Object.values(
      template.findResources('AWS::IAM::Role', { Properties: { Description: Match.stringLikeRegexp('the actions function') } }),
    );
    const all = role!['Properties'].Policies.flatMap(
      ({ PolicyDocument }: { PolicyDocument: { Statement: { Action: string; Resource: unknown }[] } }) => PolicyDocument.Statement,
    ) as { Action: string | string[]; Resource: unknown }[];
    return all.filter(({ Action }) => String(Action).startsWith('ecs:'));
  };
  const arn = (name: string) => ({
    'Fn::Join': [
      '',
      ['arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:service/trading/${name}`],
    ],
  });
  const elsewhere = 'arn:aws:ecs:eu-west-1:111122223333:service/trading/grid';

  it('may describe and update these services and no other', () => {
    const bots = [
      { id: 'b1', ecsRestart: { ...service('momentum'), dryRun: false } },
      { id: 'b2', ecsRestart: { service: elsewhere, dryRun: false } },
    ];
    expect(statements(templateOf({ bots }))).toEqual([
      { Action: ['ecs:DescribeServices', 'ecs:UpdateService'], Effect: 'Allow', Resource: [elsewhere, arn('momentum')] },
    ]);
  });

  it('may not restart what is a dry run', () => {
    const dry = { id: 'b1', ecsRestart: service('momentum') };
    expect(statements(templateOf({ bots: [dry] }))).toEqual([
      { Action: 'ecs:DescribeServices', Effect: 'Allow', Resource: arn('momentum') },
    ]);
    const armed = { id: 'b2', ecsRestart: { ...service('grid'), dryRun: false } };
    expect(statements(templateOf({ bots: [dry, armed] }))).toEqual([
      { Action: 'ecs:DescribeServices', Effect: 'Allow', Resource: [arn('grid'), arn('momentum')] },
      { Action: 'ecs:UpdateService', Effect: 'Allow', Resource: arn('grid') },
    ]);
  });

  it('have a queue, and listen to the alarms', () => {
    const template = templateOf({ bots: [{ id: 'b1', ecsRestart: service('momentum') }] });
    template.hasResource('AWS::SQS::Queue', Match.objectLike({ Properties: Match.objectLike({ MessageRetentionPeriod: 3_600 }) }));
    template.resourcePropertiesCountIs('AWS::SNS::Subscription', { Protocol: 'lambda' }, 6);
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 0);
  });

  it('are nowhere while nobody asks for them', () => {
    const template = templateOf({ bots: [{ id: 'b1', signals: receiver }], channels: { chat: slackApp } });
    expect(statements(template)).toEqual([]);
    expect(JSON.stringify(template.toJSON())).not.toContain('ecs:');
  });
});
