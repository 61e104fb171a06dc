/**
 * Probes as Kubernetes counts them: consecutive results flip a state, the startup probe gates the others until its first success, and each
 * begins after its initial delay. A new run of the bot begins all over. Source: Kubernetes documentation, "Configure Liveness, Readiness and
 * Startup Probes", and the kubelet's prober worker.
 */
import type { EpochMs } from '../time/instant.ts';

export type ProbeName = 'liveness' | 'readiness' | 'startup';

export interface ProbeState {
  /** Consecutive failures; 0 after a success. */
  readonly failures: number;
  /** Consecutive successes while not ok; absent means none. */
  readonly successes?: number;
  /** What the gauge says: flips after the failure threshold, and back after the success threshold. */
  readonly ok: boolean;
  /** When it was asked last. */
  readonly askedMs?: EpochMs;
  /** The bot's run that it was asked in. */
  readonly run?: string;
}

export type ProbeStates = Readonly<Partial<Record<ProbeName, ProbeState>>>;

export interface ProbeRule {
  readonly periodSeconds: number;
  readonly initialDelaySeconds: number;
  readonly failureThreshold: number;
  /** Always 1 for liveness and startup. */
  readonly successThreshold: number;
}

/** One result into the count of consecutive ones. Before its first result a probe is `initially`: liveness is, readiness and startup are not. */
export function afterProbe(
  before: ProbeState | undefined,
  succeeded: boolean,
  failureThreshold: number,
  successThreshold = 1,
  initially = true,
): ProbeState {
  const was = before?.ok ?? initially;
  if (succeeded) {
    const successes = (before?.successes ?? 0) + 1;
    return was || successes >= successThreshold ? { failures: 0, ok: true } : { failures: 0, successes, ok: false };
  }
  const failures = Math.min((before?.failures ?? 0) + 1, 1_000_000);
  return { failures, ok: failures < failureThreshold && was };
}

/** The process whose probes these are: when it began, and a name that another run does not have. */
export interface ProbedRun {
  readonly startedMs: EpochMs;
  readonly id: string;
}

const initially: Readonly<Record<ProbeName, boolean>> = { liveness: true, readiness: false, startup: false };
/** A sweep may come this much early: it runs by the minute, not by the second. */
const EARLY_MS = 5_000;
const SWEEP_SECONDS = 60;

/** States of this run: those of another are forgotten. */
export const ofRun = (states: ProbeStates, run: ProbedRun): ProbeStates =>
  Object.fromEntries(Object.entries(states).filter(([, { run: asked }]) => asked === undefined || asked === run.id));

/** Which probes are asked now. */
export function dueProbes(
  states: ProbeStates,
  rules: Readonly<Partial<Record<ProbeName, ProbeRule>>>,
  run: ProbedRun,
  now: EpochMs,
): readonly ProbeName[] {
  const known = ofRun(states, run);
  const isStarted = rules.startup === undefined || known.startup?.ok === true;
  const names: readonly ProbeName[] = isStarted ? ['liveness', 'readiness'] : ['startup'];
  return names.filter(name => {
    const rule = rules[name];
    if (rule === undefined || now < run.startedMs + rule.initialDelaySeconds * 1000) return false;
    const askedMs = known[name]?.askedMs;
    return askedMs === undefined || now >= askedMs + rule.periodSeconds * 1000 - EARLY_MS;
  });
}

export interface ProbeAnswer {
  readonly name: ProbeName;
  readonly ok: boolean;
  /** Our own trouble counts for nothing. */
  readonly ours?: true;
}

/** States after the answers. What was not asked stays. */
export function afterAnswers(
  states: ProbeStates,
  answers: readonly ProbeAnswer[],
  rules: Readonly<Partial<Record<ProbeName, ProbeRule>>>,
  run: ProbedRun,
  now: EpochMs,
): ProbeStates {
  const after: Partial<Record<ProbeName, ProbeState>> = { ...ofRun(states, run) };
  for (const { name, ok, ours } of answers) {
    const rule = rules[name];
    if (rule === undefined || ours === true) continue;
    const state = afterProbe(after[name], ok, rule.failureThreshold, rule.successThreshold, initially[name]);
    // Asked in every sweep, it needs no memory of when, and so no write while nothing changes.
    after[name] = { ...state, ...(rule.periodSeconds > SWEEP_SECONDS ? { askedMs: now } : {}), run: run.id };
  }
  return after;
}
