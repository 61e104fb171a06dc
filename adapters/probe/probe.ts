/** The probe that a URL names: http, https, tcp, grpc, grpcs. */
import type { ProbeConfig } from '../../core/config/types.ts';
import { probeGrpc } from './grpc-probe.ts';
import { probeHttp } from './http-probe.ts';
import type { ProbeResult } from './result.ts';
import { probeTcp } from './tcp-probe.ts';

export type { ProbePhases, ProbeResult } from './result.ts';

export function probe({ url, timeoutMs }: Pick<ProbeConfig, 'url' | 'timeoutMs'>, now: () => number): Promise<ProbeResult> {
  if (url.startsWith('http')) return probeHttp(url, timeoutMs, now);
  return url.startsWith('tcp') ? probeTcp(url, timeoutMs, now) : probeGrpc(url, timeoutMs, now);
}
