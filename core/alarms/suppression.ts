import type { AlarmState } from './definition.ts';

/** Action suppression of a composite alarm. Times in any one unit. */
export interface SuppressionMemory {
  readonly composite: AlarmState;
  readonly suppressor: AlarmState;
  /** A running wait or extension. */
  readonly period?: SuppressionPeriod;
  /** The state whose actions are due but were not performed: the suppressor holds them, or a period runs. */
  readonly due?: AlarmState;
}

export interface SuppressionPeriod {
  readonly kind: 'wait' | 'extension';
  readonly start: number;
  readonly end: number;
}

export interface SuppressionRule {
  readonly wait: number;
  readonly extension: number;
}

export interface SuppressionStep {
  readonly memory: SuppressionMemory;
  /** Actions to perform, with the instant at which they became due. */
  readonly actions: readonly { readonly at: number; readonly state: AlarmState }[];
  /** Periods that ended in this step. `end` is the instant of the end, which for a discarded one lies before its planned end. */
  readonly ended: readonly (SuppressionPeriod & { readonly outcome: 'elapsed' | 'discarded' })[];
}

/** What holds the actions now, as EventBridge's `actionsSuppressedBy` says it; undefined when nothing does. */
export function suppressedBy(memory: SuppressionMemory): 'Alarm' | 'WaitPeriod' | 'ExtensionPeriod' | undefined {
  if (memory.due === undefined) return undefined;
  if (memory.period !== undefined) return memory.period.kind === 'wait' ? 'WaitPeriod' : 'ExtensionPeriod';
  return 'Alarm';
}

/** A composite and its suppressor as they are found. A composite already in ALARM under a suppressor in ALARM has its actions held. */
export function startSuppression(composite: AlarmState, suppressor: AlarmState): SuppressionMemory {
  return composite === 'ALARM' && suppressor === 'ALARM' ? { composite, suppressor, due: 'ALARM' } : { composite, suppressor };
}

/** Lets time pass: a period that ends at or before `now` elapses, and its actions are performed at its end. */
export function suppressionUntil(memory: SuppressionMemory, now: number): SuppressionStep {
  const { period, due } = memory;
  if (period === undefined || period.end > now) return { memory, actions: [], ended: [] };
  return {
    memory: { composite: memory.composite, suppressor: memory.suppressor },
    actions: due === undefined ? [] : [{ at: period.end, state: due }],
    ended: [{ ...period, outcome: 'elapsed' }],
  };
}

/**
 * The composite changed state: a running period is discarded. With the suppressor in ALARM the actions are held at once,
 * otherwise a wait starts.
 * Source: CloudWatch user guide, "Alarm suppression". A period that ends at the very instant of the change elapses first (better to page).
 */
export function compositeChanged(memory: SuppressionMemory, state: AlarmState, at: number, rule: SuppressionRule): SuppressionStep {
  return after(suppressionUntil(memory, at), at, current => {
    const base = { composite: state, suppressor: current.suppressor, due: state };
    return current.suppressor === 'ALARM' ? base : { ...base, period: { kind: 'wait', start: at, end: at + rule.wait } };
  });
}

/** The suppressor changed state: into ALARM it discards a running period and holds the actions, out of it an extension starts. */
export function suppressorChanged(memory: SuppressionMemory, state: AlarmState, at: number, rule: SuppressionRule): SuppressionStep {
  return after(suppressionUntil(memory, at), at, current => {
    const { composite, due } = current;
    const held = due === undefined ? {} : { due };
    if (state === 'ALARM') return { composite, suppressor: state, ...held };
    if (current.suppressor !== 'ALARM') return { ...current, suppressor: state };
    return { composite, suppressor: state, ...held, period: { kind: 'extension', start: at, end: at + rule.extension } };
  });
}

function after(passed: SuppressionStep, at: number, change: (memory: SuppressionMemory) => SuppressionMemory): SuppressionStep {
  const next = change(passed.memory);
  const running = passed.memory.period;
  const discarded = running !== undefined && running !== next.period ? [{ ...running, end: at, outcome: 'discarded' as const }] : [];
  // A period of no length is over as soon as it starts.
  const settled = suppressionUntil(next, at);
  return {
    memory: settled.memory,
    actions: [...passed.actions, ...settled.actions],
    ended: [...passed.ended, ...discarded, ...settled.ended],
  };
}
