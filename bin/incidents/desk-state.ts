/**
 * What the notifier remembers, wherever it is: a stack that runs on this machine, the state that it kept (`.nightdesk/`), or a table in an
 * account. A running stack and an account are read through the AWS SDK alike.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type AlertStoreTools, createDeskStores } from '../../adapters/aws/desk-stores.ts';
import { createTable, type Item, type Table } from '../../adapters/aws/table.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import type { CompositeAlarm, MetricStat } from '../../core/alarms/definition.ts';
import type { MuteRule } from '../../core/cloudwatch/template-alarm.ts';
import type { AlarmChange } from '../../core/incidents/why.ts';
import { restoreSeries } from '../../core/series/series-store.ts';
import { type Io, UsageError } from '../command.ts';
import type { OptionTable } from '../options.ts';
import { defaultPort, usualPort } from '../start/open-stack.ts';
import { readPort } from '../start/options.ts';
import { type Composition, compositionOf } from './composition.ts';

export const stateOptions: OptionTable = [
  ['--port N', `port of the stack that runs here (default NIGHTDESK_PORT or ${defaultPort}); without one, what it kept in .nightdesk/`],
  ['--table NAME', 'the state table of a deployed stack, with the credentials and region of your environment'],
  ['--config FILE', 'routes and channels, where they are not the default'],
];

export interface DeskState extends AlertStoreTools {
  /** For people: where it was read. */
  readonly where: string;
  /** Virtual or real now of that place. */
  readonly now: number;
  /** Undefined when that place keeps no history of alarms. */
  readonly changes: (alarm: string) => Promise<readonly AlarmChange[] | undefined>;
  readonly alarmNames: () => Promise<readonly string[]>;
  readonly composition: (alarm: string) => Promise<Composition>;
  /** Those that name the alarm now; undefined when they could not be read. */
  readonly muteRules: (alarm: string) => Promise<readonly MuteRule[] | undefined>;
  readonly series: (stat: MetricStat, fromMs: number, toMs: number) => Promise<readonly (number | null)[]>;
  /** Only read: nothing runs that would take a change. */
  readonly isKept: boolean;
  readonly close: () => void;
}

/** @throws UsageError when there is no such place. */
export async function openDeskState(values: ReadonlyMap<string, string>, io: Io): Promise<DeskState> {
  const table = values.get('table');
  if (table !== undefined) return overSdk(table, undefined, 'the table of your account', Date.now());
  const named = values.get('port');
  const port = named === undefined ? usualPort(io.env) : readPort(named);
  const running = await runningAt(`http://127.0.0.1:${port}`);
  if (running !== undefined) return overSdk(undefined, running.url, `the stack on port ${port}`, running.now);
  if (named !== undefined) throw new UsageError(`no stack answers on port ${port}`);
  return kept(resolve(io.cwd, '.nightdesk'));
}

async function runningAt(url: string): Promise<{ readonly url: string; readonly now: number } | undefined> {
  try {
    const answer = await fetch(`${url}/api/status`, { signal: AbortSignal.timeout(2_000) });
    if (!answer.ok) return undefined;
    const status = (await answer.json()) as { readonly now?: string };
    const now = Date.parse(status.now ?? '');
    return { url, now: Number.isNaN(now) ? Date.now() : now };
  } catch {
    return undefined;
  }
}

