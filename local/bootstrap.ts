/**
 * Runs one function's bundle as a process, as Lambda's own bootstrap does: next invocation, handler, response. Beyond that
 * it gives the process the stack's time (a header of each invocation) and sends what would leave the machine to the
 * local inbox. The bundle is the one that deploys and knows none of this.
 */
import { readFileSync, writeSync } from 'node:fs';
import Module from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';

const env = process.env;
const [authority, ...prefix] = (env['AWS_LAMBDA_RUNTIME_API'] ?? '').split('/');
const [host, port] = (authority ?? '').split(':');
const base = `${prefix.map(part => `/${part}`).join('')}/2018-06-01/runtime`;

const RealDate = Date;
const time = { anchorMs: RealDate.now(), realMs: performance.now(), rate: 1 };

/** Virtual milliseconds. At rate 0 an invocation sees one instant, so that a replay is the same on every machine. */
function virtualNow(): number {
  return Math.floor(time.anchorMs + (performance.now() - time.realMs) * time.rate);
}

function installClock(): void {
  const VirtualDate: DateConstructor = new Proxy(RealDate, {
    construct(target, args, newTarget): object {
      return Reflect.construct(target, args.length === 0 ? [virtualNow()] : args, newTarget === VirtualDate ? target : newTarget) as object;
    },
    apply() {
      return new RealDate(virtualNow()).toString();
    },
    get(target, name, receiver) {
      return name === 'now' ? virtualNow : (Reflect.get(target, name, receiver) as unknown);
    },
  });
  globalThis.Date = VirtualDate;
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** `fetch` to the machine itself goes there; everything else goes to the gateway, with its address in a header. */
function installGateway(gateway: string): void {
  const realFetch = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const outgoing = new Request(input, init);
    if (loopback.test(new URL(outgoing.url).hostname)) return realFetch(input, init);
    const headers = new Headers(outgoing.headers);
    headers.set('nightdesk-outbound-url', outgoing.url);
    headers.set('nightdesk-outbound-method', outgoing.method);
    const withBody = outgoing.method === 'GET' || outgoing.method === 'HEAD' ? Promise.resolve(undefined) : outgoing.arrayBuffer();
    return withBody.then(body =>
      realFetch(gateway, { method: 'POST', headers, signal: outgoing.signal, ...(body === undefined ? {} : { body }) }),
    );
  };
}

/**
 * What a handler prints goes back with its answer: one write instead of one for each line. What it printed before it hung or ended
 * the process goes to the pipe.
 */
function captureOutput(): { readonly take: () => string } {
  let output = '';
  const flush = () => {
    if (output !== '') writeSync(1, output);
    output = '';
  };
  const capture = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    output += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') (callback as () => void)();
    return true;
  };
  process.stdout.write = capture;
  process.stderr.write = capture;
  process.on('exit', flush);
  setInterval(flush, 500).unref();
  return {
    take() {
      const taken = output;
      output = '';
      return taken;
    },
  };
}

interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * One connection to the Runtime API, one exchange at a time. A few lines over a socket cost a fifth of `node:http`, and
 * this is in the path of every invocation. Answers have a `content-length`; that is all it understands.
 */
function connectRuntime(): (method: 'GET' | 'POST', path: string, body?: string, output?: string) => Promise<Answer> {
  const socket = connect({ host: host ?? '127.0.0.1', port: Number(port), noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let settle: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;
  const fail = (error: Error) => {
    settle?.reject(error);
    settle = undefined;
  };
  socket.on('error', fail);
  socket.on('close', () => fail(Object.assign(new Error('the runtime went away'), { code: 'ECONNRESET' })));
  socket.on('data', chunk => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const headers: Record<string, string> = {};
    for (const line of received.toString('latin1', 0, headEnd).split('\r\n').slice(1)) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const end = headEnd + 4 + Number(headers['content-length'] ?? 0);
    if (received.length < end) return;
    const body = received.toString('utf8', headEnd + 4, end);
    received = received.subarray(end);
    const waiting = settle;
    settle = undefined;
    waiting?.resolve({ headers, body });
  });
  return (method, path, body = '', output = '') =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      const printed = Buffer.byteLength(output);
      const more = method === 'POST' ? `content-type: application/json\r\nnightdesk-next: 1\r\nnightdesk-output-bytes: ${printed}\r\n` : '';
      const length = printed + Buffer.byteLength(body);
      socket.write(`${method} ${base}${path} HTTP/1.1\r\nhost: ${authority}\r\n${more}content-length: ${length}\r\n\r\n${output}${body}`);
    });
}

