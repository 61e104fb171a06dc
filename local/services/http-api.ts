/**
 * HTTP APIs: requests below `/execute-api/<api>/` become events of payload version 2.0 for the route's function, and its answer the
 * response. Throttles, size limits, refusals and the access log are the gateway's own. Sources: API Gateway developer guide, "Create
 * AWS Lambda proxy integrations for HTTP APIs", "Throttling requests to your HTTP API", "Quotas for configuring and running an HTTP API".
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BucketLimits, createBuckets } from '../../core/intake/token-bucket.ts';
import { type EpochMs, isoFromMs } from '../../core/time/instant.ts';
import { type Route, send } from '../endpoint/server.ts';
import type { FunctionDefinition, InvokeResult } from '../functions/host.ts';

export interface HttpRouteDefinition {
  /** `POST /events/momentum`. */
  readonly routeKey: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly throttle?: BucketLimits;
}

export interface HttpApiDefinition {
  readonly apiId: string;
  readonly stage: string;
  readonly routes: readonly HttpRouteDefinition[];
  readonly accessLog?: { readonly group: string; readonly format: string };
}

export interface HttpApiHooks {
  readonly accountId: string;
  readonly now: () => EpochMs;
  readonly functionOf: (arn: string) => FunctionDefinition | undefined;
  readonly invoke: (definition: FunctionDefinition, payload: string) => Promise<InvokeResult>;
  readonly measure: (metricName: string, dimensions: Readonly<Record<string, string>>, value: number) => void;
  readonly log: (group: string, line: string) => void;
  /** Real milliseconds that a body may take to arrive. The gateway publishes no figure; its longest integration timeout is used. */
  readonly bodyTimeoutMs: number;
}

const prefix = '/execute-api/';
/** Source: quotas of HTTP APIs. */
const maxBodyBytes = 10 * 1_048_576;
const maxHeaderBytes = 10_240;
/** Source: Lambda quotas, synchronous invocation payload. */
const maxEventBytes = 6 * 1_048_576;

/** What the gateway says by itself. */
const refusals = {
  404: 'Not Found',
  408: 'Request Timeout',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
  readonly integrationError?: string;
}

export function createHttpApiRoute(apis: readonly HttpApiDefinition[], hooks: HttpApiHooks): Route {
  const buckets = createBuckets();

  return (request, response, path) => {
    if (!path.startsWith(prefix)) return false;
    const [apiId = '', ...rest] = path.slice(prefix.length).split('/');
    const api = apis.find(each => each.apiId === apiId);
    const rawPath = `/${rest.join('/')}`;
    const route = api?.routes.find(({ routeKey }) => routeKey === `${request.method} ${rawPath}`);
    const began = performance.now();
    const finish = (answer: Answer, integrationMs?: number) => {
      deliver(request, response, answer);
      if (api !== undefined) report(api, { request, rawPath, answer, tookMs: performance.now() - began, integrationMs });
    };
    if (api === undefined || route === undefined) finish(refusal(404));
    else if (headerBytes(request) > maxHeaderBytes) finish(refusal(431));
    else if (route.throttle !== undefined && !buckets.take(`${apiId} ${route.routeKey}`, route.throttle, hooks.now()).ok)
      finish(refusal(429));
    else
      void readWithin(request, hooks.bodyTimeoutMs).then(async body => {
        if (typeof body === 'number') return finish(refusal(body));
        const invoked = performance.now();
        finish(await integrate(api, route, request, rawPath, body), performance.now() - invoked);
      });
    return true;
  };

  async function integrate(api: HttpApiDefinition, route: HttpRouteDefinition, request: IncomingMessage, rawPath: string, body: Buffer) {
    const definition = hooks.functionOf(route.functionArn);
    if (definition === undefined) return refusal(500, `no function ${route.functionArn} may be invoked by this API`);
    const payload = JSON.stringify(eventOf(api, route, request, rawPath, body));
    if (Buffer.byteLength(payload) > maxEventBytes) return refusal(413, 'the event is larger than a function takes');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>(resolve => {
      timer = setTimeout(() => resolve('late'), route.timeoutMs);
    });
    const result = await Promise.race([hooks.invoke(definition, payload), late]);
    clearTimeout(timer);
    if (result === 'late') return refusal(503, `the function took longer than ${route.timeoutMs} ms`);
    if (result.error !== undefined) return refusal(500, result.error.message);
    return answerOf(result.payload) ?? refusal(500, 'the function’s answer is no response of version 2.0');
  }

  function eventOf(api: HttpApiDefinition, route: HttpRouteDefinition, request: IncomingMessage, rawPath: string, body: Buffer) {
    const { cookies, headers } = headersOf(request);
    const rawQueryString = (request.url ?? '').split('?').slice(1).join('?');
    const parameters = [...new URLSearchParams(rawQueryString)];
    const isText = isTextType(headers['content-type']) && headers['content-encoding'] === undefined;
    const nowMs = hooks.now();
    return {
      version: '2.0',
      routeKey: route.routeKey,
      rawPath,
      rawQueryString,
      ...(cookies.length === 0 ? {} : { cookies }),
      headers,
      ...(parameters.length === 0 ? {} : { queryStringParameters: joined(parameters) }),
      requestContext: {
        accountId: hooks.accountId,
        apiId: api.apiId,
        domainName: request.headers.host ?? '',
        domainPrefix: api.apiId,
        http: {
          method: request.method ?? '',
          path: rawPath,
          protocol: `HTTP/${request.httpVersion}`,
          sourceIp: request.socket.remoteAddress ?? '',
          userAgent: headers['user-agent'] ?? '',
        },
        requestId: randomUUID(),
        routeKey: route.routeKey,
        stage: api.stage,
        time: isoFromMs(nowMs),
        timeEpoch: nowMs,
      },
      ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
      isBase64Encoded: body.length > 0 && !isText,
    };
  }

  interface Handled {
    readonly request: IncomingMessage;
    readonly rawPath: string;
    readonly answer: Answer;
    readonly tookMs: number;
    readonly integrationMs: number | undefined;
  }

  function report(api: HttpApiDefinition, { request, rawPath, answer, tookMs, integrationMs }: Handled): void {
    const dimensions = { ApiId: api.apiId };
    hooks.measure('Count', dimensions, 1);
    hooks.measure('4xx', dimensions, answer.status >= 400 && answer.status < 500 ? 1 : 0);
    hooks.measure('5xx', dimensions, answer.status >= 500 ? 1 : 0);
    hooks.measure('Latency', dimensions, Math.round(tookMs));
    if (integrationMs !== undefined) hooks.measure('IntegrationLatency', dimensions, Math.round(integrationMs));
    if (api.accessLog === undefined) return;
    const context: Readonly<Record<string, string>> = {
      requestId: randomUUID(),
      requestTimeEpoch: String(hooks.now()),
      'identity.sourceIp': request.socket.remoteAddress ?? '',
      httpMethod: request.method ?? '',
      path: rawPath,
      status: String(answer.status),
      responseLength: String(answer.body.length),
      responseLatency: String(Math.round(tookMs)),
      integrationLatency: integrationMs === undefined ? '-' : String(Math.round(integrationMs)),
      integrationErrorMessage: answer.integrationError ?? '-',
    };
    // The gateway writes values as they are; ours are escaped, so that a path cannot break the line.
    const line = api.accessLog.format.replaceAll(/\$context\.([A-Za-z.]+)/g, (_, name: string) =>
      JSON.stringify(context[name] ?? '-').slice(1, -1),
    );
    hooks.log(api.accessLog.group, line);
  }
}

