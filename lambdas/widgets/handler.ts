import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createAlarmStates } from '../../adapters/aws/alarm-states.ts';
import { clientSettings } from '../../adapters/aws/client-settings.ts';
import { withClosureSilences } from '../../adapters/aws/closure-silences.ts';
import { createClosureStore } from '../../adapters/aws/closure-store.ts';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createHistoryStore } from '../../adapters/aws/history-store.ts';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { type WidgetTools, widget } from './widgets.ts';

/** What Lambda says about the call. */
export interface Invocation {
  readonly invokedFunctionArn?: string;
}

export const createWidgets = (tools: WidgetTools) => (event: unknown, invocation?: Invocation) =>
  widget(event, tools, invocation?.invokedFunctionArn);

function fromEnvironment(): WidgetTools {
  const table = createTable(new DynamoDBClient(clientSettings), required('NIGHTDESK_TABLE'));
  const now = () => Date.now();
  const incidents = createIncidentStore(table, now);
  const config = readDeployedConfig(__dirname);
  return {
    config,
    sweeps: createSweepStore(table),
    history: createHistoryStore(table),
    incidents,
    // The notifier's own sweep shows within a minute what was acknowledged here.
    actions: {
      incidents,
      silences: withClosureSilences(createSilenceStore(table), createClosureStore(table), config),
      wake: async () => undefined,
    },
    alarms: createAlarmStates(new CloudWatchClient(clientSettings), now),
    now,
    output: createOutput(),
  };
}

let handle: ReturnType<typeof createWidgets> | undefined;

/** Custom widgets of the dashboards. */
export const handler = (event: unknown, invocation?: Invocation): Promise<string> => {
  handle ??= createWidgets(fromEnvironment());
  return handle(event, invocation);
};
