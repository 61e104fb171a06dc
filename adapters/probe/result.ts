export interface ProbePhases {
  /** Milliseconds from the start to the end of each phase, as far as it came. */
  readonly dnsMs?: number;
  readonly connectMs?: number;
  readonly tlsMs?: number;
  readonly firstByteMs?: number;
}

export interface ProbeResult {
  readonly ok: boolean;
  /** The trouble is ours (no resolver, no sockets): it says nothing about the target and is not counted. */
  readonly ours?: true;
  /** Milliseconds until the answer's head. */
  readonly tookMs: number;
  /** Status or kind of failure; never text from the target. */
  readonly detail: string;
  readonly phases?: ProbePhases;
  /** End of the certificate that the target showed. It need not be valid, as for Kubernetes. */
  readonly certificateEndsMs?: number;
}

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

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'name not found',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  HPE_HEADER_OVERFLOW: 'headers too large',
  FORBIDDEN_ADDRESS: 'address is link-local: metadata services are never asked',
};

/** A failed attempt in words of our own. */
export function failure(error: unknown, tookMs: number): ProbeResult {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const detail = words[code] ?? (code.startsWith('HPE_') ? 'no HTTP' : code === '' ? 'no connection' : code);
  return { ok: false, tookMs, detail, ...(ours.has(code) ? { ours: true } : {}) };
}
