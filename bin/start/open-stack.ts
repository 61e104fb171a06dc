/** Synthesizes a config and starts its stack here, or says in one line why that cannot be. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfigFile } from '../../adapters/config-file.ts';
import { withStubChannels } from '../../core/config/discover.ts';
import { showProblem } from '../../core/config/problem.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { packageRoot } from '../../lib/bundles.ts';
import type { Speed } from '../../local/clock.ts';
import { PortTakenError, type Route } from '../../local/endpoint/server.ts';
import { type LocalStack, startStack } from '../../local/stack.ts';
import { type Io, UsageError } from '../command.ts';
import type { StartOptions } from './options.ts';
import { readableSecret } from './real-secrets.ts';

export interface OpenOptions {
  readonly config: NightdeskConfig;
  readonly startMs: number;
  readonly speed: Speed;
  readonly port: number;
  readonly routes?: (stack: LocalStack) => readonly Route[];
}

export const defaultPort = 4399;

/** The port where none is named: that of NIGHTDESK_PORT, else 4399. @throws UsageError for what is no port. */
export function usualPort(env: Io['env']): number {
  const named = env['NIGHTDESK_PORT'];
  if (named === undefined || named === '') return defaultPort;
  const port = Number(named);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`NIGHTDESK_PORT must be a port from 1 to 65535; was "${named}"`);
}
export const webDir = (): string => join(packageRoot(), 'dist', 'web');

/** The stack and how to end it; the synthesized assembly goes with it. */
export async function openStack(open: OpenOptions, options: StartOptions, io: Io): Promise<LocalStack> {
  // The validators of the synth take four of its five seconds; `cdk synth` and the tests run them.
  process.env['CDK_VALIDATION'] = 'false';
  const { synthesize } = await import('../../lib/synth.ts');
  const assemblyDir = mkdtempSync(join(tmpdir(), 'nightdesk-assembly-'));
  const forget = () => rmSync(assemblyDir, { recursive: true, force: true });
  try {
    synthesize(open.config, assemblyDir);
    const stack = await startStack({
      assemblyDir,
      bootstrapFile: join(packageRoot(), 'dist', 'local', 'bootstrap.js'),
      startMs: open.startMs,
      speed: open.speed,
      port: open.port,
      deliverySeconds: options.deliverySeconds ?? (open.speed === 'max' ? 60 : 5),
      concurrency: open.speed === 'max' ? 1 : 3,
      sends: options.sends,
      ...(options.sends ? { secretValue: name => readableSecret(name, io) } : {}),
      ...(open.routes === undefined ? {} : { routes: open.routes }),
      onFault: error => io.stderr(`nightdesk: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`),
    });
    return {
      ...stack,
      close: async () => {
        await stack.close();
        forget();
      },
    };
  } catch (error) {
    forget();
    if (error instanceof PortTakenError) throw new UsageError(error.message);
    throw error;
  }
}

/** @throws UsageError with the first problem of the file; the others follow on lines of their own. */
export async function readConfig(path: string, io: Io): Promise<NightdeskConfig> {
  const loaded = await loadConfigFile(resolve(io.cwd, path));
  if (loaded.ok) return withStubChannels(loaded.value);
  throw new UsageError(`${path}: ${loaded.error.map(showProblem).join(`\nnightdesk: ${path}: `)}`);
}

/** Resolves at the first Ctrl-C or termination; a second one ends the process at once. */
export function onInterrupt(stop: () => void): () => void {
  let asked = 0;
  const handle = () => {
    asked += 1;
    if (asked > 1) process.exit(130);
    stop();
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return () => {
    process.off('SIGINT', handle);
    process.off('SIGTERM', handle);
  };
}
