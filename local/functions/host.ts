/**
 * Runs the functions: one process each (more when allowed), spoken to through the Lambda Runtime API, with time limits,
 * crashes and logs as on Lambda. `Sandbox.Timedout` and `Runtime.ExitError` are Lambda's own error types.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import type { EpochMs } from '../../core/time/instant.ts';
import type { Route } from '../endpoint/server.ts';
import { readBody, send } from '../endpoint/server.ts';

export interface FunctionDefinition {
  /** The name in the template. */
  readonly name: string;
  /** The short name that people know it by, such as `ledger`. */
  readonly label: string;
  readonly arn: string;
  readonly handler: string;
  readonly assetDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly roleArn: string;
  /** Subnets of its VpcConfig; on this machine it uses the machine's own network all the same. */
  readonly subnets?: readonly string[];
}

export interface InvokeResult {
  /** Present when the handler threw, ran out of time or its process ended. */
  readonly error?: { readonly type: string; readonly message: string };
  /** JSON text of the handler's result, or of its error. */
  readonly payload: string;
  readonly durationMs: number;
}

export interface HostHooks {
  readonly now: () => EpochMs;
  /** Virtual seconds that pass within an invocation per real second; 0 freezes time during each. */
  readonly rate: () => number;
  readonly onLine: (definition: FunctionDefinition, stream: string, line: string) => void;
  readonly onInvocation: (definition: FunctionDefinition, result: InvokeResult) => void;
}

export interface HostOptions {
  /** The bundled `local/bootstrap.ts`. */
  readonly bootstrapFile: string;
  readonly region: string;
  /** Processes per function. */
  readonly concurrency: number;
  /** Where functions send what would leave the machine; absent lets it leave. */
  readonly outboundPath?: string;
}

export interface FunctionHost {
  /** The Runtime API, mounted on the endpoint. */
  readonly route: Route;
  /** Call once the endpoint listens. */
  readonly start: (endpointUrl: string) => void;
  readonly invoke: (definition: FunctionDefinition, payload: string) => Promise<InvokeResult>;
  /** What the function of this process handles right now. */
  readonly currentEvent: (processId: string) => { readonly definition: FunctionDefinition; readonly payload: string } | undefined;
  readonly accessKeyOf: (definition: FunctionDefinition) => string;
  readonly processIds: () => readonly number[];
  readonly close: () => Promise<void>;
}

interface Invocation {
  readonly id: string;
  readonly payload: string;
  readonly settle: (result: InvokeResult) => void;
}

interface Sandbox {
  readonly id: string;
  readonly stream: string;
  readonly child: ChildProcess;
  waiting: ServerResponse | undefined;
  current: Invocation | undefined;
  beganMs: number;
  timer: NodeJS.Timeout | undefined;
}

interface Pool {
  readonly definition: FunctionDefinition;
  readonly sandboxes: Set<Sandbox>;
  readonly queue: Invocation[];
}

