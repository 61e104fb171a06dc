import { describe, expect, test } from 'vitest';
import { evaluateMath, evaluateQueries, type MathSeries, parseMetricMath, seriesOf } from '../../core/cloudwatch/metric-math.ts';

type Points = readonly (number | null)[];
const _ = null;

function evaluate(expression: string, inputs: Readonly<Record<string, Points>>, startMs = 0): Points | string {
  const parsed = parseMetricMath(expression);
  if (!parsed.ok) return parsed.error.message;
  const metrics: readonly MathSeries[] = Object.entries(inputs).map(([id, values]) => ({ id, label: id, values, isMetric: true }));
  const value = evaluateMath(parsed.value, {
    startMs,
    periodMs: 60_000,
    length: Math.max(...metrics.map(metric => metric.values.length)),
    metrics,
    lookup: id => {
      const series = metrics.find(metric => metric.id === id);
      return series === undefined ? undefined : { kind: 'series', series };
    },
  });
  if (!value.ok) return value.error.message;
  const list = seriesOf(value.value);
  if (!list.ok) return list.error.message;
  return list.value.length === 1 ? (list.value[0]?.values ?? []) : list.value.map(series => series.label).join(' ');
}

const a: Points = [1, 2, _, 4];
const b: Points = [10, _, _, 5];

describe('arithmetic and comparison', () => {
  test.each([
    ['a + b', [11, 2, _, 9]],
    ['b - a', [9, -2, _, 1]],
    ['a * 2', [2, 4, _, 8]],
    ['a / b', [0.1, _, _, 0.8]],
    ['b / a', [10, 0, _, 1.25]],
    ['100 / (a - 1)', [_, 100, _, 100 / 3]],
    ['-a', [-1, -2, _, -4]],
    ['2 + 3 * a ^ 2', [5, 14, _, 50]],
    ['-a ^ 2', [-1, -4, _, -16]],
    ['(a + b) * 2 - 1', [21, 3, _, 17]],
    ['a < b', [1, 0, _, 1]],
    ['a == 2 || b > 9', [1, 1, _, 0]],
    ['a >= 2 && b >= 5', [0, 0, _, 1]],
    ['10 - a', [9, 8, _, 6]],
    ['a - AVG(a)', [1 - 7 / 3, 2 - 7 / 3, _, 4 - 7 / 3]],
    ['MAX(a) / a', [4, 2, _, 1]],
  ])('%s', (expression, expected) => {
    const got = evaluate(expression, { a, b });
    expect(Array.isArray(got) ? got.map(round) : got).toEqual((expected as Points).map(round));
  });
});

const round = (value: number | null): number | null => (value === null ? null : Math.round(value * 1e9) / 1e9);

describe('conditions', () => {
  test.each([
    ['IF(a > 1, a)', [_, 2, _, 4]],
    ['IF(a > 1, 7, 3)', [3, 7, _, 7]],
    ['IF(a, b, 1)', [10, 0, _, 5]],
    ['IF(1 > 0, a, b)', [1, 2, _, 4]],
    ['IF(1 > 2, a)', [_, _, _, _]],
    ['IF(-a, 1, 0)', [1, 1, _, 1]],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression, { a, b: [10, _, 9, 5] })).toEqual(expected);
  });

  test('an error share is 0 where the total stops although errors are there', () => {
    expect(evaluate('IF(total > 0, 100 * bad / total, 0)', { bad: [1, _, 3, _], total: [4, 4, _, _] })).toEqual([25, 0, 0, _]);
  });
});

