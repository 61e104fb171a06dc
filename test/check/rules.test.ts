import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfigFile } from '../../adapters/config-file.ts';
import { readTemplateFile } from '../../adapters/template-file.ts';
import { checkModel } from '../../core/check/model.ts';
import type { Finding } from '../../core/check/rule.ts';
import { checkRules, findingsOf } from '../../core/check/rules.ts';
import { STAND_IN_PLACE } from '../../core/template/resource-types.ts';

const fixtures = join(import.meta.dirname, '../fixtures/check');

function fixture(rule: string, kind: 'bad' | 'good'): string {
  const base = join(fixtures, `${rule.toLowerCase().replaceAll('_', '-')}.${kind}`);
  return existsSync(`${base}.yaml`) ? `${base}.yaml` : `${base}.json`;
}

function check(file: string): readonly Finding[] {
  const read = readTemplateFile(file);
  if (!read.ok) throw new Error(read.error.message);
  return findingsOf(checkModel({ templates: [read.value], place: STAND_IN_PLACE, whole: true }));
}

describe.each(checkRules.map(rule => [rule.id, rule] as const))('%s', (id, { severity }) => {
  it('finds what violates it, and nothing else as bad', () => {
    const findings = check(fixture(id, 'bad'));
    expect(findings.map(({ rule }) => rule)).toContain(id);
    expect(findings.filter(finding => finding.severity === 'error' && finding.rule !== id)).toEqual([]);
    expect(findings.filter(finding => finding.rule === id).map(finding => finding.severity)).toContain(severity);
  });

  it('is silent about what does not', () => {
    const findings = check(fixture(id, 'good'));
    expect(findings.filter(({ rule, severity: found }) => rule === id || found === 'error')).toEqual([]);
  });
});

it('has an id in screaming snake case, a sentence and a source for each rule, and no fixture without a rule', () => {
  for (const { id, says, source } of checkRules) {
    expect(id).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
    expect(says).toMatch(/\.$/);
    expect(source.length).toBeGreaterThan(10);
  }
  const ids = checkRules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const stray = readdirSync(fixtures).filter(name => !ids.some(id => name.startsWith(`${id.toLowerCase().replaceAll('_', '-')}.`)));
  expect(stray).toEqual([]);
});

describe('what a finding says', () => {
  const finding = (id: string) => check(fixture(id, 'bad')).find(({ rule }) => rule === id);

  it('measures a composite’s rule as CloudWatch will read it, not as it is written', () => {
    // 90 children with names of 65 characters, by ARN: such a rule passes a synth and fails at deployment.
    expect(finding('COMPOSITE_RULE_TOO_LONG')).toMatchObject({ value: 11_336, path: 'Resources.Desk.Properties.AlarmRule' });
  });

  it('prints how long a silence really lasts before a heartbeat alarm fires', () => {
    expect(finding('HEARTBEAT_DETECTION_TIME')?.message).toContain('fires 3 min to 6 min after the last healthy point');
  });

  it('names the way around a circle', () => {
    expect(finding('COMPOSITE_CYCLE')?.message).toBe('one: watches itself: one → two → one');
  });

  it('names the alarm that has the same name', () => {
    expect(finding('ALARM_NAME_DUPLICATE')?.message).toContain('alarm-name-duplicate.bad/Late has the same name');
  });
});

describe('a share', () => {
  const findings = (expression: string) => {
    const stat = (id: string) => ({
      Id: id,
      MetricStat: { Metric: { Namespace: 'A', MetricName: id }, Period: 60, Stat: 'Sum' },
      ReturnData: false,
    });
    const alarm = {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        Metrics: [
          stat('errors'),
          stat('total'),
          { Id: 'ratio', Expression: 'errors / total', ReturnData: false },
          { Id: 'e', Expression: expression },
        ],
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      },
    };
    const template = { Resources: { Share: alarm } };
    return findingsOf(checkModel({ templates: [{ file: 'a', name: 'a', template }], place: STAND_IN_PLACE, whole: false })).map(
      ({ rule }) => rule,
    );
  };

  it.each(['100 * errors / total', 'IF(total > 10, errors / (errors + total), 0)', '1 / ratio'])(
    'can lose its denominator: %s',
    expression => {
      expect(findings(expression)).toEqual(['SHARE_DENOMINATOR_CAN_STOP']);
    },
  );

  it.each(['errors / 60', 'errors / PERIOD(errors)', 'errors - total'])('is none, or one of a constant: %s', expression => {
    expect(findings(expression)).toEqual([]);
  });
});

describe('several templates', () => {
  const alarm = (name: string) => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: name,
      Namespace: 'A',
      MetricName: 'm',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    },
  });
  const templates = (...stacks: readonly Record<string, unknown>[]) =>
    stacks.map((resources, at) => ({ file: `${at}.json`, name: `stack-${at}`, template: { Resources: resources as never } }));
  const rulesIn = (...stacks: readonly Record<string, unknown>[]) =>
    findingsOf(checkModel({ templates: templates(...stacks), place: STAND_IN_PLACE, whole: false })).map(({ rule }) => rule);

  it('are searched for alarms of one name', () => {
    expect(rulesIn({ A: alarm('late') }, { B: alarm('late') })).toEqual(['ALARM_NAME_DUPLICATE']);
    expect(rulesIn({ A: alarm('late') }, { B: alarm('later') })).toEqual([]);
  });

  it('may name each other’s alarms in composites', () => {
    const desk = { Type: 'AWS::CloudWatch::CompositeAlarm', Properties: { AlarmName: 'desk', AlarmRule: 'ALARM(late)' } };
    expect(rulesIn({ A: alarm('late') }, { Desk: desk })).toEqual([]);
    expect(rulesIn({ Desk: desk })).toEqual(['COMPOSITE_UNKNOWN_CHILD']);
  });
});

describe('a config', () => {
  const model = async (publish: readonly string[]) => {
    const config = await loadConfigFile(join(import.meta.dirname, '../../examples/nightdesk.config.ts'));
    if (!config.ok) throw new Error('the demo config is broken');
    const watched = {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'x',
        Namespace: 'Nightdesk/demo',
        MetricName: 'NetPnl',
        Dimensions: [{ Name: 'Strategy', Value: 'trend-sol' }],
        Statistic: 'Minimum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
      },
    };
    const template = { Resources: { Watched: watched } };
    return checkModel({
      templates: [{ file: 'a', name: 'a', template }],
      place: STAND_IN_PLACE,
      whole: true,
      config: { ...config.value, publish },
    });
  };

  it('decides which rows of the table are published', async () => {
    const emitted = async (publish: readonly string[]) =>
      findingsOf(await model(publish)).filter(({ rule }) => rule === 'ALARM_METRIC_NOT_EMITTED');
    expect(await emitted(['netPnl'])).toEqual([]);
    expect((await emitted([]))[0]?.message).toContain("publish: ['netPnl'] in the config would publish it");
  });

  it('tells which published metrics nobody looks at', async () => {
    const unwatched = findingsOf(await model(['netPnl', 'maxDrawdown'])).filter(({ rule }) => rule === 'METRIC_UNWATCHED');
    expect(unwatched.map(({ value }) => value)).toContain('Nightdesk/demo/MaxDrawdown');
    expect(unwatched.map(({ value }) => value)).not.toContain('Nightdesk/demo/NetPnl');
    // Neither groups nor probes are configured: nothing publishes these.
    expect(unwatched.map(({ value }) => value)).not.toContain('Nightdesk/demo/GroupSessionPnl');
    expect(unwatched.map(({ value }) => value)).not.toContain('Nightdesk/demo/BlindProbes');
  });
});
