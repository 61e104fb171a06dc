/** Builds everything that runs: the CLI and the library (ESM), each function (CJS, SDK inside), and the local viewer. */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lambdaBundle } from './lambda-bundle.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => join(root, ...parts);
const common = { bundle: true, logLevel: 'warning', absWorkingDir: root, target: 'node20', platform: 'node', legalComments: 'none' };

const lambdaNames = readdirSync(at('lambdas'), { withFileTypes: true })
  .filter(entry => entry.isDirectory() && existsSync(at('lambdas', entry.name, 'handler.ts')))
  .map(entry => entry.name);

const entry = (outDir, file) => (existsSync(at(file)) ? { [outDir]: at(file) } : {});

/** ESM for Node: packages stay outside, so that the installed ones are used. */
const node = {
  ...common,
  format: 'esm',
  packages: 'external',
  splitting: true,
  outdir: at('dist'),
  entryPoints: {
    ...entry('bin/nightdesk', 'bin/nightdesk.ts'),
    ...entry('bin/app', 'bin/app.ts'),
    ...entry('lib/index', 'lib/index.ts'),
    ...entry('bot/index', 'bot/index.ts'),
    ...entry('local/bootstrap', 'local/bootstrap.ts'),
    ...entry('examples/paper-bot/main', 'examples/paper-bot/main.ts'),
  },
};

const web = {
  ...common,
  platform: 'browser',
  target: 'es2022',
  format: 'esm',
  minify: true,
  outdir: at('dist', 'web'),
  entryPoints: [at('local', 'web', 'main.ts')],
};

const clean = ['bin', 'lib', 'bot', 'local', 'lambdas', 'web', 'examples'];
for (const dir of clean) rmSync(at('dist', dir), { recursive: true, force: true });
mkdirSync(at('dist'), { recursive: true });
await Promise.all([
  ...(Object.keys(node.entryPoints).length > 0 ? [build(node)] : []),
  ...lambdaNames.map(name => build({ ...common, ...lambdaBundle(root, name) })),
  ...(existsSync(at('local', 'web', 'main.ts')) ? [build(web)] : []),
]);
if (existsSync(at('local', 'web', 'index.html'))) cpSync(at('local', 'web', 'index.html'), at('dist', 'web', 'index.html'));
if (existsSync(at('local', 'web', 'style.css'))) cpSync(at('local', 'web', 'style.css'), at('dist', 'web', 'style.css'));
