import type { MetricQuery } from '../alarms/definition.ts';
import { err, ok, type Result, unreachable } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';
import { functionsOf, idsOf, type MathNode, type MathOperator, parseMetricMath } from './math-syntax.ts';

export { functionsOf, idsOf, type MathNode, nodesOf, parseMetricMath } from './math-syntax.ts';

/** Points at equal distances; null is a missing point. */
export interface MathSeries {
  readonly id: string;
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Whether it is a metric rather than the result of an expression. */
  readonly isMetric: boolean;
}

export type MathValue =
  | { readonly kind: 'scalar'; readonly value: number | null }
  | { readonly kind: 'series'; readonly series: MathSeries }
  | { readonly kind: 'array'; readonly list: readonly MathSeries[] };

/** Why an expression has no value: what was asked of which function. */
export interface MathProblem {
  readonly message: string;
}

/** Where an expression is evaluated. All series have `length` points, the first at `startMs`. */
export interface MathContext {
  readonly startMs: EpochMs;
  readonly periodMs: number;
  readonly length: number;
  readonly lookup: (id: string) => MathValue | undefined;
  /** The metrics of the request, for METRICS(). */
  readonly metrics: readonly MathSeries[];
  /** Resolves SEARCH('expression', 'statistic', period). */
  readonly search?: (expression: string, statistic: string, periodSeconds: number | undefined) => readonly MathSeries[];
  /** Upper and lower band of a series. */
  readonly band?: (series: MathSeries, deviations: number) => readonly [upper: MathSeries, lower: MathSeries];
}

/** With the points at which any series of the whole expression has a value. */
interface Context extends MathContext {
  readonly present: readonly boolean[];
}

class MathFault extends Error {}

/**
 * Value of a parsed expression.
 * Missing points, as CloudWatch documents them ("Using metric math"): in arithmetic, comparisons and AVG over an array, a missing point
 * counts as 0 where another series has one. With a number on the other side, "another" is any series of the whole expression, so that
 * `IF(total > 0, 100 * bad / total, 0)` is 0 where `bad` alone has a point. A division by zero, and any result that is not finite, drops
 * the point.
 * IF: true and missing gives 0, false and missing drops, a missing condition drops. STDDEV is of the whole population.
 */
export function evaluateMath(node: MathNode, context: MathContext): Result<MathValue, MathProblem> {
  try {
    return ok(resultOf(node, withPresence(node, context)));
  } catch (fault) {
    if (fault instanceof MathFault) return err({ message: fault.message });
    throw fault;
  }
}

function withPresence(node: MathNode, context: MathContext): Context {
  const named = idsOf(node).flatMap(id => seriesIn(context.lookup(id)));
  const all = functionsOf(node).includes('METRICS') ? [...named, ...context.metrics] : named;
  const present = Array.from({ length: context.length }, (_, at) => all.some(series => (series.values[at] ?? null) !== null));
  return { ...context, present };
}

const seriesIn = (value: MathValue | undefined): readonly MathSeries[] =>
  value === undefined || value.kind === 'scalar' ? [] : value.kind === 'series' ? [value.series] : value.list;

/** The series of a value: a final result must be one series or several, never a scalar. */
export function seriesOf(value: MathValue): Result<readonly MathSeries[], MathProblem> {
  if (value.kind === 'scalar') return err({ message: 'the result of an expression is a time series, and this one is a single number' });
  return ok(value.kind === 'series' ? [value.series] : value.list);
}

type Values = readonly (number | null)[];

const scalar = (value: number | null): MathValue => ({ kind: 'scalar', value: finite(value) });
const plain = (values: Values, from?: MathSeries): MathValue => ({ kind: 'series', series: derived(values, from) });
const derived = (values: Values, from?: MathSeries): MathSeries => ({
  id: from?.id ?? '',
  label: from?.label ?? '',
  values: values.map(finite),
  isMetric: false,
});
const finite = (value: number | null): number | null => (value === null || !Number.isFinite(value) ? null : value);
const fail = (message: string): never => {
  throw new MathFault(message);
};

function resultOf(node: MathNode, context: Context): MathValue {
  switch (node.kind) {
    case 'number':
      return scalar(node.value);
    case 'id':
      return context.lookup(node.id) ?? fail(`${node.id} is not an id of the request`);
    case 'negate':
      return perPoint(resultOf(node.node, context), value => -value);
    case 'binary':
      return combine(node.operator, resultOf(node.left, context), resultOf(node.right, context), context.present);
    case 'array':
      return { kind: 'array', list: node.nodes.flatMap(part => listOf(resultOf(part, context), context)) };
    case 'call':
      return call(node, context);
    case 'text':
    case 'word':
      return fail(`${node.value} is no value of its own`);
    default:
      return unreachable(node);
  }
}

