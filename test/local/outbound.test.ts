import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { send } from '../../adapters/notify/send.ts';
import { missingSecrets, realSecret } from '../../bin/start/real-secrets.ts';
import { type Endpoint, serveEndpoint } from '../../local/endpoint/server.ts';
import type { FunctionDefinition } from '../../local/functions/host.ts';
import { createOutbound, type Outbound, type OutboundOptions } from '../../local/outbound.ts';

let receiver: Server;
let endpoint: Endpoint;
afterEach(async () => {
  await endpoint.close();
  await new Promise(resolve => receiver.close(resolve));
});

const token = '123456:telegram-token';

/** A gateway in send mode, and a service on this machine that answers what it is told to. */
async function gateway(
  answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
  options: Partial<Pick<OutboundOptions, 'sends' | 'eventOf'>> = {},
) {
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
    ...options,
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
  return { page, paths, outbound, throughGateway };
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

describe('the local inbox', () => {
  it('counts a change told to PagerDuty to no alarm, also when the function that tells it handles one', async () => {
    const breach = { nightdesk: 1, kind: 'breach', row: 'r', alarm: 'heartbeat-missing', dimensions: { Strategy: 's1' }, reason: 'x' };
    const times = { state: 'OK', severity: 'critical', at: '2026-03-09T00:00:00Z', since: '2026-03-09T00:00:00Z' };
    const payload = JSON.stringify({ Records: [{ Sns: { Message: JSON.stringify({ ...breach, ...times }) } }] });
    const handles = { definition: {} as FunctionDefinition, payload };
    const { outbound, throughGateway } = await gateway({ status: 200 }, { sends: false, eventOf: () => handles });
    const told = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      expect(
        (await throughGateway(`https://events.pagerduty.com${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).status,
      ).toBe(202);
    };
    await told('/v2/change/enqueue', { routing_key: 'k', payload: { summary: 's1: deploy by ci: restart' } });
    await told('/v2/enqueue', { routing_key: 'k', event_action: 'resolve', dedup_key: 'v1:heartbeat-missing:Strategy=s1' });
    expect(outbound.entries().map(({ alarm, state }) => ({ alarm, state }))).toEqual([
      { alarm: undefined, state: undefined },
      { alarm: 'heartbeat-missing-s1', state: 'OK' },
    ]);
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
