import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { CloudWatchLogsEvent } from 'aws-lambda';
import { clientSettings } from '../../adapters/aws/client-settings.ts';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createEventQueue } from '../../adapters/aws/event-queue.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createQuarantine } from '../../adapters/aws/quarantine.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { functionValues, gaugesToEmf } from '../../core/catalogue/emit.ts';
import { type IngestTools, ingest } from './ingest.ts';

export const createIngest = (tools: IngestTools) => (event: CloudWatchLogsEvent) => ingest(event, tools);

function fromEnvironment(): IngestTools {
  const namespace = required('NIGHTDESK_NAMESPACE');
  const config = readDeployedConfig(__dirname);
  return {
    queue: createEventQueue(new SQSClient(clientSettings), required('NIGHTDESK_QUEUE_URL')),
    quarantine: createQuarantine(createTable(new DynamoDBClient(clientSettings), required('NIGHTDESK_TABLE'))),
    output: createOutput(),
    now: () => Date.now(),
    metricLines: (counts, nowMs) => gaugesToEmf(namespace, functionValues({ ...counts }, config), {}, nowMs),
  };
}

let handle: ReturnType<typeof createIngest> | undefined;

/** Log-group subscription. */
export const handler = (event: CloudWatchLogsEvent): Promise<void> => {
  handle ??= createIngest(fromEnvironment());
  return handle(event);
};