function listOf(value: MathValue, context: Context): readonly MathSeries[] {
  if (value.kind === 'array') return value.list;
  return [value.kind === 'series' ? value.series : derived(constant(value.value, context))];
}

const constant = (value: number | null, context: Context): Values => new Array<number | null>(context.length).fill(value);

function perPoint(value: MathValue, change: (value: number) => number): MathValue {
  const series = (from: MathSeries): MathSeries =>
    derived(
      from.values.map(point => (point === null ? null : change(point))),
      from,
    );
  if (value.kind === 'scalar') return scalar(value.value === null ? null : change(value.value));
  return value.kind === 'series' ? { kind: 'series', series: series(value.series) } : { kind: 'array', list: value.list.map(series) };
}

function perSeries(value: MathValue, name: string, change: (values: Values) => Values): MathValue {
  if (value.kind === 'scalar') return fail(`${name} takes a time series`);
  if (value.kind === 'series') return plain(change(value.series.values), value.series);
  return { kind: 'array', list: value.list.map(series => derived(change(series.values), series)) };
}

function combine(operator: MathOperator, left: MathValue, right: MathValue, present: readonly boolean[]): MathValue {
  if (left.kind === 'array') {
    if (right.kind === 'array') return fail(`${operator} takes at most one array`);
    return { kind: 'array', list: left.list.map(series => asSeries(combine(operator, { kind: 'series', series }, right, present))) };
  }
  if (right.kind === 'array')
    return { kind: 'array', list: right.list.map(series => asSeries(combine(operator, left, { kind: 'series', series }, present))) };
  if (left.kind === 'scalar' && right.kind === 'scalar') {
    return scalar(left.value === null || right.value === null ? null : apply(operator, left.value, right.value));
  }
  if (left.kind === 'series' && right.kind === 'series') {
    const other = right.series.values;
    const values = left.series.values.map((value, at) => {
      const second = other[at] ?? null;
      return value === null && second === null ? null : apply(operator, value ?? 0, second ?? 0);
    });
    return plain(values, left.series);
  }
  if (left.kind === 'series') return plain(besideNumber(left.series, right, present, apply.bind(undefined, operator)), left.series);
  if (right.kind === 'series')
    return plain(
      besideNumber(right.series, left, present, (value, number) => apply(operator, number, value)),
      right.series,
    );
  return left;
}

function besideNumber(
  series: MathSeries,
  number: MathValue,
  present: readonly boolean[],
  change: (value: number, number: number) => number | null,
): Values {
  const other = number.kind === 'scalar' ? number.value : null;
  return series.values.map((value, at) => (other === null || (value === null && present[at] !== true) ? null : change(value ?? 0, other)));
}

const asSeries = (value: MathValue): MathSeries => (value.kind === 'series' ? value.series : fail('an array holds time series'));

function apply(operator: MathOperator, left: number, right: number): number | null {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? null : left / right;
    case '^':
      return left ** right;
    case '==':
      return Number(left === right);
    case '!=':
      return Number(left !== right);
    case '<':
      return Number(left < right);
    case '<=':
      return Number(left <= right);
    case '>':
      return Number(left > right);
    case '>=':
      return Number(left >= right);
    case 'AND':
      return Number(left !== 0 && right !== 0);
    case 'OR':
      return Number(left !== 0 || right !== 0);
    default:
      return unreachable(operator);
  }
}

