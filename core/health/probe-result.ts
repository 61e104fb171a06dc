/** What one probe found out, as the prober hands it to the sweep. */
import type { EpochMs } from '../time/instant.ts';

/** In their order. A plain connection has no `tls`, an address written as such no `dns`, a TCP probe no `firstByte`. */
export const probePhases = ['dns', 'connect', 'tls', 'firstByte'] as const;
export type ProbePhase = (typeof probePhases)[number];

/** Milliseconds that each phase took, as far as the probe came; of the one in which it failed, the time until then. */
export type ProbePhases = Readonly<Partial<Record<ProbePhase, number>>>;

export interface ProbeResult {
  readonly ok: boolean;
  /** The trouble is ours (no resolver, no sockets, no time): it says nothing about the target and is not counted. */
  readonly ours?: true;
  /** Nothing of the target's side was heard: no address, or no answer to the connection. A refusal is an answer. */
  readonly unreached?: true;
  /** Milliseconds until the answer's head. */
  readonly tookMs: number;
  /** Status or kind of failure; never text from the target. */
  readonly detail: string;
  /** Of the first answer, where redirects were followed; of the attempt that failed, where one did. */
  readonly phases?: ProbePhases;
  /** The phase that did not end; absent when there was an answer, good or bad. */
  readonly failedIn?: ProbePhase;
  /** End of the certificate that the target showed. It need not be valid, as for Kubernetes. */
  readonly certificateEndsMs?: EpochMs;
}

const MAX_DETAIL = 200;

/** A result as another function wrote it; undefined when it is none. */
export function readProbeResult(value: unknown): ProbeResult | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { ok, ours, unreached, tookMs, detail, phases, failedIn, certificateEndsMs } = value as Readonly<Record<string, unknown>>;
  if (typeof ok !== 'boolean' || !isDuration(tookMs) || typeof detail !== 'string') return undefined;
  const known = Object.entries(typeof phases === 'object' && phases !== null ? phases : {}).filter(
    ([name, ms]) => isPhase(name) && isDuration(ms),
  );
  return {
    ok,
    tookMs,
    detail: detail.slice(0, MAX_DETAIL),
    ...(ours === true ? { ours } : {}),
    ...(unreached === true ? { unreached } : {}),
    ...(known.length === 0 ? {} : { phases: Object.fromEntries(known) as ProbePhases }),
    ...(isPhase(failedIn) ? { failedIn } : {}),
    ...(typeof certificateEndsMs === 'number' && Number.isFinite(certificateEndsMs) ? { certificateEndsMs } : {}),
  };
}

const isDuration = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isPhase = (value: unknown): value is ProbePhase => probePhases.some(name => name === value);
