import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { awsTrouble } from '../../bin/aws-trouble.ts';

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
  expect(awsTrouble(error)).toBe(said);
});

it('says where nobody answered', async () => {
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  const client = new DynamoDBClient({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1', credentials, maxAttempts: 1 });
  const error: unknown = await client.send(new ListTablesCommand({})).catch((thrown: unknown) => thrown);
  expect(awsTrouble(error)).toBe('AWS: connect ECONNREFUSED 127.0.0.1:1');
});

it('leaves faults of ours their stack', () => {
  expect(awsTrouble(new TypeError('x is not a function'))).toBeUndefined();
});
