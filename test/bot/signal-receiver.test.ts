import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { sendBotSignal } from '../../adapters/notify/bot-signal.ts';
import { type BotSignalMessage, createSignalReceiver, readSignal } from '../../bot/signal-receiver.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { signalOrder } from '../../core/incidents/bot-signal.ts';

const nowMs = Date.parse('2026-11-22T03:05:00Z');
const secret = 'a key of the bot';
const message = {
  kind: 'nightdesk.signal',
  id: 'a1',
  signal: 'halt',
  botId: 'b1',
  strategies: ['b1'],
  incident: 'k',
  by: 'ana',
  reason: 'r',
  at: 't',
};

function signed(body: string, { key = secret, atMs = nowMs } = {}) {
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
  return { 'x-nightdesk-timestamp': timestamp, 'x-nightdesk-signature': `v1=${signature}` };
}

describe('reading a signal', () => {
  const body = JSON.stringify(message);
  it.each([
    ['a right signature', signed(body), body, 'halt'],
    ['another key', signed(body, { key: 'guess' }), body, undefined],
    ['a signature of six minutes ago', signed(body, { atMs: nowMs - 360_000 }), body, undefined],
    ['a body that was changed', signed(body), body.replace('halt', 'reduceOnly'), undefined],
    ['no headers', {}, body, undefined],
    ['half a signature', { ...signed(body), 'x-nightdesk-signature': 'v1=00' }, body, undefined],
    ['a message of another kind', signed('{}'), '{}', undefined],
    ['what is no JSON', signed('{'), '{', undefined],
  ])('with %s', (_name, headers, text, expected) => {
    expect(readSignal(headers, text, secret, nowMs)?.signal).toBe(expected);
  });
});

describe('the receiver', () => {
  const taken: BotSignalMessage[] = [];
  const server = createServer(
    createSignalReceiver({
      secret,
      now: () => nowMs,
      onSignal: signal => {
        if (signal.reason === 'fail') throw new Error('the bot is busy');
        taken.push(signal);
      },
    }),
  );
  const listening = new Promise<string>(resolve => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
  afterAll(() => server.close());
  const post = async (body: string, headers: Record<string, string> = signed(body)) =>
    (await fetch(await listening, { method: 'POST', headers, body })).status;

  it('takes a signal once however often it comes', async () => {
    const body = JSON.stringify(message);
    expect([await post(body), await post(body)]).toEqual([200, 200]);
    expect(taken).toHaveLength(1);
  });

  it('refuses who cannot sign, and asks for again what the bot could not do', async () => {
    const failing = JSON.stringify({ ...message, id: 'a2', reason: 'fail' });
    expect(await post('{}', {})).toBe(401);
    expect([await post(failing), await post(failing)]).toEqual([500, 500]);
    expect((await fetch(await listening)).status).toBe(405);
    expect(await post('x'.repeat(70_000))).toBe(413);
  });

  it('takes a signal once that is sent again while the bot is still at it', async () => {
    let end: () => void = () => {};
    let calls = 0;
    const slow = createServer(
      createSignalReceiver({
        secret,
        now: () => nowMs,
        onSignal: () => {
          calls += 1;
          return new Promise<void>(resolve => (end = resolve));
        },
      }),
    );
    await new Promise<void>(resolve => slow.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    const body = JSON.stringify({ ...message, id: 'slow' });
    const send = () => fetch(url, { method: 'POST', headers: signed(body), body });
    const answers = [send(), send()];
    await expect.poll(() => calls).toBe(1);
    const third = send();
    await new Promise(resolve => setImmediate(resolve));
    end();
    expect(await Promise.all([...answers, third].map(async answer => (await answer).status))).toEqual([200, 200, 200]);
    expect(calls).toBe(1);
    slow.close();
  });

  it('survives a sender that breaks off', async () => {
    const broken = Object.assign(
      Readable.from(
        (async function* () {
          yield Buffer.from('{');
          throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
        })(),
      ),
      { method: 'POST', headers: {} },
    );
    const response = { statusCode: 0, end: () => undefined };
    const receive = createSignalReceiver({ secret, onSignal: () => undefined });
    await receive(broken as unknown as IncomingMessage, response as unknown as ServerResponse);
    expect(response.statusCode).toBe(400);
  });

  it('believes what Nightdesk itself sends', async () => {
    const config = parseConfig({
      bots: [{ id: 'b1', signals: { webhook: { url: { secretName: 'url' }, signingSecret: { secretName: 'key' } }, dryRun: false } }],
    });
    if (!config.ok) throw new Error('config');
    const url = await listening;
    const sent = await sendBotSignal(
      signalOrder({ from: 'person', signal: 'reduceOnly', botId: 'b1', key: 'k', by: 'ana', reason: 'rejects', atMs: nowMs }),
      config.value.bots[0]!,
      {
        secrets: { read: async name => (name === 'url' ? url : secret), forget: () => undefined },
        send: { fetch, sleep: async () => undefined, now: () => nowMs, random: () => 0.5 },
      },
    );
    expect(sent).toMatchObject({ ok: true });
    expect(taken.at(-1)).toMatchObject({ signal: 'reduceOnly', strategies: ['b1'] });
  });
});
