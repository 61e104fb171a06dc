/** One night's trouble as a stack remembers it, kept in a folder or in a stack that runs, for tests of the commands that read it. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTable, type Item } from '../../adapters/aws/table.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import type { LocalStack } from '../../local/stack.ts';
import { createWebApi } from '../../local/web-api.ts';
import { story } from '../lambdas/notifier-story.ts';
import { startMs, startTestStack } from '../local/local-stack.ts';

export const alarm = 'demo-heartbeat-missing-s1';

/** A page at 03:00, over at 03:05, by one of the two paths alone. */
export async function night(id = 'heartbeat-missing', by: 'cloudWatch' | 'fast' = 'cloudWatch'): Promise<readonly Item[]> {
  const told = story();
  await told.deliver(told[by](id, 'ALARM'));
  told.at(300);
  await told.deliver(told[by](id, 'OK'));
  return [...told.table.items.values()];
}

const atMs = Date.parse('2026-03-09T03:00:00Z');
const entry = (name: string, to: string, seconds: number) => ({
  alarm: name,
  atMs: atMs + seconds * 1000,
  from: 'OK',
  to,
  reason: 'because',
});

export const muteRule = {
  name: 'demo-night',
  schedule: 'at(2026-03-09T04:00)',
  timeZone: 'UTC',
  durationMs: 3_600_000,
  alarms: [alarm],
};

const composite = {
  kind: 'composite',
  name: alarm,
  rule: 'ALARM("demo-beats-s1") OR ALARM("demo-age-s1")',
  suppressor: { alarm: 'demo-telemetry-silent', waitSeconds: 60, extensionSeconds: 60 },
};

/** A folder in which a stack has kept the night, or that of another alarm. */
export async function keptNight(id?: string, by?: 'cloudWatch' | 'fast'): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'nightdesk-desk-'));
  mkdirSync(join(folder, '.nightdesk'));
  const wire = (value: unknown) => (typeof value === 'number' ? { N: String(value) } : { S: String(value) });
  const items = (await night(id, by)).map(item => Object.fromEntries(Object.entries(item).map(([name, value]) => [name, wire(value)])));
  const names = [alarm, 'demo-beats-s1', 'demo-age-s1', 'demo-telemetry-silent'];
  const alarms = {
    history: [
      entry('demo-beats-s1', 'ALARM', -5),
      entry(alarm, 'ALARM', 0),
      entry('demo-telemetry-silent', 'ALARM', 200),
      entry(alarm, 'OK', 300),
      entry('demo-telemetry-silent', 'OK', 400),
    ],
    states: Object.fromEntries(names.map(name => [name, {}])),
    muteRules: [muteRule],
    composites: [composite],
  };
  writeFileSync(join(folder, '.nightdesk', 'tables.json'), JSON.stringify({ state: items }));
  writeFileSync(join(folder, '.nightdesk', 'alarms.json'), JSON.stringify(alarms));
  return folder;
}

/** A stack that runs, with the night in its table and a mute rule that names the alarm. */
export async function runningNight(): Promise<LocalStack> {
  const assemblyDir = mkdtempSync(join(tmpdir(), 'nightdesk-desk-assembly-'));
  cpSync(join(import.meta.dirname, '../local/fixtures/assembly'), assemblyDir, { recursive: true });
  const file = join(assemblyDir, 'Shared.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as { readonly Resources: Record<string, unknown> };
  template.Resources['Composite'] = {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    Properties: { AlarmName: alarm, AlarmRule: composite.rule, ActionsSuppressor: 'demo-telemetry-silent' },
  };
  template.Resources['Mute'] = {
    Type: 'AWS::CloudWatch::AlarmMuteRule',
    Properties: {
      Name: muteRule.name,
      Rule: { Schedule: { Expression: muteRule.schedule, Duration: 'PT1H' } },
      MuteTargets: { AlarmNames: [alarm] },
      StartDate: '2026-03-01T00:00:00Z',
      ExpireDate: '2026-03-09T04:30:00Z',
    },
  };
  writeFileSync(file, JSON.stringify(template));
  const webDir = mkdtempSync(join(tmpdir(), 'nightdesk-desk-web-'));
  const config = discoverConfig([{ strategyId: 's1' }]);
  const stack = await startTestStack({
    assemblyDir,
    routes: created =>
      createWebApi(created, {
        config,
        intake: { accept: () => undefined },
        isSimulated: true,
        startedMs: startMs,
        provocations: { list: () => [], run: () => ({ ok: true, text: '' }), processOf: () => 'running' },
        webDir,
      }),
  });
  const settings = { endpoint: stack.endpoint.url, region: 'us-east-1', credentials: { accessKeyId: 'anybody', secretAccessKey: 'x' } };
  const client = new DynamoDBClient(settings);
  const table = createTable(client, [...stack.tables.keys()][0]!);
  for (const item of await night()) await table.put(item);
  client.destroy();
  return stack;
}
