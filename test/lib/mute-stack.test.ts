import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { muteRuleFromTemplate } from '../../core/cloudwatch/template-alarm.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { monitorApp } from '../../lib/synth.ts';
import { makeStacks } from '../../lib/trading-monitor.ts';
import { stubBundles } from './stub-bundles.ts';

const nowMs = Date.parse('2026-11-25T12:00:00Z');

function synthesized(calendar: string) {
  const parsed = parseConfig({ stage: 't1', bots: [{ id: 'us', calendar }], closedMarkets: { horizonDays: 5 } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const app = monitorApp();
  const { shared, groups } = makeStacks(app, parsed.value, { bundles: stubBundles(), nowMs });
  return { app, shared: Template.fromStack(shared), group: Template.fromStack(groups[0]!), mutes: app.node.tryFindChild('bots-1-mutes') };
}

describe('mute rules of closed markets', () => {
  it('are a stack of their own, which CloudWatch reads as the calendar says', () => {
    const { mutes, group, shared } = synthesized('XNYS');
    const rules = Object.values(Template.fromStack(mutes as never).findResources('AWS::CloudWatch::AlarmMuteRule'));
    const read = rules.map(({ Properties }) => muteRuleFromTemplate(Properties, 'unnamed'));
    expect(read.every(({ ok }) => ok)).toBe(true);
    expect(rules.map(({ Properties }) => Properties.Rule.Schedule.Expression)).toEqual([
      'at(2026-11-25T00:00)',
      'at(2026-11-25T21:00)',
      'at(2026-11-27T18:00)',
    ]);
    const names = Object.values({
      ...group.findResources('AWS::CloudWatch::Alarm'),
      ...group.findResources('AWS::CloudWatch::CompositeAlarm'),
    }).map(({ Properties }) => Properties.AlarmName);
    for (const name of rules[0]!.Properties.MuteTargets.AlarmNames) expect(names).toContain(name);
    shared.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { NIGHTDESK_MUTED_UNTIL: '2026-11-30T00:00:00.000Z' } },
    });
  });

  it('are not made for a market that never closes', () => {
    expect(synthesized('24x7').mutes).toBeUndefined();
  });
});
