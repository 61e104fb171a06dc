/**
 * One HTTP probe, as Kubernetes does it: 200 to 399 is fine; redirects on the same host are followed, one to another host and the eleventh are
 * fine as they are; a certificate need not be valid. Bodies are never read, headers beyond 16 KB are refused, and all of it ends with the timeout.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { ForbiddenAddress, guardedLookup, isForbidden } from './guard.ts';
import { failure, type ProbePhases, type ProbeResult } from './result.ts';

const REDIRECTS = 10;
const HEADER_BYTES = 16_384;

/** @param now monotonic milliseconds. */
export async function probeHttp(url: string, timeoutMs: number, now: () => number): Promise<ProbeResult> {
  const startMs = now();
  const deadline = startMs + timeoutMs;
  let target = new URL(url);
  let first: Answer | undefined;
  try {
    for (let redirects = 0; ; redirects++) {
      const answer = await ask(target, deadline - now(), now);
      first ??= answer;
      const next = answer.location === undefined ? undefined : targetOf(answer.location, target);
      const isFollowed = answer.status >= 300 && answer.status < 400 && next?.hostname === target.hostname && redirects < REDIRECTS;
      if (!isFollowed || next === undefined) return resultOf(answer, first, now() - startMs);
      target = next;
    }
  } catch (error) {
    if (error instanceof TooLate) return { ok: false, tookMs: Math.max(0, now() - startMs), detail: `no answer in ${timeoutMs} ms` };
    return failure(error, Math.max(0, now() - startMs));
  }
}

function resultOf({ status }: Answer, { phases, certificateEndsMs }: Answer, tookMs: number): ProbeResult {
  return {
    ok: status >= 200 && status < 400,
    tookMs: Math.max(0, tookMs),
    detail: `HTTP ${status}`,
    phases,
    ...(certificateEndsMs === undefined ? {} : { certificateEndsMs }),
  };
}

function targetOf(location: string, from: URL): URL | undefined {
  try {
    const next = new URL(location, from);
    return next.protocol === 'http:' || next.protocol === 'https:' ? next : undefined;
  } catch {
    return undefined;
  }
}

interface Answer {
  readonly status: number;
  readonly location?: string;
  readonly phases: ProbePhases;
  readonly certificateEndsMs?: number;
}

class TooLate extends Error {}

function ask(url: URL, leftMs: number, now: () => number): Promise<Answer> {
  if (isForbidden(url.hostname)) return Promise.reject(new ForbiddenAddress(url.hostname));
  if (leftMs <= 0) return Promise.reject(new TooLate());
  const startMs = now();
  const phases: { -readonly [K in keyof ProbePhases]: ProbePhases[K] } = {};
  const since = () => Math.max(0, Math.round((now() - startMs) * 10) / 10);
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    const request = (isSecure ? httpsRequest : httpRequest)(url, {
      agent: false,
      lookup: guardedLookup,
      maxHeaderSize: HEADER_BYTES,
      headers: { 'user-agent': 'nightdesk-probe', accept: '*/*', connection: 'close' },
      // Kubernetes does not verify either: a probe asks whether the bot answers, and certificateDays watches the certificate.
      ...(isSecure ? { rejectUnauthorized: false } : {}),
    });
    const timer = setTimeout(() => request.destroy(new TooLate()), leftMs);
    const settle = (work: () => void) => {
      clearTimeout(timer);
      work();
      request.destroy();
    };
    request.on('socket', socket => {
      socket.once('lookup', () => (phases.dnsMs = since()));
      socket.once('connect', () => (phases.connectMs = since()));
      socket.once('secureConnect', () => (phases.tlsMs = since()));
    });
    request.on('response', response => {
      phases.firstByteMs = since();
      const certificateEndsMs = isSecure ? certificateEnd(response) : undefined;
      const { location } = response.headers;
      settle(() =>
        resolve({
          status: response.statusCode ?? 0,
          phases,
          ...(location === undefined ? {} : { location }),
          ...(certificateEndsMs === undefined ? {} : { certificateEndsMs }),
        }),
      );
    });
    request.on('error', error => settle(() => reject(error)));
    request.end();
  });
}

function certificateEnd({ socket }: IncomingMessage): number | undefined {
  const ends = Date.parse((socket as TLSSocket).getPeerCertificate().valid_to);
  return Number.isNaN(ends) ? undefined : ends;
}
