/**
 * Whether a group is to be announced now: six outcomes, from what was announced last. Semantics of Alertmanager's
 * notification log (https://github.com/prometheus/alertmanager, notify, 2026-08).
 */
import type { EpochMs } from '../time/instant.ts';

/** What was announced last about a group. Alerts as hashes of their keys. */
export interface Announced {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly at: EpochMs;
}

export const outcomes = {
  first: 'first notification',
  newAlerts: 'new alerts added',
  allResolved: 'all resolved',
  someResolved: 'some resolved',
  repeat: 'repeat interval elapsed',
  nothing: 'nothing new',
} as const;
export type Decision = keyof typeof outcomes;

export interface Decided {
  readonly last: Announced | undefined;
  /** Hashes of the alerts that fire and are not suppressed. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** 0: never. */
  readonly repeatIntervalMs: number;
  readonly now: EpochMs;
}

export function decide({ last, firing, resolved, repeatIntervalMs, now }: Decided): Decision {
  if (last === undefined) return firing.length > 0 ? 'first' : 'nothing';
  if (!isSubset(firing, last.firing)) return last.firing.length === 0 ? 'first' : 'newAlerts';
  if (firing.length === 0) return last.firing.length > 0 ? 'allResolved' : 'nothing';
  if (!isSubset(resolved, last.resolved)) return 'someResolved';
  return repeatIntervalMs > 0 && last.at <= now - repeatIntervalMs ? 'repeat' : 'nothing';
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const known = new Set(whole);
  return part.every(hash => known.has(hash));
}
