/**
 * The CDK entry: reads the config and makes the stacks. NIGHTDESK_CONFIG names the config; else nightdesk.config.ts of the current
 * folder, else the demo fleet. NIGHTDESK_NAG=true runs cdk-nag's AwsSolutions and Serverless packs with the synth.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { loadConfigFile } from '../adapters/config-file.ts';
import { showProblem } from '../core/config/problem.ts';
import { packageRoot } from '../lib/bundles.ts';
import { monitorApp } from '../lib/synth.ts';
import { makeStacks } from '../lib/trading-monitor.ts';

async function main(): Promise<number> {
  const own = join(process.cwd(), 'nightdesk.config.ts');
  const path = process.env['NIGHTDESK_CONFIG'] ?? (existsSync(own) ? own : join(packageRoot(), 'examples', 'nightdesk.config.ts'));
  const config = await loadConfigFile(path);
  if (!config.ok) {
    for (const problem of config.error) process.stderr.write(`${path}: ${showProblem(problem)}\n`);
    return 2;
  }
  const app = monitorApp();
  if (process.env['NIGHTDESK_NAG'] === 'true') {
    const { AwsSolutionsChecks, ServerlessChecks } = await import('cdk-nag');
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  }
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  makeStacks(app, config.value, account === undefined || region === undefined ? {} : { env: { account, region } });
  app.synth();
  return 0;
}

process.exitCode = await main();
