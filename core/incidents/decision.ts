/**
 * Whether a group is to be announced now: seven outcomes, from what was announced last. Semantics of Alertmanager's
 * notification log (https://github.com/prometheus/alertmanager, notify, 2026-08), and `graver`, since severity is no label of identity here.
 */
import type { Severity } from '../config/types.ts';
import type { EpochMs } from '../time/instant.ts';
import { rank } from './alert.ts';

/** What was announced last about a group. Alerts as hashes of their keys. */
export interface Announced {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** The gravest of those that fired; absent in what was stored before it was kept. */
  readonly severity?: Severity;
  readonly at: EpochMs;
}

export const outcomes = {
  first: 'first notification',
  newAlerts: 'new alerts added',
  graver: 'graver than announced',
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
  /** The gravest of those that fire and are not suppressed. */
  readonly severity?: Severity;
  /** 0: never. */
  readonly repeatIntervalMs: number;
  readonly now: EpochMs;
}

export function decide({ last, firing, resolved, severity, repeatIntervalMs, now }: Decided): Decision {
  if (last === undefined) return firing.length > 0 ? 'first' : 'nothing';
  if (!isSubset(firing, last.firing)) return last.firing.length === 0 ? 'first' : 'newAlerts';
  if (firing.length === 0) return last.firing.length > 0 ? 'allResolved' : 'nothing';
  if (last.severity !== undefined && severity !== undefined && rank[severity] > rank[last.severity]) return 'graver';
  if (!isSubset(resolved, last.resolved)) return 'someResolved';
  return repeatIntervalMs > 0 && last.at <= now - repeatIntervalMs ? 'repeat' : 'nothing';
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const known = new Set(whole);
  return part.every(hash => known.has(hash));
}
