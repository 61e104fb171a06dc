/** Trading metrics: each case names a metric, its input and its convention. */
import { type CaseContext, type CaseResult, type ConformanceKind, casesOf, isRecord } from '../kind.ts';
import { type MetricInput, metrics, Unsupported } from '../metrics/index.ts';
import { skips } from '../skips.ts';

type Case = Readonly<Record<string, unknown>>;

export const kind: ConformanceKind = {
  name: 'metric-cases',
  recognises: json => {
    const cases = casesOf(json);
    return cases.length > 0 && cases.every(each => typeof each['metric'] === 'string' && 'expected' in each);
  },
  run: (json, context) => casesOf(json).map(each => runCase(each, context)),
};

function runCase(each: Case, context: CaseContext): CaseResult {
  const id = String(each['name'] ?? each['id'] ?? each['metric']);
  const metric = String(each['metric']);
  const params = isRecord(each['params']) ? each['params'] : {};
  const expected = each['expected'];
  if (each['house_default'] === false) {
    const skip = skips.find(
      known => known.metric === metric && Object.entries(known.params ?? {}).every(([name, value]) => params[name] === value),
    );
    if (skip !== undefined) return { id, outcome: 'skip', reason: skip.reason };
  }
  const compute = metrics[metric];
  if (compute === undefined) return { id, outcome: 'fail', expected: 'a known metric', got: metric };
  const input: MetricInput = { input: isRecord(each['input']) ? each['input'] : {}, params, dataset: context.dataset };
  let got: unknown;
  try {
    got = compute(input);
  } catch (error) {
    const text = error instanceof Unsupported ? `a convention that is not implemented: ${error.message}` : String(error);
    return { id, outcome: 'fail', expected: show(expected), got: text };
  }
  const tolerance = typeof each['tolerance'] === 'number' ? each['tolerance'] : 0;
  return agrees(expected, got, tolerance) ? { id, outcome: 'pass' } : { id, outcome: 'fail', expected: show(expected), got: show(got) };
}

/** An object must have the expected keys and may have others. A special float means that there is no value. */
function agrees(expected: unknown, got: unknown, tolerance: number): boolean {
  if (expected === null || expected === 'NaN' || expected === 'Infinity' || expected === '-Infinity') return got === undefined;
  if (typeof expected === 'number') {
    return typeof got === 'number' && (got === expected || Math.abs(got - expected) <= tolerance * Math.max(1, Math.abs(expected)));
  }
  if (Array.isArray(expected)) {
    return Array.isArray(got) && got.length === expected.length && expected.every((value, at) => agrees(value, got[at], tolerance));
  }
  if (isRecord(expected)) return isRecord(got) && Object.entries(expected).every(([name, value]) => agrees(value, got[name], tolerance));
  return expected === got;
}

function show(value: unknown): string {
  return value === undefined ? 'no value' : JSON.stringify(value);
}
