import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NightdeskChecks } from '../../lib/check-plugin.ts';

let dir = '';
const setting = process.env['CDK_VALIDATION'];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nightdesk-plugin-'));
  process.env['CDK_VALIDATION'] = 'true';
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
  process.env['CDK_VALIDATION'] = setting;
});

function synth(datapointsToAlarm: number): void {
  const app = new App({ outdir: dir, analyticsReporting: false });
  Validations.of(app).addPlugins(new NightdeskChecks());
  new CfnAlarm(new Stack(app, 'Desk'), 'Late', {
    namespace: 'Orders',
    metricName: 'Latency',
    statistic: 'Maximum',
    period: 60,
    evaluationPeriods: 3,
    datapointsToAlarm,
    threshold: 500,
    comparisonOperator: 'GreaterThanThreshold',
  });
  app.synth();
}

it('fails the synth of any app whose alarm can never fire', () => {
  expect(() => synth(4)).toThrow(/ALARM_M_GREATER_THAN_N/);
});

it('lets an alarm that works pass', () => {
  expect(() => synth(3)).not.toThrow();
});

it('judges each template by itself in a set of two, and together across them', () => {
  const plugin = new NightdeskChecks();
  const fixture = (name: string) => join(import.meta.dirname, '../fixtures/check', name);
  const templatePaths = [fixture('alarm-m-greater-than-n.bad.yaml'), fixture('alarm-m-greater-than-n.good.yaml')];
  const report = plugin.validate({ templatePaths, stackTemplates: [] } as never);
  expect(report.success).toBe(false);
  expect(report.violations.map(({ ruleName }) => ruleName).sort()).toEqual(['ALARM_M_GREATER_THAN_N', 'ALARM_NAME_DUPLICATE']);
  expect(report.violations.find(({ ruleName }) => ruleName === 'ALARM_M_GREATER_THAN_N')?.violatingResources).toEqual([
    { resourceLogicalId: 'Late', templatePath: templatePaths[0], locations: ['Properties.DatapointsToAlarm'] },
  ]);
  expect(plugin.ruleIds).toContain('COMPOSITE_CYCLE');
});
