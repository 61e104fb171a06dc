/** What an alarm's transitions come to: firings, the time spent in them, and flaps. */
import type { Transition } from '../alarms/definition.ts';
import type { EpochMs } from '../time/instant.ts';

/** Time in ALARM, [fromMs, toMs). */
export interface Firing {
  readonly fromMs: EpochMs;
  /** Absent while it lasts to the end of the history. */
  readonly toMs?: EpochMs;
  readonly reason: string;
}

export function firingsOf(transitions: readonly Transition[]): readonly Firing[] {
  return transitions.flatMap((transition, at) => {
    if (transition.to !== 'ALARM') return [];
    const end = transitions[at + 1];
    return [{ fromMs: transition.atMs, reason: transition.reason, ...(end === undefined ? {} : { toMs: end.atMs }) }];
  });
}

/** Milliseconds in ALARM up to `endMs`. */
export const timeIn = (firings: readonly Firing[], endMs: EpochMs): number =>
  firings.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, (toMs ?? endMs) - fromMs), 0);

/** A firing that soon after the end of the one before is the same trouble again. */
export const FLAP_MS = 15 * 60_000;

/** Firings that begin within a quarter of an hour after the one before ended. */
export const flapsOf = (firings: readonly Firing[]): number =>
  firings.filter(({ fromMs }, at) => {
    const before = firings[at - 1]?.toMs;
    return before !== undefined && fromMs - before <= FLAP_MS;
  }).length;

/** Whether two firings have a moment in common. */
export const overlaps = (a: Firing, b: Firing): boolean =>
  a.fromMs < (b.toMs ?? Number.POSITIVE_INFINITY) && b.fromMs < (a.toMs ?? Number.POSITIVE_INFINITY);
