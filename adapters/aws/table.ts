/**
 * The one table behind a port small enough for a few lines of memory: items with string keys `pk`/`sk` and attributes that are text
 * numbers or bytes (larger things are JSON text). The AWS form uses the bare client and a marshaller for exactly these types.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export type Item = Key & { readonly [attribute: string]: string | number | Uint8Array };

/** `version` the item must have now; 0 means that it must not exist. */
export interface Expected {
  readonly version: number;
}

/** All reads are strongly consistent. Errors of the service are thrown. */
export interface Table {
  get(key: Key): Promise<Item | undefined>;
  /** Items that exist, in no order. */
  getAll(keys: readonly Key[]): Promise<readonly Item[]>;
  put(item: Item, expected?: Expected): Promise<'saved' | 'conflict'>;
  /** Writes and deletes without conditions, not as a whole: what was done before an error stays done. No key twice. */
  write(puts: readonly Item[], deletes: readonly Key[]): Promise<void>;
  /** Items of a partition with `from` ≤ sort key ≤ `to`, smallest first, at most `limit`. */
  range(pk: string, bounds: { readonly from: string; readonly to: string; readonly limit: number }): Promise<readonly Item[]>;
  /** Items of a partition, newest (greatest) sort key first, at most `limit`. */
  newest(pk: string, limit: number): Promise<readonly Item[]>;
}

/** Keys in one BatchGetItem, requests in one BatchWriteItem. Source: DynamoDB quotas. */
const BATCH = 100;
const WRITES = 25;
/** Tries for what the service leaves unprocessed under load. */
const TRIES = 8;

export function createTable(client: DynamoDBClient, name: string): Table {
  return {
    get: async key => unmarshal((await client.send(new GetItemCommand({ TableName: name, Key: marshal(key), ConsistentRead: true }))).Item),
    getAll: async keys => {
      const found: Item[] = [];
      for (let from = 0; from < keys.length; from += BATCH) found.push(...(await batchGet(client, name, keys.slice(from, from + BATCH))));
      return found;
    },
    put: (item, expected) => put(client, name, item, expected),
    write: async (puts, deletes) => {
      const requests = [
        ...puts.map(item => ({ PutRequest: { Item: marshal(item) } })),
        ...deletes.map(key => ({ DeleteRequest: { Key: marshal(key) } })),
      ];
      for (let from = 0; from < requests.length; from += WRITES) await batchWrite(client, name, requests.slice(from, from + WRITES));
    },
    range: (pk, { from, to, limit }) =>
      query(client, limit, {
        TableName: name,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: from }, ':to': { S: to } },
      }),
    newest: (pk, limit) =>
      query(client, limit, {
        TableName: name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
        ScanIndexForward: false,
      }),
  };
}

/** One answer ends at 1 MB, however few items that are. */
async function query(client: DynamoDBClient, limit: number, input: QueryCommandInput): Promise<readonly Item[]> {
  const found: Item[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = { Limit: limit - found.length, ...(start === undefined ? {} : { ExclusiveStartKey: start }) };
    const answer = await client.send(new QueryCommand({ ...input, ConsistentRead: true, ...page }));
    for (const item of answer.Items ?? []) found.push(unmarshal(item)!);
    start = answer.LastEvaluatedKey;
  } while (start !== undefined && found.length < limit);
  return found;
}

async function batchGet(client: DynamoDBClient, name: string, keys: readonly Key[]): Promise<readonly Item[]> {
  const found: Item[] = [];
  let wanted: readonly Record<string, AttributeValue>[] = keys.map(marshal);
  for (let tries = 0; wanted.length > 0; tries++) {
    await backOff(tries, name, wanted.length);
    const answer = await client.send(new BatchGetItemCommand({ RequestItems: { [name]: { Keys: [...wanted], ConsistentRead: true } } }));
    for (const item of answer.Responses?.[name] ?? []) found.push(unmarshal(item)!);
    wanted = answer.UnprocessedKeys?.[name]?.Keys ?? [];
  }
  return found;
}

async function batchWrite(client: DynamoDBClient, name: string, requests: readonly WriteRequest[]): Promise<void> {
  let wanted = requests;
  for (let tries = 0; wanted.length > 0; tries++) {
    await backOff(tries, name, wanted.length);
    const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [name]: [...wanted] } }));
    wanted = answer.UnprocessedItems?.[name] ?? [];
  }
}

async function backOff(tries: number, name: string, left: number): Promise<void> {
  if (tries === TRIES) throw new Error(`table ${name}: ${left} requests still unprocessed after ${tries} tries`);
  if (tries > 0) await new Promise(resolve => setTimeout(resolve, 20 * 2 ** tries));
}

async function put(client: DynamoDBClient, name: string, item: Item, expected: Expected | undefined): Promise<'saved' | 'conflict'> {
  try {
    await client.send(new PutItemCommand({ TableName: name, Item: marshal(item), ...condition(expected) }));
    return 'saved';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'conflict';
    throw error;
  }
}

function condition(expected: Expected | undefined) {
  if (expected === undefined) return {};
  if (expected.version === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':version': { N: String(expected.version) } },
  };
}

function marshal(item: Key | Item): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      typeof value === 'number' ? { N: String(value) } : typeof value === 'string' ? { S: value } : { B: value },
    ]),
  );
}

function unmarshal(item: Record<string, AttributeValue> | undefined): Item | undefined {
  if (item === undefined) return undefined;
  const plain: [string, string | number | Uint8Array][] = [];
  for (const [name, value] of Object.entries(item)) {
    if (value.N !== undefined) plain.push([name, Number(value.N)]);
    else if (value.S !== undefined) plain.push([name, value.S]);
    else if (value.B !== undefined) plain.push([name, value.B]);
  }
  return Object.fromEntries(plain) as Item;
}
