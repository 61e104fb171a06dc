/** How a function is bundled; the build and the benchmark of bundles share it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** What only documents and tests read of a row. */
const prose = ['definition', 'formula', 'interpretation', 'runbook', 'fires', 'quiet', 'because'];

const looks = ['title', 'audience', 'widget', 'statistic', 'only'];
/** How a series is judged. */
const judgement = ['means', 'per', 'is', 'limit', 'everySeconds', 'held', 'silence', 'follows'];

/** They publish counts and measures of their own, and nothing else. */
const ownNumbers = {
  keys: [...looks, ...judgement, 'watch'],
  from: ['strategy', 'group', 'heartbeat', 'health', 'metricFilter', 'sketch', 'aws', 'anomaly', 'math'],
};

/** What functions do not read beyond that: keys of rows, and sources of rows that others publish and that nothing of theirs belongs to. */
const unread = {
  ingest: ownNumbers,
  intake: ownNumbers,
  // It publishes values and breaches of hard limits, draws nothing and judges no series.
  ledger: { keys: [...looks, ...judgement, 'kind'], from: ['heartbeat', 'health', 'aws', 'anomaly', 'metricFilter'] },
  // It says deaths, in the words of their alarms.
  timer: { keys: [...looks, ...judgement], from: ['strategy', 'group', 'heartbeat', 'sketch', 'aws', 'anomaly', 'math'] },
  // It judges nothing: it names units and limits, and draws the series of a page.
  notifier: {
    keys: ['title', 'means', 'audience', 'widget', 'only', 'is', 'everySeconds', 'held', 'silence', 'first', 'severity'],
    from: [],
  },
  // It judges rows of health, and counts heartbeats for bots that are excused.
  heartbeat: { keys: looks, from: ['aws', 'sketch'] },
};
const nothing = { keys: [], from: [] };

const isRead = (name, { from }, { source } = {}) =>
  !from.includes(source?.from) && (from.length === 0 || source?.by === undefined || source.by === name);

/** Rows are plain data, so a function carries them as JSON without their prose: more than half of the catalogue. */
const withoutProse = name => ({
  name: 'catalogue without prose',
  setup: ({ onLoad }) => {
    onLoad(
      {
        filter: /core[\\/]catalogue[\\/](system|application|trading|performance|order-quality|limits|risk-groups|health|errors|self)\.ts$/,
      },
      async ({ path }) => {
        const bundled = await build({
          entryPoints: [path],
          bundle: true,
          write: false,
          format: 'esm',
          platform: 'node',
          logLevel: 'silent',
        });
        const rows = await import(`data:text/javascript,${encodeURIComponent(bundled.outputFiles[0].text)}`);
        const skipped = unread[name] ?? nothing;
        const dropped = new Set([...prose, ...skipped.keys]);
        const kept = (key, value) => (dropped.has(key) || !isRead(name, skipped, value ?? undefined) ? undefined : value);
        const contents = Object.entries(rows).map(([id, value]) => `export const ${id} = ${JSON.stringify(value, kept)};`);
        return { contents: contents.join('\n'), loader: 'js' };
      },
    );
  },
});

/** Sentences that describe the fields of events are for the schema and the page of events only. */
const eventsWithoutSentences = {
  name: 'events without sentences',
  setup: ({ onLoad }) => {
    onLoad(
      { filter: /core[\\/]events[\\/](account|cash|control|envelope|error|execution|heartbeat|market-data|order|position|reference)\.ts$/ },
      async ({ path }) => ({ contents: (await readFile(path, 'utf8')).replaceAll(/'[A-Z][^'\n]*\.'/g, "''"), loader: 'ts' }),
    );
  },
};

/** The SDK's clients read their own version for the user agent, and bring the whole manifest along. */
const manifestsOfClients = {
  name: 'manifests of clients',
  setup: ({ onLoad }) => {
    onLoad({ filter: /@aws-sdk[\\/]client-[a-z-]+[\\/]package\.json$/ }, async ({ path }) => {
      const { name, version } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
  },
};

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
  alias: {
    '@aws-sdk/credential-provider-node': join(root, 'adapters', 'aws', 'env-credentials.ts'),
    'mnemonist/lru-cache': join(root, 'adapters', 'aws', 'small-cache.ts'),
    // The client of CloudWatch Logs, which only intake has, needs the real one from the start.
    ...(name === 'intake' ? {} : { '@smithy/core/event-streams': join(root, 'adapters', 'aws', 'no-event-streams.ts') }),
  },
  plugins: [withoutProse(name), eventsWithoutSentences, manifestsOfClients],
  minify: true,
  sourcemap: false,
  legalComments: 'none',
  outfile: join(root, 'dist', 'lambdas', name, 'index.js'),
  entryPoints: [join(root, 'lambdas', name, 'handler.ts')],
});
