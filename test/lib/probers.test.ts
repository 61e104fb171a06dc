import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { decide, parsePolicy } from '../../core/cloudwatch/policy.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { monitorApp } from '../../lib/synth.ts';
import { makeStacks } from '../../lib/trading-monitor.ts';
import { stubBundles } from './stub-bundles.ts';

const bundles = stubBundles();
const folders: string[] = [bundles];
afterAll(() => {
  for (const dir of folders) rmSync(dir, { recursive: true, force: true });
});

const probeVpc = { subnetIds: ['subnet-0123456789abcdef0', 'subnet-01234567'], securityGroupIds: ['sg-0123456789abcdef0'] };
const liveness = 'http://bot.internal:8080/healthz';

function sharedOf(input: unknown): Template {
  const parsed = parseConfig(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const dir = mkdtempSync(join(tmpdir(), 'nightdesk-probers-'));
  folders.push(dir);
  return Template.fromStack(makeStacks(monitorApp(dir), parsed.value, { bundles }).shared);
}

const proberNames = (shared: Template) =>
  Object.values(
    shared.findResources('AWS::Lambda::Function', {
      Properties: { Environment: { Variables: { NIGHTDESK_PROBES_FROM: Match.anyValue() } } },
    }),
  )
    .map(({ Properties }) => Properties.Environment.Variables.NIGHTDESK_PROBES_FROM as string)
    .sort();

describe('probers', () => {
  it.each([
    ['no bot has probes', { bots: [{ id: 'a' }] }, []],
    ['no bot has probes, though there is a VPC', { probeVpc, bots: [{ id: 'a' }] }, []],
    ['there is no VPC', { bots: [{ id: 'a', probes: { liveness } }] }, ['internet']],
    ['there is a VPC', { probeVpc, bots: [{ id: 'a', probes: { liveness } }] }, ['vpc']],
    [
      'a bot is asked from the internet all the same',
      {
        probeVpc,
        bots: [
          { id: 'a', probes: { liveness } },
          { id: 'b', probes: { liveness, from: 'internet' } },
        ],
      },
      ['internet', 'vpc'],
    ],
  ])('when %s', (_, input, expected) => {
    expect(proberNames(sharedOf(input))).toEqual(expected);
  });

  const both = sharedOf({
    probeVpc,
    bots: [
      { id: 'a', probes: { liveness } },
      { id: 'b', probes: { liveness, from: 'internet' } },
    ],
  });

  it('only one of them sits in the VPC, and none knows table, queue or topic', () => {
    both.hasResourceProperties('AWS::Lambda::Function', {
      VpcConfig: { SubnetIds: probeVpc.subnetIds, SecurityGroupIds: probeVpc.securityGroupIds },
      Environment: { Variables: { NIGHTDESK_PROBES_FROM: 'vpc', NIGHTDESK_TABLE: Match.absent() } },
    });
    both.hasResourceProperties('AWS::Lambda::Function', {
      VpcConfig: Match.absent(),
      Environment: { Variables: { NIGHTDESK_PROBES_FROM: 'internet', NIGHTDESK_TABLE: Match.absent() } },
    });
    both.resourcePropertiesCountIs('AWS::Lambda::Function', { VpcConfig: Match.anyValue() }, 1);
  });

  it('the sweep may invoke them and knows their names', () => {
    both.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { NIGHTDESK_PROBER: { Ref: Match.anyValue() }, NIGHTDESK_VPC_PROBER: { Ref: Match.anyValue() } } },
    });
    both.hasResourceProperties('AWS::IAM::Role', {
      Policies: [
        {
          PolicyDocument: {
            Statement: Match.arrayWith([
              {
                Action: 'lambda:InvokeFunction',
                Effect: 'Allow',
                Resource: [
                  { 'Fn::GetAtt': [Match.stringLikeRegexp('^prober'), 'Arn'] },
                  { 'Fn::GetAtt': [Match.stringLikeRegexp('^vpcprober'), 'Arn'] },
                ],
              },
            ]),
          },
        },
      ],
    });
    expect(Object.keys(both.findResources('AWS::IAM::Policy'))).toEqual([]);
  });

  it('Lambda may manage the interfaces of the one in the VPC, its code may not', () => {
    const [role] = Object.values(
      both.findResources('AWS::IAM::Role', { Properties: { Description: 'What the vpc-prober function of Nightdesk demo may do' } }),
    );
    const document = JSON.stringify(role!.Properties.Policies[0].PolicyDocument)
      .replaceAll(/\{"Fn::Join":\["",(\[[^\]]*\])\]\}/g, '"arn:aws:lambda:*:*:function:*"')
      .replaceAll(/\{"Fn::GetAtt":\[[^\]]*\]\}/g, '"arn:aws:logs:r:1:log-group:g"');
    const parsed = parsePolicy(JSON.parse(document));
    if (!parsed.ok) throw new Error(parsed.error.message);
    const fromCode = { 'lambda:SourceFunctionArn': 'arn:aws:lambda:eu-west-1:1:function:f' };
    for (const action of ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeSubnets']) {
      expect(decide(parsed.value, action, '*').because).toBe('allowed');
      expect(decide(parsed.value, action, '*', fromCode).because).toBe('explicitDeny');
    }
    expect(decide(parsed.value, 'ec2:TerminateInstances', '*').because).toBe('implicitDeny');
    expect(decide(parsed.value, 'dynamodb:GetItem', '*').because).toBe('implicitDeny');
  });

  it('one alarm tells of their trouble, and only where there are probes', () => {
    both.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmName: 'demo-probes-blind' }, 1);
    both.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmName: Match.stringLikeRegexp('^demo-function-errors-.*prober') }, 0);
    sharedOf({ bots: [{ id: 'a' }] }).resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { AlarmName: 'demo-probes-blind' }, 0);
  });
});
