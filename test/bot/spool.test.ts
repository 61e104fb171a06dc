import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDirectEmitter, createSigner, httpSink } from '../../bot/index.ts';
import { openSpool } from '../../bot/spool.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Request {
  readonly body: string;
  readonly batch: string;
}

/** A sink over an intake that gives these statuses in turn, then 200. Timers run when the test says so. */
function bot(statuses: readonly number[], more: { readonly maxBytes?: number } = {}) {
  const requests: Request[] = [];
  const timers: (() => void)[] = [];
  const waits: number[] = [];
  const left = [...statuses];
  const sink = httpSink({
    url: 'http://intake.test/events/s1',
    sign: createSigner({ bot: 's1', key: 'k'.repeat(32) }),
    spool: { folder, ...more },
    fetch: (async (_url: unknown, init: RequestInit) => {
      const headers = init.headers as Record<string, string>;
      requests.push({ body: String(init.body), batch: headers['nightdesk-batch']! });
      return new Response('{}', { status: left.shift() ?? 200 });
    }) as typeof fetch,
    now: () => 7_000,
    later: (run, ms) => {
      timers.push(run);
      waits.push(ms);
    },
  });
  const tick = async () => {
    timers.shift()?.();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    await new Promise(resolve => setImmediate(resolve));
  };
  return { sink, requests, waits, tick };
}

