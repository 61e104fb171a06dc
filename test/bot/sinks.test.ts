import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it, test } from 'vitest';
import { fileSink, type HttpSinkOptions, httpSink, type Sink, stdoutSink, teeSink } from '../../bot/index.ts';

describe('a file sink', () => {
  it('appends whole lines and never throws', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nightdesk-'));
    const path = join(folder, 'events.ndjson');
    const first = fileSink(path);
    first.write('a');
    await first.close();
    first.write('lost');
    const second = fileSink(path);
    second.write('b');
    await second.close();
    expect([readFileSync(path, 'utf8'), first.failed()]).toEqual(['a\nb\n', 1]);
    rmSync(folder, { recursive: true });
  });
});

describe('standard output', () => {
  it('whose reader has died is no end of the bot: its lines are counted', async () => {
    const broken = new Writable({ autoDestroy: false, write: (_chunk, _encoding, done) => done(new Error('write EPIPE')) });
    const sink = stdoutSink(broken);
    stdoutSink(broken);
    sink.write('a');
    await new Promise(resolve => setImmediate(resolve));
    expect([sink.failed(), broken.listenerCount('error')]).toEqual([1, 1]);
  });
});

describe('a tee', () => {
  it('writes to all', async () => {
    const lines: string[] = [];
    const sink: Sink = { write: line => lines.push(line), close: async () => {} };
    teeSink(sink, sink).write('a');
    expect(lines).toEqual(['a', 'a']);
  });
});

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An intake that gives the answers in turn, then 200; and a clock that stands until the test lets a timer run. */
function intake(answers: readonly (Answer | 'unreachable')[], options: Partial<HttpSinkOptions> = {}) {
  const bodies: string[] = [];
  const headers: Record<string, string>[] = [];
  const waits: number[] = [];
  const timers: (() => void)[] = [];
  const left = [...answers];
  const send = (async (_url: unknown, init: RequestInit) => {
    const answer = left.shift() ?? { status: 200 };
    headers.push(init.headers as Record<string, string>);
    if (answer === 'unreachable') throw new TypeError('fetch failed');
    bodies.push(String(init.body));
    return new Response(answer.body ?? '', { status: answer.status, ...(answer.headers === undefined ? {} : { headers: answer.headers }) });
  }) as typeof fetch;
  const later = (run: () => void, ms: number) => {
    waits.push(ms);
    timers.push(run);
  };
  const sink = httpSink({ url: 'http://intake.test/events', fetch: send, now: () => 7, later, ...options });
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    await new Promise(resolve => setImmediate(resolve));
  };
  const tick = async () => {
    timers.shift()?.();
    await settle();
  };
  return { sink, bodies, headers, waits, tick };
}

