/** How a function is bundled; the build and the benchmark of bundles share it. */
import { join } from 'node:path';

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
  minify: true,
  sourcemap: false,
  legalComments: 'none',
  outfile: join(root, 'dist', 'lambdas', name, 'index.js'),
  entryPoints: [join(root, 'lambdas', name, 'handler.ts')],
});
