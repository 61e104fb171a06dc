import { type Labels, matchesAll } from './matcher.ts';
import type { InhibitRule } from './routing.ts';

/** A firing alert that may silence others. */
export interface FiringAlert {
  readonly key: string;
  readonly labels: Labels;
}

/** Whether an alert can be the source of any rule: only such alerts need to be looked up. */
export const canInhibit = (rules: readonly InhibitRule[], labels: Labels): boolean =>
  rules.some(({ sourceMatchers }) => matchesAll(sourceMatchers, labels));

export const canBeInhibited = (rules: readonly InhibitRule[], labels: Labels): boolean =>
  rules.some(({ targetMatchers }) => matchesAll(targetMatchers, labels));

/**
 * The firing alert that mutes `target`; undefined when none does. A label of `equal` that both lack counts as equal. An alert that matches
 * both sides of a rule is not inhibited by another one that does, so that a rule cannot silence its own sources.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#inhibit_rule (2026-08).
 */
export function inhibitorOf(rules: readonly InhibitRule[], target: FiringAlert, firing: readonly FiringAlert[]): FiringAlert | undefined {
  for (const rule of rules) {
    if (!matchesAll(rule.targetMatchers, target.labels)) continue;
    const isSource = matchesAll(rule.sourceMatchers, target.labels);
    const found = firing.find(
      source =>
        source.key !== target.key &&
        matchesAll(rule.sourceMatchers, source.labels) &&
        !(isSource && matchesAll(rule.targetMatchers, source.labels)) &&
        rule.equal.every(label => (source.labels[label] ?? '') === (target.labels[label] ?? '')),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
