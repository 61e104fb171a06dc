import { compileFilterPattern } from '../../../core/cloudwatch/filter-pattern.ts';
import { type CaseResult, type ConformanceKind, casesOf, isRecord } from '../kind.ts';

interface FilterCase {
  readonly id: string;
  readonly pattern: string;
  readonly events: readonly string[];
  readonly matches: readonly number[];
}

const entries = (file: unknown): readonly unknown[] => casesOf(file);

const isCase = (value: unknown): value is FilterCase =>
  isRecord(value) && typeof value['pattern'] === 'string' && Array.isArray(value['events']) && Array.isArray(value['matches']);

/** Filter patterns of CloudWatch Logs: which lines match. */
export const kind: ConformanceKind = {
  name: 'filter-patterns',
  recognises: file => casesOf(file).length > 0 && casesOf(file).every(isCase),
  run: file => entries(file).filter(isCase).map(runCase),
};

function runCase(entry: FilterCase): CaseResult {
  const matcher = compileFilterPattern(entry.pattern);
  const got = matcher.ok
    ? JSON.stringify(entry.events.flatMap((event, at) => (matcher.value.matches(event) ? [at] : [])))
    : matcher.error.message;
  const expected = JSON.stringify(entry.matches);
  return got === expected ? { id: entry.id, outcome: 'pass' } : { id: entry.id, outcome: 'fail', expected, got };
}
