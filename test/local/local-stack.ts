/** Starts the local stack for tests: the fixture assembly by default, on a virtual clock from 2026-03-09 13:00 UTC. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { LocalStack, StackOptions } from '../../local/stack.ts';
import { startStack } from '../../local/stack.ts';

export const startMs = Date.UTC(2026, 2, 9, 13, 0, 0);

let bundled: Promise<string> | undefined;

function bootstrapFile(): Promise<string> {
  bundled ??= (async () => {
    const outfile = join(mkdtempSync(join(tmpdir(), 'nightdesk-bootstrap-')), 'bootstrap.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, '../../local/bootstrap.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
    });
    return outfile;
  })();
  return bundled;
}

export async function startTestStack(options: Partial<StackOptions> = {}): Promise<LocalStack> {
  return startStack({
    assemblyDir: join(import.meta.dirname, 'fixtures/assembly'),
    bootstrapFile: await bootstrapFile(),
    startMs,
    speed: 'max',
    port: 0,
    deliverySeconds: 60,
    concurrency: 1,
    sends: false,
    onFault: error => console.error(error),
    ...options,
  });
}
