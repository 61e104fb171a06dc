import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sources } from '../../adapters/sources/index.ts';
import type { SourceFormat } from '../../adapters/sources/source.ts';
import type { Feed } from '../../bin/follow/feed.ts';
import { fileFeed } from '../../bin/follow/file-feed.ts';
import { createFollower } from '../../bin/follow/follower.ts';
import { freqtradeFeed } from '../../bin/follow/freqtrade-feed.ts';
import { type FollowJournal, openJournal } from '../../bin/follow/journal.ts';
import { ndjson } from '../../bin/follow/ndjson.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightdesk-follow-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = (name: string) => sources.find(each => each.name === name)!;
const eventLine = (id: number) =>
  JSON.stringify({
    eventType: 'heartbeat',
    eventId: `e${id}`,
    strategyId: 's',
    accountId: 'a',
    tsEvent: '2026-01-01T00:00:00Z',
    component: 'bot',
    status: 'ok',
    intervalMs: 1000,
  });

/** An intake that takes bodies while it is open, and remembers the ids in them. */
function intake() {
  const ids: string[] = [];
  let status = 200;
  let text = '';
  const fetchStub = (async (_url: unknown, init: { body: string }) => {
    if (status === 200) for (const line of init.body.trimEnd().split('\n')) ids.push((JSON.parse(line) as { eventId: string }).eventId);
    return new Response(text, { status });
  }) as unknown as typeof fetch;
  return { ids, fetchStub, answer: (next: number, said = '') => ([status, text] = [next, said]) };
}

function follow(
  feed: Feed,
  taking: ReturnType<typeof intake>,
  given: { source?: SourceFormat; journal?: FollowJournal; maxSpoolBytes?: number } = {},
) {
  const said: string[] = [];
  const journal = given.journal ?? openJournal(join(folder, 'state'));
  const follower = createFollower({
    source: given.source ?? ndjson,
    context: { strategyId: 's' },
    feed,
    journal,
    intake: { url: 'http://intake.test/events', fetch: taking.fetchStub },
    maxSpoolBytes: given.maxSpoolBytes ?? 1_000_000,
    say: text => said.push(text),
  });
  const settle = async () => {
    while ((await follower.turn()).isBusy) {}
  };
  return { follower, journal, said, settle };
}

const log = () => join(folder, 'bot.log');
const feedOfLog = () => fileFeed({ path: log(), toValue: line => line });
const write = (...ids: number[]) => appendFileSync(log(), ids.map(id => `${eventLine(id)}\n`).join(''));

describe('a followed file', () => {
  it('sends each event once, also over restarts, and leaves half a line for later', async () => {
    const taking = intake();
    write(1, 2);
    appendFileSync(log(), eventLine(3).slice(0, 20));
    const first = follow(feedOfLog(), taking);
    await first.settle();
    first.journal.close();
    appendFileSync(log(), `${eventLine(3).slice(20)}\n`);
    write(4);
    await follow(feedOfLog(), taking).settle();
    expect(taking.ids).toEqual(['e1', 'e2', 'e3', 'e4']);
  });

  it('reads a renamed file to its end before the new one, also when both happened while it was down', async () => {
    const taking = intake();
    write(1);
    const first = follow(feedOfLog(), taking);
    await first.settle();
    first.journal.close();
    write(2);
    renameSync(log(), `${log()}.1`);
    write(3);
    renameSync(log(), `${log()}.2`);
    write(4);
    await follow(feedOfLog(), taking).settle();
    expect(taking.ids).toEqual(['e1', 'e2', 'e3', 'e4']);
  });

  it('begins anew when the file was copied and cut', async () => {
    const taking = intake();
    write(1, 2);
    const { settle } = follow(feedOfLog(), taking);
    await settle();
    copyFileSync(log(), `${log()}.1`);
    truncateSync(log());
    write(3);
    await settle();
    expect(taking.ids).toEqual(['e1', 'e2', 'e3']);
  });

  it('names lines that are no events, and goes on', async () => {
    const taking = intake();
    write(1);
    appendFileSync(log(), '{broken\nplain text\n');
    write(2);
    const { settle, said } = follow(feedOfLog(), taking);
    await settle();
    expect(taking.ids).toEqual(['e1', 'e2']);
    expect(said).toEqual([expect.stringContaining('bot.log line 2: NOT_JSON')]);
  });

  it('says once why the intake does not take events, and that it does again', async () => {
    const taking = intake();
    write(1);
    const { settle, said, follower } = follow(feedOfLog(), taking);
    const refused = (time: string) =>
      taking.answer(401, JSON.stringify({ error: { code: 'TIME_OUT_OF_WINDOW', message: `here it is ${time}` } }));
    refused('12:00:00');
    await settle();
    refused('12:00:30');
    await settle();
    expect(said).toEqual(['the intake does not take the events, which wait on disk: 401 TIME_OUT_OF_WINDOW: here it is 12:00:00']);
    expect(follower.isDegraded()).toBe(true);
    taking.answer(200);
    await settle();
    expect(said.slice(1)).toEqual(['the intake can be reached again']);
    expect(taking.ids).toEqual(['e1']);
  });

  it('names what the intake refused of a batch that it took', async () => {
    const taking = intake();
    write(1, 2);
    const rejected = [{ line: 2, code: 'WRONG_STRATEGY', message: 'a bot reports its own strategies' }];
    taking.answer(200, JSON.stringify({ accepted: 1, rejected }));
    const { settle, said } = follow(feedOfLog(), taking);
    await settle();
    expect(said).toEqual(['of what the intake took: 1 lines refused; line 2 WRONG_STRATEGY: a bot reports its own strategies']);
  });

  it('waits, degraded, for a file that is not there yet', async () => {
    const taking = intake();
    const { settle, follower } = follow(feedOfLog(), taking);
    await settle();
    expect(follower.isDegraded()).toBe(true);
    write(1);
    await settle();
    expect([taking.ids, follower.isDegraded()]).toEqual([['e1'], false]);
  });
});