function call(node: Extract<MathNode, { kind: 'call' }>, context: Context): MathValue {
  const first = node.args[0];
  const value = (): MathValue => resultOf(first ?? fail(`${node.name} takes an argument`), context);
  switch (node.name) {
    case 'ABS':
      return perPoint(value(), Math.abs);
    case 'CEIL':
      return perPoint(value(), Math.ceil);
    case 'FLOOR':
      return perPoint(value(), Math.floor);
    case 'LOG':
      return perPoint(value(), Math.log);
    case 'LOG10':
      return perPoint(value(), Math.log10);
    case 'AVG':
    case 'SUM':
    case 'MIN':
    case 'MAX':
    case 'STDDEV':
    case 'DATAPOINT_COUNT':
      return reduce(node.name, value(), context);
    case 'DIFF':
      return perSeries(value(), node.name, values => differences(values, (now, before) => now - before));
    case 'DIFF_TIME':
      return perSeries(value(), node.name, values => differences(values, (_now, _before, steps) => (steps * context.periodMs) / 1000));
    case 'RATE':
      return perSeries(value(), node.name, values =>
        differences(values, (now, before, steps) => (now - before) / ((steps * context.periodMs) / 1000)),
      );
    case 'RUNNING_SUM':
      return perSeries(value(), node.name, runningSum);
    case 'FILL':
      return fill(value(), node.args[1] ?? fail('FILL takes a filler'), context);
    case 'IF':
      return choose(node.args, context);
    case 'METRICS':
      return { kind: 'array', list: context.metrics.filter(metric => first === undefined || metric.id.includes(textOf(first, 'METRICS'))) };
    case 'METRIC_COUNT':
      return scalar(listOf(value(), context).length);
    case 'PERIOD': {
      const metric = value();
      if (metric.kind !== 'series' || !metric.series.isMetric) return fail('PERIOD takes a metric, not an expression');
      return scalar(context.periodMs / 1000);
    }
    case 'TIME_SERIES': {
      const constantValue = value();
      return constantValue.kind === 'scalar' ? plain(constant(constantValue.value, context)) : fail('TIME_SERIES takes a single number');
    }
    case 'MINUTE':
    case 'HOUR':
    case 'DAY':
    case 'DATE':
    case 'MONTH':
    case 'YEAR':
    case 'EPOCH':
      return timeSeries(node.name, value(), context);
    case 'FIRST':
    case 'LAST': {
      const list = listOf(value(), context);
      const chosen = node.name === 'FIRST' ? list[0] : list.at(-1);
      return chosen === undefined ? plain(constant(null, context)) : { kind: 'series', series: chosen };
    }
    case 'REMOVE_EMPTY':
      return { kind: 'array', list: listOf(value(), context).filter(series => series.values.some(point => point !== null)) };
    case 'SLICE':
      return slice(value(), node.args, context);
    case 'SORT':
      return sort(value(), node.args, context);
    case 'SEARCH':
      return search(node.args, context);
    case 'ANOMALY_DETECTION_BAND':
      return band(value(), node.args[1], context);
    default:
      return unreachable(node.name);
  }
}

type Reducer = 'AVG' | 'SUM' | 'MIN' | 'MAX' | 'STDDEV' | 'DATAPOINT_COUNT';

function reduce(name: Reducer, value: MathValue, context: Context): MathValue {
  if (value.kind === 'scalar') return fail(`${name} takes a time series or an array of them`);
  if (value.kind === 'series')
    return scalar(
      summary(
        name,
        value.series.values.filter(point => point !== null),
        0,
      ),
    );
  const points: (number | null)[] = [];
  for (let at = 0; at < context.length; at += 1) {
    const present = value.list.flatMap(series => series.values[at] ?? []);
    points.push(summary(name, present, value.list.length - present.length));
  }
  return plain(points);
}

/** @param absent series without a point where at least one has one: zeros for AVG, nothing for the others. */
function summary(name: Reducer, values: readonly number[], absent: number): number | null {
  if (name === 'DATAPOINT_COUNT') return values.length;
  if (values.length === 0) return null;
  const sum = values.reduce((total, value) => total + value, 0);
  switch (name) {
    case 'SUM':
      return sum;
    case 'AVG':
      return sum / (values.length + absent);
    case 'MIN':
      return values.reduce((least, value) => Math.min(least, value));
    case 'MAX':
      return values.reduce((most, value) => Math.max(most, value));
    case 'STDDEV': {
      const mean = sum / values.length;
      return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
    }
  }
}

function differences(values: Values, change: (now: number, before: number, steps: number) => number): Values {
  let last: number | undefined;
  return values.map((value, at) => {
    if (value === null) return null;
    const before = last;
    last = at;
    return before === undefined ? null : change(value, values[before] ?? 0, at - before);
  });
}

function runningSum(values: Values): Values {
  let sum = 0;
  return values.map(value => {
    if (value === null) return null;
    sum += value;
    return sum;
  });
}

