import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleFunction, functionNames } from '../bench/bundles.ts';

const dir = mkdtempSync(join(tmpdir(), 'nightdesk-bundles-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('function bundles', () => {
  it('are those that the table below names', () => {
    expect(functionNames).toEqual([
      'actions',
      'heartbeat',
      'ingest',
      'intake',
      'ledger',
      'notifier',
      'prober',
      'report',
      'timer',
      'widgets',
    ]);
  });

  it.each([
    ['actions', ['dynamodb', 'secrets-manager', 'sqs']],
    ['heartbeat', ['dynamodb', 'sqs']],
    ['ingest', ['dynamodb', 'sqs']],
    ['intake', ['cloudwatch-logs', 'dynamodb', 'secrets-manager', 'sqs']],
    ['ledger', ['cloudwatch', 'dynamodb']],
    ['notifier', ['dynamodb', 'secrets-manager', 'sqs']],
    ['prober', []],
    ['report', ['dynamodb', 'sns']],
    ['widgets', ['cloudwatch', 'dynamodb']],
    ['timer', ['dynamodb', 'sqs']],
  ])('%s fits 400 KB, holds only the clients it needs, and loads as CommonJS', async (name, clients) => {
    const bundle = await bundleFunction(name, dir);
    expect(bundle.kilobytes).toBeLessThanOrEqual(400);
    expect(bundle.clients).toEqual(clients.map(client => `@aws-sdk/client-${client}`));
    const loaded = execFileSync(process.execPath, ['-e', 'process.stdout.write(typeof require(process.argv[1]).handler)', bundle.path], {
      encoding: 'utf8',
    });
    expect(loaded).toBe('function');
  });

  it.each(['heartbeat', 'ledger', 'timer'])('%s carries the rule of every alarm that its code says', async name => {
    const text = readFileSync((await bundleFunction(name, dir)).path, 'utf8');
    const said = [...new Set([...text.matchAll(/\balarm:"([a-z-]+)"/g)].map(([, id]) => id))];
    expect(said.filter(id => !text.includes(`id:"${id}"`))).toEqual([]);
    if (name !== 'timer') expect(said).toContain('reject-share');
  });
});
