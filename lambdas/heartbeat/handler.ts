import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createAlertStore } from '../../adapters/aws/alert-store.ts';
import { clientSettings } from '../../adapters/aws/client-settings.ts';
import { createDetectorStore } from '../../adapters/aws/detector-store.ts';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createHistoryStore } from '../../adapters/aws/history-store.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createAskProber } from '../../adapters/aws/prober.ts';
import { systemCall } from '../../adapters/aws/signed-call.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { createTimerQueue } from '../../adapters/aws/timer-queue.ts';
import { createAlertTopics, topicsFromEnvironment } from '../../adapters/aws/topics.ts';
import { createAnomalies } from './anomalies.ts';
import { type HeartbeatTools, sweep } from './heartbeat.ts';
import { createRecordHistory } from './history.ts';
import type { Probers } from './probing.ts';
import { heartbeatReports } from './reports.ts';
import { createStrategyNow } from './strategy-now.ts';

export const createHeartbeat = (tools: HeartbeatTools) => () => sweep(tools);

function fromEnvironment(): HeartbeatTools {
  const namespace = required('NIGHTDESK_NAMESPACE');
  const config = readDeployedConfig(__dirname);
  const table = createTable(new DynamoDBClient(clientSettings), required('NIGHTDESK_TABLE'));
  const now = () => Date.now();
  return {
    config,
    sweeps: createSweepStore(table),
    alerts: createAlertStore(table, now),
    topics: createAlertTopics(systemCall, topicsFromEnvironment()),
    timer: createTimerQueue(new SQSClient(clientSettings), required('NIGHTDESK_TIMER_URL')),
    newToken: randomUUID,
    output: createOutput(),
    now,
    ...(process.env['NIGHTDESK_MUTED_UNTIL'] === undefined ? {} : { mutedUntilMs: Date.parse(process.env['NIGHTDESK_MUTED_UNTIL']) }),
    probers: probersFromEnvironment(),
    strategyNow: createStrategyNow(config, createStrategyStore(table)),
    anomalies: createAnomalies(config, createDetectorStore(table)),
    recordHistory: createRecordHistory(config, createHistoryStore(table), createStrategyStore(table)),
    ...heartbeatReports(namespace, config),
  };
}

/** Those that the stack has: a config without probes needs none. */
function probersFromEnvironment(): Probers {
  const { NIGHTDESK_PROBER: internet, NIGHTDESK_VPC_PROBER: vpc } = process.env;
  return {
    ...(internet === undefined ? {} : { internet: createAskProber(systemCall, internet) }),
    ...(vpc === undefined ? {} : { vpc: createAskProber(systemCall, vpc) }),
  };
}

let handle: ReturnType<typeof createHeartbeat> | undefined;

/** Scheduled every minute. */
export const handler = (): Promise<void> => {
  handle ??= createHeartbeat(fromEnvironment());
  return handle();
};