async function overSdk(tableName: string | undefined, url: string | undefined, where: string, now: number): Promise<DeskState> {
  const { DynamoDBClient, ListTablesCommand } = await import('@aws-sdk/client-dynamodb');
  const { CloudWatchClient, DescribeAlarmHistoryCommand, GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const { readAlarmNames, readComposition, readMuteRules } = await import('./account-alarms.ts');
  const local =
    url === undefined ? {} : { endpoint: url, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const tables = new DynamoDBClient(local);
  const metrics = new CloudWatchClient(local);
  const name = tableName ?? (await tables.send(new ListTablesCommand({}))).TableNames?.[0];
  if (name === undefined) throw new UsageError(`${where} has no table`);
  return {
    ...createDeskStores(createTable(tables, name), () => now),
    where,
    now,
    isKept: false,
    changes: async alarm => {
      const answer = await metrics.send(
        new DescribeAlarmHistoryCommand({ AlarmName: alarm, HistoryItemType: 'StateUpdate', MaxRecords: 100 }),
      );
      return (answer.AlarmHistoryItems ?? []).map(item => ({
        atMs: item.Timestamp?.getTime() ?? 0,
        to: stateOf(item.HistoryData),
        reason: item.HistorySummary ?? '',
      }));
    },
    alarmNames: () => readAlarmNames(metrics),
    composition: alarm => readComposition(metrics, alarm),
    muteRules: alarm => readMuteRules(metrics, alarm),
    series: async ({ namespace, metricName, dimensions, periodSeconds, statistic }, fromMs, toMs) => {
      const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
      const answer = await metrics.send(
        new GetMetricDataCommand({
          StartTime: new Date(fromMs),
          EndTime: new Date(toMs),
          ScanBy: 'TimestampAscending',
          MetricDataQueries: [
            {
              Id: 'm',
              MetricStat: { Metric: { Namespace: namespace, MetricName: metricName, Dimensions }, Period: periodSeconds, Stat: statistic },
            },
          ],
        }),
      );
      const [found] = answer.MetricDataResults ?? [];
      const step = periodSeconds * 1000;
      const values = new Map(
        (found?.Timestamps ?? []).map((time, index) => [Math.floor(time.getTime() / step), found?.Values?.[index] ?? null]),
      );
      return Array.from(
        { length: Math.max(0, Math.ceil((toMs - fromMs) / step)) },
        (_, index) => values.get(Math.floor(fromMs / step) + index) ?? null,
      );
    },
    close: () => {
      tables.destroy();
      metrics.destroy();
    },
  };
}

function stateOf(data: string | undefined): string {
  try {
    const read = JSON.parse(data ?? '') as { readonly newState?: { readonly stateValue?: string } };
    return read.newState?.stateValue ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

interface KeptAlarms {
  readonly history: readonly (AlarmChange & { readonly alarm: string })[];
  readonly states: Readonly<Record<string, unknown>>;
  readonly composites?: readonly CompositeAlarm[];
  readonly muteRules?: readonly MuteRule[];
}

async function kept(dir: string): Promise<DeskState> {
  if (!existsSync(join(dir, 'tables.json')))
    throw new UsageError('no stack runs on this machine and none has kept its state here; start one, or name a --table');
  const read = (name: string) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : undefined);
  const table = await tableOf(JSON.parse(read('tables.json')!) as Readonly<Record<string, readonly WireItem[]>>);
  const alarms = JSON.parse(read('alarms.json') ?? '{"history":[],"states":{}}') as KeptAlarms;
  const series = read('metrics.json');
  const store = series === undefined ? undefined : restoreSeries(series);
  const now = Math.max(0, ...alarms.history.map(({ atMs }) => atMs));
  return {
    ...createDeskStores(table, () => now),
    where: dir,
    isKept: true,
    now: Math.max(now, Date.now()),
    changes: async alarm => alarms.history.filter(entry => entry.alarm === alarm),
    alarmNames: async () => Object.keys(alarms.states),
    composition: async alarm => compositionOf(alarms.composites?.find(({ name }) => name === alarm)),
    muteRules: async () => alarms.muteRules,
    series: async (stat, fromMs, toMs) => store?.read(stat, fromMs, toMs) ?? [],
    close: () => undefined,
  };
}

type WireItem = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

async function tableOf(tables: Readonly<Record<string, readonly WireItem[]>>): Promise<Table> {
  const table = createMemoryTable();
  for (const item of Object.values(tables).flat()) {
    const plain: [string, string | number][] = [];
    for (const [name, { S, N }] of Object.entries(item)) {
      if (S !== undefined) plain.push([name, S]);
      else if (N !== undefined) plain.push([name, Number(N)]);
    }
    await table.put(Object.fromEntries(plain) as Item);
  }
  return table;
}
