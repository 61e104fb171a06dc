/** One TCP probe: the connection opens in time, and is closed at once. */
import { connect } from 'node:net';
import type { ProbeResult } from '../../core/health/probe-result.ts';
import { ForbiddenAddress, guardedLookup, isForbidden } from './guard.ts';
import { bareHost, startPhases } from './phase-clock.ts';
import type { ProbeTools } from './probe.ts';
import { failure, TooLate } from './result.ts';

export function probeTcp(url: string, timeoutMs: number, { now, vantage }: ProbeTools, open = connect): Promise<ProbeResult> {
  const { hostname, port } = new URL(url);
  const startMs = now();
  const took = () => Math.max(0, Math.round((now() - startMs) * 10) / 10);
  if (isForbidden(hostname)) return Promise.resolve(failure(new ForbiddenAddress(hostname), 0));
  return new Promise(resolve => {
    const clock = startPhases(hostname, false, now);
    const socket = open({ host: bareHost(hostname), port: Number(port), lookup: guardedLookup(vantage) });
    clock.follow(socket);
    const end = (result: ProbeResult) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end(failure(new TooLate('connection', timeoutMs), took(), clock)), timeoutMs);
    socket.once('connect', () => end({ ok: true, tookMs: took(), detail: 'connected', phases: clock.phases() }));
    socket.once('error', error => end(failure(error, took(), clock)));
  });
}