type Handler = (event: unknown, context: unknown, callback: (error: unknown, result?: unknown) => void) => unknown;

/** Compiles the bundle as CommonJS whatever package.json lies above it, as in Lambda's own task folder. */
function loadHandler(): Handler {
  const [file, name] = (env['_HANDLER'] ?? 'index.handler').split('.');
  const path = join(env['LAMBDA_TASK_ROOT'] ?? '.', `${file}.js`);
  const compiled = new Module(path) as Module & { _compile: (code: string, file: string, format?: string) => void };
  compiled.filename = path;
  compiled.paths = (Module as unknown as { _nodeModulePaths: (from: string) => string[] })._nodeModulePaths(dirname(path));
  compiled._compile(readFileSync(path, 'utf8'), path, 'commonjs');
  const handler = (compiled.exports as Readonly<Record<string, unknown>>)[name ?? 'handler'];
  if (typeof handler !== 'function') throw new Error(`${path} exports no function "${name}"`);
  return handler as Handler;
}

function described(error: unknown): string {
  const problem = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({ errorType: problem.name, errorMessage: problem.message, trace: (problem.stack ?? '').split('\n') });
}

/** Both styles of handler: a promise, or a callback when it takes three arguments. */
function run(handler: Handler, event: unknown, context: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const result = handler(event, context, (error, value) => (error === null || error === undefined ? resolve(value) : reject(error)));
    if (result instanceof Promise) result.then(resolve, reject);
    else if (handler.length < 3) resolve(result);
  });
}

/** Runs one invocation. Its answer goes back on the connection on which the next one comes: one exchange each. */
async function serveOne(handler: Handler, { headers, body }: Answer): Promise<readonly [path: string, answer: string]> {
  const id = String(headers['lambda-runtime-aws-request-id']);
  if (headers['nightdesk-virtual-time'] !== undefined) {
    time.anchorMs = Number(headers['nightdesk-virtual-time']);
    time.realMs = performance.now();
    time.rate = Number(headers['nightdesk-virtual-rate'] ?? 1);
  }
  const began = performance.now();
  const budget = Number(headers['nightdesk-timeout-ms'] ?? 30_000);
  const context = {
    awsRequestId: id,
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: '$LATEST',
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, budget - (performance.now() - began)),
  };
  let path = `/invocation/${id}/response`;
  let answer: string;
  try {
    answer = JSON.stringify((await run(handler, JSON.parse(body), context)) ?? null);
  } catch (error) {
    path = `/invocation/${id}/error`;
    answer = described(error);
    process.stdout.write(`${JSON.stringify({ level: 'ERROR', message: 'Invoke Error', error: JSON.parse(answer) as unknown })}\n`);
  }
  return [path, answer];
}

async function main(): Promise<void> {
  installClock();
  if (env['NIGHTDESK_OUTBOUND'] !== undefined) installGateway(env['NIGHTDESK_OUTBOUND']);
  const call = connectRuntime();
  const printed = captureOutput();
  let handler: Handler;
  try {
    handler = loadHandler();
  } catch (error) {
    await call('POST', '/init/error', described(error)).catch(() => undefined);
    process.exit(1);
  }
  let invocation = await call('GET', '/invocation/next');
  for (;;) {
    const [path, answer] = await serveOne(handler, invocation);
    invocation = await call('POST', path, answer, printed.take());
  }
}

main().catch((error: unknown) => {
  const code = (error as NodeJS.ErrnoException).code;
  process.exit(code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 0 : 1);
});
