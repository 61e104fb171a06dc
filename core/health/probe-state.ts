/**
 * Probes as Kubernetes counts them: consecutive results flip a state, the startup probe gates the others until its first success, and each
 * begins after its initial delay. A new run of the bot begins all over. Source: Kubernetes documentation, "Configure Liveness, Readiness and
 * Startup Probes", and the kubelet's prober worker.
 */
import type { EpochMs } from '../time/instant.ts';
import type { ProbeResult } from './probe-result.ts';

export const probeNames = ['liveness', 'readiness', 'startup'] as const;
export type ProbeName = (typeof probeNames)[number];

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
  /** What it said last, and at its newest failure in this run. */
  readonly last?: ProbeSeen;
  readonly failed?: ProbeSeen;
  /** Milliseconds of the newest answers, oldest first; null for one that failed. */
  readonly recent?: readonly (number | null)[];
}

/** One result, as it is remembered. */
export interface ProbeSeen extends Pick<ProbeResult, 'ok' | 'tookMs' | 'detail' | 'phases' | 'failedIn'> {
  readonly at: EpochMs;
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
/** Results that are remembered. */
const RECENT = 10;

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

export interface ProbeAnswer extends ProbeResult {
  readonly name: ProbeName;
}

/** States after the answers. What was not asked stays, and so does what only our own trouble answered. */
export function afterAnswers(
  states: ProbeStates,
  answers: readonly ProbeAnswer[],
  rules: Readonly<Partial<Record<ProbeName, ProbeRule>>>,
  run: ProbedRun,
  now: EpochMs,
): ProbeStates {
  const after: Partial<Record<ProbeName, ProbeState>> = { ...ofRun(states, run) };
  for (const answer of answers) {
    const { name, ok, ours } = answer;
    const rule = rules[name];
    if (rule === undefined || ours === true) continue;
    const before = after[name];
    const state = afterProbe(before, ok, rule.failureThreshold, rule.successThreshold, initially[name]);
    // Who is asked in every sweep is asked again whenever the next one comes.
    const asked = rule.periodSeconds > SWEEP_SECONDS ? { askedMs: now } : {};
    after[name] = { ...state, ...remembered(before, answer, now), ...asked, run: run.id };
  }
  return after;
}

function remembered(
  before: ProbeState | undefined,
  { ok, tookMs, detail, phases, failedIn }: ProbeResult,
  at: EpochMs,
): Pick<ProbeState, 'last' | 'failed' | 'recent'> {
  const last: ProbeSeen = {
    at,
    ok,
    tookMs,
    detail,
    ...(phases === undefined ? {} : { phases }),
    ...(failedIn === undefined ? {} : { failedIn }),
  };
  const failed = ok ? before?.failed : last;
  return {
    last,
    ...(failed === undefined ? {} : { failed }),
    recent: [...(before?.recent ?? []), ok ? Math.round(tookMs) : null].slice(-RECENT),
  };
}
