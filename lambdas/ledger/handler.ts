import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { clientSettings } from '../../adapters/aws/client-settings.ts';
import { announceChanges } from '../../adapters/aws/due-list.ts';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createFiredStore } from '../../adapters/aws/fired-store.ts';
import { createLatencyMetrics } from '../../adapters/aws/latency-metrics.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { systemCall } from '../../adapters/aws/signed-call.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { createAlertTopics, topicsFromEnvironment } from '../../adapters/aws/topics.ts';
import { createLedger, type LedgerTools } from './ledger.ts';
import { ledgerReports } from './reports.ts';

function fromEnvironment(): LedgerTools {
  const namespace = required('NIGHTDESK_NAMESPACE');
  const config = readDeployedConfig(__dirname);
  const table = createTable(new DynamoDBClient(clientSettings), required('NIGHTDESK_TABLE'));
  return {
    config,
    strategies: createStrategyStore(table),
    sweeps: createFiredStore(table),
    topics: createAlertTopics(systemCall, topicsFromEnvironment()),
    announceChanges: nowMs => announceChanges(table, nowMs),
    latencies: createLatencyMetrics(new CloudWatchClient(clientSettings), namespace),
    output: createOutput(),
    now: () => Date.now(),
    ...ledgerReports(namespace, config),
  };
}

let handle: ReturnType<typeof createLedger> | undefined;

/** FIFO queue, one message group per strategy. */
export const handler = (event: SQSEvent): Promise<SQSBatchResponse> => {
  handle ??= createLedger(fromEnvironment());
  return handle(event);
};
