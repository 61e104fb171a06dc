import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createAlertStore } from '../../adapters/aws/alert-store.ts';
import { clientSettings } from '../../adapters/aws/client-settings.ts';
import { createDetectorStore } from '../../adapters/aws/detector-store.ts';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createHistoryStore } from '../../adapters/aws/history-store.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { createTimerQueue } from '../../adapters/aws/timer-queue.ts';
import { createAlertTopics, topicsFromEnvironment } from '../../adapters/aws/topics.ts';
import { probe } from '../../adapters/probe/probe.ts';
import { createAnomalies } from './anomalies.ts';
import { type HeartbeatTools, sweep } from './heartbeat.ts';
import { createRecordHistory } from './history.ts';
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
    topics: createAlertTopics(new SNSClient(clientSettings), topicsFromEnvironment()),
    timer: createTimerQueue(new SQSClient(clientSettings), required('NIGHTDESK_TIMER_URL')),
    newToken: randomUUID,
    output: createOutput(),
    now,
    ...(process.env['NIGHTDESK_MUTED_UNTIL'] === undefined ? {} : { mutedUntilMs: Date.parse(process.env['NIGHTDESK_MUTED_UNTIL']) }),
    probe: target => probe(target, () => performance.now()),
    strategyNow: createStrategyNow(config, createStrategyStore(table)),
    anomalies: createAnomalies(config, createDetectorStore(table)),
    recordHistory: createRecordHistory(config, createHistoryStore(table), createStrategyStore(table)),
    ...heartbeatReports(namespace, config),
  };
}

let handle: ReturnType<typeof createHeartbeat> | undefined;

/** Scheduled every minute. */
export const handler = (): Promise<void> => {
  handle ??= createHeartbeat(fromEnvironment());
  return handle();
};
