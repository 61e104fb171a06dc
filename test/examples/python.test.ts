import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSigner } from '../../bot/sign.ts';
import { parseConfig } from '../../core/config/parse.ts';
import { parseLine } from '../../core/events/parse.ts';
import { synthesize } from '../../lib/synth.ts';
import type { LocalStack } from '../../local/stack.ts';
import { startTestStack } from '../local/local-stack.ts';
import { schemaProblems } from './json-schema.ts';

const folder = join(import.meta.dirname, '../../examples/python');
const hasPython = spawnSync('python3', ['--version']).status === 0;
const key = 'k'.repeat(40);
const dir = mkdtempSync(join(tmpdir(), 'nightdesk-python-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Python with the module on its path. Its output has the platform's own encoding unless it is told otherwise. */
function python(args: readonly string[], input = '', env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise(resolve => {
    const child = execFile(
      'python3',
      args,
      { env: { PATH: process.env['PATH'], PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8', ...env } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

const script = (text: string, env?: Readonly<Record<string, string>>) => python(['-c', text], '', env);
const linesOf = (text: string) => text.split('\n').filter(line => line !== '');

/** What a bot says with every method, awkward values among it. */
const everything = `
from nightdesk import Nightdesk
from decimal import Decimal
import datetime, logging
now = datetime.datetime(2026, 3, 9, 9, 30, 0, 123456, tzinfo=datetime.timezone(datetime.timedelta(hours=-4)))
problems = []
desk = Nightdesk("s1", "main", environment="paper", system="demo", version="1.2", on_problem=problems.append)
desk.order(clOrdId="o1", instrumentId="BTC-USDT", venue="kraken", side="buy", ordType="limit", orderQty=Decimal("1E+3"), price=Decimal("0.00000001"),
           execType="new", ordStatus="new", cumQty=Decimal("0"), leavesQty=Decimal("1000"), tsEvent=now, traceId=None)
desk.execution(execId="x1", execType="trade", instrumentId="BTC-USDT", venue="kraken", side="buy", lastQty=Decimal("0.5"), lastPx="64000.10",
               transactTime=now, fees=[{"amount": Decimal("-0.10"), "currency": "USDT", "type": None}])
desk.position(instrumentId="BTC-USDT", qty=Decimal("-1.5"))
desk.account(equity=Decimal("100000.00"), currency="USDT")
desk.cash(cashType="funding", amount=Decimal("-1.25"), currency="USDT", refId="f1")
desk.market_data(instrumentId="BTC-USDT", messages=12)
desk.heartbeat(queueDepth=3)
desk.error(severity="error", code="E1", message="取引所 \\u2028 \\"quoted\\" 🚀")
desk.control(action="halt", actor="anna", reason="lunch")
desk.reference(instrumentId="BTC-USDT", kind="instrument")
logging.getLogger("bot.risk").addHandler(desk.log_handler())
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("bot.risk").exception("it broke at %s", "noon")
desk.log("warning", "careful", eventType="order", level="debug", orderId=7)
desk.execution(lastPx=Decimal("NaN"))
desk.account(equity=float("inf"))
desk.order(tsEvent=datetime.datetime(2026, 3, 9))
desk.error(message="x" * 300000)
assert desk.problems == len(problems) == 4, problems
`;

describe.skipIf(!hasPython)('examples/python/nightdesk.py (needs python3)', () => {
  it('says events that the schema and the parser accept, and counts what cannot be said', async () => {
    const { code, stdout, stderr } = await script(everything);
    expect([code, stderr]).toEqual([0, '']);
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/events.schema.json'), 'utf8')) as Record<string, unknown>;
    const events = linesOf(stdout).filter(line => line.includes('"eventType"'));
    expect(events).toHaveLength(10);
    for (const line of events) {
      expect(schemaProblems(schema, JSON.parse(line))).toEqual([]);
      expect(parseLine(line)).toMatchObject({ kind: 'event' });
    }
    expect(events.map(line => (JSON.parse(line) as { seq: number }).seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(JSON.parse(events[0]!)).toMatchObject({ orderQty: '1000', price: '0.00000001', tsEvent: '2026-03-09T13:30:00.123456Z' });
    const logs = linesOf(stdout).filter(line => !line.includes('"eventType"'));
    expect(logs.map(line => parseLine(line))).toMatchObject([
      { kind: 'log', level: 'error', message: 'it broke at noon' },
      { kind: 'log', level: 'warning', message: 'careful' },
    ]);
    expect(JSON.parse(logs[0]!)).toMatchObject({ exceptionType: 'ZeroDivisionError', stack: expect.stringContaining('Traceback') });
  });

  it('is refused by the schema’s validator when a field is wrong, so that the test above can fail', () => {
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/events.schema.json'), 'utf8')) as Record<string, unknown>;
    const wrong = { eventType: 'account', strategyId: 's1', accountId: 'a', tsEvent: 'noon', equity: '1e5', currency: 'USDT' };
    expect(schemaProblems(schema, wrong).length).toBeGreaterThan(0);
  });

  it('signs as the bots in TypeScript do', async () => {
    const { stdout } = await script(
      `import json\nfrom nightdesk import signed_headers\nprint(json.dumps(signed_headers("s1", "${key}", "é\\n".encode(), 1773063000, "batch-0001")))`,
    );
    expect(JSON.parse(stdout)).toEqual(createSigner({ bot: 's1', key })('é\n', 1_773_063_000_000, 'batch-0001'));
  });

  it('tells systemd that it is ready, well and stopping, and keeps silent while it is not well', async () => {
    const { code, stdout, stderr } = await script(`
import io, os, socket, threading
from nightdesk import Nightdesk, StdoutSink
path = ${JSON.stringify(join(dir, 'notify'))}
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(path)
os.environ["NOTIFY_SOCKET"] = path
def describe(): raise RuntimeError("no candle")
for well in (None, describe):
    desk = Nightdesk("s1", "main", sink=StdoutSink(io.StringIO()))
    desk.start_heartbeat(3600, describe=well)
    desk.close()
server.setblocking(False)
while True:
    try: print(repr(server.recv(100).decode()))
    except BlockingIOError: break
`);
    expect([code, stderr]).toEqual([0, '']);
    expect(linesOf(stdout)).toEqual(["'READY=1\\nWATCHDOG=1'", "'STOPPING=1'", "'STOPPING=1'"]);
  });

  it('says what names of files bring that are no UTF-8, and times that are absent', async () => {
    const { code, stdout, stderr } = await script(`
from nightdesk import Nightdesk
desk = Nightdesk("s1", "main")
desk.error(severity="error", code="E1", message="no file caf\\udce9.csv", tsEvent=None)
desk.position(instrumentId="BTC-USDT", qty="1", tsAsOf=None)
assert desk.problems == 0`);
    expect([code, stderr]).toEqual([0, '']);
    expect(linesOf(stdout).map(line => parseLine(line))).toMatchObject([
      { kind: 'event', event: { message: 'no file caf?.csv' } },
      { kind: 'event' },
    ]);
  });

  it('beats on whatever describe gives, and each part says goodbye', async () => {
    const { code, stdout, stderr } = await script(`
from nightdesk import Nightdesk
desk = Nightdesk("s1", "main")
desk.start_heartbeat(3600, describe=lambda: {"component": "odd", "intervalMs": 1, "openOrders": 2})
desk.start_heartbeat(3600, component="feed", describe=lambda: 7)
desk.close()`);
    expect([code, stderr]).toEqual([0, '']);
    const beats = linesOf(stdout).map(line => JSON.parse(line) as Record<string, unknown>);
    expect(beats.map(({ component, status, intervalMs }) => [component, status, intervalMs]).sort()).toEqual([
      ['bot', 'starting', 3_600_000],
      ['bot', 'stopping', 3_600_000],
      ['feed', 'starting', 3_600_000],
      ['feed', 'stopping', 3_600_000],
    ]);
  });

  it('is a run of its own in a child after a fork', async () => {
    const { stdout } = await script(`
import os, sys
from nightdesk import Nightdesk
desk = Nightdesk("s1", "main")
desk.control(action="halt", actor="a", reason="r")
sys.stdout.flush()
child = os.fork()
if child == 0:
    desk.control(action="halt", actor="a", reason="r")
    os._exit(0)
os.waitpid(child, 0)
desk.control(action="halt", actor="a", reason="r")`);
    const said = linesOf(stdout).map(line => JSON.parse(line) as { eventId: string; seq: number; source: { instanceId: string } });
    expect(new Set(said.map(({ eventId }) => eventId)).size).toBe(3);
    expect(said.map(({ seq }) => seq)).toEqual([1, 1, 2]);
    expect(said[0]!.source.instanceId).not.toBe(said[1]!.source.instanceId);
  });

  it('writes to all of several sinks, whichever of them fails', async () => {
    const { code, stdout, stderr } = await script(`
import io
from nightdesk import Nightdesk, StdoutSink, TeeSink
broken = io.StringIO()
broken.close()
desk = Nightdesk("s1", "main", sink=TeeSink(StdoutSink(broken), StdoutSink()))
desk.control(action="halt", actor="a", reason="r")
assert desk.problems == 1`);
    expect([code, stderr, linesOf(stdout).length]).toEqual([0, '', 1]);
  });

  it('refuses a key that intake would never accept', async () => {
    const { code, stderr } = await python([join(folder, 'nightdesk.py'), '--url', 'http://127.0.0.1:9/events/s1'], '', {
      NIGHTDESK_KEY: 'short',
    });
    expect([code, stderr]).toEqual([2, 'nightdesk: the key of intake must have at least 32 characters\n']);
  });
});

describe.skipIf(!hasPython)('its HTTP sink (needs python3)', () => {
  interface Request {
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }
  const requests: Request[] = [];
  let answers: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      requests.push({ headers: request.headers, body });
      const answer = answers.shift() ?? { status: 200 };
      response.writeHead(answer.status, answer.headers).end(answer.body ?? '{"accepted":1,"rejected":[]}');
    });
  });
  let url: string;
  beforeAll(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events/s1`;
  });
  afterAll(() => new Promise(resolve => server.close(resolve)));

  const forward = (input: string, ...args: readonly string[]) =>
    python([join(folder, 'nightdesk.py'), '--url', url, ...args], input, { NIGHTDESK_KEY: key });

  it('sends a batch again under its own id, as long as it is told to wait', async () => {
    requests.length = 0;
    answers = [{ status: 429, headers: { 'retry-after': '0' }, body: '{"error":{"code":"TOO_MANY_REQUESTS","message":"wait"}}' }];
    const ran = await forward('a\nb\n');
    expect([ran.code, ran.stderr]).toEqual([0, 'nightdesk: 429 TOO_MANY_REQUESTS: wait\n']);
    const [first, second] = requests;
    expect([first?.body, second?.body]).toEqual(['a\nb\n', 'a\nb\n']);
    expect(second?.headers['nightdesk-batch']).toBe(first?.headers['nightdesk-batch']);
    const { 'nightdesk-time': time, 'nightdesk-batch': batch } = first!.headers;
    expect(first!.headers).toMatchObject(createSigner({ bot: 's1', key })('a\nb\n', Number(time) * 1000, String(batch)));
  });

  it('keeps on disk what it cannot send, and sends it at the next start under the same id', async () => {
    const spool = join(dir, 'spool');
    requests.length = 0;
    answers = [{ status: 503, headers: { 'retry-after': '60' } }];
    expect((await forward('kept\n', '--spool', spool)).code).toBe(0);
    expect(readdirSync(spool)).toHaveLength(1);
    const [refused] = requests.splice(0);
    expect((await forward('next\n', '--spool', spool)).code).toBe(0);
    expect(requests.map(({ body }) => body)).toEqual(['kept\n', 'next\n']);
    expect(requests[0]?.headers['nightdesk-batch']).toBe(refused?.headers['nightdesk-batch']);
    expect(readdirSync(spool)).toEqual([]);
  });

  it('keeps on disk what a gateway without this route answers with 404, and says so', async () => {
    const spool = join(dir, 'spool-404');
    requests.length = 0;
    answers = [{ status: 404, body: '{"message":"Not Found"}' }];
    const ran = await forward('fill\n', '--spool', spool);
    expect([ran.code, ran.stderr]).toEqual([0, 'nightdesk: answer 404\n']);
    expect(readdirSync(spool)).toHaveLength(1);
  });

  it.each([
    ['says that the headers are wrong', { status: 400, body: '{"error":{"code":"BAD_HEADER","message":"m"}}' }],
    ['leads elsewhere', { status: 308, headers: { location: 'http://127.0.0.1:1/' } }],
    ['is a page of a proxy', { status: 200, body: '<html>Please sign in</html>' }],
  ])('keeps on disk what it sent when the answer %s', async (what, answer) => {
    const spool = join(dir, `spool ${what}`);
    answers = [answer];
    const ran = await forward('fill\n', '--spool', spool);
    expect([ran.code, readdirSync(spool).length, linesOf(ran.stderr).length]).toEqual([0, 1, 1]);
  });

  it('sends what another body took the id of under a new one', async () => {
    requests.length = 0;
    answers = [{ status: 409, body: '{"error":{"code":"BATCH_REUSED","message":"m"}}' }];
    expect((await forward('fill\n')).code).toBe(0);
    expect(new Set(requests.map(({ headers }) => headers['nightdesk-batch'])).size).toBe(2);
  });

  it('puts no more lines into a body than intake takes', async () => {
    requests.length = 0;
    expect((await forward('x\n'.repeat(10_001))).code).toBe(0);
    expect(Math.max(...requests.map(({ body }) => body.length / 2))).toBeLessThanOrEqual(10_000);
    expect(requests.reduce((sum, { body }) => sum + body.length / 2, 0)).toBe(10_001);
  });

  const sinkTo = (spool: string) => `
import os, time, nightdesk
from nightdesk import HttpSink
told = []
sink = HttpSink("${url}", "s1", "${key}", spool_dir=${JSON.stringify(spool)}, flush_seconds=0.01, on_problem=told.append)
def wait(what):
    for _ in range(1000):
        if what(): return
        time.sleep(0.01)
    raise AssertionError((told, sink.sent, sink.dropped))
`;

  it('sends what waits when the program ends without closing it', async () => {
    requests.length = 0;
    const { code } = await script(`${sinkTo(join(dir, 'spool exit'))}sink.write("fill")`);
    expect([code, requests.map(({ body }) => body)]).toEqual([0, ['fill\n']]);
  });

  it('keeps in memory what the disk refuses, and in its order', async () => {
    requests.length = 0;
    answers = [{ status: 503, headers: { 'retry-after': '0' } }];
    const { code, stderr } = await script(`${sinkTo(join(dir, 'spool full'))}
keep = nightdesk._Spool.keep
def refuse(*_): raise OSError(28, "No space left on device")
nightdesk._Spool.keep = refuse
sink.write("a")
wait(lambda: any("No space" in text for text in told))
sink.write("b")
wait(lambda: sink.sent == 2)
assert sink.dropped == 0`);
    expect([code, stderr]).toEqual([0, '']);
    expect(requests.map(({ body }) => body).at(-1)).toBe('b\n');
  });

  it('goes on when somebody takes the files of its spool away', async () => {
    requests.length = 0;
    answers = [{ status: 503, headers: { 'retry-after': '1' } }];
    const { code, stderr } = await script(`${sinkTo(join(dir, 'spool gone'))}
folder = sink._spool._folder
sink.write("a")
wait(lambda: os.listdir(folder))
for name in os.listdir(folder): os.remove(os.path.join(folder, name))
sink.write("b")
wait(lambda: sink.sent == 1)
assert sink.dropped == 1`);
    expect([code, stderr]).toEqual([0, '']);
    expect(requests.map(({ body }) => body)).toEqual(['a\n', 'b\n']);
  });

  it('has in a child after a fork a thread and lines of its own', async () => {
    requests.length = 0;
    const { code } = await script(`${sinkTo(join(dir, 'spool fork'))}
sink.write("parent")
child = os.fork()
if child == 0:
    sink.write("child")
    sink.close()
    os._exit(0 if sink.sent == 1 else 1)
assert os.waitpid(child, 0)[1] == 0
sink.close()`);
    expect([code, requests.map(({ body }) => body).sort()]).toEqual([0, ['child\n', 'parent\n']]);
  });

  it('says which lines were refused, and does not send again what never will be taken', async () => {
    requests.length = 0;
    answers = [
      {
        status: 400,
        body: '{"error":{"code":"NO_USABLE_LINE","message":"none of 1 lines"},"rejected":[{"line":1,"code":"NOT_JSON","message":"broken"}]}',
      },
    ];
    const ran = await forward('{broken\n');
    expect([ran.code, requests.length]).toEqual([1, 1]);
    expect(ran.stderr).toContain('line 1 refused, NOT_JSON: broken');
  });
});

describe.skipIf(!hasPython)('against the real intake (needs python3)', () => {
  let stack: LocalStack;
  beforeAll(async () => {
    const parsed = parseConfig({ bots: [{ id: 's1', intake: { key: { secretName: 'intake/s1' }, everything: true } }] });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    const setting = process.env['CDK_VALIDATION'];
    process.env['CDK_VALIDATION'] = 'false';
    synthesize(parsed.value, join(dir, 'assembly'));
    process.env['CDK_VALIDATION'] = setting;
    // Python signs with the time of the machine.
    stack = await startTestStack({ assemblyDir: join(dir, 'assembly'), startMs: Date.now(), secretValue: () => key });
  });
  afterAll(() => stack.close());

  it('has every line taken, signed', async () => {
    const url = `${stack.endpoint.url}/execute-api/nightdesk-demo/events/s1`;
    const http = `from nightdesk import HttpSink\nsink = HttpSink("${url}", "s1", "${key}", on_problem=lambda text: print(text))\n`;
    const { code, stdout, stderr } = await script(
      `${http}${everything.replace('on_problem=', 'sink=sink, on_problem=')}
desk.start_heartbeat(60, describe=lambda: {"openOrders": 3})
desk.close(20)
assert (sink.sent, sink.refused, sink.dropped, sink.failures) == (14, 0, 0, 0), (sink.sent, sink.refused, sink.dropped, sink.failures)`,
    );
    expect([code, stdout, stderr]).toEqual([0, '', '']);
    const kept = stack.logs.search({ group: '/nightdesk/demo/s1', limit: 100 });
    expect(kept).toHaveLength(14);
    expect(kept.map(({ message }) => parseLine(message).kind).filter(kind => kind === 'event')).toHaveLength(12);
  });
});
