import { describe, expect, it } from 'vitest';
import { createDynamoDb } from '../../local/services/dynamodb/service.ts';
import { createTable } from '../../local/services/dynamodb/table.ts';
import { addNumbers } from '../../local/services/dynamodb/value.ts';

const item = {
  pk: { S: 'a' },
  sk: { S: '1' },
  n: { N: '10' },
  s: { S: 'hello' },
  m: { M: { x: { N: '1' }, y: { L: [{ S: 'p' }, { S: 'q' }] } } },
  set: { SS: ['u', 'v'] },
};

function fresh() {
  const table = createTable({
    name: 't',
    arn: 'arn:t',
    keys: { hash: 'pk', range: 'sk' },
    indexes: { byS: { hash: 's' } },
    ttlAttribute: 'expiresAt',
  });
  const service = createDynamoDb(new Map([['t', table]]), () => undefined);
  const run = (operation: string, input: Record<string, unknown>) =>
    service.operations[operation]!({ TableName: 't', ...input }, {}) as Record<string, unknown>;
  table.put(item);
  return { table, run };
}

const key = { pk: { S: 'a' }, sk: { S: '1' } };

describe('condition expressions', () => {
  const values = {
    ':n': { N: '10.0' },
    ':five': { N: '5' },
    ':h': { S: 'he' },
    ':u': { S: 'u' },
    ':q': { S: 'q' },
    ':two': { N: '2' },
    ':type': { S: 'M' },
  };
  it.each([
    ['n = :n', true],
    ['n <> :n', false],
    ['n > :five AND s <> :h', true],
    ['n < :five OR begins_with(s, :h)', true],
    ['NOT (n > :five)', false],
    ['n BETWEEN :five AND :n', true],
    ['n IN (:five, :n)', true],
    ['attribute_exists(m.x) AND attribute_not_exists(m.z)', true],
    ['attribute_type(m, :type)', true],
    ['contains(#set, :u)', true],
    ['contains(m.y, :q)', true],
    ['size(m.y) = :two', true],
    ['size(s) > :five', false],
    ['m.y[1] = :q', true],
    ['missing = :n', false],
    ['missing <> :n', true],
    ['s > :n', false],
  ])('%s is %s', (expression, expected) => {
    const { run } = fresh();
    const attempt = () =>
      run('DeleteItem', {
        Key: key,
        ConditionExpression: expression,
        ExpressionAttributeValues: values,
        ExpressionAttributeNames: { '#set': 'set' },
      });
    if (expected) expect(attempt).not.toThrow();
    else expect(attempt).toThrow('The conditional request failed');
  });

  it.each(['n =', 'n = :n)', '(n = :n', 'foo(n)', 'n ! :n'])('refuses "%s"', expression => {
    expect(() => fresh().run('PutItem', { Item: item, ConditionExpression: expression, ExpressionAttributeValues: values })).toThrow(
      /Invalid|ends/,
    );
  });
});

describe('update expressions', () => {
  const values = {
    ':one': { N: '1' },
    ':t': { S: 'text' },
    ':l': { L: [{ S: 'r' }] },
    ':more': { SS: ['w'] },
    ':u': { SS: ['u'] },
    ':zero': { N: '0' },
  };
  it.each([
    ['SET n = n + :one', { n: { N: '11' } }],
    ['SET n = n - :one', { n: { N: '9' } }],
    ['SET fresh = if_not_exists(fresh, :zero) + :one', { fresh: { N: '1' } }],
    ['SET m.y = list_append(m.y, :l)', { m: { M: { x: { N: '1' }, y: { L: [{ S: 'p' }, { S: 'q' }, { S: 'r' }] } } } }],
    ['SET m.z = :t, s = :t', { m: { M: { ...item.m.M, z: { S: 'text' } } }, s: { S: 'text' } }],
    ['REMOVE s, m.y[0]', { s: undefined, m: { M: { x: { N: '1' }, y: { L: [{ S: 'q' }] } } } }],
    ['ADD n :one, #set :more', { n: { N: '11' }, set: { SS: ['u', 'v', 'w'] } }],
    ['DELETE #set :u', { set: { SS: ['v'] } }],
    ['SET s = :t REMOVE n', { s: { S: 'text' }, n: undefined }],
  ])('%s', (expression, expected) => {
    const { run, table } = fresh();
    run('UpdateItem', {
      Key: key,
      UpdateExpression: expression,
      ExpressionAttributeValues: values,
      ExpressionAttributeNames: { '#set': 'set' },
    });
    expect(table.get(key)).toMatchObject(Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined)));
    for (const [name, value] of Object.entries(expected)) if (value === undefined) expect(table.get(key)).not.toHaveProperty(name);
    expect(item.n).toEqual({ N: '10' });
  });

  it('creates an item that was not there, and returns what was asked for', () => {
    const { run } = fresh();
    const update = { Key: { pk: { S: 'b' }, sk: { S: '1' } }, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: values };
    expect(run('UpdateItem', { ...update, ReturnValues: 'ALL_NEW' })).toEqual({ Attributes: { ...update.Key, n: { N: '1' } } });
    expect(run('UpdateItem', { ...update, ReturnValues: 'UPDATED_NEW' })).toEqual({ Attributes: { n: { N: '2' } } });
    expect(run('UpdateItem', { ...update, ReturnValues: 'ALL_OLD' })).toEqual({ Attributes: { ...update.Key, n: { N: '2' } } });
  });

  it('refuses to change a key', () => {
    expect(() => fresh().run('UpdateItem', { Key: key, UpdateExpression: 'SET sk = :t', ExpressionAttributeValues: values })).toThrow(
      'part of the key',
    );
  });
});

