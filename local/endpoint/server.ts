/**
 * One port for everything: AWS JSON 1.0 and 1.1, Query, Smithy RPC v2 with CBOR, and whatever plain routes are mounted before them. Each request
 * says itself which protocol it speaks. Signatures are not checked; the access key id only says which function calls.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { AwsError } from './errors.ts';
import { decodeQuery, encodeQueryError, encodeQueryResult } from './query.ts';
import type { Caller, Operation, Service } from './service.ts';
import { record } from './service.ts';

/** Answers a request or leaves it: true means that it took it. */
export type Route = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

export interface EndpointOptions {
  readonly services: readonly Service[];
  readonly routes: readonly Route[];
  /** Which function signs with this access key id. */
  readonly callerOf: (accessKeyId: string) => Caller;
  /** Called with what no service could explain. */
  readonly onFault: (error: unknown) => void;
}

export interface Endpoint {
  readonly port: number;
  readonly url: string;
  /** Begins to answer; before, every request gets 503. */
  readonly mount: (options: EndpointOptions) => void;
  readonly close: () => Promise<void>;
}

export class PortTakenError extends Error {}

const anybody: Caller = {};
const maxBodyBytes = 64 * 1_048_576;

/** Listens first, since addresses in the template hold the port; services are mounted once they exist. */
export async function serveEndpoint(port: number, host = '127.0.0.1'): Promise<Endpoint> {
  let dispatch = (_request: IncomingMessage, response: ServerResponse) => send(response, 503, 'application/json', '{"message":"starting"}');
  const server = createServer(
    { keepAlive: true, noDelay: true, keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 },
    (request, response) => dispatch(request, response),
  );
  const actual = await listen(server, port, host);
  return {
    port: actual,
    url: `http://${host}:${actual}`,
    mount(options) {
      dispatch = createDispatcher(options);
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(`port ${port} is taken; choose another with --port`) : error);
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** The whole body, unzipped when it came zipped. */
export function readBody(request: IncomingMessage, done: (body: Buffer) => void, failed: (error: AwsError) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  });
  request.on('end', () => {
    if (bytes > maxBodyBytes)
      return failed(new AwsError('RequestEntityTooLarge', `the body has more than ${maxBodyBytes} bytes`, { status: 413 }));
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    if (request.headers['content-encoding'] !== 'gzip') return done(body);
    try {
      done(gunzipSync(body, { maxOutputLength: maxBodyBytes }));
    } catch {
      failed(new AwsError('SerializationException', 'the body is not valid gzip'));
    }
  });
}

interface Protocol {
  readonly ok: (response: ServerResponse, operation: string, output: unknown) => void;
  readonly failed: (response: ServerResponse, error: AwsError) => void;
}

function createDispatcher(options: EndpointOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const byTarget = new Map(options.services.map(service => [service.target, service]));
  const byVersion = new Map(
    options.services.flatMap(service => (service.queryVersion === undefined ? [] : [[service.queryVersion, service] as const])),
  );

  function respond(protocol: Protocol, response: ServerResponse, name: string, run: () => unknown): void {
    const fail = (error: unknown) => {
      if (error instanceof AwsError) return protocol.failed(response, error);
      options.onFault(error);
      protocol.failed(response, new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), { status: 500 }));
    };
    try {
      const output = run();
      if (output instanceof Promise) output.then(value => protocol.ok(response, name, value), fail);
      else protocol.ok(response, name, output);
    } catch (error) {
      fail(error);
    }
  }

  function operationOf(service: Service | undefined, name: string, what: string): Operation {
    const operation = service?.operations[name];
    if (operation === undefined)
      throw new AwsError('UnknownOperationException', `${what} is not implemented by the local stack`, { status: 501 });
    return operation;
  }

  return (request, response) => {
    response.sendDate = false;
    const url = request.url ?? '/';
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') {
      const dot = target.lastIndexOf('.');
      const service = byTarget.get(target.slice(0, dot));
      const name = target.slice(dot + 1);
      const protocol = jsonProtocol(service?.jsonVersion ?? '1.0', request.headers['x-amzn-query-mode'] === 'true');
      const caller = callerFrom(request, options);
      readBody(
        request,
        body => respond(protocol, response, name, () => operationOf(service, name, target)(parseJson(body), caller)),
        error => protocol.failed(response, error),
      );
      return;
    }
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    const rpc = rpcPath.exec(path);
    if (rpc !== null) {
      const caller = callerFrom(request, options);
      const [, target = '', name = ''] = rpc;
      readBody(
        request,
        body =>
          respond(cborProtocol, response, name, () =>
            operationOf(byTarget.get(target), name, `${target}.${name}`)(parseCbor(body), caller),
          ),
        error => cborProtocol.failed(response, error),
      );
      return;
    }
    for (const route of options.routes) if (route(request, response, path)) return;
    if (request.method === 'POST' && request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
      const caller = callerFrom(request, options);
      readBody(
        request,
        body => {
          const { action, version, input } = decodeQuery(body.toString('utf8'));
          const service = byVersion.get(version);
          const namespace = version;
          const protocol: Protocol = {
            ok: (to, name, output) => send(to, 200, 'text/xml', encodeQueryResult(name, namespace, output)),
            failed: (to, error) => send(to, error.status, 'text/xml', encodeQueryError(error)),
          };
          respond(protocol, response, action, () => operationOf(service, action, `${action} (version ${version})`)(input, caller));
        },
        error => send(response, error.status, 'text/xml', encodeQueryError(error)),
      );
      return;
    }
    send(response, 404, 'application/json', '{"message":"not found"}');
  };
}

const rpcPath = /^\/service\/([^/]+)\/operation\/([^/]+)$/;

const sendCbor = (response: ServerResponse, status: number, value: unknown) => {
  response.setHeader('smithy-protocol', 'rpc-v2-cbor');
  send(response, status, 'application/cbor', encodeCbor(value));
};

const cborProtocol: Protocol = {
  ok: (response, _name, output) => sendCbor(response, 200, output ?? {}),
  failed: (response, error) => sendCbor(response, error.status, { __type: error.code, message: error.message }),
};

function parseCbor(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  try {
    return record(decodeCbor(body));
  } catch {
    throw new AwsError('SerializationException', 'the body is not CBOR');
  }
}

const keyPattern = /Credential=([^/,\s]+)\//;

/** Who signed the request. */
export function callerFrom(request: IncomingMessage, options: Pick<EndpointOptions, 'callerOf'>): Caller {
  const authorization = request.headers.authorization;
  const key = authorization === undefined ? undefined : keyPattern.exec(authorization)?.[1];
  return key === undefined ? anybody : options.callerOf(key);
}

function parseJson(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  try {
    return record(JSON.parse(body.toString('utf8')));
  } catch {
    throw new AwsError('SerializationException', 'the body is not JSON');
  }
}

function jsonProtocol(version: '1.0' | '1.1', isQueryMode: boolean): Protocol {
  const type = `application/x-amz-json-${version}`;
  return {
    ok: (response, _name, output) => send(response, 200, type, JSON.stringify(output ?? {})),
    failed(response, error) {
      const code = typeof error.members['queryCode'] === 'string' ? error.members['queryCode'] : error.code;
      if (isQueryMode) response.setHeader('x-amzn-query-error', `${code};${error.status < 500 ? 'Sender' : 'Receiver'}`);
      send(response, error.status, type, JSON.stringify({ __type: error.code, message: error.message, ...error.members }));
    },
  };
}

/** Writes head and body in one packet. */
export function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': typeof body === 'string' ? Buffer.byteLength(body) : body.length });
  response.end(body);
}
