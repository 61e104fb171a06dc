/**
 * Cold import of each function against the import of the AWS clients that it uses, both bundled alike: what our own code costs at a
 * cold start. Child processes, interleaved, median of at least fifteen.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { lambdaBundle } from '../../bin/lambda-bundle.mjs';
import type { Bench } from './bench.ts';

export const root = join(import.meta.dirname, '../..');

export const functionNames = readdirSync(join(root, 'lambdas')).filter(name => existsSync(join(root, 'lambdas', name, 'handler.ts')));

export interface Bundle {
  readonly name: string;
  readonly path: string;
  readonly kilobytes: number;
  /** `@aws-sdk/client-…` packages inside. */
  readonly clients: readonly string[];
}

/** Bundles a function as the build does, into `dir`. */
export async function bundleFunction(name: string, dir: string): Promise<Bundle> {
  const path = join(dir, `${name}.cjs`);
  const options = { ...lambdaBundle(root, name), outfile: path, metafile: true as const };
  const { metafile } = await build({ ...options, logLevel: 'warning', absWorkingDir: root });
  return { name, path, kilobytes: statSync(path).size / 1024, clients: clientsIn(metafile) };
}

function clientsIn({ outputs }: Metafile): readonly string[] {
  const files = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  return [...new Set(files.flatMap(file => /node_modules\/(@aws-sdk\/client-[a-z-]+)\//.exec(file)?.[1] ?? []))].sort();
}

/** The clients and commands alone: what any function with them pays. */
async function bundleClients({ name, clients }: Bundle, dir: string): Promise<string> {
  const path = join(dir, `${name}-clients.cjs`);
  const { entryPoints: _, ...options } = lambdaBundle(root, name);
  const contents = clients.map(
    (client, index) =>
      `import { ${clientExports[client] ?? '__Client'} } from '${client}';\nexports.c${index} = [${clientExports[client] ?? '__Client'}];`,
  );
  await build({ ...options, outfile: path, stdin: { contents: contents.join('\n'), resolveDir: root, loader: 'js' }, absWorkingDir: root });
  return path;
}

const clientExports: Readonly<Record<string, string>> = {
  '@aws-sdk/client-cloudwatch': 'CloudWatchClient, PutMetricDataCommand',
  '@aws-sdk/client-dynamodb': 'DynamoDBClient, GetItemCommand, BatchGetItemCommand, PutItemCommand, BatchWriteItemCommand, QueryCommand',
  '@aws-sdk/client-cloudwatch-logs': 'CloudWatchLogsClient, PutLogEventsCommand',
  '@aws-sdk/client-secrets-manager': 'SecretsManagerClient, GetSecretValueCommand',
  '@aws-sdk/client-sns': 'SNSClient, PublishCommand',
  '@aws-sdk/client-sqs': 'SQSClient, SendMessageBatchCommand',
};

/** Computing time, which others on the machine stretch less than the clock's: an import waits for nothing but the disk. */
const probe =
  'const u=process.cpuUsage();require(process.argv[1]);const v=process.cpuUsage(u);process.stdout.write(String((v.user+v.system)/1e3))';

const importMs = (path: string): number => Number(execFileSync(process.execPath, ['-e', probe, path], { encoding: 'utf8' }));

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

export interface BundleFigures {
  readonly name: string;
  readonly kilobytes: number;
  readonly importMs: number;
  /** Absent for a function that calls no AWS service. */
  readonly clients?: { readonly importMs: number; readonly ratio: number };
}

export async function benchBundles({ runs = 15 } = {}): Promise<readonly BundleFigures[]> {
  const dir = mkdtempSync(join(tmpdir(), 'nightdesk-bundles-'));
  try {
    const figures: BundleFigures[] = [];
    for (const name of functionNames) {
      const bundle = await bundleFunction(name, dir);
      const alone = await bundleClients(bundle, dir);
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let run = 0; run < runs; run++) {
        ours.push(importMs(bundle.path));
        theirs.push(importMs(alone));
      }
      const [own, base] = [median(ours), median(theirs)];
      const clients = bundle.clients.length === 0 ? {} : { clients: { importMs: base, ratio: own / base } };
      figures.push({ name, kilobytes: bundle.kilobytes, importMs: own, ...clients });
    }
    return figures;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export const bench: Bench = {
  name: 'cold import of each function against the AWS clients it uses (at most 1.3)',
  run: async ({ short }) => {
    for (const { name, kilobytes, importMs, clients } of await benchBundles({ runs: short ? 5 : 15 })) {
      const against =
        clients === undefined ? 'no AWS client' : `clients alone ${clients.importMs.toFixed(0)} ms, ratio ${clients.ratio.toFixed(2)}`;
      console.log(`${name.padEnd(10)} ${kilobytes.toFixed(0).padStart(4)} KB  import ${importMs.toFixed(0)} ms, ${against}`);
    }
  },
};