const refusal = (status: keyof typeof refusals, integrationError?: string): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  cookies: [],
  body: Buffer.from(JSON.stringify({ message: refusals[status] })),
  ...(integrationError === undefined ? {} : { integrationError }),
});

/** The whole body, or the status that refuses it. What is refused is read no further. */
function readWithin(request: IncomingMessage, timeoutMs: number): Promise<Buffer | 408 | 413> {
  return new Promise(resolve => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => end(408), timeoutMs);
    const end = (result: Buffer | 408 | 413) => {
      clearTimeout(timer);
      request.off('data', onData);
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) end(413);
      else chunks.push(chunk);
    };
    request.on('data', onData);
    request.once('end', () => end(Buffer.concat(chunks)));
    request.once('error', () => end(408));
  });
}

/** A request that was not read to its end takes its connection with it. */
function deliver(request: IncomingMessage, response: ServerResponse, { status, headers, cookies, body }: Answer): void {
  if (!request.complete) {
    response.setHeader('connection', 'close');
    response.once('finish', () => request.destroy());
  }
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  send(response, status, headers['content-type'] ?? 'application/json', body);
}

const headerBytes = (request: IncomingMessage): number =>
  request.rawHeaders.reduce((sum, part) => sum + Buffer.byteLength(part) + 2, (request.url ?? '').length);

/** Lower-case names; repeated headers are joined by commas, cookies stand by themselves. */
function headersOf(request: IncomingMessage): { readonly cookies: readonly string[]; readonly headers: Readonly<Record<string, string>> } {
  const pairs: [string, string][] = [];
  const cookies: string[] = [];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at]!.toLowerCase();
    const value = request.rawHeaders[at + 1]!;
    if (name === 'cookie') cookies.push(...value.split(/;\s*/));
    else pairs.push([name, value]);
  }
  const forwarded = { 'x-forwarded-for': request.socket.remoteAddress ?? '', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' };
  return { cookies, headers: { ...joined(pairs), ...forwarded } };
}

function joined(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const all = new Map<string, string>();
  for (const [name, value] of pairs) all.set(name, all.has(name) ? `${all.get(name)},${value}` : value);
  return Object.fromEntries(all);
}

const isTextType = (type: string | undefined): boolean =>
  type === undefined || /^\s*(text\/|application\/(json|xml|javascript)\b)/i.test(type);

/** A response of version 2.0. Without a status code, the whole answer is the body of a 200. */
function answerOf(payload: string): Answer | undefined {
  const json = { 'content-type': 'application/json' };
  const value = JSON.parse(payload) as unknown;
  if (typeof value !== 'object' || value === null || !('statusCode' in value))
    return { status: 200, headers: json, cookies: [], body: Buffer.from(typeof value === 'string' ? value : payload) };
  const answer = value as {
    readonly statusCode: unknown;
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly cookies?: readonly unknown[];
    readonly body?: unknown;
    readonly isBase64Encoded?: unknown;
  };
  const status = Number(answer.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  const headers = Object.entries(answer.headers ?? {}).map(([name, text]) => [name.toLowerCase(), String(text)] as const);
  return {
    status,
    headers: { ...json, ...Object.fromEntries(headers) },
    cookies: (answer.cookies ?? []).map(String),
    body: Buffer.from(String(answer.body ?? ''), answer.isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}
