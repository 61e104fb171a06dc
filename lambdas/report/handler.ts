import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientSettings } from '../../adapters/aws/client-settings.ts';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { type ReportTools, reportAfterClose } from './report.ts';

export const createReport = (tools: ReportTools) => () => reportAfterClose(tools);

function fromEnvironment(): ReportTools {
  const table = createTable(new DynamoDBClient(clientSettings), required('NIGHTDESK_TABLE'));
  const now = () => Date.now();
  const sns = new SNSClient(clientSettings);
  const topic = required('NIGHTDESK_TOPIC_INFO');
  return {
    config: readDeployedConfig(__dirname),
    strategies: createStrategyStore(table),
    incidents: createIncidentStore(table, now),
    table,
    // SNS refuses subjects over 100 characters or with control characters.
    publish: async (message, subject) => {
      await sns.send(
        new PublishCommand({ TopicArn: topic, Message: message, Subject: subject.replace(/[^\x20-\x7E]/g, '_').slice(0, 100) }),
      );
    },
    now,
    output: createOutput(),
  };
}

let handle: ReturnType<typeof createReport> | undefined;

/** Scheduled each quarter of an hour, so that it finds every close, also early ones. */
export const handler = (): Promise<void> => {
  handle ??= createReport(fromEnvironment());
  return handle();
};