describe('an HTTP sink', () => {
  it('sends what came together as one body', async () => {
    const { sink, bodies, waits, tick } = intake([]);
    sink.write('a');
    sink.write('b');
    await tick();
    expect([bodies, waits, sink.counts().sent]).toEqual([['a\nb\n'], [1000], 2]);
  });

  test.each([
    ['is unreachable', 'unreachable' as const, 500],
    ['has a fault', { status: 503 }, 500],
    ['is busy and says for how long', { status: 429, headers: { 'retry-after': '7' } }, 7000],
  ])('tries again when intake %s', async (_what, answer, waitMs) => {
    const { sink, waits, tick } = intake([answer]);
    sink.write('a');
    await tick();
    expect(sink.counts()).toMatchObject({ sent: 0, queued: 1, failures: 1 });
    await tick();
    expect(waits).toEqual([1000, waitMs]);
    expect(sink.counts()).toMatchObject({ sent: 1, queued: 0 });
  });

  test.each([401, 403, 404, 308])(
    'keeps the lines through a %i, which is a setting that somebody will put right, and says so',
    async status => {
      const told: string[] = [];
      const gateway = { status, body: '{"message":"Not Found"}' };
      const { sink, bodies, waits, tick } = intake([gateway], { onRefusal: text => told.push(text) });
      sink.write('fill');
      await tick();
      expect(sink.counts()).toMatchObject({ refused: 0, queued: 1, failures: 1 });
      await tick();
      expect([bodies, waits, told]).toEqual([['fill\n', 'fill\n'], [1000, 30_000], [`answer ${status}`]]);
    },
  );

  it('waits longer each time, up to half a minute, and keeps the order', async () => {
    const { sink, bodies, waits, tick } = intake(Array.from({ length: 8 }, () => 'unreachable' as const));
    sink.write('a');
    for (let turn = 0; turn < 8; turn++) {
      await tick();
      sink.write(`${turn}`);
    }
    await tick();
    expect(waits).toEqual([1000, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    // The batch that was tried keeps its lines, and so its identity.
    expect(bodies).toEqual(['a\n', '0\n1\n2\n3\n4\n5\n6\n7\n']);
  });

  test.each([
    ['says that the headers are wrong: no key, no id', { status: 400, body: '{"error":{"code":"BAD_HEADER","message":"m"}}' }],
    ['is a page of a proxy', { status: 200, body: '<html>Please sign in</html>' }],
  ])('keeps the lines, and says so, when what answers %s', async (_what, answer) => {
    const told: string[] = [];
    const { sink, bodies, waits, tick } = intake([answer], { onRefusal: text => told.push(text) });
    sink.write('fill');
    await tick();
    expect(sink.counts()).toMatchObject({ sent: 0, refused: 0, queued: 1 });
    await tick();
    expect([bodies, waits, told.length]).toEqual([['fill\n', 'fill\n'], [1000, 30_000], 1]);
  });

  it('sends what another body took the id of under a new one', async () => {
    const ids = ['id-one-1', 'id-two-2'];
    const sign = (_body: unknown, _at: number, batch: string) => ({ batch });
    const reused = { status: 409, body: '{"error":{"code":"BATCH_REUSED","message":"m"}}' };
    const { sink, headers, tick } = intake([reused], { sign, newBatchId: () => ids.shift()! });
    sink.write('fill');
    await tick();
    expect([headers.map(({ batch }) => batch), sink.counts()]).toMatchObject([['id-one-1', 'id-two-2'], { sent: 1, refused: 0 }]);
  });

  it('puts no more lines into a body than intake takes', async () => {
    const { sink, bodies } = intake([], { maxBatchBytes: 9_000_000 });
    for (let line = 0; line < 10_001; line++) sink.write('x');
    for (let line = 0; line < 3; line++) sink.write('y'.repeat(600_000));
    await sink.close();
    expect(bodies.map(body => body.split('\n').length - 1)).toEqual([10_000, 2, 1, 1]);
    expect(Math.max(...bodies.map(body => body.length))).toBeLessThan(1_048_576);
  });

  it('waits as long as it was told to, also when lines were written meanwhile', async () => {
    const { sink, bodies, tick } = intake([{ status: 429, headers: { 'retry-after': '7' } }]);
    sink.write('a');
    const first = tick();
    sink.write('b');
    await first;
    await tick();
    expect(bodies).toEqual(['a\n']);
    await tick();
    expect(bodies.join('')).toBe('a\na\nb\n');
  });

  it('is not stopped by who hears of a refusal', async () => {
    const onRefusal = () => {
      throw new Error('of the bot');
    };
    const { sink, tick } = intake([{ status: 200, body: '{"rejected":[{"line":1,"code":"c","message":"m"}]}' }], { onRefusal });
    sink.write('a');
    await tick();
    expect(sink.counts()).toMatchObject({ sent: 1, failures: 0 });
  });

  it('gives up a body that no retry can save, and goes on', async () => {
    const { sink, tick } = intake([{ status: 400 }]);
    sink.write('bad');
    await tick();
    sink.write('good');
    await tick();
    expect(sink.counts()).toEqual({ sent: 1, queued: 0, dropped: 0, refused: 1, failures: 0 });
  });

  it('drops the oldest lines when the buffer is full, and counts them', async () => {
    const { sink, bodies, tick } = intake(['unreachable'], { maxBufferBytes: 25 });
    for (const line of ['line-one', 'line-two', 'line-three', 'line-four']) sink.write(line);
    await tick();
    await tick();
    expect([bodies.join(''), sink.counts().dropped]).toEqual(['line-three\nline-four\n', 2]);
  });

  it('splits what is too large for one body', async () => {
    const { sink, bodies, tick } = intake([], { maxBatchBytes: 10 });
    for (const line of ['aaaa', 'bbbb', 'cccc']) sink.write(line);
    await tick();
    await sink.close();
    expect(bodies).toEqual(['aaaa\nbbbb\n', 'cccc\n']);
  });

  it('signs the exact body', async () => {
    const { sink, headers, tick } = intake([], { sign: (body, atMs) => ({ 'x-signature': `${body.length}@${atMs}` }) });
    sink.write('abc');
    await tick();
    expect(headers[0]).toMatchObject({ 'content-type': 'application/x-ndjson', 'x-signature': '4@7' });
  });

  it('sends what waits when it is closed', async () => {
    const { sink, bodies } = intake([]);
    sink.write('last words');
    await sink.close();
    expect(bodies).toEqual(['last words\n']);
  });
});
