export type ProbeName = 'liveness' | 'readiness' | 'startup';

export interface ProbeState {
  /** Consecutive failures; 0 after a success. */
  readonly failures: number;
  /** Consecutive successes while not ok. */
  readonly successes?: number;
  /** What the gauge says: flips after the failure threshold, and back after the success threshold. */
  readonly ok: boolean;
}

/** One probe result into the count of consecutive failures; as Kubernetes counts, with a success threshold of one. */
export function afterProbe(before: ProbeState | undefined, succeeded: boolean, failureThreshold: number): ProbeState {
  if (succeeded) return { failures: 0, ok: true };
  const failures = Math.min((before?.failures ?? 0) + 1, 1_000_000);
  return { failures, ok: failures < failureThreshold && (before?.ok ?? true) };
}
