import type { MetricQuery } from '../alarms/definition.ts';
import { parseStatistic } from '../series/statistic.ts';
import { asNumber, asObject, asText, type JsonObject } from './loose-json.ts';
import { parseMetricMath } from './math-syntax.ts';

/** Why a dashboard body is not valid: where, what was found, and the rule. */
export interface DashboardProblem {
  readonly path: string;
  readonly value: unknown;
  readonly message: string;
}

/** One row of a widget's `metrics`, written out. */
export interface WidgetQuery {
  readonly query: MetricQuery;
  readonly label: string;
  readonly visible: boolean;
  readonly yAxis: 'left' | 'right';
  readonly color?: string;
  readonly region?: string;
}

interface Surroundings {
  readonly path: string;
  readonly periodSeconds: number;
  readonly statistic: string;
  readonly report: (path: string, value: unknown, rule: string) => void;
}

/**
 * Writes a widget's `metrics` out: `[namespace, name, dimension, value, …, { options }]` or `[{ expression }]`. `.` repeats the item in
 * the same place of the metric row above, `...` repeats as many of its items as leave room for what follows.
 * Rows without an id get `q1`, `q2`, … by their place.
 */
export function resolveMetrics(rows: readonly unknown[], around: Surroundings): readonly WidgetQuery[] {
  let above: readonly string[] = [];
  const resolved: { readonly row: WidgetQuery; readonly hasLabel: boolean }[] = [];
  for (const [at, row] of rows.entries()) {
    const path = `${around.path}.${at}`;
    if (!Array.isArray(row)) {
      around.report(path, row, 'must be a list');
      continue;
    }
    const options = asObject(row.at(-1));
    const items = (options === undefined ? row : row.slice(0, -1)).map(String);
    if (items.length === 0) {
      resolved.push(expressionRow(options ?? {}, at, { ...around, path }));
      continue;
    }
    const written = writeOut(items, above);
    if (written === undefined || written.length < 2 || written.length % 2 !== 0) {
      around.report(path, row, 'must be a namespace, a name and pairs of dimension and value; . and ... repeat the row above');
      continue;
    }
    above = written;
    resolved.push(metricRow(written, options ?? {}, at, { ...around, path }));
  }
  const ids = resolved.map(entry => entry.row.query.id);
  for (const [at, id] of ids.entries()) if (ids.indexOf(id) !== at) around.report(`${around.path}.${at}`, id, 'must have an id of its own');
  return withLabels(resolved);
}

function writeOut(items: readonly string[], above: readonly string[]): readonly string[] | undefined {
  const ellipsis = items.indexOf('...');
  if (ellipsis !== -1) {
    const after = items.length - ellipsis - 1;
    const repeated = above.slice(ellipsis, above.length - after);
    if (above.length === 0 || items.lastIndexOf('...') !== ellipsis || ellipsis + repeated.length + after !== above.length)
      return undefined;
    return writeOut([...items.slice(0, ellipsis), ...repeated, ...items.slice(ellipsis + 1)], above);
  }
  const written = items.map((item, at) => (item === '.' ? above[at] : item));
  return written.every(item => item !== undefined) ? written : undefined;
}

type Row = { readonly row: WidgetQuery; readonly hasLabel: boolean };

function metricRow(items: readonly string[], options: JsonObject, at: number, around: Surroundings): Row {
  const [namespace = '', metricName = '', ...pairs] = items;
  const dimensions: Record<string, string> = {};
  for (let pair = 0; pair < pairs.length; pair += 2) dimensions[pairs[pair] ?? ''] = pairs[pair + 1] ?? '';
  const statistic = asText(options['stat']) ?? around.statistic;
  if (parseStatistic(statistic) === undefined) around.report(`${around.path}.stat`, statistic, 'must be a statistic of CloudWatch');
  const periodSeconds = asNumber(options['period']) ?? around.periodSeconds;
  const query: MetricQuery = {
    id: idOf(options, at, around),
    stat: { namespace, metricName, dimensions, statistic, periodSeconds },
    returnData: options['visible'] !== false,
  };
  return rowOf(query, options, metricName);
}

function expressionRow(options: JsonObject, at: number, around: Surroundings): Row {
  const expression = asText(options['expression']);
  if (expression === undefined) around.report(`${around.path}.expression`, options['expression'], 'must be given where no metric is named');
  const parsed = parseMetricMath(expression ?? '0');
  // Metrics Insights queries stand in the same place and are no metric math.
  if (!parsed.ok && !/^\s*SELECT\b/i.test(expression ?? ''))
    around.report(`${around.path}.expression`, expression, `must be metric math (${parsed.error.message})`);
  const periodSeconds = asNumber(options['period']) ?? around.periodSeconds;
  const query: MetricQuery = {
    id: idOf(options, at, around),
    expression: expression ?? '',
    periodSeconds,
    returnData: options['visible'] !== false,
  };
  return rowOf(query, options, '');
}

function idOf(options: JsonObject, at: number, around: Surroundings): string {
  const id = asText(options['id']);
  if (id !== undefined && !/^[a-z]\w*$/.test(id))
    around.report(`${around.path}.id`, id, 'must start with a lower-case letter and hold letters, digits and _');
  return id ?? `q${at + 1}`;
}

function rowOf(query: MetricQuery, options: JsonObject, fallback: string): Row {
  const label = asText(options['label']);
  const color = asText(options['color']);
  const region = asText(options['region']);
  return {
    hasLabel: label !== undefined,
    row: {
      query: label === undefined ? query : { ...query, label },
      label: label ?? (fallback === '' ? query.id : fallback),
      visible: options['visible'] !== false,
      yAxis: options['yAxis'] === 'right' ? 'right' : 'left',
      ...(color === undefined ? {} : { color }),
      ...(region === undefined ? {} : { region }),
    },
  };
}

/** Metrics without a label are told apart by what differs: the dimension values when several share a name. */
function withLabels(rows: readonly Row[]): readonly WidgetQuery[] {
  const names = rows.map(({ row }) => ('stat' in row.query ? row.query.stat.metricName : undefined));
  return rows.map(({ row, hasLabel }) => {
    if (hasLabel || !('stat' in row.query)) return row;
    const { metricName, dimensions } = row.query.stat;
    const isShared = names.filter(name => name === metricName).length > 1;
    const others = new Set(names.filter(name => name !== undefined)).size > 1;
    const values = Object.values(dimensions).join(' ');
    if (!isShared || values === '') return row;
    return { ...row, label: others ? `${values} ${metricName}` : values };
  });
}
