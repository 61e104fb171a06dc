/** The checked-in texts that say what this package publishes, and how each is made. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfigFile } from '../../adapters/config-file.ts';
import { alarmTestsSchema } from '../../core/alarms/unit-test/json-schema.ts';
import { catalogueAlarms } from '../../core/catalogue/alarm-definitions.ts';
import { metricsPage } from '../../core/catalogue/docs.ts';
import { publishedNames } from '../../core/catalogue/published.ts';
import { checkRulesPage } from '../../core/check/rules.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { hostFiles } from '../../core/hosts/files.ts';
import { hostTargets } from '../../core/hosts/target.ts';
import { synthesize } from '../../lib/synth.ts';
import { stubBundles } from '../lib/stub-bundles.ts';

const root = join(import.meta.dirname, '../..');

export interface GoldenFile {
  readonly path: string;
  readonly text: string;
}

export async function goldenFiles(): Promise<readonly GoldenFile[]> {
  const config = await demoConfig();
  return [
    { path: join(root, 'docs/metrics.md'), text: metricsPage() },
    { path: join(root, 'docs/check-rules.md'), text: checkRulesPage() },
    { path: join(root, 'docs/alarm-tests.schema.json'), text: `${JSON.stringify(alarmTestsSchema(), undefined, 2)}\n` },
    ...hostExamples(config),
    { path: join(import.meta.dirname, 'alarms.txt'), text: alarmsText(config) },
    { path: join(import.meta.dirname, 'published.txt'), text: publishedText(config) },
  ];
}

export async function demoConfig(): Promise<NightdeskConfig> {
  const loaded = await loadConfigFile(join(root, 'examples/nightdesk.config.ts'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}

/** What `nightdesk agent-config` writes for the first bot, with values that stand for the reader's own. */
function hostExamples(config: NightdeskConfig): readonly GoldenFile[] {
  const options = { region: 'us-east-1', accountId: '111122223333', image: 'registry.example/momentum-btc:1.0.0' };
  return hostTargets.flatMap(target =>
    (hostFiles(config, 'momentum-btc', target, options) ?? []).map(({ name, text }) => ({
      path: join(root, 'examples', target, name),
      text,
    })),
  );
}

/** One English sentence per alarm of the demo fleet. A moved limit is one changed line. */
function alarmsText(config: NightdeskConfig): string {
  const lines = catalogueAlarms(config)
    .filter(({ signal }) => !signal)
    .map(({ definition, severity, sentence }) => `${definition.name} [${severity}] ${sentence}`);
  return `${lines.join('\n')}\n`;
}

const stateful = ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::Logs::LogGroup'];

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
}

function publishedText(config: NightdeskConfig): string {
  const bundles = stubBundles();
  const outDir = mkdtempSync(join(tmpdir(), 'nightdesk-golden-'));
  try {
    synthesize(config, outDir, { bundles });
    const resources = readdirSync(outDir)
      .filter(name => name.endsWith('.template.json'))
      .flatMap(name => Object.entries((JSON.parse(readFileSync(join(outDir, name), 'utf8')) as Template).Resources))
      .filter(([, { Type }]) => stateful.includes(Type))
      .map(([id, { Type }]) => `resource   ${Type} ${id}`);
    return `${[...publishedNames(), ...resources.sort()].join('\n')}\n`;
  } finally {
    for (const dir of [bundles, outDir]) rmSync(dir, { recursive: true, force: true });
  }
}