describe('queries', () => {
  const filled = () => {
    const { run, table } = fresh();
    for (const n of ['4', '2', '3', '5']) table.put({ pk: { S: 'a' }, sk: { S: n }, n: { N: n } });
    return run;
  };
  const keys = (output: Record<string, unknown>) => (output['Items'] as (typeof item)[]).map(found => found.sk.S);
  const of = {
    KeyConditionExpression: 'pk = :p',
    ExpressionAttributeValues: { ':p': { S: 'a' }, ':two': { S: '2' }, ':four': { S: '4' }, ':n': { N: '3' } },
  };

  it('gives a partition in range order, forwards and backwards', () => {
    expect(keys(filled()('Query', of))).toEqual(['1', '2', '3', '4', '5']);
    expect(keys(filled()('Query', { ...of, ScanIndexForward: false, Limit: 2 }))).toEqual(['5', '4']);
  });

  it('narrows by range, then filters', () => {
    const query = { ...of, KeyConditionExpression: 'pk = :p AND sk BETWEEN :two AND :four' };
    expect(keys(filled()('Query', query))).toEqual(['2', '3', '4']);
    expect(filled()('Query', { ...query, FilterExpression: 'n = :n' })).toMatchObject({ Count: 1, ScannedCount: 3 });
  });

  it('goes on from the last key, also when that item is gone', () => {
    const run = filled();
    const first = run('Query', { ...of, Limit: 2 });
    run('DeleteItem', { Key: first['LastEvaluatedKey'] });
    expect(keys(run('Query', { ...of, ExclusiveStartKey: first['LastEvaluatedKey'] }))).toEqual(['3', '4', '5']);
  });

  it('reads an index and projects', () => {
    const query = {
      IndexName: 'byS',
      KeyConditionExpression: '#s = :h',
      ExpressionAttributeNames: { '#s': 's' },
      ExpressionAttributeValues: { ':h': { S: 'hello' } },
    };
    expect(filled()('Query', { ...query, ProjectionExpression: 'm.x, #s' })).toMatchObject({
      Items: [{ m: { M: { x: { N: '1' } } }, s: { S: 'hello' } }],
    });
  });
});

describe('transactions and batches', () => {
  const put = (sk: string, condition?: string) => ({
    Put: {
      TableName: 't',
      Item: { pk: { S: 'a' }, sk: { S: sk } },
      ...(condition === undefined ? {} : { ConditionExpression: condition }),
    },
  });

  it('write all or nothing, and say which condition failed', () => {
    const { run, table } = fresh();
    expect(() => run('TransactWriteItems', { TransactItems: [put('2'), put('1', 'attribute_not_exists(pk)')] })).toThrow(
      '[None, ConditionalCheckFailed]',
    );
    expect(table.get({ pk: { S: 'a' }, sk: { S: '2' } })).toBeUndefined();
    run('TransactWriteItems', { TransactItems: [put('2'), { Delete: { TableName: 't', Key: key } }] });
    expect([...table.all()].map(found => found['sk'])).toEqual([{ S: '2' }]);
  });

  it('keep their limits', () => {
    const writes = Array.from({ length: 26 }, (_, index) => ({ PutRequest: { Item: { pk: { S: 'b' }, sk: { S: `${index}` } } } }));
    expect(() => fresh().run('BatchWriteItem', { RequestItems: { t: writes } })).toThrow('Too many items');
    expect(() => fresh().run('PutItem', { Item: { ...item, big: { S: 'x'.repeat(410_000) } } })).toThrow('maximum allowed size');
  });
});

describe('time to live', () => {
  it('removes what has expired on virtual time', () => {
    const { table } = fresh();
    table.put({ pk: { S: 'a' }, sk: { S: 'soon' }, expiresAt: { N: '100' } });
    expect(table.expire(100_000)).toBe(0);
    expect(table.expire(100_001)).toBe(1);
    expect(table.partition({ S: 'a' })).toHaveLength(1);
  });
});

it.each([
  ['0.1', '0.2', '0.3'],
  ['1e3', '-0.5', '999.5'],
  ['-5', '5', '0'],
  ['99999999999999999999999999999999999998', '1', '99999999999999999999999999999999999999'],
])('numbers add exactly: %s + %s = %s', (a, b, sum) => {
  expect(addNumbers(a, b)).toBe(sum);
});
