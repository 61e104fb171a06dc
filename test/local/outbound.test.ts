import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { send } from '../../adapters/notify/send.ts';
import { missingSecrets, realSecret } from '../../bin/start/real-secrets.ts';
import { type Endpoint, serveEndpoint } from '../../local/endpoint/server.ts';
import { createOutbound, type Outbound } from '../../local/outbound.ts';

let receiver: Server;
let endpoint: Endpoint;
afterEach(async () => {
  await endpoint.close();
  await new Promise(resolve => receiver.close(resolve));
});

const token = '123456:telegram-token';

/** A gateway in send mode, and a service on this machine that answers what it is told to. */
async function gateway(answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>> }) {
  const paths: string[] = [];
  receiver = createServer((request, response) => {
    paths.push(request.url ?? '');
    request.resume().on('end', () => response.writeHead(answer.status, answer.headers).end('{"ok":true}'));
  });
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve));
  endpoint = await serveEndpoint(0);
  const outbound: Outbound = createOutbound({
    now: () => 0,
    sends: true,
    secrets: new Map([[token, 'nightdesk/telegram']]),
    eventOf: () => undefined,
    channels: new Map([['nightdesk/telegram', { id: 'phone', kind: 'telegram', role: 'botToken' }]]),
    topics: new Map(),
    onEntry: () => {},
  });
  endpoint.mount({ services: [], routes: [outbound.route], callerOf: () => ({}), onFault: () => {} });
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/bot${token}/sendMessage`;
  // As the bootstrap of a function process does it.
  const throughGateway = (to: string, init: RequestInit) =>
    fetch(`${endpoint.url}/_outbound/process`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), 'nightdesk-outbound-url': to, 'nightdesk-outbound-method': 'POST' },
    });
  const page = () =>
    send(
      { url, headers: { 'content-type': 'application/json' }, body: { text: `hello ${token}` } },
      ({ status }) => (status < 300 ? { ok: true } : { ok: false, retry: 'later', kind: 'rate', detail: `HTTP ${status}` }),
      { fetch: throughGateway, sleep: async () => {}, now: () => 0, random: () => 0.5 },
    );
  return { page, paths, outbound };
}

describe('the gateway with real channels', () => {
  it('hands the wait that a service asks for to the function', async () => {
    const { page, paths } = await gateway({ status: 429, headers: { 'retry-after': '90' } });
    expect(await page()).toMatchObject({ ok: false, retry: 'later', waitMs: 90_000 });
    expect(paths).toHaveLength(1);
  });

  it('shows the message in the inbox of its channel, without the secret that its address and text hold', async () => {
    const { page, paths, outbound } = await gateway({ status: 200 });
    expect(await page()).toMatchObject({ ok: true });
    expect(paths).toEqual([`/bot${token}/sendMessage`]);
    const [entry] = outbound.entries();
    expect(entry).toMatchObject({ channel: 'phone', kind: 'telegram', ok: true, request: { body: { text: 'hello ***' } } });
    expect(JSON.stringify(entry)).not.toContain(token);
  });

  it('answers 502 where nobody listens, so that the message stays owed', async () => {
    const { page } = await gateway({ status: 200 });
    await new Promise<void>(resolve => {
      receiver.close(() => resolve());
      receiver.closeAllConnections();
    });
    expect(await page()).toMatchObject({ ok: false, retry: 'later', detail: 'HTTP 502' });
  });
});

describe('secrets of --send', () => {
  it('come from a variable, or from the file that it names, and what is missing is named without a value', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nightdesk-secrets-'));
    try {
      writeFileSync(join(folder, 'key'), 'from a file\n');
      const io = {
        cwd: folder,
        env: {
          NIGHTDESK_SECRET_NIGHTDESK_SLACK: 'from the environment',
          NIGHTDESK_SECRET_NIGHTDESK_PAGER: 'file:key',
          NIGHTDESK_SECRET_NIGHTDESK_GONE: 'file:nowhere',
          NIGHTDESK_SECRET_NIGHTDESK_EMPTY: '',
        },
      };
      expect(realSecret('nightdesk/slack', io)).toBe('from the environment');
      expect(realSecret('nightdesk/pager', io)).toBe('from a file');
      const names = ['slack', 'pager', 'gone', 'empty'].map(name => ({ secretName: `nightdesk/${name}` }));
      expect(missingSecrets({ channels: names }, io)).toEqual([
        'secret nightdesk/empty: set NIGHTDESK_SECRET_NIGHTDESK_EMPTY to its value, or to file:PATH',
        `secret nightdesk/gone: NIGHTDESK_SECRET_NIGHTDESK_GONE: cannot read ${join(folder, 'nowhere')} (ENOENT)`,
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