describe('whatever happens, in any order', () => {
  /** Lines whole and in halves, rotations, an intake that comes and goes, restarts, and deaths that take the last commit with them. */
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant('line' as const) },
    { weight: 2, arbitrary: fc.constant('half' as const) },
    { weight: 5, arbitrary: fc.constant('turn' as const) },
    { weight: 2, arbitrary: fc.constantFrom('rotate' as const, 'restart' as const, 'killed' as const, 'away' as const, 'back' as const) },
  );

  it('every event arrives, in order, and a repetition has the same id', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
        const home = join(folder, `run-${run++}`);
        mkdirSync(home);
        const path = join(home, 'bot.log');
        const state = join(home, 'state');
        writeFileSync(path, '');
        const taking = intake();
        let next = 1;
        let rest = '';
        let rotations = 0;
        const start = () => follow(fileFeed({ path, toValue: line => line }), taking, { journal: openJournal(state) });
        let running = start();
        // What was rotated away before the first look is history, and for `import`.
        await running.follower.turn();
        const finishLine = () => {
          if (rest !== '') appendFileSync(path, rest);
          rest = '';
        };
        for (const what of steps) {
          if (what === 'line') {
            finishLine();
            appendFileSync(path, `${eventLine(next++)}\n`);
          } else if (what === 'half' && rest === '') {
            const line = `${eventLine(next++)}\n`;
            appendFileSync(path, line.slice(0, 30));
            rest = line.slice(30);
          } else if (what === 'turn') await running.follower.turn();
          else if (what === 'rotate') {
            finishLine();
            renameSync(path, `${path}.${++rotations}`);
            writeFileSync(path, '');
          } else if (what === 'restart') {
            running.journal.close();
            running = start();
          } else if (what === 'killed') {
            // The process dies after it has sent and before it has committed: on disk is what was before.
            cpSync(state, `${state}.before`, { recursive: true });
            await running.follower.turn();
            running.journal.close();
            rmSync(state, { recursive: true });
            renameSync(`${state}.before`, state);
            running = start();
          } else if (what === 'away') taking.answer(503);
          else if (what === 'back') taking.answer(200);
        }
        finishLine();
        taking.answer(200);
        await running.settle();
        running.journal.close();
        expect([...new Set(taking.ids)]).toEqual(Array.from({ length: next - 1 }, (_, at) => `e${at + 1}`));
      }),
      { numRuns: 25 },
    );
  });
});

describe('an intake that is away', () => {
  it.each([503, 401])('with %i leaves events on disk, in order, until it takes them', async status => {
    const taking = intake();
    taking.answer(status);
    write(1, 2);
    const first = follow(feedOfLog(), taking);
    await first.settle();
    expect([first.follower.isDegraded(), first.journal.waiting()]).toEqual([true, 2]);
    first.journal.close();
    taking.answer(200);
    write(3);
    const second = follow(feedOfLog(), taking);
    await second.settle();
    expect([taking.ids, second.journal.waiting()]).toEqual([['e1', 'e2', 'e3'], 0]);
  });

  it('stops reading when the spool is full, and loses nothing', async () => {
    const taking = intake();
    taking.answer(503);
    write(1, 2, 3);
    const { settle, journal } = follow(feedOfLog(), taking, { maxSpoolBytes: 300 });
    await settle();
    write(4);
    await settle();
    expect(journal.waiting()).toBe(3);
    taking.answer(200);
    await settle();
    await settle();
    expect(taking.ids).toEqual(['e1', 'e2', 'e3', 'e4']);
  });
});

