/**
 * One gRPC health probe: `grpc.health.v1.Health/Check` over HTTP/2, with a few bytes of protobuf written and read by hand.
 * Source: gRPC health checking protocol, and "gRPC over HTTP2". `grpc://host:port/service` or `grpcs://…`; no service asks for the whole server.
 */
import { connect, constants } from 'node:http2';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { ProbeResult } from '../../core/health/probe-result.ts';
import { certificateEnd } from './certificate.ts';
import { ForbiddenAddress, guardedLookup, isForbidden } from './guard.ts';
import { bareHost, startPhases } from './phase-clock.ts';
import type { ProbeTools } from './probe.ts';
import { failure, TooLate } from './result.ts';

/** An answer has two bytes of message behind five of frame; more than this is none. */
const ANSWER_BYTES = 1_024;
const HEADER_BYTES = 16_384;
const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

export function probeGrpc(url: string, timeoutMs: number, tools: ProbeTools): Promise<ProbeResult> {
  const { now } = tools;
  // `grpc` is no scheme that URL takes apart into host and port.
  const target = new URL(url.replace(/^grpc/, 'http'));
  const startMs = now();
  const took = () => Math.max(0, Math.round((now() - startMs) * 10) / 10);
  if (isForbidden(target.hostname)) return Promise.resolve(failure(new ForbiddenAddress(target.hostname), 0));
  return new Promise(resolve => {
    const clock = startPhases(target.hostname, target.protocol === 'https:', now);
    const socket = socketTo(target, tools);
    clock.follow(socket);
    // Before the session hears of it, whose own error says less.
    socket.once('error', error => broken(error));
    const session = connect(target.origin, {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: HEADER_BYTES },
    });
    let isDone = false;
    const end = (result: ProbeResult) => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      session.destroy();
      socket.destroy();
      resolve(result);
    };
    const broken = (error: unknown) => end(failure(error, took(), clock));
    const answered = (result: Pick<ProbeResult, 'ok' | 'detail'>) => {
      const certificateEndsMs = certificateEnd(socket);
      end({ ...result, tookMs: took(), phases: clock.phases(), ...(certificateEndsMs === undefined ? {} : { certificateEndsMs }) });
    };
    const timer = setTimeout(() => broken(new TooLate('answer', timeoutMs)), timeoutMs);
    session.on('error', broken);
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'nightdesk-probe',
    });
    let received: Buffer = Buffer.alloc(0);
    let grpcStatus: string | undefined;
    const readStatus = (headers: Readonly<Record<string, unknown>>) => {
      if (headers['grpc-status'] !== undefined) grpcStatus = String(headers['grpc-status']);
    };
    stream.on('error', broken);
    stream.on('response', headers => {
      clock.end('firstByte');
      readStatus(headers);
      if (headers[':status'] !== 200) answered({ ok: false, detail: `HTTP ${headers[':status']}` });
    });
    stream.on('trailers', readStatus);
    stream.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length > ANSWER_BYTES) answered({ ok: false, detail: 'answer too long' });
    });
    stream.on('end', () => {
      if (grpcStatus !== '0')
        return answered({ ok: false, detail: grpcStatus === undefined ? 'no gRPC status' : `gRPC status ${Number(grpcStatus)}` });
      const serving = servingStatus(received);
      answered({ ok: serving === 1, detail: statuses[serving] ?? 'UNKNOWN' });
    });
    stream.end(framed(healthRequest(decodeURIComponent(target.pathname.slice(1)))));
  });
}

/** A connection of our own, so that its phases are seen. A certificate need not be valid. */
function socketTo({ hostname, port, protocol }: URL, { vantage }: ProbeTools): Socket {
  const host = bareHost(hostname);
  const isSecure = protocol === 'https:';
  const to = { host, port: port === '' ? (isSecure ? 443 : 80) : Number(port), lookup: guardedLookup(vantage) };
  if (!isSecure) return connectPlain(to);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectSecure({ ...to, ...servername, ALPNProtocols: ['h2'], rejectUnauthorized: false });
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
