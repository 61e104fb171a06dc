/** How a function is bundled; the build and the benchmark of bundles share it. */
import { join } from 'node:path';
import { build } from 'esbuild';

/** What only documents and tests read of a row. */
const prose = new Set(['definition', 'formula', 'interpretation', 'runbook', 'fires', 'quiet', 'because']);

/** Rows are plain data, so a function carries them as JSON without their prose: more than half of the catalogue. */
const withoutProse = {
  name: 'catalogue without prose',
  setup: ({ onLoad }) => {
    onLoad({ filter: /core[\\/]catalogue[\\/](system|application|trading|health|errors|self)\.ts$/ }, async ({ path }) => {
      const bundled = await build({ entryPoints: [path], bundle: true, write: false, format: 'esm', platform: 'node', logLevel: 'silent' });
      const rows = await import(`data:text/javascript,${encodeURIComponent(bundled.outputFiles[0].text)}`);
      const contents = Object.entries(rows).map(([name, value]) => `export const ${name} = ${JSON.stringify(value, withoutKeys)};`);
      return { contents: contents.join('\n'), loader: 'js' };
    });
  },
};

const withoutKeys = (key, value) => (prose.has(key) ? undefined : value);

/**
 * CommonJS with `mainFields: module, main` imports fastest on Node 20, 22 and 24 and tree-shakes the SDK; credentials come from the
 * environment, as Lambda gives them, instead of the SDK's chain (docs/decisions/lambda-bundles.md has the measurements).
 */
export const lambdaBundle = (root, name) => ({
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'],
  alias: { '@aws-sdk/credential-provider-node': join(root, 'adapters', 'aws', 'env-credentials.ts') },
  plugins: [withoutProse],
  minify: true,
  sourcemap: false,
  legalComments: 'none',
  outfile: join(root, 'dist', 'lambdas', name, 'index.js'),
  entryPoints: [join(root, 'lambdas', name, 'handler.ts')],
});
