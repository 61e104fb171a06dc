/**
 * One HTTP probe, as Kubernetes does it: 200 to 399 is fine; redirects on the same host are followed, one to another host and the eleventh are
 * fine as they are; a certificate need not be valid. Bodies are never read, headers beyond 16 KB are refused, and all of it ends with the timeout.
 */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ProbePhases, ProbeResult } from '../../core/health/probe-result.ts';
import type { EpochMs } from '../../core/time/instant.ts';
import { certificateEnd } from './certificate.ts';
import { ForbiddenAddress, guardedLookup, isForbidden } from './guard.ts';
import { type PhaseClock, startPhases } from './phase-clock.ts';
import type { ProbeTools } from './probe.ts';
import { failure, TooLate } from './result.ts';

const REDIRECTS = 10;
const HEADER_BYTES = 16_384;

export async function probeHttp(url: string, timeoutMs: number, tools: ProbeTools): Promise<ProbeResult> {
  const { now } = tools;
  const startMs = now();
  const deadline = startMs + timeoutMs;
  let target = new URL(url);
  let first: Answer | undefined;
  try {
    for (let redirects = 0; ; redirects++) {
      const answer = await ask(target, deadline, timeoutMs, tools);
      first ??= answer;
      const next = answer.location === undefined ? undefined : targetOf(answer.location, target);
      const isFollowed = answer.status >= 300 && answer.status < 400 && next?.hostname === target.hostname && redirects < REDIRECTS;
      if (!isFollowed || next === undefined) return resultOf(answer, first, now() - startMs);
      target = next;
    }
  } catch (error) {
    const { cause, clock } = error instanceof Attempt ? error : { cause: error, clock: undefined };
    return failure(cause, now() - startMs, clock);
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
  readonly certificateEndsMs?: EpochMs;
}

/** A failed request, with the time that its phases took. */
class Attempt extends Error {
  readonly clock: PhaseClock;

  constructor(cause: unknown, clock: PhaseClock) {
    super('the attempt failed', { cause });
    this.clock = clock;
  }
}

function ask(url: URL, deadline: number, timeoutMs: number, { now, vantage }: ProbeTools): Promise<Answer> {
  if (isForbidden(url.hostname)) return Promise.reject(new ForbiddenAddress(url.hostname));
  const leftMs = deadline - now();
  const late = new TooLate('answer', timeoutMs);
  if (leftMs <= 0) return Promise.reject(late);
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    const clock = startPhases(url.hostname, isSecure, now);
    const request = (isSecure ? httpsRequest : httpRequest)(url, {
      agent: false,
      lookup: guardedLookup(vantage),
      maxHeaderSize: HEADER_BYTES,
      headers: { 'user-agent': 'nightdesk-probe', accept: '*/*', connection: 'close' },
      // Kubernetes does not verify either: a probe asks whether the bot answers, and certificateDays watches the certificate.
      ...(isSecure ? { rejectUnauthorized: false } : {}),
    });
    const settle = (work: () => void) => {
      clearTimeout(timer);
      work();
      request.destroy();
    };
    const fail = (error: unknown) => settle(() => reject(new Attempt(error, clock)));
    const timer = setTimeout(() => fail(late), leftMs);
    request.on('socket', clock.follow);
    request.on('response', ({ statusCode, socket, headers: { location } }) => {
      clock.end('firstByte');
      const certificateEndsMs = certificateEnd(socket);
      settle(() =>
        resolve({
          status: statusCode ?? 0,
          phases: clock.phases(),
          ...(location === undefined ? {} : { location }),
          ...(certificateEndsMs === undefined ? {} : { certificateEndsMs }),
        }),
      );
    });
    request.on('error', fail);
    // A switch of protocols that nobody asked for ends without an error.
    request.on('close', () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    request.end();
  });
}
