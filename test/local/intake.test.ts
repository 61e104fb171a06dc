/** The way in over HTTPS with the real bundles: gateway, function, queue, ledger, journal and table, each with the rights of the template. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmitter, createSigner, httpSink } from '../../bot/index.ts';
import { intakeLogGroup } from '../../core/catalogue/names.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { synthesize } from '../../lib/synth.ts';
import type { LocalStack } from '../../local/stack.ts';
import { lineOf } from '../events/lines-of.ts';
import { startTestStack } from './local-stack.ts';

const dir = mkdtempSync(join(tmpdir(), 'nightdesk-intake-'));
const secretOf = (bot: string) => `nightdesk/demo/intake/${bot}`;
const keyOf = (bot: string) => `key-of-${bot}-`.padEnd(40, 'k');
const others = Array.from({ length: 10 }, (_, index) => `trickle-${index}`);
let stack: LocalStack;
let base: string;

beforeAll(async () => {
  const bot = (id: string, more = {}) => ({ id, intake: { key: { secretName: secretOf(id) }, requestsPerSecond: 2, ...more } });
  const parsed = parseConfig({ bots: [bot('flood'), ...others.map(id => bot(id)), bot('outside', { everything: true })] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const setting = process.env['CDK_VALIDATION'];
  process.env['CDK_VALIDATION'] = 'false';
  synthesize(parsed.value, dir);
  process.env['CDK_VALIDATION'] = setting;
  stack = await startTestStack({
    assemblyDir: dir,
    concurrency: 2,
    bodyTimeoutMs: 1_000,
    secretValue: name => keyOf(name.split('/').at(-1)!),
  });
  base = `${stack.endpoint.url}/execute-api/nightdesk-demo/events`;
  stack.begin();
});

afterAll(async () => {
  await stack.close();
  rmSync(dir, { recursive: true, force: true });
});

let batches = 0;
async function post(bot: string, body: string) {
  batches += 1;
  const signed = createSigner({ bot, key: keyOf(bot) })(body, stack.clock.now(), `batch-${String(batches).padStart(6, '0')}`);
  const answer = await fetch(`${base}/${bot}`, { method: 'POST', body, headers: { 'content-type': 'application/x-ndjson', ...signed } });
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text: await answer.text() };
}

const beatOf = (strategyId: string, n = 0) =>
  `${lineOf('heartbeat', { strategyId, eventId: `${strategyId}-${n}`, tsEvent: new Date(stack.clock.now()).toISOString() })}\n`;
const accepted = (bot: string) => {
  const [table] = [...stack.tables.values()];
  return [...table!.all()].filter(item => JSON.stringify(item).includes(`"INTAKE#${bot}"`)).length;
};

describe('a bot that sends over HTTPS', () => {
  it('is heard by the ledger, and what it sent stands in the journal', async () => {
    const sink = httpSink({
      url: `${base}/trickle-0`,
      sign: createSigner({ bot: 'trickle-0', key: keyOf('trickle-0') }),
      now: stack.clock.now,
    });
    const emitter = createEmitter({
      strategyId: 'trickle-0',
      accountId: 'main',
      source: { system: 'test', instanceId: 'run-1' },
      environment: 'paper',
      write: sink.write,
      now: stack.clock.now,
    });
    emitter.heartbeat({ component: 'bot', status: 'ok', intervalMs: 10_000 });
    emitter.log.error('it broke');
    await sink.close();
    expect(sink.counts()).toMatchObject({ sent: 2, refused: 0, failures: 0 });
    await stack.clock.run(stack.clock.now() + 60_000);
    expect(stack.counts.get('ledger')).toMatchObject({ invocations: 1, errors: 0 });
    expect(stack.logs.search({ group: intakeLogGroup('demo'), limit: 10 }).map(({ stream }) => stream)).toEqual(['trickle-0', 'trickle-0']);
    expect(accepted('trickle-0')).toBe(1);
  });

  it('from outside AWS fills its own log group, whose filters see it, and is not read a second time', async () => {
    const before = stack.counts.get('ingest')!.invocations;
    expect((await post('outside', beatOf('outside'))).status).toBe(200);
    await stack.clock.run(stack.clock.now() + 120_000);
    expect(stack.logs.search({ group: '/nightdesk/demo/outside', limit: 10 })).toHaveLength(1);
    const filtered = /"metricName":"HeartbeatCount","dimensions":\{"Strategy":"outside"\}/.test(stack.store().serialise());
    expect(filtered).toBe(true);
    expect(stack.counts.get('ingest')!.invocations).toBe(before);
  });

  it('is refused below a wrong key, in the words that the docs list', async () => {
    const body = beatOf('flood');
    const signed = createSigner({ bot: 'flood', key: 'wrong'.repeat(10) })(body, stack.clock.now(), 'batch-wrong');
    const answer = await fetch(`${base}/flood`, { method: 'POST', body, headers: { 'content-type': 'application/x-ndjson', ...signed } });
    expect([answer.status, await answer.json()]).toMatchObject([401, { error: { code: 'BAD_SIGNATURE' } }]);
  });

  it('that trickles is cut off without a word to the function', async () => {
    const before = stack.counts.get('intake')!.invocations;
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(stack.endpoint.port, '127.0.0.1', () =>
        socket.write('POST /execute-api/nightdesk-demo/events/flood HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n{'),
      );
      let heard = '';
      socket.on('data', chunk => {
        heard += chunk.toString();
      });
      socket.on('close', () => resolve(heard));
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(stack.counts.get('intake')!.invocations).toBe(before);
  });
});

describe('a flood of one bot', () => {
  it('is held back by its own two buckets, and every batch of ten others gets through', async () => {
    await stack.clock.run(stack.clock.now() + 60_000);
    const flood = Array.from({ length: 80 }, (_, n) => post('flood', beatOf('flood', n + 1)));
    const quiet: number[] = [];
    for (const n of [1, 2]) for (const id of others) quiet.push((await post(id, beatOf(id, n))).status);
    expect(quiet).toEqual(Array.from({ length: 20 }, () => 200));
    const loud = (await Promise.all(flood)).map(({ status }) => status);
    // The gateway lets twenty at once through; each of two processes of the function lets ten.
    const through = loud.filter(status => status === 200).length;
    expect(loud.filter(status => status === 429).length).toBeGreaterThanOrEqual(60);
    expect(through).toBeGreaterThanOrEqual(10);
    expect(through).toBeLessThanOrEqual(20);
    await stack.clock.run(stack.clock.now() + 60_000);
    expect(stack.queues.map(queue => queue.counts().visible)).toEqual(stack.queues.map(() => 0));
    expect(accepted('flood')).toBe(through);
  }, 120_000);
});
