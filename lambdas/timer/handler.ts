import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { clientSettings } from '../../adapters/aws/client-settings.ts';
import type { DeathTools } from '../../adapters/aws/deaths.ts';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { systemCall } from '../../adapters/aws/signed-call.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { createTimerQueue } from '../../adapters/aws/timer-queue.ts';
import { createAlertTopics, topicsFromEnvironment } from '../../adapters/aws/topics.ts';
import { wake } from './timer.ts';

function fromEnvironment(): DeathTools {
  return {
    config: readDeployedConfig(__dirname),
    sweeps: createSweepStore(createTable(new DynamoDBClient(clientSettings), required('NIGHTDESK_TABLE'))),
    topics: createAlertTopics(systemCall, topicsFromEnvironment()),
    timer: createTimerQueue(new SQSClient(clientSettings), required('NIGHTDESK_TIMER_URL')),
    output: createOutput(),
    now: () => Date.now(),
    newToken: randomUUID,
  };
}

let tools: DeathTools | undefined;

/** The fast timer: a delayed message on a standard queue. */
export const handler = (event: SQSEvent): Promise<SQSBatchResponse> => {
  tools ??= fromEnvironment();
  return wake(tools, event);
};
