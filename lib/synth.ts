import { createRequire } from 'node:module';
import { App, Validations } from 'aws-cdk-lib';
import type { NightdeskConfig } from '../core/config/types.ts';
import { NightdeskChecks } from './check-plugin.ts';
import { makeStacks, type TradingMonitorOptions } from './trading-monitor.ts';

/** Every recommended feature flag, as cdk.json has them (a test compares). */
export const featureFlags = createRequire(import.meta.url)('aws-cdk-lib/recommended-feature-flags.json') as Readonly<
  Record<string, unknown>
>;

/** An app with these flags and our own checks, so that a synth in process equals one of the CDK's command line. */
export function monitorApp(outDir?: string): App {
  const app = new App({ context: { ...featureFlags }, analyticsReporting: false, ...(outDir === undefined ? {} : { outdir: outDir }) });
  Validations.of(app).addPlugins(new NightdeskChecks());
  return app;
}

/** Writes the assembly of a validated config into `outDir` and returns that folder. `CDK_VALIDATION=false` skips the validators, which take most of the time. */
export function synthesize(config: NightdeskConfig, outDir: string, options: TradingMonitorOptions = {}): string {
  const app = monitorApp(outDir);
  makeStacks(app, config, options);
  return app.synth().directory;
}
