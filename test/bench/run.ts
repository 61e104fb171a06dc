/** `npm run bench [-- FILE]`: runs every bench module beside this file, one after the other. FILE is a file of fills. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Bench {
  readonly name: string;
  readonly run: () => Promise<void>;
}

const directory = dirname(fileURLToPath(import.meta.url));
for (const file of readdirSync(directory)
  .filter(name => name.endsWith('.ts') && name !== 'run.ts')
  .sort()) {
  const { bench } = (await import(join(directory, file))) as { readonly bench?: Bench };
  if (bench === undefined) continue;
  process.stdout.write(`\n# ${bench.name}\n`);
  await bench.run();
}