function fill(value: MathValue, filler: MathNode, context: Context): MathValue {
  if (filler.kind === 'word' && filler.value === 'REPEAT') return perSeries(value, 'FILL', repeat);
  if (filler.kind === 'word' && filler.value === 'LINEAR') return perSeries(value, 'FILL', linear);
  const by = resultOf(filler, context);
  if (by.kind === 'array') return fail('FILL takes a number, REPEAT, LINEAR or one time series');
  return perSeries(value, 'FILL', values =>
    values.map((point, at) => point ?? (by.kind === 'scalar' ? by.value : (by.series.values[at] ?? null))),
  );
}

function repeat(values: Values): Values {
  let last: number | null = null;
  return values.map(value => {
    last = value ?? last;
    return last;
  });
}

/** Interpolates inside gaps; before the first and after the last point there is nothing to interpolate with. */
function linear(values: Values): Values {
  const filled = [...values];
  let before = -1;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? null;
    if (value === null) continue;
    const start = values[before] ?? null;
    for (let gap = before + 1; start !== null && gap < at; gap += 1)
      filled[gap] = start + ((value - start) * (gap - before)) / (at - before);
    before = at;
  }
  return filled;
}

function choose(args: readonly MathNode[], context: Context): MathValue {
  const [condition, whenTrue, whenFalse] = args.map(node => resultOf(node, context));
  if (condition === undefined || whenTrue === undefined || [condition, whenTrue, whenFalse].some(value => value?.kind === 'array')) {
    return fail('IF takes single time series and numbers');
  }
  if (condition.kind === 'scalar')
    return (condition.value !== null && condition.value !== 0 ? whenTrue : whenFalse) ?? plain(constant(null, context));
  const at = (value: MathValue | undefined, index: number): number | null => {
    if (value === undefined || value.kind === 'array') return null;
    return value.kind === 'scalar' ? value.value : (value.series.values[index] ?? null);
  };
  if (condition.kind === 'array') return fail('IF takes a single condition');
  const values = condition.series.values.map((test, index) =>
    test === null ? null : test === 0 ? at(whenFalse, index) : (at(whenTrue, index) ?? 0),
  );
  return plain(values, whenTrue.kind === 'series' ? whenTrue.series : undefined);
}

type TimeFunction = 'MINUTE' | 'HOUR' | 'DAY' | 'DATE' | 'MONTH' | 'YEAR' | 'EPOCH';

/** UTC; DAY is 1 for Monday to 7 for Sunday; EPOCH in seconds. Every point of the range has a value. */
function timeSeries(name: TimeFunction, value: MathValue, context: Context): MathValue {
  if (value.kind !== 'series') return fail(`${name} takes a time series`);
  return plain(Array.from({ length: context.length }, (_, at) => timePart(name, context.startMs + at * context.periodMs)));
}

function timePart(name: TimeFunction, ms: EpochMs): number {
  const date = new Date(ms);
  switch (name) {
    case 'MINUTE':
      return date.getUTCMinutes();
    case 'HOUR':
      return date.getUTCHours();
    case 'DAY':
      return ((date.getUTCDay() + 6) % 7) + 1;
    case 'DATE':
      return date.getUTCDate();
    case 'MONTH':
      return date.getUTCMonth() + 1;
    case 'YEAR':
      return date.getUTCFullYear();
    case 'EPOCH':
      return Math.floor(ms / 1000);
  }
}

const textOf = (node: MathNode, name: string): string =>
  node.kind === 'text' || node.kind === 'word' ? node.value : fail(`${name} takes a text in quotes`);

function numberOf(node: MathNode | undefined, name: string, context: Context): number | undefined {
  if (node === undefined) return undefined;
  const value = resultOf(node, context);
  return value.kind === 'scalar' && value.value !== null ? value.value : fail(`${name} takes a number`);
}

function slice(value: MathValue, args: readonly MathNode[], context: Context): MathValue {
  return { kind: 'array', list: listOf(value, context).slice(numberOf(args[1], 'SLICE', context), numberOf(args[2], 'SLICE', context)) };
}

function sort(value: MathValue, args: readonly MathNode[], context: Context): MathValue {
  const by = textOf(args[1] ?? fail('SORT takes a function'), 'SORT');
  const order = textOf(args[2] ?? fail('SORT takes an order'), 'SORT');
  if (!['AVG', 'MIN', 'MAX', 'SUM'].includes(by)) return fail('SORT sorts by AVG, MIN, MAX or SUM');
  if (order !== 'ASC' && order !== 'DESC') return fail('SORT sorts ASC or DESC');
  const direction = order === 'ASC' ? 1 : -1;
  const keyed = listOf(value, context).map(series => ({
    series,
    key: summary(
      by as Reducer,
      series.values.filter(point => point !== null),
      0,
    ),
  }));
  // Series without points come last in either order.
  keyed.sort((a, b) => (a.key === null ? (b.key === null ? 0 : 1) : b.key === null ? -1 : direction * (a.key - b.key)));
  return { kind: 'array', list: keyed.map(entry => entry.series).slice(0, numberOf(args[3], 'SORT', context)) };
}