describe('a crash', () => {
  it('after the spool was written and before the commit counts nothing twice', async () => {
    const taking = intake();
    write(1);
    const state = join(folder, 'state');
    const first = follow(feedOfLog(), taking);
    await first.settle();
    const before = readFileSync(join(state, 'state.json'));
    taking.answer(503);
    write(2);
    await first.settle();
    first.journal.close();
    writeFileSync(join(state, 'state.json'), before);
    taking.answer(200);
    await follow(feedOfLog(), taking).settle();
    expect(taking.ids).toEqual(['e1', 'e2']);
  });

  it('after sending and before the commit sends the same ids again, which the ledger knows', async () => {
    const taking = intake();
    taking.answer(503);
    write(1, 2);
    const state = join(folder, 'state');
    const first = follow(feedOfLog(), taking);
    await first.settle();
    const before = readFileSync(join(state, 'state.json'));
    const spool = readFileSync(join(state, 'spool.ndjson'));
    taking.answer(200);
    await first.settle();
    first.journal.close();
    writeFileSync(join(state, 'state.json'), before);
    writeFileSync(join(state, 'spool.ndjson'), spool);
    await follow(feedOfLog(), taking).settle();
    expect(taking.ids).toEqual(['e1', 'e2', 'e1', 'e2']);
  });
});

it('a growing FIX log keeps what a cancel reject needs over a restart and a QuickFIX rotation', async () => {
  const taking = intake();
  const current = join(folder, 'FIX.4.4-US-BRK.messages.current.log');
  const lines = readFileSync(join(import.meta.dirname, 'fixtures/fix/fix44-quickfix.in.log'), 'utf8').split('\n');
  const feed = () => fileFeed({ path: current, toValue: line => line });
  writeFileSync(current, `${lines.slice(0, 4).join('\n')}\n`);
  const first = follow(feed(), taking, { source: source('fix') });
  await first.settle();
  first.journal.close();
  renameSync(current, join(folder, 'FIX.4.4-US-BRK.messages.backup.1.log'));
  writeFileSync(current, `${lines.slice(4, 6).join('\n')}\n`);
  const second = follow(feed(), taking, { source: source('fix') });
  await second.settle();
  expect(taking.ids.at(-1)).toBe('fix:BRK:2026-03-09:OrderCancelReject:c2');
  expect(new Set(taking.ids).size).toBe(5);
});

describe("freqtrade's REST API", () => {
  let server: Server;
  let open: unknown[] = [];
  let closed: unknown[] = [];
  const asked: (string | undefined)[] = [];
  let base = '';

  beforeEach(async () => {
    server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      const address = new URL(request.url ?? '/', 'http://bot');
      const offset = Number(address.searchParams.get('offset') ?? '0');
      const body =
        address.pathname === '/api/v1/status' ? open : { trades: closed.slice(offset, offset + 100), total_trades: closed.length };
      response.writeHead(request.headers.authorization === 'Bearer key' ? 200 : 401).end(JSON.stringify(body));
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise(resolve => server.close(resolve)));

  const hour = 3_600_000;
  const start = 1_767_225_600_000;
  const order = (id: string, filled: number, amount: number, price: number, isEntry: boolean, at: number) => ({
    order_id: id,
    status: filled === amount ? 'closed' : 'open',
    amount,
    filled,
    safe_price: price,
    ft_order_side: isEntry ? 'buy' : 'sell',
    ft_is_entry: isEntry,
    order_type: 'limit',
    order_timestamp: at,
    order_filled_timestamp: filled === amount ? at + 500 : null,
  });
  const trade = (id: number, orders: object[], closedAt?: number) => ({
    trade_id: id,
    pair: 'ETH/USDT',
    exchange: 'kraken',
    strategy: 'Grid',
    is_open: closedAt === undefined,
    fee_open: 0.001,
    fee_close: 0.001,
    orders,
    ...(closedAt === undefined ? {} : { close_timestamp: closedAt }),
  });

  it('gives part fills as they grow, closings once, and goes on after a restart', async () => {
    const taking = intake();
    const feed = () => freqtradeFeed({ baseUrl: `${base}/`, authorization: 'Bearer key' });
    open = [trade(1, [order('A', 1, 4, 2000, true, start)])];
    closed = Array.from({ length: 130 }, (_, at) =>
      trade(
        500 - at,
        [order(`X${at}`, 1, 1, 10, true, start - (at + 2) * hour), order(`Y${at}`, 1, 1, 11, false, start - (at + 1) * hour)],
        start - (at + 1) * hour + 500,
      ),
    );
    const first = follow(feed(), taking, { source: source('freqtrade') });
    await first.settle();
    await first.settle();
    first.journal.close();
    const before = taking.ids.length;
    expect(before).toBe(130 * 6 + 2);
    open = [];
    closed = [
      trade(1, [order('A', 4, 4, 2001.5, true, start), order('B', 4, 4, 2100, false, start + hour)], start + hour + 500),
      ...closed,
    ];
    const second = follow(feed(), taking, { source: source('freqtrade') });
    await second.settle();
    await second.settle();
    expect(taking.ids.slice(before)).toEqual(['B:new', 'A:4', 'B:4', 'A:done', 'B:done'].map(id => `freqtrade:s:${id}`));
    expect(new Set(taking.ids).size).toBe(taking.ids.length);
    expect(second.said).toEqual([]);
  });

  it('is degraded while the bot refuses or is gone, and says so once', async () => {
    const { settle, said, follower } = follow(freqtradeFeed({ baseUrl: base }), intake(), { source: source('freqtrade') });
    await settle();
    await settle();
    expect([said, follower.isDegraded()]).toEqual([['freqtrade answered 401 to /api/v1/status'], true]);
  });
});
