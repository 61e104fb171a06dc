import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionName } from '../core/catalogue/metric.ts';
import type { NightdeskConfig } from '../core/config/types.ts';

/** Where the package is, from its sources as well as from any file of the build. */
export function packageRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(dir, 'package.json');
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'nightdesk') return dir;
    const parent = dirname(dir);
    if (parent === dir) throw new Error('PackageNotFound: no package.json of nightdesk above this file');
    dir = parent;
  }
}

/** The functions' bundles as the build writes them: `<name>/index.js`. */
export const builtBundles = (): string => join(packageRoot(), 'dist', 'lambdas');

/**
 * Gives `use` a folder with the function's code and the config beside it, and removes the folder afterwards: the CDK copies an
 * asset while the construct is made.
 * @throws Error when the function was not built.
 */
export function withCode<T>(bundles: string, name: FunctionName, config: NightdeskConfig, use: (dir: string) => T): T {
  const bundle = join(bundles, name);
  if (!existsSync(join(bundle, 'index.js')))
    throw new Error(`MissingBundle at ${join(bundle, 'index.js')}: the function "${name}" is not built; run "npm run build"`);
  const dir = mkdtempSync(join(tmpdir(), `nightdesk-${name}-`));
  try {
    cpSync(join(bundle, 'index.js'), join(dir, 'index.js'));
    writeFileSync(join(dir, 'config.json'), `${JSON.stringify(config, undefined, 1)}\n`);
    return use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
