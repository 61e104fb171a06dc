/**
 * DynamoDB over the wire: items, conditions, queries, batches and transactions of the tables in the template.
 * Sources of the limits: DynamoDB's API reference (item ≤ 400 KB, batch write ≤ 25, batch get ≤ 100, transaction ≤ 100).
 */
import { AwsError, validation } from '../../endpoint/errors.ts';
import type { Authorize, Caller, Input, Service } from '../../endpoint/service.ts';
import { list, record, text } from '../../endpoint/service.ts';
import type { Condition, Substitutions } from './expressions.ts';
import { applyUpdate, holds, nameOf, parseCondition, parseProjection, parseUpdate, project } from './expressions.ts';
import type { Table } from './table.ts';
import type { AttributeValue, Item } from './value.ts';
import { compare, isEqual, sizeOf } from './value.ts';

const maxItemBytes = 409_600;

export function createDynamoDb(tables: ReadonlyMap<string, Table>, authorize: Authorize): Service {
  function tableFor(input: Input, caller: Caller, action: string): Table {
    const name = (text(input['TableName']) ?? '').replace(/^arn:.*table\//, '');
    const table = tables.get(name);
    if (table === undefined) throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
    const index = text(input['IndexName']);
    authorize(caller, `dynamodb:${action}`, index === undefined ? table.definition.arn : `${table.definition.arn}/index/${index}`);
    return table;
  }

  const operations: Service['operations'] = {
    GetItem(input, caller) {
      const table = tableFor(input, caller, 'GetItem');
      const item = table.get(record(input['Key']) as Item);
      return item === undefined ? {} : { Item: projected(input, item) };
    },
    PutItem(input, caller) {
      const table = tableFor(input, caller, 'PutItem');
      const item = itemOf(input['Item']);
      const old = table.get(item);
      check(input, old);
      table.put(item);
      return returned(input, old, item);
    },
    UpdateItem(input, caller) {
      const table = tableFor(input, caller, 'UpdateItem');
      const { old, item } = updated(table, input);
      table.put(item);
      return returned(input, old, item);
    },
    DeleteItem(input, caller) {
      const table = tableFor(input, caller, 'DeleteItem');
      const key = record(input['Key']) as Item;
      const old = table.get(key);
      check(input, old);
      table.remove(key);
      return returned(input, old, undefined);
    },
    Query(input, caller) {
      const table = tableFor(input, caller, 'Query');
      const condition = parseCondition(required(input, 'KeyConditionExpression'));
      const by = substitutions(input);
      const index = text(input['IndexName']);
      const schema = index === undefined ? table.definition.keys : table.definition.indexes[index];
      if (schema === undefined) throw validation(`The table does not have the specified index: ${index}`);
      const hash = hashOf(condition, schema.hash, by);
      if (hash === undefined) throw validation(`Query condition missed key schema element: ${schema.hash}`);
      const items = table.partition(hash, index).filter(item => holds(condition, item, by));
      return page(input, table, input['ScanIndexForward'] === false ? items.reverse() : items);
    },
    Scan(input, caller) {
      const table = tableFor(input, caller, 'Scan');
      return page(input, table, [...table.all()]);
    },
    BatchGetItem(input, caller) {
      const responses: Record<string, Item[]> = {};
      for (const [name, request] of Object.entries(record(input['RequestItems']))) {
        const table = tableFor({ TableName: name }, caller, 'BatchGetItem');
        const keys = list(record(request)['Keys']);
        if (keys.length > 100) throw validation('Too many items requested for the BatchGetItem call');
        responses[name] = keys.flatMap(key => {
          const item = table.get(key as Item);
          return item === undefined ? [] : [projected(record(request), item)];
        });
      }
      return { Responses: responses, UnprocessedKeys: {} };
    },
    BatchWriteItem(input, caller) {
      const requests = Object.entries(record(input['RequestItems']));
      const count = requests.reduce((sum, [, writes]) => sum + list(writes).length, 0);
      if (count > 25) throw validation('Too many items requested for the BatchWriteItem call');
      for (const [name, writes] of requests) {
        const table = tableFor({ TableName: name }, caller, 'BatchWriteItem');
        for (const write of list(writes)) {
          const put = record(write)['PutRequest'];
          if (put !== undefined) table.put(itemOf(record(put)['Item']));
          else table.remove(record(record(record(write)['DeleteRequest'])['Key']) as Item);
        }
      }
      return { UnprocessedItems: {} };
    },
    TransactWriteItems(input, caller) {
      const writes = list(input['TransactItems']).map(entry => Object.entries(record(entry))[0]!);
      if (writes.length > 100) throw validation('Member must have length less than or equal to 100');
      const prepared = writes.map(([kind, request]) => prepare(kind, record(request), caller));
      if (prepared.some(({ reason }) => reason !== undefined))
        throw canceled(prepared.map(({ reason, old, input: request }) => ({ reason, old, request })));
      for (const { apply } of prepared) apply();
      return {};
    },
    TransactGetItems(input, caller) {
      const responses = list(input['TransactItems']).map(entry => {
        const get = record(record(entry)['Get']);
        const item = tableFor(get, caller, 'GetItem').get(record(get['Key']) as Item);
        return item === undefined ? {} : { Item: projected(get, item) };
      });
      return { Responses: responses };
    },
    DescribeTable(input, caller) {
      const { definition } = tableFor(input, caller, 'DescribeTable');
      const keys = [
        { AttributeName: definition.keys.hash, KeyType: 'HASH' },
        ...(definition.keys.range === undefined ? [] : [{ AttributeName: definition.keys.range, KeyType: 'RANGE' }]),
      ];
      return { Table: { TableName: definition.name, TableArn: definition.arn, TableStatus: 'ACTIVE', KeySchema: keys } };
    },
    ListTables(_input, caller) {
      authorize(caller, 'dynamodb:ListTables', '*');
      return { TableNames: [...tables.keys()].sort() };
    },
  };

  function prepare(kind: string, input: Input, caller: Caller): Prepared {
    const actions: Readonly<Record<string, string>> = {
      Put: 'PutItem',
      Update: 'UpdateItem',
      Delete: 'DeleteItem',
      ConditionCheck: 'ConditionCheckItem',
    };
    const table = tableFor(input, caller, actions[kind] ?? kind);
    const key = record(input[kind === 'Put' ? 'Item' : 'Key']) as Item;
    const old = table.get(key);
    const isMet = conditionHolds(input, old);
    const next = kind === 'Put' ? itemOf(input['Item']) : kind === 'Update' && isMet ? updated(table, input).item : undefined;
    const apply = () => {
      if (next !== undefined) table.put(next);
      else if (kind === 'Delete') table.remove(key);
    };
    return { input, old, apply, ...(isMet ? {} : { reason: 'ConditionalCheckFailed' }) };
  }

  return { target: 'DynamoDB_20120810', jsonVersion: '1.0', operations };
}

interface Prepared {
  readonly input: Input;
  readonly old: Item | undefined;
  readonly apply: () => void;
  readonly reason?: string;
}

function canceled(
  entries: readonly { readonly reason: string | undefined; readonly old: Item | undefined; readonly request: Input }[],
): AwsError {
  const reasons = entries.map(({ reason, old, request }) => {
    if (reason === undefined) return { Code: 'None' };
    const shown = request['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD' && old !== undefined;
    return { Code: reason, Message: 'The conditional request failed', ...(shown ? { Item: old } : {}) };
  });
  const summary = reasons.map(({ Code }) => Code).join(', ');
  return new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${summary}]`,
    {
      members: { CancellationReasons: reasons },
    },
  );
}

function required(input: Input, name: string): string {
  const value = text(input[name]);
  if (value === undefined) throw validation(`Either the ${name} must be specified in the request`);
  return value;
}

function itemOf(value: unknown): Item {
  const item = record(value) as Item;
  if (sizeOf(item) > maxItemBytes) throw validation('Item size has exceeded the maximum allowed size');
  return item;
}

function substitutions(input: Input): Substitutions {
  return {
    names: record(input['ExpressionAttributeNames']) as Record<string, string>,
    values: record(input['ExpressionAttributeValues']) as Record<string, AttributeValue>,
  };
}

function conditionHolds(input: Input, old: Item | undefined): boolean {
  const expression = text(input['ConditionExpression']);
  return expression === undefined || holds(parseCondition(expression), old ?? {}, substitutions(input));
}

function check(input: Input, old: Item | undefined): void {
  if (conditionHolds(input, old)) return;
  const shown = input['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD' && old !== undefined;
  throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed', shown ? { members: { Item: old } } : {});
}

function updated(table: Table, input: Input): { readonly old: Item | undefined; readonly item: Item } {
  const key = record(input['Key']) as Item;
  const old = table.get(key);
  check(input, old);
  const expression = text(input['UpdateExpression']);
  const base = old ?? key;
  const item = expression === undefined ? base : applyUpdate(parseUpdate(expression), base, substitutions(input));
  for (const name of Object.keys(key)) {
    if (item[name] === undefined || !isEqual(item[name], key[name]!)) {
      throw validation(`One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`);
    }
  }
  if (sizeOf(item) > maxItemBytes) throw validation('Item size to update has exceeded the maximum allowed size');
  return { old, item };
}

function returned(input: Input, old: Item | undefined, item: Item | undefined): unknown {
  switch (input['ReturnValues']) {
    case 'ALL_OLD':
      return old === undefined ? {} : { Attributes: old };
    case 'ALL_NEW':
      return { Attributes: item };
    case 'UPDATED_NEW':
      return { Attributes: changed(item ?? {}, old ?? {}) };
    case 'UPDATED_OLD':
      return { Attributes: changed(old ?? {}, item ?? {}) };
    default:
      return {};
  }
}

/** Attributes of `a` that `b` has otherwise or not at all. */
function changed(a: Item, b: Item): Item {
  return Object.fromEntries(Object.entries(a).filter(([name, value]) => b[name] === undefined || !isEqual(value, b[name])));
}

function projected(input: Input, item: Item): Item {
  const expression = text(input['ProjectionExpression']);
  return expression === undefined ? item : project(parseProjection(expression), item, substitutions(input).names);
}

function hashOf(condition: Condition, name: string, by: Substitutions): AttributeValue | undefined {
  if (condition.op === 'and') {
    for (const term of condition.terms) {
      const found = hashOf(term, name, by);
      if (found !== undefined) return found;
    }
  }
  if (condition.op !== 'compare' || condition.by !== '=' || condition.left.op !== 'path' || condition.right.op !== 'value')
    return undefined;
  return nameOf(condition.left.path[0]!, by.names) === name ? by.values[condition.right.name] : undefined;
}

/** One page of a query or scan: start key, limit, filter and projection in that order. */
function page(input: Input, table: Table, items: readonly Item[]): unknown {
  const start = input['ExclusiveStartKey'] === undefined ? undefined : (record(input['ExclusiveStartKey']) as Item);
  const { hash, range } = table.definition.keys;
  const isStart = (item: Item) => isEqual(item[hash]!, start![hash]!) && (range === undefined || isEqual(item[range]!, start![range]!));
  const from =
    start === undefined ? 0 : after(items, isStart, item => range !== undefined && (compare(item[range]!, start[range]!) ?? 0) > 0);
  const limit = typeof input['Limit'] === 'number' ? input['Limit'] : items.length;
  const read = items.slice(from, from + limit);
  const filter = text(input['FilterExpression']);
  const by = substitutions(input);
  const kept = filter === undefined ? read : read.filter(item => holds(parseCondition(filter), item, by));
  const last = read.at(-1);
  const hasMore = last !== undefined && from + read.length < items.length;
  const key = last === undefined ? {} : { [hash]: last[hash], ...(range === undefined ? {} : { [range]: last[range] }) };
  return {
    Count: kept.length,
    ScannedCount: read.length,
    ...(input['Select'] === 'COUNT' ? {} : { Items: kept.map(item => projected(input, item)) }),
    ...(hasMore ? { LastEvaluatedKey: key } : {}),
  };
}

/** Where to go on: behind the start key, or (when that item is gone) at the first item beyond it. */
function after(items: readonly Item[], isStart: (item: Item) => boolean, isBeyond: (item: Item) => boolean): number {
  const index = items.findIndex(isStart);
  if (index >= 0) return index + 1;
  const beyond = items.findIndex(isBeyond);
  return beyond < 0 ? items.length : beyond;
}
