import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createBatchMemory } from '../../adapters/aws/batch-memory.ts';
import { clientSettings } from '../../adapters/aws/client-settings.ts';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createEventQueue } from '../../adapters/aws/event-queue.ts';
import { createJournal } from '../../adapters/aws/journal.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createQuarantine } from '../../adapters/aws/quarantine.ts';
import { createSecrets } from '../../adapters/aws/secrets.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { functionValues, gaugesToEmf } from '../../core/catalogue/emit.ts';
import { createBuckets } from '../../core/intake/token-bucket.ts';
import { intakeBots } from './bots.ts';
import { type IntakeTools, intake } from './intake.ts';
import { createVerifier } from './keys.ts';

export const createIntake = (tools: IntakeTools) => (event: APIGatewayProxyEventV2) => intake(event, tools);

function fromEnvironment(): IntakeTools {
  const namespace = required('NIGHTDESK_NAMESPACE');
  const config = readDeployedConfig(__dirname);
  const now = () => Date.now();
  const table = createTable(new DynamoDBClient(clientSettings), required('NIGHTDESK_TABLE'));
  return {
    bots: intakeBots(config),
    verifier: createVerifier(createSecrets(new SecretsManagerClient(clientSettings), now), now),
    buckets: createBuckets(),
    memory: createBatchMemory(table, now),
    queue: createEventQueue(new SQSClient(clientSettings), required('NIGHTDESK_QUEUE_URL')),
    journal: createJournal(new CloudWatchLogsClient(clientSettings)),
    quarantine: createQuarantine(table),
    output: createOutput(),
    now,
    metricLines: (counts, nowMs) => gaugesToEmf(namespace, functionValues({ ...counts }, config), {}, nowMs),
  };
}

let handle: ReturnType<typeof createIntake> | undefined;

/** Route of the HTTP API, payload 2.0: `POST /events/BOT`. */
export const handler = (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  handle ??= createIntake(fromEnvironment());
  return handle(event);
};