function search(args: readonly MathNode[], context: Context): MathValue {
  const [expression, statistic] = args;
  if (context.search === undefined) return fail('SEARCH is for dashboards: an alarm watches one time series');
  return {
    kind: 'array',
    list: context.search(
      textOf(expression ?? fail('SEARCH takes an expression'), 'SEARCH'),
      textOf(statistic ?? fail('SEARCH takes a statistic'), 'SEARCH'),
      numberOf(args[2], 'SEARCH', context),
    ),
  };
}

/** Standard deviations of a band when the expression names none. */
const DEFAULT_DEVIATIONS = 2;

function band(value: MathValue, deviations: MathNode | undefined, context: Context): MathValue {
  if (value.kind !== 'series') return fail('ANOMALY_DETECTION_BAND takes one time series');
  if (context.band === undefined) return fail('ANOMALY_DETECTION_BAND is not available here');
  return { kind: 'array', list: context.band(value.series, numberOf(deviations, 'ANOMALY_DETECTION_BAND', context) ?? DEFAULT_DEVIATIONS) };
}

const parsedExpressions = new Map<string, ReturnType<typeof parseMetricMath>>();

/** Parses an expression once; the cache is bounded and keyed by the whole text. */
export function parsedMath(expression: string): ReturnType<typeof parseMetricMath> {
  const known = parsedExpressions.get(expression);
  if (known !== undefined) return known;
  const parsed = parseMetricMath(expression);
  if (parsedExpressions.size < 2000) parsedExpressions.set(expression, parsed);
  return parsed;
}

export interface QueryWindow extends Pick<MathContext, 'startMs' | 'periodMs' | 'length' | 'search'> {
  readonly read: (query: Extract<MetricQuery, { readonly stat: unknown }>) => readonly (number | null)[];
  readonly band?: (series: MathSeries, deviations: number) => readonly [upper: MathSeries, lower: MathSeries];
}

/** Values of all queries by id; expressions may name each other in any order, but not in a circle. */
export function evaluateQueries(queries: readonly MetricQuery[], window: QueryWindow): Result<ReadonlyMap<string, MathValue>, MathProblem> {
  const values = new Map<string, MathValue>();
  const byId = new Map(queries.map(query => [query.id, query]));
  const metrics = queries.flatMap(query => ('stat' in query ? [metricSeries(query, window)] : []));
  for (const series of metrics) values.set(series.id, { kind: 'series', series });
  const open = new Set<string>();
  const resolve = (id: string): MathValue | undefined => {
    const known = values.get(id);
    const query = byId.get(id);
    if (known !== undefined || query === undefined || !('expression' in query)) return known;
    if (open.has(id)) return fail(`${id} depends on itself`);
    open.add(id);
    const parsed = parsedMath(query.expression);
    if (!parsed.ok) return fail(parsed.error.message);
    const value = named(resultOf(parsed.value, withPresence(parsed.value, { ...window, metrics, lookup: resolve })), query);
    open.delete(id);
    values.set(id, value);
    return value;
  };
  try {
    for (const query of queries) resolve(query.id);
    return ok(values);
  } catch (fault) {
    if (fault instanceof MathFault) return err({ message: fault.message });
    throw fault;
  }
}

function metricSeries(query: Extract<MetricQuery, { readonly stat: unknown }>, window: QueryWindow): MathSeries {
  return { id: query.id, label: query.label ?? query.stat.metricName, values: window.read(query), isMetric: true };
}

function named(value: MathValue, query: MetricQuery): MathValue {
  const label = query.label ?? query.id;
  if (value.kind === 'series') return { kind: 'series', series: { ...value.series, id: query.id, label, isMetric: false } };
  if (value.kind === 'scalar') return value;
  return {
    kind: 'array',
    list: value.list.map(series => ({
      ...series,
      isMetric: false,
      label: query.label === undefined || query.label === '' ? series.label : `${query.label} ${series.label}`,
    })),
  };
}
