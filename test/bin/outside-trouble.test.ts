import { mkdirSync } from 'node:fs';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { outsideTrouble } from '../../bin/outside-trouble.ts';

const named = (name: string, message: string, more: object = {}) => Object.assign(new Error(message), { name, ...more });

it.each<readonly [string, Error, string]>([
  ['no region', new Error('Region is missing'), 'no AWS region is set; set AWS_REGION'],
  [
    'no credentials',
    named('CredentialsProviderError', 'Could not load credentials from any providers'),
    'no AWS credentials: Could not load credentials from any providers; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ],
  [
    'a refusal',
    named('AccessDeniedException', 'User: x is not authorized\n to perform: dynamodb:GetItem', { $metadata: {} }),
    'AWS: AccessDeniedException: User: x is not authorized to perform: dynamodb:GetItem',
  ],
])('says %s in one line', (_name, error, said) => {
  expect(outsideTrouble(error)).toBe(said);
});

it('says where nobody answered', async () => {
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  const client = new DynamoDBClient({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1', credentials, maxAttempts: 1 });
  const error: unknown = await client.send(new ListTablesCommand({})).catch((thrown: unknown) => thrown);
  expect(outsideTrouble(error)).toBe('AWS: connect ECONNREFUSED 127.0.0.1:1');
});

it('says which file or folder cannot be used', () => {
  const error = (() => {
    try {
      mkdirSync('/dev/null/x');
    } catch (thrown) {
      return thrown;
    }
    return undefined;
  })();
  expect(outsideTrouble(error)).toBe('/dev/null/x: not a directory (ENOTDIR at mkdir)');
});

it('leaves faults of ours their stack', () => {
  expect(outsideTrouble(new TypeError('x is not a function'))).toBeUndefined();
});
