/** Times the phases of one connection by the events of its socket. */
import { isIP, type Socket } from 'node:net';
import type { ProbePhase, ProbePhases } from '../../core/health/probe-result.ts';

export interface PhaseClock {
  /** Follows the socket until it is connected, TLS included. */
  readonly follow: (socket: Socket) => void;
  readonly end: (phase: ProbePhase) => void;
  /** Phases so far; the one that has not ended with its time until now. */
  readonly stop: () => { readonly phases: ProbePhases; readonly failedIn: ProbePhase };
  readonly phases: () => ProbePhases;
}

/** @param now monotonic milliseconds. */
export function startPhases(hostname: string, isSecure: boolean, now: () => number): PhaseClock {
  const phases: Partial<Record<ProbePhase, number>> = {};
  // An address needs no lookup.
  const order: readonly ProbePhase[] = [
    ...(isIP(bareHost(hostname)) === 0 ? (['dns'] as const) : []),
    'connect',
    ...(isSecure ? (['tls'] as const) : []),
    'firstByte',
  ];
  let current: ProbePhase = order[0]!;
  let sinceMs = now();
  const spent = () => Math.max(0, Math.round((now() - sinceMs) * 10) / 10);
  const end = (phase: ProbePhase) => {
    if (!order.includes(phase)) return;
    phases[phase] = spent();
    sinceMs = now();
    current = order[order.indexOf(phase) + 1] ?? phase;
  };
  return {
    end,
    phases: () => ({ ...phases }),
    stop: () => ({ phases: { ...phases, [current]: spent() }, failedIn: current }),
    follow: socket => {
      socket.once('lookup', (error: unknown) => {
        if (error === null || error === undefined) end('dns');
      });
      socket.once('connect', () => end('connect'));
      socket.once('secureConnect', () => end('tls'));
    },
  };
}

/** `[::1]` in a URL is `::1` to a socket. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');
