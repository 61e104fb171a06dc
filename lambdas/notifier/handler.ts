import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createAlertStore } from '../../adapters/aws/alert-store.ts';
import { clientSettings } from '../../adapters/aws/client-settings.ts';
import { withClosureSilences } from '../../adapters/aws/closure-silences.ts';
import { createClosureStore } from '../../adapters/aws/closure-store.ts';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { readProbeStates } from '../../adapters/aws/probe-states.ts';
import { createPublish } from '../../adapters/aws/publish.ts';
import { createSecrets } from '../../adapters/aws/secrets.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { createWakeQueue } from '../../adapters/aws/wake-queue.ts';
import { minuteValues, pageChart } from '../../adapters/notify/page-chart.ts';
import { functionValues, gaugesToEmf } from '../../core/catalogue/emit.ts';
import { dashboardName } from '../../core/catalogue/names.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { functionLogGroupOf, linksFor, logGroupOf } from '../../core/incidents/links.ts';
import { moneyAtRisk } from '../../core/incidents/stake.ts';
import { tellChanges } from './changes.ts';
import { type NotifierTools, notify } from './notifier.ts';

function fromEnvironment(): NotifierTools {
  const namespace = required('NIGHTDESK_NAMESPACE');
  const config = readDeployedConfig(__dirname);
  const table = createTable(new DynamoDBClient(clientSettings), required('NIGHTDESK_TABLE'));
  const strategies = createStrategyStore(table);
  const now = () => Date.now();
  const region = process.env['AWS_REGION'];
  const told = {
    config,
    incidents: createIncidentStore(table, now),
    secrets: createSecrets(new SecretsManagerClient(clientSettings), now),
    send: {
      fetch: (url: string, init: RequestInit) => fetch(url, init),
      sleep: (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms)),
      now,
      random: Math.random,
    },
    output: createOutput(),
  };
  const strategyIds = config.bots.flatMap(bot => bot.strategies.map(({ id }) => id));
  const changes = async () =>
    (await strategies.heads(strategyIds)).flatMap(({ strategyId, pulse }) =>
      (pulse?.controls ?? []).map(control => ({ strategyId, ...control })),
    );
  return {
    ...told,
    tellChanges: () => tellChanges({ ...told, table, changes }),
    alerts: createAlertStore(table, now),
    silences: withClosureSilences(createSilenceStore(table), createClosureStore(table), config),
    ...createWakeQueue(new SQSClient(clientSettings), required('NIGHTDESK_WAKE_QUEUE_URL'), now),
    moneyAtRisk: async (strategyId, nowMs) => {
      const [head] = await strategies.heads([strategyId]);
      return head === undefined ? undefined : moneyAtRisk(strategyId, head, nowMs);
    },
    probesOf: botId => readProbeStates(table, botId),
    links: linksFor({
      operationsDashboard: dashboardName(config.stage, 'operations'),
      logGroupOf: id => logGroupOf(config, id),
      functionLogGroupOf: name => functionLogGroupOf(config, name),
      ...(region === undefined ? {} : { region }),
      ...(config.dashboardBaseUrl === undefined ? {} : { baseUrl: config.dashboardBaseUrl }),
      ...(config.runbookUrl === undefined ? {} : { runbookUrl: config.runbookUrl }),
    }),
    extras: channelExtras(config, now),
    ...(process.env['NIGHTDESK_TOPIC_CRITICAL'] === undefined ? {} : { criticalTopic: process.env['NIGHTDESK_TOPIC_CRITICAL'] }),
    metricLines: (counts, nowMs) => gaugesToEmf(namespace, functionValues({ ...counts }, config), {}, nowMs),
  };
}

/** Topics of channels that SNS delivers; a stack without such channels names none. */
function channelExtras(config: NightdeskConfig, now: () => number): NonNullable<NotifierTools['extras']> {
  const topics = JSON.parse(process.env['NIGHTDESK_CHANNEL_TOPICS'] ?? '{}') as Readonly<Record<string, string>>;
  const call = { fetch: (url: string, init: RequestInit) => fetch(url, init), now };
  return {
    publish: createPublish(call),
    topicOf: channelId => topics[channelId],
    chart: page => pageChart(page, config, call),
    values: minuteValues(config, call),
  };
}

let tools: NotifierTools | undefined;

/** SNS subscription of the three alert topics, messages of the wake queue, a sweep each minute, and whoever wakes it for an incident. */
export const handler = (event: unknown): Promise<void> => {
  tools ??= fromEnvironment();
  return notify(event, tools);
};