describe('functions', () => {
  test.each([
    ['FILL(a, 0)', [1, 2, 0, 4]],
    ['FILL(a, REPEAT)', [1, 2, 2, 4]],
    ['FILL(a, LINEAR)', [1, 2, 3, 4]],
    ['FILL(b, a)', [10, 2, _, 5]],
    ['RATE(a)', [_, 1 / 60, _, 2 / 120]],
    ['DIFF(a)', [_, 1, _, 2]],
    ['DIFF_TIME(a)', [_, 60, _, 120]],
    ['RUNNING_SUM(a)', [1, 3, _, 7]],
    ['SUM([a, b])', [11, 2, _, 9]],
    ['AVG([a, b])', [5.5, 1, _, 4.5]],
    ['MIN([a, b])', [1, 2, _, 4]],
    ['MAX(METRICS())', [10, 2, _, 5]],
    ['SUM(METRICS("b"))', [10, _, _, 5]],
    ['STDDEV([a, b])', [4.5, 0, _, 0.5]],
    ['DATAPOINT_COUNT([a, b])', [2, 1, 0, 2]],
    ['a / PERIOD(a)', [1 / 60, 2 / 60, _, 4 / 60]],
    ['a / METRIC_COUNT(METRICS())', [0.5, 1, _, 2]],
    ['CEIL(a / 3) + FLOOR(a / 3)', [1, 1, _, 3]],
    ['LOG10(b)', [1, _, _, Math.log10(5)]],
    ['ABS(a - b)', [9, 2, _, 1]],
    ['TIME_SERIES(MAX(b))', [10, 10, 10, 10]],
    ['FIRST(SORT([a, b], SUM, DESC))', [10, _, _, 5]],
    ['LAST(SLICE([a, b], 0, 1))', [1, 2, _, 4]],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression, { a, b })).toEqual(expected);
  });

  test('time functions know weekday, hour and minute in UTC, also where points are missing', () => {
    const sunday = Date.UTC(2026, 10, 22, 23, 58);
    expect(['DAY(a)', 'HOUR(a)', 'MINUTE(a)', 'IF(DAY(a) < 6, a)'].map(expression => evaluate(expression, { a }, sunday))).toEqual([
      [7, 7, 1, 1],
      [23, 23, 0, 0],
      [58, 59, 0, 1],
      [_, _, 0, 4],
    ]);
  });

  test('empty series are removed', () => {
    expect(evaluate('REMOVE_EMPTY(METRICS())', { a, none: [_, _, _, _] })).toEqual(a);
  });
});

test.each([
  ['AVG(a)', 'the result of an expression is a time series, and this one is a single number'],
  ['PERIOD(a + 1)', 'PERIOD takes a metric, not an expression'],
  ['nobody + 1', 'nobody is not an id of the request'],
  ['SEARCH("x", "Sum", 60)', 'SEARCH is for dashboards: an alarm watches one time series'],
  ['a +', 'metric math: a value is a number, an id, a function, an array in [ ] or a group in ( ); found the end at position 3'],
  ['avg(a)', 'metric math: avg is not a function of metric math that is known here; found "avg(a)" at position 0'],
  ['IF(a)', 'metric math: IF takes 2 to 3 arguments; found "IF(a)" at position 0'],
  ['a b', 'metric math: values are joined by an operator; found "b" at position 2'],
])('%s: %s', (expression, message) => {
  expect(evaluate(expression, { a })).toBe(message);
});

test('queries may name each other in any order, but not in a circle', () => {
  const window = { startMs: 0, periodMs: 60_000, length: 2, read: () => [1, 2] };
  const metric = {
    id: 'm1',
    returnData: false,
    stat: { namespace: 'N', metricName: 'M', dimensions: {}, statistic: 'Sum', periodSeconds: 60 },
  };
  const expression = (id: string, text: string) => ({ id, expression: text, returnData: true });
  const values = evaluateQueries([expression('e2', 'e1 * 2'), expression('e1', 'm1 + 1'), metric], window);
  expect(values.ok && values.value.get('e2')).toMatchObject({ series: { values: [4, 6] } });
  expect(evaluateQueries([expression('e1', 'e2'), expression('e2', 'e1')], window)).toEqual({
    ok: false,
    error: { message: 'e1 depends on itself' },
  });
});
