import type { TreatMissingData } from '../../../core/alarms/definition.ts';
import { evaluateWindow } from '../../../core/alarms/evaluate-window.ts';
import { type CaseResult, type ConformanceKind, casesOf } from '../kind.ts';

interface EvaluationCase {
  readonly id: string;
  readonly n: number;
  readonly m: number;
  readonly range?: number;
  readonly points: readonly (number | null)[];
  readonly treatment: TreatMissingData;
  readonly expected: string;
}

const entries = (file: unknown): readonly unknown[] => casesOf(file);

const isCase = (value: unknown): value is EvaluationCase => {
  const entry = value as Partial<EvaluationCase>;
  return typeof entry.n === 'number' && typeof entry.m === 'number' && Array.isArray(entry.points) && typeof entry.treatment === 'string';
};

/** M of N with missing data: one window, one state. */
export const kind: ConformanceKind = {
  name: 'alarm-evaluation',
  recognises: file => casesOf(file).length > 0 && casesOf(file).every(isCase),
  run: file => entries(file).filter(isCase).map(runCase),
};

function runCase(entry: EvaluationCase): CaseResult {
  const points = entry.points.map(point => (point === null ? null : point !== 0)).slice(-(entry.range ?? entry.points.length));
  const got = evaluateWindow(points, { evaluationPeriods: entry.n, datapointsToAlarm: entry.m, treatMissingData: entry.treatment });
  return got === entry.expected ? { id: entry.id, outcome: 'pass' } : { id: entry.id, outcome: 'fail', expected: entry.expected, got };
}
