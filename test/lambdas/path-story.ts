/** The functions one after the other over one table in memory: lines in, metrics, alerts and state out, on a fake clock. */
import { gzipSync } from 'node:zlib';
import type { SQSBatchResponse } from 'aws-lambda';
import { createAlertStore } from '../../adapters/aws/alert-store.ts';
import { createDetectorStore } from '../../adapters/aws/detector-store.ts';
import { announceChanges } from '../../adapters/aws/due-list.ts';
import { createHistoryStore } from '../../adapters/aws/history-store.ts';
import type { Observations } from '../../adapters/aws/latency-metrics.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import type { AskProber } from '../../adapters/aws/prober.ts';
import { createQuarantine } from '../../adapters/aws/quarantine.ts';
import { createStrategyStore, type StrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { createMemoryTopics } from '../../adapters/memory/alert-topics.ts';
import { createMemoryQueue } from '../../adapters/memory/event-queue.ts';
import { createMemoryTable } from '../../adapters/memory/table.ts';
import { createMemoryTimerQueue } from '../../adapters/memory/timer-queue.ts';
import { functionValues, gaugesToEmf } from '../../core/catalogue/emit.ts';
import { parseConfig } from '../../core/config/parse.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { probeKey } from '../../core/health/probe-call.ts';
import type { ProbeResult } from '../../core/health/probe-result.ts';
import { createAnomalies } from '../../lambdas/heartbeat/anomalies.ts';
import { sweep } from '../../lambdas/heartbeat/heartbeat.ts';
import { createRecordHistory } from '../../lambdas/heartbeat/history.ts';
import { heartbeatReports } from '../../lambdas/heartbeat/reports.ts';
import { createStrategyNow } from '../../lambdas/heartbeat/strategy-now.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { ledgerReports } from '../../lambdas/ledger/reports.ts';
import { wake } from '../../lambdas/timer/timer.ts';

export const startMs = Date.parse('2026-03-09T13:30:00Z');

export function pathStory(
  input: unknown = {
    bots: [
      {
        id: 's1',
        limits: { dailyLoss: '100' },
        heartbeat: { intervalSeconds: 10, graceSeconds: 15, deliverySeconds: 0, deployGraceSeconds: 30 },
      },
    ],
  },
  { mutedUntilMs }: { readonly mutedUntilMs?: number } = {},
) {
  const parsed = parseConfig(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const config: NightdeskConfig = parsed.value;
  let nowMs = startMs;
  const table = createMemoryTable();
  const queue = createMemoryQueue();
  const topics = createMemoryTopics();
  const observed: Observations[] = [];
  const lines: Record<string, unknown>[] = [];
  const probes: ProbeResult[] = [];
  const output = createOutput(line => void lines.push(JSON.parse(line) as Record<string, unknown>));
  const now = () => nowMs;
  const strategies: StrategyStore = createStrategyStore(table);
  const newLedger = () =>
    createLedger({
      config,
      strategies: createStrategyStore(table),
      sweeps: createSweepStore(table),
      topics,
      announceChanges: atMs => announceChanges(table, atMs),
      latencies: { put: async data => void observed.push(...data) },
      output,
      now,
      ...ledgerReports('Nightdesk/demo', config),
    });
  let fold = newLedger();
  const strategyNow = createStrategyNow(config, createStrategyStore(table));
  const timer = createMemoryTimerQueue();
  let token = 0;
  let prober: AskProber = async due => ({
    results: new Map(due.map(each => [probeKey(each), probes.shift() ?? { ok: true, tookMs: 1, detail: 'HTTP 200' }])),
  });
  const askedFrom: Record<'internet' | 'vpc', string[]> = { internet: [], vpc: [] };
  const askFrom =
    (from: 'internet' | 'vpc'): AskProber =>
    due => {
      askedFrom[from].push(...due.map(probeKey));
      return prober(due);
    };
  const heartbeatTools = {
    timer,
    newToken: () => `t${token++}`,
    config,
    sweeps: createSweepStore(table),
    alerts: createAlertStore(table, now),
    topics,
    output,
    now,
    probers: { internet: askFrom('internet'), vpc: askFrom('vpc') },
    ...(mutedUntilMs === undefined ? {} : { mutedUntilMs }),
    strategyNow,
    anomalies: createAnomalies(config, createDetectorStore(table)),
    recordHistory: createRecordHistory(config, createHistoryStore(table), createStrategyStore(table)),
    ...heartbeatReports('Nightdesk/demo', config),
  };
  let id = 0;
  const self = {
    config,
    table,
    alerts: heartbeatTools.alerts,
    queue,
    timer,
    topics,
    observed,
    probes,
    askedFrom,
    /** From now on the prober behaves like this. */
    proberIs: (next: AskProber) => {
      prober = next;
    },
    output: lines,
    strategies,
    at: (seconds: number) => {
      nowMs = startMs + seconds * 1000;
      return self;
    },
    iso: (seconds: number) => new Date(startMs + seconds * 1000).toISOString(),
    /** A delivery of the log service with these lines; returns it, so that it can come again. */
    logs: (...messages: readonly string[]) => {
      const data = {
        messageType: 'DATA_MESSAGE',
        owner: '111122223333',
        logGroup: '/nightdesk/demo/s1',
        logStream: 'stream',
        subscriptionFilters: ['f'],
        logEvents: messages.map(message => ({ id: `event-${id++}`, timestamp: nowMs - 500, message })),
      };
      return { awslogs: { data: gzipSync(JSON.stringify(data)).toString('base64') } };
    },
    ingest: (delivery: { readonly awslogs: { readonly data: string } }) =>
      ingest(delivery, {
        queue,
        quarantine: createQuarantine(table),
        output,
        now,
        metricLines: counts => gaugesToEmf('Nightdesk/demo', functionValues({ ...counts }, config), {}, nowMs),
      }),
    /** Gives the ledger all messages of the queue, as one batch. */
    fold: async (): Promise<SQSBatchResponse> => self.foldBodies(queue.messages.splice(0).map(({ body }) => body)),
    foldBodies: (bodies: readonly string[]) =>
      fold({ Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })) } as unknown as Parameters<typeof fold>[0]),
    /** Another process without memory. */
    restartLedger: () => {
      fold = newLedger();
    },
    sweep: () => sweep(heartbeatTools),
    /** The fast timer gets a message; the newest one when it is not said which. */
    wake: (body = JSON.stringify({ nightdesk: 1, token: timer.messages.at(-1)?.token })) =>
      wake(heartbeatTools, { Records: [{ messageId: 'w', body }] } as unknown as Parameters<typeof wake>[1]),
    /** The newest values of a metric in the output, by dimension values. */
    emitted: (name: string) =>
      lines.filter(line => line['_aws'] !== undefined && line[name] !== undefined).map(line => line[name] as number),
    quarantined: () => [...table.items.values()].filter(({ pk }) => pk.startsWith('QUARANTINE#')),
  };
  return self;
}
