import { App } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import type { NightdeskConfig } from '../core/config/types.ts';
import { makeStacks, type TradingMonitorOptions } from './trading-monitor.ts';

/** An app with the feature flags of this package, so that a synth in process equals one of the CDK's command line. */
export function monitorApp(outDir?: string): App {
  return new App({ context: cdkJson.context, analyticsReporting: false, ...(outDir === undefined ? {} : { outdir: outDir }) });
}

/** Writes the assembly of a validated config into `outDir` and returns that folder. `CDK_VALIDATION=false` skips the validators, which take most of the time. */
export function synthesize(config: NightdeskConfig, outDir: string, options: TradingMonitorOptions = {}): string {
  const app = monitorApp(outDir);
  makeStacks(app, config, options);
  return app.synth().directory;
}
