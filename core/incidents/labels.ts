import type { Severity } from '../config/types.ts';
import type { Labels, Matcher } from './matcher.ts';
import type { Signal } from './signal.ts';

/** What an alert's labels are made of; the same for both alert paths, whatever else their messages say. */
export type Labelled = Pick<Signal, 'alarm' | 'alarmId' | 'row' | 'dimensions' | 'region'>;

/**
 * The labels that routes, silences and inhibition match: `alertname` (the catalogue's id, or the name of somebody else's alarm),
 * `severity`, and every dimension under its own name.
 */
export function labelsOf(signal: Labelled, severity: Severity, more: Labels = {}): Labels {
  return { ...more, ...signal.dimensions, alertname: signal.alarmId ?? signal.alarm, severity };
}

/** Matchers for exactly this trouble, whatever its severity becomes. */
export function matchersFor(signal: Labelled): readonly Matcher[] {
  const { severity: _, ...identity } = labelsOf(signal, 'info');
  return Object.entries(identity).map(([label, value]) => ({ label, operator: '=', value }));
}
