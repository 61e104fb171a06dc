/** One TCP probe: the connection opens in time, and is closed at once. */
import { connect } from 'node:net';
import { ForbiddenAddress, guardedLookup, isForbidden } from './guard.ts';
import { failure, type ProbeResult } from './result.ts';

export function probeTcp(url: string, timeoutMs: number, now: () => number): Promise<ProbeResult> {
  const { hostname, port } = new URL(url);
  const startMs = now();
  const took = () => Math.max(0, Math.round((now() - startMs) * 10) / 10);
  if (isForbidden(hostname)) return Promise.resolve(failure(new ForbiddenAddress(hostname), 0));
  return new Promise(resolve => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), lookup: guardedLookup });
    const end = (result: ProbeResult) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end({ ok: false, tookMs: took(), detail: `no connection in ${timeoutMs} ms` }), timeoutMs);
    socket.once('connect', () => end({ ok: true, tookMs: took(), detail: 'connected', phases: { connectMs: took() } }));
    socket.once('error', error => end(failure(error, took())));
  });
}
