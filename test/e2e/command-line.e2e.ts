import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nightdesk, paperBot } from '../run-nightdesk.ts';

interface Strategy {
  readonly netPnl: string;
  readonly grossPnl: string;
  readonly fees: string;
  readonly fills: number;
}

let folder: string;
let events: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-cli-'));
  events = join(folder, 'events.ndjson');
  const made = await paperBot('--random', '--minutes', '360', '--seed', '7', '--out', events);
  expect(made.stderr + made.stdout, 'the paper bot writes its file').toBeTruthy();
  expect(made.code).toBe(0);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('score', () => {
  it('gives the same answer for a file, standard input and a compressed file', async () => {
    const plain = await nightdesk('score', events, '--json');
    const zipped = join(folder, 'events.ndjson.gz');
    writeFileSync(zipped, gzipSync(readFileSync(events)));
    const compressed = await nightdesk('score', zipped, '--json');
    const piped = execFileSync('sh', ['-c', `cat "${events}" | node dist/bin/nightdesk.js score - --json`], {
      cwd: join(import.meta.dirname, '../..'),
      maxBuffer: 1 << 28,
    }).toString();
    expect(plain.code).toBe(0);
    expect(JSON.parse(compressed.stdout)).toEqual(JSON.parse(plain.stdout));
    expect(JSON.parse(piped)).toEqual(JSON.parse(plain.stdout));
  });

  it('loses no good line of a broken file and names each bad one', async () => {
    const good = readFileSync(events, 'utf8').trimEnd().split('\n');
    const broken = join(folder, 'broken.ndjson');
    const bad = [
      Buffer.from('{"eventType":"execution", not json'),
      Buffer.from(JSON.stringify({ eventType: 'execution', strategyId: 7 })),
      Buffer.from(JSON.stringify({ eventType: 'daydream', strategyId: 's', accountId: 'a', tsEvent: '2026-01-01T00:00:00Z' })),
      Buffer.from((good.find(line => line.includes('"eventType":"execution"')) ?? '').replace(/"lastPx":"[^"]*"/, '"lastPx":NaN')),
      Buffer.from(`{"eventType":"error","pad":"${'x'.repeat(1_000_000)}"}`),
      Buffer.concat([Buffer.from('{"eventType":"error","message":"'), Buffer.from([0xff, 0xfe, 0xc3, 0x28]), Buffer.from('"}')]),
    ];
    const lines = good.flatMap((line, index) => (index < bad.length ? [Buffer.from(line), bad[index]!] : [Buffer.from(line)]));
    writeFileSync(broken, Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [Buffer.from('\n'), line]))));
    const whole = JSON.parse((await nightdesk('score', events, '--json')).stdout);
    const result = await nightdesk('score', broken, '--json');
    const scored = JSON.parse(result.stdout);
    expect(result.code).toBe(0);
    expect(scored.strategies).toEqual(whole.strategies);
    expect(scored.quality.rejected.map((row: { line: number }) => row.line)).toEqual(bad.map((_, index) => 2 * (index + 1)));
    expect(new Set(scored.quality.rejected.map((row: { code: string }) => row.code)).size).toBeGreaterThan(3);
    expect((await nightdesk('score', broken, '--json', '--strict')).code).toBe(1);
  });
});

describe('start', () => {
  it('replays a file through the functions to the same P&L as score, to the last digit', async () => {
    const scored = JSON.parse((await nightdesk('score', events, '--json')).stdout) as { strategies: Record<string, Strategy> };
    const replayed = await nightdesk('start', '--input', events, '--speed', 'max', '--headless', '--until-end', '--json', '--fresh');
    expect(replayed.stderr).not.toMatch(/error/i);
    const summary = JSON.parse(replayed.stdout);
    expect(summary.strategies).toEqual(scored.strategies);
    expect(summary.invocations.heartbeat).toBeGreaterThanOrEqual(Math.floor(summary.clock.virtualMinutes) - 1);
  });

  it('says in one line that a port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const result = await nightdesk('start', '--port', String(port));
    server.close();
    expect(result.code).toBe(2);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result.stderr).toContain(String(port));
  });

  it.each([
    ['a missing file', ['start', '--input', '/does/not/exist.ndjson', '--until-end']],
    ['sending recorded events to real channels', ['start', '--input', 'x', '--send']],
    ['an unknown option', ['score', '--nonsense']],
    ['an unknown command', ['daydream']],
  ])('refuses %s with one clear line and exit code 2', async (_, args) => {
    const result = await nightdesk(...args);
    expect(result.code).toBe(2);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });
});
