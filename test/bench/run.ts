/**
 * `npm run bench [-- [--short] [FILE]]`: runs every bench module beside this file, one after the other, and fails in the end when one has. FILE is a
 * file of fills.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';

const { values, positionals } = parseArgs({ options: { short: { type: 'boolean', default: false } }, allowPositionals: true });
const [fills] = positionals;
if (fills !== undefined) process.env['FILLS'] = fills;
process.argv.splice(2);

const directory = dirname(fileURLToPath(import.meta.url));
for (const file of readdirSync(directory)
  .filter(name => name.endsWith('.ts') && name !== 'run.ts')
  .sort()) {
  const { bench } = (await import(join(directory, file))) as { readonly bench?: Bench };
  if (bench === undefined) continue;
  process.stdout.write(`\n# ${bench.name}\n`);
  try {
    await bench.run({ short: values.short });
  } catch (error) {
    process.exitCode = 1;
    process.stdout.write(`FAILED: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
