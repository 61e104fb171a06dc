import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, SNSEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createAlertStore } from '../../adapters/aws/alert-store.ts';
import { clientSettings } from '../../adapters/aws/client-settings.ts';
import { createEcs } from '../../adapters/aws/ecs.ts';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createPublish } from '../../adapters/aws/publish.ts';
import { createRestartStore } from '../../adapters/aws/restart-store.ts';
import { createSecrets } from '../../adapters/aws/secrets.ts';
import { createSignalQueue } from '../../adapters/aws/signal-queue.ts';
import { createSignalStore } from '../../adapters/aws/signal-store.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { createWakeQueue } from '../../adapters/aws/wake-queue.ts';
import { moneyAtRisk } from '../../core/incidents/stake.ts';
import { type ActionsTools, act } from './actions.ts';
import type { RestartTools } from './restarts.ts';
import { fromAlarms, fromQueue, type SignalTools } from './signals.ts';

function fromEnvironment(): ActionsTools & SignalTools & RestartTools {
  const config = readDeployedConfig(__dirname);
  const table = createTable(new DynamoDBClient(clientSettings), required('NIGHTDESK_TABLE'));
  const strategies = createStrategyStore(table);
  const queue = new SQSClient(clientSettings);
  const now = () => Date.now();
  const { wakeAt } = createWakeQueue(queue, required('NIGHTDESK_WAKE_QUEUE_URL'), now);
  return {
    config,
    incidents: createIncidentStore(table, now),
    silences: createSilenceStore(table),
    signals: createSignalStore(table),
    wake: key => wakeAt(key, now()),
    alerts: createAlertStore(table, now),
    // Without bots that take signals or are restarted there is no queue, and nobody is asked.
    orderSignal: order => createSignalQueue(queue, required('NIGHTDESK_SIGNAL_QUEUE_URL'))(order),
    orderRestart: (order, delaySeconds) => createSignalQueue(queue, required('NIGHTDESK_SIGNAL_QUEUE_URL'))(order, delaySeconds),
    restarts: createRestartStore(table),
    sweeps: createSweepStore(table),
    ecs: createEcs({ fetch: (url, init) => fetch(url, init), now }),
    secrets: createSecrets(new SecretsManagerClient(clientSettings), now),
    publish: createPublish({ fetch: (url, init) => fetch(url, init), now }),
    moneyAtRisk: async (ids, nowMs) => (await strategies.heads(ids)).map(head => moneyAtRisk(head.strategyId, head, nowMs)),
    send: {
      fetch: (url, init) => fetch(url, init),
      sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
      now,
      random: Math.random,
    },
    output: createOutput(),
  };
}

let tools: ReturnType<typeof fromEnvironment> | undefined;

/** Routes of the HTTP API (payload 2.0), messages of the signal queue, and, where the config binds alarms to signals, the alert topics. */
export const handler = (
  event: APIGatewayProxyEventV2 | SQSEvent | SNSEvent,
): Promise<APIGatewayProxyStructuredResultV2 | SQSBatchResponse | undefined> => {
  tools ??= fromEnvironment();
  if ('rawPath' in event) return act(event, tools);
  if (isFromQueue(event)) return fromQueue(event, tools);
  return fromAlarms(event, tools).then(() => undefined);
};

const isFromQueue = (event: SQSEvent | SNSEvent): event is SQSEvent => 'messageId' in (event.Records[0] ?? {});
