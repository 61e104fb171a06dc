import type { ProbeResult } from '../../core/health/probe-result.ts';
import type { GuardCode } from './guard.ts';
import type { PhaseClock } from './phase-clock.ts';

/** Errors of our own machine. Source: Node.js documentation, "Common system errors" and "DNS error codes". */
const ours = new Set([
  'EAI_AGAIN',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOBUFS',
  'EADDRNOTAVAIL',
  'ENETDOWN',
  'ECONNABORTED',
  'ETIMEOUT',
  'ECANCELLED',
]);

const guardWords: Readonly<Record<GuardCode, string>> = {
  FORBIDDEN_ADDRESS: 'address is link-local: metadata services are never asked',
  LOOPBACK_BY_NAME: 'name leads to the prober itself',
  PRIVATE_BY_NAME: 'name leads to a private address, which is asked from a VPC only (probeVpc)',
};

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'name not found',
  EHOSTUNREACH: 'host unreachable',
  ETIMEDOUT: 'no answer to the connection',
  ENETUNREACH: 'network unreachable',
  HPE_HEADER_OVERFLOW: 'headers too large',
  ...guardWords,
};

/** What is heard when there is no way to the target. */
const noWay = new Set(['ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** Ran out of its own time. */
export class TooLate extends Error {
  constructor(what: string, timeoutMs: number) {
    super(`no ${what} in ${timeoutMs} ms`);
  }
}

/** A failed attempt in words of our own. */
export function failure(error: unknown, tookMs: number, clock?: Pick<PhaseClock, 'stop'>): ProbeResult {
  const where = clock?.stop();
  const isBefore = where?.failedIn === 'dns' || where?.failedIn === 'connect';
  const unreached = isBefore && (error instanceof TooLate || noWay.has(codeOf(error))) ? { unreached: true as const } : {};
  return { ok: false, tookMs: Math.max(0, tookMs), ...where, ...unreached, ...verdictOf(error) };
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

function verdictOf(error: unknown): Pick<ProbeResult, 'detail' | 'ours'> {
  if (error instanceof TooLate) return { detail: error.message };
  const code = codeOf(error);
  const detail = words[code] ?? (code.startsWith('HPE_') ? 'no HTTP' : code === '' ? 'no connection' : code);
  return { detail, ...(ours.has(code) ? { ours: true } : {}) };
}