export function createFunctionHost(options: HostOptions, hooks: HostHooks): FunctionHost {
  const pools = new Map<string, Pool>();
  const sandboxes = new Map<string, { readonly pool: Pool; readonly sandbox: Sandbox }>();
  let endpointUrl = '';
  let isClosing = false;

  const accessKeyOf = (definition: FunctionDefinition) => `LOCAL${definition.label.toUpperCase().replace(/[^A-Z0-9]/g, '')}`;

  function poolOf(definition: FunctionDefinition): Pool {
    const known = pools.get(definition.name);
    if (known !== undefined) return known;
    const pool: Pool = { definition, sandboxes: new Set(), queue: [] };
    pools.set(definition.name, pool);
    return pool;
  }

  function environmentOf(definition: FunctionDefinition, id: string, stream: string): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      TZ: 'UTC',
      LANG: 'en_US.UTF-8',
      NODE_NO_WARNINGS: '1',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...definition.environment,
      AWS_REGION: options.region,
      AWS_DEFAULT_REGION: options.region,
      AWS_ACCESS_KEY_ID: accessKeyOf(definition),
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL: endpointUrl,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs_local',
      AWS_LAMBDA_FUNCTION_NAME: definition.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: stream,
      AWS_LAMBDA_RUNTIME_API: `${endpointUrl.replace('http://', '')}/runtime/${id}`,
      LAMBDA_TASK_ROOT: definition.assetDir,
      _HANDLER: definition.handler,
      ...(options.outboundPath === undefined ? {} : { NIGHTDESK_OUTBOUND: `${endpointUrl}${options.outboundPath}/${id}` }),
    };
  }

  function open(pool: Pool): void {
    const id = randomUUID().slice(0, 8);
    const stream = `[$LATEST]${id}`;
    const child = spawn(process.execPath, ['--max-semi-space-size=16', options.bootstrapFile], {
      cwd: pool.definition.assetDir,
      env: environmentOf(pool.definition, id, stream),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const sandbox: Sandbox = {
      id,
      stream,
      child,
      waiting: undefined,
      current: undefined,
      beganMs: 0,
      timer: undefined,
    };
    pool.sandboxes.add(sandbox);
    sandboxes.set(id, { pool, sandbox });
    eachLine(child.stdout!, line => hooks.onLine(pool.definition, stream, line));
    eachLine(child.stderr!, line => hooks.onLine(pool.definition, stream, line));
    child.on('error', error => gone(pool, sandbox, 'Runtime.ExitError', error.message));
    child.on('exit', (code, signal) =>
      gone(pool, sandbox, 'Runtime.ExitError', `Runtime exited with error: ${signal ?? `exit status ${code}`}`),
    );
  }

  function gone(pool: Pool, sandbox: Sandbox, type: string, message: string): void {
    if (!pool.sandboxes.delete(sandbox)) return;
    sandboxes.delete(sandbox.id);
    clearTimeout(sandbox.timer);
    const failed = { error: { type, message }, payload: JSON.stringify({ errorType: type, errorMessage: message }) };
    const invocation = sandbox.current ?? (pool.sandboxes.size === 0 && !isClosing ? pool.queue.shift() : undefined);
    if (invocation !== undefined) settle(pool, sandbox, invocation, failed);
    if (!isClosing) dispatch(pool);
  }

  function settle(pool: Pool, sandbox: Sandbox, invocation: Invocation, result: Omit<InvokeResult, 'durationMs'>): void {
    const whole = { ...result, durationMs: sandbox.beganMs === 0 ? 0 : performance.now() - sandbox.beganMs };
    hooks.onInvocation(pool.definition, whole);
    invocation.settle(whole);
  }

  function finish(pool: Pool, sandbox: Sandbox, result: Omit<InvokeResult, 'durationMs'>): void {
    const { current } = sandbox;
    if (current === undefined) return;
    clearTimeout(sandbox.timer);
    sandbox.current = undefined;
    settle(pool, sandbox, current, result);
    if (sandbox.waiting !== undefined) dispatch(pool);
  }

  function dispatch(pool: Pool): void {
    while (pool.queue.length > 0) {
      const free = [...pool.sandboxes].find(sandbox => sandbox.waiting !== undefined && sandbox.current === undefined);
      if (free === undefined) {
        const starting = [...pool.sandboxes].filter(sandbox => sandbox.current === undefined).length;
        if (pool.sandboxes.size < options.concurrency && starting < pool.queue.length) open(pool);
        return;
      }
      hand(pool, free, pool.queue.shift()!);
    }
  }

  function hand(pool: Pool, sandbox: Sandbox, invocation: Invocation): void {
    const response = sandbox.waiting!;
    const timeoutMs = pool.definition.timeoutSeconds * 1_000;
    sandbox.waiting = undefined;
    sandbox.current = invocation;
    sandbox.beganMs = performance.now();
    sandbox.timer = setTimeout(() => {
      sandbox.child.kill('SIGKILL');
      gone(
        pool,
        sandbox,
        'Sandbox.Timedout',
        `RequestId: ${invocation.id} Error: Task timed out after ${pool.definition.timeoutSeconds.toFixed(2)} seconds`,
      );
    }, timeoutMs);
    const nowMs = hooks.now();
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(invocation.payload),
      'lambda-runtime-aws-request-id': invocation.id,
      'lambda-runtime-deadline-ms': nowMs + timeoutMs,
      'lambda-runtime-invoked-function-arn': pool.definition.arn,
      'nightdesk-virtual-time': nowMs,
      'nightdesk-virtual-rate': hooks.rate(),
      'nightdesk-timeout-ms': timeoutMs,
    });
    response.end(invocation.payload);
  }

  const route: Route = (request, response, path) => {
    if (!path.startsWith('/runtime/')) return false;
    const [, , id, , , subject, requestId, verb] = path.split('/');
    const known = sandboxes.get(id ?? '');
    if (known === undefined) {
      send(response, 410, 'application/json', '{"errorMessage":"unknown sandbox"}');
      return true;
    }
    const { pool, sandbox } = known;
    if (subject === 'invocation' && requestId === 'next') {
      sandbox.waiting = response;
      if (sandbox.current === undefined) dispatch(pool);
      return true;
    }
    readBody(
      request,
      body => {
        // Our bootstrap puts what the handler printed before its answer.
        const printed = Number(request.headers['nightdesk-output-bytes'] ?? 0);
        const payload = body.toString('utf8', printed);
        for (const line of body.toString('utf8', 0, printed).split('\n'))
          if (line !== '') hooks.onLine(pool.definition, sandbox.stream, line);
        // Our bootstrap takes the next invocation as the answer; others get Lambda's own and ask for it.
        if (subject === 'invocation' && request.headers['nightdesk-next'] !== undefined) sandbox.waiting = response;
        else send(response, 202, 'application/json', '{"status":"OK"}');
        if (subject === 'init') {
          const problem = problemOf(payload);
          gone(pool, sandbox, problem.type, problem.message);
        } else if (requestId === sandbox.current?.id) {
          finish(pool, sandbox, verb === 'error' ? { error: problemOf(payload), payload } : { payload });
        }
      },
      error => send(response, error.status, 'application/json', JSON.stringify({ errorMessage: error.message })),
    );
    return true;
  };

  return {
    route,
    accessKeyOf,
    start(url) {
      endpointUrl = url;
    },
    invoke(definition, payload) {
      const pool = poolOf(definition);
      return new Promise(resolve => {
        pool.queue.push({ id: randomUUID(), payload, settle: resolve });
        dispatch(pool);
      });
    },
    currentEvent(processId) {
      const known = sandboxes.get(processId);
      const current = known?.sandbox.current;
      return known === undefined || current === undefined ? undefined : { definition: known.pool.definition, payload: current.payload };
    },
    processIds: () => [...sandboxes.values()].flatMap(({ sandbox }) => sandbox.child.pid ?? []),
    async close() {
      isClosing = true;
      const children = [...sandboxes.values()]
        .map(({ sandbox }) => sandbox.child)
        .filter(child => child.exitCode === null && child.signalCode === null);
      await Promise.all(
        children.map(
          child =>
            new Promise<void>(resolve => {
              child.once('exit', () => resolve());
              child.kill('SIGKILL');
            }),
        ),
      );
    },
  };
}

function problemOf(payload: string): { readonly type: string; readonly message: string } {
  try {
    const { errorType, errorMessage } = JSON.parse(payload) as { readonly errorType?: unknown; readonly errorMessage?: unknown };
    return { type: String(errorType ?? 'Error'), message: String(errorMessage ?? '') };
  } catch {
    return { type: 'Error', message: payload };
  }
}

function eachLine(source: NodeJS.ReadableStream, visit: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  source.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) visit(line);
  });
  source.on('end', () => {
    if (rest !== '') visit(rest);
  });
}
