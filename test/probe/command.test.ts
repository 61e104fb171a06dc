import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../bin/commands/probe.ts';
import { runCommand } from '../suites/run-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'nightdesk-probe-'));
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => void response.writeHead(request.url === '/healthz' ? 200 : 503).end());
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bots = [
    { id: 'fine', probes: { liveness: `${base}/healthz` } },
    { id: 'ill', probes: { liveness: `${base}/healthz`, readiness: `${base}/ready` } },
    { id: 'plain' },
  ];
  writeFileSync(join(dir, 'nightdesk.config.json'), JSON.stringify({ bots }));
});

afterAll(() => {
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

const run = (...args: readonly string[]) => runCommand(command, [...args, '--config', 'nightdesk.config.json'], dir);

describe('nightdesk probe', () => {
  it('asks one bot, and says where the time went', async () => {
    const { code, stdout } = await run('fine');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^fine {3}fine liveness http:\S+\/healthz\n {7}HTTP 200 in [\d.]+ ms \(connect [\d.]+ ms, first byte [\d.]+ ms\)\n1 probes, 0 failed\n$/,
    );
  });

  it('ends with 1 when one fails, and writes one document for machines', async () => {
    const { code, stdout } = await run('--json');
    const { probes } = JSON.parse(stdout) as { readonly probes: readonly Record<string, unknown>[] };
    expect(code).toBe(1);
    expect(probes.map(({ bot, probe, ok, detail }) => [bot, probe, ok, detail])).toEqual([
      ['fine', 'liveness', true, 'HTTP 200'],
      ['ill', 'liveness', true, 'HTTP 200'],
      ['ill', 'readiness', false, 'HTTP 503'],
    ]);
  });

  it.each([
    ['nobody', 'has no bot "nobody" (fine, ill, plain)'],
    ['plain', 'plain of nightdesk.config.json have no probes'],
  ])('cannot ask %s', async (bot, problem) => {
    const { code, stderr } = await run(bot);
    expect([code, stderr.includes(problem)]).toEqual([2, true]);
  });
});
