import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { fileSink, type HttpSinkOptions, httpSink, type Sink, teeSink } from '../../bot/index.ts';

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

  test.each([401, 403, 404])('keeps the lines through a %i, which is a setting that somebody will put right, and says so', async status => {
    const told: string[] = [];
    const gateway = { status, body: '{"message":"Not Found"}' };
    const { sink, bodies, waits, tick } = intake([gateway], { onRefusal: text => told.push(text) });
    sink.write('fill');
    await tick();
    expect(sink.counts()).toMatchObject({ refused: 0, queued: 1, failures: 1 });
    await tick();
    expect([bodies, waits, told]).toEqual([['fill\n', 'fill\n'], [1000, 30_000], [`answer ${status}`]]);
  });

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
