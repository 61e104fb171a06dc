/**
 * One gRPC health probe: `grpc.health.v1.Health/Check` over HTTP/2, with a few bytes of protobuf written and read by hand.
 * Source: gRPC health checking protocol, and "gRPC over HTTP2". `grpc://host:port/service` or `grpcs://…`; no service asks for the whole server.
 */
import { connect, constants } from 'node:http2';
import { ForbiddenAddress, guardedLookup, isForbidden } from './guard.ts';
import { failure, type ProbeResult } from './result.ts';

/** An answer has two bytes of message behind five of frame; more than this is none. */
const ANSWER_BYTES = 1_024;
const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

export function probeGrpc(url: string, timeoutMs: number, now: () => number): Promise<ProbeResult> {
  // `grpc` is no scheme that URL takes apart into host and port.
  const target = new URL(url.replace(/^grpc/, 'http'));
  const startMs = now();
  const took = () => Math.max(0, Math.round((now() - startMs) * 10) / 10);
  if (isForbidden(target.hostname)) return Promise.resolve(failure(new ForbiddenAddress(target.hostname), 0));
  return new Promise(resolve => {
    const session = connect(target.origin, { lookup: guardedLookup, rejectUnauthorized: false, settings: { enablePush: false } });
    let isDone = false;
    const end = (result: ProbeResult) => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      session.destroy();
      resolve(result);
    };
    const fail = (detail: string) => end({ ok: false, tookMs: took(), detail });
    const timer = setTimeout(() => fail(`no answer in ${timeoutMs} ms`), timeoutMs);
    session.on('error', error => end(failure(error, took())));
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'nightdesk-probe',
    });
    let received: Buffer = Buffer.alloc(0);
    let firstByteMs: number | undefined;
    let grpcStatus: string | undefined;
    const readStatus = (headers: Readonly<Record<string, unknown>>) => {
      if (headers['grpc-status'] !== undefined) grpcStatus = String(headers['grpc-status']);
    };
    stream.on('error', error => end(failure(error, took())));
    stream.on('response', headers => {
      firstByteMs = took();
      readStatus(headers);
      if (headers[':status'] !== 200) fail(`HTTP ${headers[':status']}`);
    });
    stream.on('trailers', readStatus);
    stream.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length > ANSWER_BYTES) fail('answer too long');
    });
    stream.on('end', () => {
      if (grpcStatus !== '0') return fail(grpcStatus === undefined ? 'no gRPC status' : `gRPC status ${Number(grpcStatus)}`);
      const serving = servingStatus(received);
      end({
        ok: serving === 1,
        tookMs: took(),
        detail: statuses[serving] ?? 'UNKNOWN',
        ...(firstByteMs === undefined ? {} : { phases: { firstByteMs } }),
      });
    });
    stream.end(framed(healthRequest(decodeURIComponent(target.pathname.slice(1)))));
  });
}

/** HealthCheckRequest: field 1, the service's name. Names beyond 127 bytes have no probe. */
function healthRequest(service: string): Buffer {
  const name = Buffer.from(service).subarray(0, 127);
  return name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
}

/** Uncompressed, with its length before it. */
function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** HealthCheckResponse: field 1, a number. Absent is 0, as protobuf leaves zeros out. */
function servingStatus(frame: Buffer): number {
  const message = frame.subarray(5, 5 + (frame.length >= 5 ? frame.readUInt32BE(1) : 0));
  return message[0] === 0x08 ? (message[1] ?? 0) : 0;
}
