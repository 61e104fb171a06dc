import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { afterAll, expect, it } from 'vitest';
import { loadConfigFile } from '../../adapters/config-file.ts';
import { monitorApp } from '../../lib/synth.ts';
import { makeStacks } from '../../lib/trading-monitor.ts';
import { everyChannel } from '../notify/every-channel.ts';
import { stubBundles } from './stub-bundles.ts';

const bundles = stubBundles();
const outDir = mkdtempSync(join(tmpdir(), 'nightdesk-nag-'));
afterAll(() => {
  for (const dir of [bundles, outDir]) rmSync(dir, { recursive: true, force: true });
});

/** Everything that a config can deploy, so that each part is judged. */
const signals = {
  webhook: { url: { secretName: 'bot-url' }, signingSecret: { secretName: 'bot-key' } },
  dryRun: true,
  maxPerHour: 3,
  onAlarm: { drawdown: 'halt' },
} as const;

const ecsRestart = {
  cluster: 'trading',
  service: 'momentum',
  onAlarm: ['heartbeat-missing'],
  dryRun: false,
  maxPerHour: 2,
  cooldownSeconds: 600,
  positionsMaxAgeSeconds: 900,
  evenWithOpenPositions: false,
  allowOverlap: false,
} as const;
const probe = {
  url: 'http://bot.internal/healthz',
  timeoutMs: 1_000,
  periodSeconds: 60,
  initialDelaySeconds: 0,
  failureThreshold: 3,
  successThreshold: 1,
};
const probeVpc = { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] };

it('passes cdk-nag’s AwsSolutions and Serverless packs and CDK’s own rules, each exception with its reason', async () => {
  const config = await loadConfigFile(join(import.meta.dirname, '../../examples/nightdesk.config.ts'));
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  const setting = process.env['CDK_VALIDATION'];
  process.env['CDK_VALIDATION'] = 'true';
  try {
    const app = monitorApp(outDir);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
    const channels = { ...config.value.channels, ...Object.fromEntries(everyChannel) };
    const [first, ...others] = config.value.bots;
    const bots = [
      { ...first!, signals, ecsRestart, probes: { liveness: probe }, probedFrom: 'vpc' as const },
      ...others.map(bot => ({ ...bot, probes: { liveness: probe } })),
    ];
    const watch = {
      deadManUrl: { secretName: 'dead-man' },
      email: ['ops@example.com'],
      pagerduty: { integrationKey: { secretName: 'direct' }, region: 'us' },
      testPage: { cron: 'cron(0 9 ? * MON *)', zone: 'Europe/Berlin' },
    } as const;
    const reports = { afterCloseMinutes: 10, periods: ['day'] } as const;
    makeStacks(app, { ...config.value, channels, bots, reports, watch, probeVpc }, { bundles });
    expect(() => app.synth()).not.toThrow();
  } finally {
    process.env['CDK_VALIDATION'] = setting;
  }
}, 120_000);
