/** The probe that a URL names: http, https, tcp, grpc, grpcs. */
import type { ProbeConfig } from '../../core/config/types.ts';
import type { ProbeResult } from '../../core/health/probe-result.ts';
import { probeGrpc } from './grpc-probe.ts';
import type { Vantage } from './guard.ts';
import { probeHttp } from './http-probe.ts';
import { probeTcp } from './tcp-probe.ts';

export interface ProbeTools {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly vantage: Vantage;
}

export function probe({ url, timeoutMs }: Pick<ProbeConfig, 'url' | 'timeoutMs'>, tools: ProbeTools): Promise<ProbeResult> {
  if (url.startsWith('http')) return probeHttp(url, timeoutMs, tools);
  return url.startsWith('tcp') ? probeTcp(url, timeoutMs, tools) : probeGrpc(url, timeoutMs, tools);
}
