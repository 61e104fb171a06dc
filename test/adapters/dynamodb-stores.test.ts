import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createSilenceStore } from '../../adapters/aws/silence-store.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { createTable } from '../../adapters/aws/table.ts';
import { type Endpoint, serveEndpoint } from '../../local/endpoint/server.ts';
import { createDynamoDb } from '../../local/services/dynamodb/service.ts';
import { createTable as createLocalTable } from '../../local/services/dynamodb/table.ts';
import { incidentStoreSuite } from '../suites/incident-store.ts';
import { silenceStoreSuite } from '../suites/silence-store.ts';
import { stateStoreSuite } from '../suites/state-store.ts';
import { tableSuite } from '../suites/table.ts';

/** The real SDK against the local endpoint: the same stores as in the functions, over the wire. */
let endpoint: Endpoint;
let client: DynamoDBClient;
const local = createLocalTable({ name: 't', arn: 'arn:t', keys: { hash: 'pk', range: 'sk' }, indexes: {} });

beforeAll(async () => {
  endpoint = await serveEndpoint(0);
  const services = [createDynamoDb(new Map([['t', local]]), () => undefined)];
  endpoint.mount({ services, routes: [], callerOf: () => ({}), onFault: error => console.error(error) });
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  client = new DynamoDBClient({ endpoint: endpoint.url, region: 'eu-west-1', credentials });
});

afterAll(async () => {
  client?.destroy();
  await endpoint?.close();
});

function emptyTable() {
  local.clear();
  return createTable(client, 't');
}

tableSuite('DynamoDB', async () => emptyTable());

stateStoreSuite('DynamoDB', async () => {
  const table = emptyTable();
  return () => createStrategyStore(table);
});

incidentStoreSuite('DynamoDB', async () => {
  const table = emptyTable();
  return () => createIncidentStore(table, () => 10_000);
});

silenceStoreSuite('DynamoDB', async () => {
  const table = emptyTable();
  return () => createSilenceStore(table);
});
