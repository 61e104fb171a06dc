import type { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createTable } from '../../adapters/aws/table.ts';

describe('the newest items of a partition', () => {
  it('come from as many answers as the service needs, up to the limit', async () => {
    const asked: { readonly limit: number | undefined; readonly from: unknown }[] = [];
    const client = {
      // An answer that ends at one megabyte holds a single item here.
      send: async ({ input }: QueryCommand) => {
        asked.push({ limit: input.Limit, from: input.ExclusiveStartKey });
        const item = { pk: { S: 'p' }, sk: { S: String(10 - asked.length) } };
        return { Items: [item], LastEvaluatedKey: item };
      },
    } as unknown as DynamoDBClient;
    expect((await createTable(client, 't').newest('p', 3)).map(({ sk }) => sk)).toEqual(['9', '8', '7']);
    expect(asked.map(({ limit }) => limit)).toEqual([3, 2, 1]);
    expect(asked[2]!.from).toEqual({ pk: { S: 'p' }, sk: { S: '8' } });
  });
});
