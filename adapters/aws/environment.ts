import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NightdeskConfig } from '../../core/config/types.ts';

/** A variable that the stack sets. @throws Error naming the variable when it is missing: the function cannot work without it. */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`MissingEnvironment at ${name}: the stack must set it`);
  return value;
}

/** The config that was validated at synth and lies beside the code. `codeDir` serves where Lambda's own variable is absent. */
export function readDeployedConfig(codeDir: string): NightdeskConfig {
  const path = join(process.env['LAMBDA_TASK_ROOT'] ?? codeDir, 'config.json');
  return JSON.parse(readFileSync(path, 'utf8')) as NightdeskConfig;
}
