import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readDeployedConfig, required } from '../../adapters/aws/environment.ts';
import { createOutput } from '../../adapters/aws/output.ts';
import { createSweepStore } from '../../adapters/aws/sweep-store.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { type WidgetTools, widget } from './widgets.ts';

export const createWidgets = (tools: WidgetTools) => (event: unknown) => widget(event, tools);

function fromEnvironment(): WidgetTools {
  return {
    config: readDeployedConfig(__dirname),
    sweeps: createSweepStore(createTable(new DynamoDBClient({}), required('NIGHTDESK_TABLE'))),
    now: () => Date.now(),
    output: createOutput(),
  };
}

let handle: ReturnType<typeof createWidgets> | undefined;

/** Custom widgets of the dashboards. */
export const handler = (event: unknown): Promise<string> => {
  handle ??= createWidgets(fromEnvironment());
  return handle(event);
};
