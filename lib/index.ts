/** The public library: a config, and a construct that turns it into stacks. */
export { type ConfigInput, defineConfig } from '../core/config/define.ts';
export { parseConfig } from '../core/config/parse.ts';
export { ConfigError, type ConfigProblem } from '../core/config/problem.ts';
export type { NightdeskConfig, Severity } from '../core/config/types.ts';
export { NightdeskChecks } from './check-plugin.ts';
export { GroupStack } from './group-stack.ts';
export { SharedStack } from './shared-stack.ts';
export { TradingMonitor, type TradingMonitorOptions, type TradingMonitorProps } from './trading-monitor.ts';