describe('a spool', () => {
  it('keeps lines while intake is away, and sends them in order when it is back, the tried batch under its own id', async () => {
    const { sink, requests, tick } = bot([503, 503]);
    sink.write('a');
    await tick();
    sink.write('b');
    sink.write('c');
    await tick();
    expect(sink.counts()).toMatchObject({ sent: 0, queued: 0, failures: 2 });
    await tick();
    sink.write('d');
    await tick();
    expect(requests.map(({ body }) => body)).toEqual(['a\n', 'a\n', 'a\n', 'b\nc\n', 'd\n']);
    expect(new Set(requests.slice(0, 3).map(({ batch }) => batch)).size).toBe(1);
    expect([sink.counts().sent, readdirSync(folder)]).toEqual([4, []]);
  });

  it('survives the process: the next one sends what was left, under the same ids, before what is new', async () => {
    const first = bot([503, 503]);
    first.sink.write('a');
    await first.tick();
    first.sink.write('b');
    await first.sink.close();
    const next = bot([]);
    next.sink.write('c');
    await next.tick();
    expect(next.requests.map(({ body }) => body)).toEqual(['a\n', 'b\n', 'c\n']);
    expect(next.requests[0]?.batch).toBe(first.requests[0]?.batch);
  });

  it('cuts a closed file into the same batches with the same ids after a crash in the middle of it', () => {
    writeFileSync(join(folder, '000000000000001-abcdefgh.ndjson'), 'aaaa\nbbbb\ncccc\n');
    const before = openSpool({ folder });
    expect(before.next(10)).toEqual({ id: 'abcdefgh', lines: ['aaaa', 'bbbb'] });
    before.done();
    const after = openSpool({ folder });
    expect(after.next(10)).toEqual({ id: 'abcdefgh', lines: ['aaaa', 'bbbb'] });
    after.done();
    expect(after.next(10)).toEqual({ id: 'abcdefgh-1', lines: ['cccc'] });
    after.done();
    expect([after.isEmpty(), after.next(10)]).toEqual([true, undefined]);
  });

  it('does not grow a file that is being sent', () => {
    const spool = openSpool({ folder });
    spool.append('a');
    expect(spool.next(100)?.lines).toEqual(['a']);
    spool.append('b');
    expect(readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'))).toEqual(['a\n', 'b\n']);
  });

  it('drops the oldest file when it is full, and counts the lines', () => {
    const spool = openSpool({ folder, maxBytes: 12 });
    spool.keep({ id: 'batch-01', lines: ['aaaa', 'bbbb'] });
    spool.append('cccc');
    expect([spool.lost(), spool.next(100)?.lines]).toEqual([2, ['cccc']]);
  });

  it('counts what the disk refuses, and never throws into the strategy', () => {
    const spool = openSpool({ folder: join(folder, 'gone') });
    rmSync(join(folder, 'gone'), { recursive: true });
    spool.append('a');
    expect(spool.lost()).toBe(1);
  });

  it('goes on, and counts, when somebody takes its files away', async () => {
    const { sink, requests, tick } = bot([503, 503]);
    sink.write('a');
    await tick();
    sink.write('b');
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    await tick();
    sink.write('c');
    for (let turn = 0; turn < 3; turn += 1) await tick();
    expect([sink.counts(), requests.at(-1)?.body]).toMatchObject([{ sent: 1, dropped: 2 }, 'c\n']);
  });

  it('goes on when a file that was sent cannot be removed', () => {
    const spool = openSpool({ folder });
    spool.append('a');
    spool.next(100);
    rmSync(folder, { recursive: true });
    spool.done();
    expect([spool.isEmpty(), spool.lost()]).toEqual([true, 0]);
  });

  it('keeps what waits in memory when the process ends by an exception', () => {
    const script = `
      import { httpSink } from './bot/index.ts';
      httpSink({ url: 'http://127.0.0.1:1/', spool: { folder: ${JSON.stringify(folder)} } }).write('fill');
      throw new Error('of the bot');`;
    const ended = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(ended.stderr).toContain('of the bot');
    expect(readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'))).toEqual(['fill\n']);
  });

  it('waits half a minute, and loses nothing, while key or clock are wrong', async () => {
    const { sink, waits, tick } = bot([401, 403]);
    sink.write('a');
    for (let turn = 0; turn < 3; turn += 1) await tick();
    expect([waits, sink.counts().sent]).toEqual([[1000, 30_000, 30_000], 1]);
  });
});

describe('a signer', () => {
  it('signs version, bot, time, batch and body', () => {
    const sign = createSigner({ bot: 's1', key: 'k'.repeat(32) });
    const base = sign('body', 1_773_063_000_999, 'batch-0001');
    expect(base).toEqual({
      'nightdesk-bot': 's1',
      'nightdesk-time': '1773063000',
      'nightdesk-batch': 'batch-0001',
      'nightdesk-signature': expect.stringMatching(/^v1=[0-9a-f]{64}$/),
    });
    const signatures = [
      base,
      sign('bodY', 1_773_063_000_999, 'batch-0001'),
      sign('body', 1_773_063_001_000, 'batch-0001'),
      sign('body', 1_773_063_000_999, 'batch-0002'),
      createSigner({ bot: 's2', key: 'k'.repeat(32) })('body', 1_773_063_000_999, 'batch-0001'),
    ].map(headers => headers['nightdesk-signature']);
    expect(new Set(signatures).size).toBe(5);
    expect(sign(Buffer.from('body'), 1_773_063_000_999, 'batch-0001')).toEqual(base);
  });

  it('refuses a short key', () => expect(() => createSigner({ bot: 's1', key: 'short' })).toThrow(RangeError));
});

describe('a direct emitter', () => {
  it('beats both ways under two numberings, and says controls and errors both ways as the same line', () => {
    const [log, direct]: [string[], string[]] = [[], []];
    const emitter = createDirectEmitter({
      strategyId: 's1',
      accountId: 'A-1',
      source: { system: 'test', instanceId: 'i1' },
      environment: 'paper',
      write: line => log.push(line),
      direct: line => direct.push(line),
      now: () => 7_000,
    });
    emitter.account({ equity: '1', currency: 'USD' });
    emitter.heartbeat({ component: 'bot', status: 'ok', intervalMs: 10_000 });
    emitter.control({ action: 'halt', actor: 'anna', reason: 'lunch' });
    emitter.log.critical('only in the log');
    const numbers = (lines: readonly string[]) =>
      lines
        .map(line => JSON.parse(line) as { eventType?: string; seq?: number; source?: { instanceId: string } })
        .map(({ eventType, seq, source }) => [eventType, source?.instanceId, seq]);
    expect(numbers(log)).toEqual([
      ['account', 'i1', 1],
      ['heartbeat', 'i1', 2],
      ['control', 'i1', 3],
      [undefined, undefined, undefined],
    ]);
    expect(numbers(direct)).toEqual([
      ['heartbeat', 'i1/direct', 1],
      ['control', 'i1', 3],
    ]);
    expect(direct[1]).toBe(log[2]);
  });
});
