import { evaluateMath, type MathSeries, parseMetricMath, seriesOf } from '../../../core/cloudwatch/metric-math.ts';
import { type CaseResult, type ConformanceKind, casesOf, isRecord } from '../kind.ts';

type Points = readonly (number | null)[];

interface MathCase {
  readonly id: string;
  readonly expression: string;
  readonly inputs: Readonly<Record<string, Points>>;
  readonly expected: Points;
  readonly period?: number;
  readonly start?: string | number;
}

const entries = (file: unknown): readonly unknown[] => casesOf(file);

const isCase = (value: unknown): value is MathCase =>
  isRecord(value) && typeof value['expression'] === 'string' && isRecord(value['inputs']) && 'expected' in value;

/** Metric math by position: inputs and one expected series, null where a point is missing or dropped. */
export const kind: ConformanceKind = {
  name: 'metric-math',
  recognises: file => casesOf(file).length > 0 && casesOf(file).every(isCase),
  run: file => entries(file).filter(isCase).map(runCase),
};

const DEFAULT_PERIOD_SECONDS = 60;

function runCase(entry: MathCase): CaseResult {
  const got = evaluated(entry);
  const expected = JSON.stringify(entry.expected);
  const isSame =
    Array.isArray(got) && got.length === entry.expected.length && got.every((value, at) => sameNumber(value, entry.expected[at] ?? null));
  return isSame ? { id: entry.id, outcome: 'pass' } : { id: entry.id, outcome: 'fail', expected, got: JSON.stringify(got) };
}

function evaluated(entry: MathCase): Points | string {
  const parsed = parseMetricMath(entry.expression);
  if (!parsed.ok) return parsed.error.message;
  const metrics: readonly MathSeries[] = Object.entries(entry.inputs).map(([id, values]) => ({ id, label: id, values, isMetric: true }));
  const value = evaluateMath(parsed.value, {
    startMs: typeof entry.start === 'number' ? entry.start : Date.parse(entry.start ?? '1970-01-01T00:00:00Z'),
    periodMs: (entry.period ?? DEFAULT_PERIOD_SECONDS) * 1000,
    length: Math.max(...metrics.map(series => series.values.length)),
    metrics,
    lookup: id => {
      const series = metrics.find(metric => metric.id === id);
      return series === undefined ? undefined : { kind: 'series', series };
    },
  });
  if (!value.ok) return value.error.message;
  const list = seriesOf(value.value);
  if (!list.ok) return list.error.message;
  return list.value.length === 1 ? (list.value[0]?.values ?? []) : `${list.value.length} series`;
}

function sameNumber(got: number | null, expected: number | null): boolean {
  if (got === null || expected === null) return got === expected;
  return Math.abs(got - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
}
