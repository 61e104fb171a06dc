import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../core/config/parse.ts';
import { sweepEvent, testPageEvent } from '../../core/incidents/wake.ts';
import { monitorApp } from '../../lib/synth.ts';
import { makeStacks } from '../../lib/trading-monitor.ts';
import { stubBundles } from './stub-bundles.ts';

const bundles = stubBundles();
const folders: string[] = [bundles];
afterAll(() => {
  for (const dir of folders) rmSync(dir, { recursive: true, force: true });
});

function templateOf(watch?: object): Template {
  const parsed = parseConfig({ stage: 't2', bots: [{ id: 'b1' }], ...(watch === undefined ? {} : { watch }) });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const dir = mkdtempSync(join(tmpdir(), 'nightdesk-watch-'));
  folders.push(dir);
  return Template.fromStack(makeStacks(monitorApp(dir), parsed.value, { bundles }).shared);
}

const direct = (template: Template) =>
  Object.values(template.findResources('AWS::SNS::Subscription'))
    .map(({ Properties }) => Properties as { Protocol: string; Endpoint: unknown; TopicArn: { Ref: string } })
    .filter(({ Protocol }) => Protocol !== 'lambda' && Protocol !== 'sqs');

const criticalTopic = (template: Template): string => {
  const [id, ...others] = Object.keys(
    template.findResources('AWS::SNS::Topic', { Properties: { TopicName: Match.stringLikeRegexp('critical') } }),
  );
  expect(others).toEqual([]);
  return id!;
};

const notifierRole = (template: Template): string =>
  JSON.stringify(
    template.findResources('AWS::IAM::Role', { Properties: { Description: Match.stringLikeRegexp('the notifier function') } }),
  );

const schedules = (template: Template) =>
  Object.values(template.findResources('AWS::Scheduler::Schedule')).map(
    ({ Properties }) => Properties as { ScheduleExpression: string; ScheduleExpressionTimezone?: string; Target: { Input?: string } },
  );

describe('the watch on the watch', () => {
  it('subscribes people to the critical topic itself, and to no other', () => {
    const template = templateOf({
      email: ['ops@example.com', 'desk@example.com'],
      pagerduty: { integrationKey: { secretName: 'nightdesk/direct' }, region: 'eu' },
    });
    const TopicArn = { Ref: criticalTopic(template) };
    expect(direct(template)).toEqual([
      { Protocol: 'email', Endpoint: 'ops@example.com', TopicArn },
      { Protocol: 'email', Endpoint: 'desk@example.com', TopicArn },
      {
        Protocol: 'https',
        Endpoint: 'https://events.eu.pagerduty.com/integration/{{resolve:secretsmanager:nightdesk/direct:SecretString:::}}/enqueue',
        TopicArn,
      },
    ]);
  });

  it('sends the test page at its time through the topic, which only then may be published to', () => {
    const template = templateOf({ testPage: { weekday: 'monday', time: '09:00', location: 'Europe/Berlin' } });
    const test = schedules(template).find(({ Target }) => Target.Input === JSON.stringify(testPageEvent));
    expect(test).toMatchObject({
      ScheduleExpression: expect.stringMatching(/^cron\(0 9 .*MON/i),
      ScheduleExpressionTimezone: 'Europe/Berlin',
    });
    const critical = criticalTopic(template);
    expect(notifierRole(template)).toContain(`{"Action":"sns:Publish","Effect":"Allow","Resource":{"Ref":"${critical}"}}`);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { NIGHTDESK_TOPIC_CRITICAL: { Ref: critical } } },
    });
  });

  it('lets the notifier read the dead man’s address', () => {
    expect(notifierRole(templateOf({ deadManUrl: { secretName: 'dead-man' } }))).toMatch(/secret:dead-man-\?+/);
  });

  it('leaves nothing in the template of a config without it, except the sweep', () => {
    const template = templateOf();
    expect(direct(template)).toEqual([]);
    expect(notifierRole(template)).not.toContain('sns:Publish');
    const inputs = schedules(template).map(({ Target }) => Target.Input);
    expect(inputs).toContain(JSON.stringify(sweepEvent));
    expect(inputs).not.toContain(JSON.stringify(testPageEvent));
  });
});
