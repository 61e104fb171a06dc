import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { clientSettings } from '../../adapters/aws/client-settings.ts';

describe('settings of the clients of AWS', () => {
  it('end a call that hangs, after its tries', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const client = new DynamoDBClient({
      ...clientSettings,
      requestHandler: { ...clientSettings.requestHandler, requestTimeout: 60 },
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    try {
      const hung = client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } }));
      await expect(hung).rejects.toMatchObject({ name: 'TimeoutError', $metadata: { attempts: clientSettings.maxAttempts } });
    } finally {
      client.destroy();
      server.closeAllConnections();
      server.close();
    }
  });

  it('leave time for an answer within the ten seconds of intake’s gateway', () => {
    expect(clientSettings.maxAttempts * clientSettings.requestHandler.requestTimeout).toBeLessThan(8_000);
  });

  const lambdas = join(import.meta.dirname, '../../lambdas');
  const all = readdirSync(lambdas, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('handler.ts'));
  /** May call nothing of AWS. */
  const prober = join('prober', 'handler.ts');
  const handlers = all.filter(path => path !== prober);

  it.each(handlers)('are those of each client of %s', path => {
    const made = readFileSync(join(lambdas, path), 'utf8').match(/new \w+Client\([^)]*\)/g) ?? [];
    expect(made).not.toEqual([]);
    expect(made.filter(each => !each.endsWith('Client(clientSettings)'))).toEqual([]);
  });

  it('are not needed by the prober, which has no client', () => {
    expect(readFileSync(join(lambdas, prober), 'utf8')).not.toMatch(/@aws-sdk|Client\(/);
  });
});
