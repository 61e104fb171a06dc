import type { MetricQuery } from '../alarms/definition.ts';
import { err, ok, type Result } from '../result.ts';
import { parseStatistic } from '../series/statistic.ts';
import { type DashboardProblem, resolveMetrics, type WidgetQuery } from './dashboard-metrics.ts';
import { asArray, asNumber, asObject, asText, type JsonObject } from './loose-json.ts';

export type { DashboardProblem, WidgetQuery } from './dashboard-metrics.ts';

/** Limits of a dashboard. Source: CloudWatch user guide and service quotas, 2026. */
export const DASHBOARD_LIMITS = {
  widgets: 500,
  metricsPerWidget: 500,
  metrics: 2500,
  variables: 25,
  columns: 24,
  height: 1000,
  alarmsPerWidget: 100,
} as const;

export interface DashboardBody {
  /** Relative (`-PT8H`) or absolute start of the first view. */
  readonly start?: string;
  readonly end?: string;
  readonly periodOverride?: string;
  readonly variables: readonly JsonObject[];
  readonly widgets: readonly Widget[];
}

/** Place on the grid of 24 columns. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Widget = MetricWidget | TextWidget | LogWidget | AlarmWidget | CustomWidget | OtherWidget;

export interface MetricWidget extends Place {
  readonly type: 'metric';
  readonly title?: string;
  readonly view: MetricView;
  readonly stacked: boolean;
  readonly region?: string;
  readonly periodSeconds: number;
  readonly statistic: string;
  /** Metrics and expressions in order, with the shorthand resolved. Those with `visible: false` feed expressions only. */
  readonly queries: readonly WidgetQuery[];
  readonly left: Axis;
  readonly right: Axis;
  readonly horizontal: readonly Annotation[];
  readonly vertical: readonly Annotation[];
  /** ARNs of alarms whose thresholds are drawn. */
  readonly alarms: readonly string[];
  readonly setPeriodToTimeRange: boolean;
  readonly liveData: boolean;
  readonly sparkline: boolean;
  readonly legend: 'bottom' | 'right' | 'hidden';
}

export type MetricView = 'timeSeries' | 'singleValue' | 'gauge' | 'bar' | 'pie' | 'table';

export interface Axis {
  readonly min?: number;
  readonly max?: number;
  readonly label?: string;
}

export interface Annotation {
  /** A number for horizontal lines, ISO 8601 for vertical ones. */
  readonly value: number | string;
  readonly label?: string;
  readonly color?: string;
  readonly fill?: string;
  /** Other end of a band. */
  readonly to?: number | string;
}

export interface TextWidget extends Place {
  readonly type: 'text';
  readonly markdown: string;
}

export interface LogWidget extends Place {
  readonly type: 'log';
  readonly title?: string;
  readonly view: string;
  readonly logGroups: readonly string[];
  /** The query without its SOURCE. */
  readonly query: string;
  readonly region?: string;
}

export interface AlarmWidget extends Place {
  readonly type: 'alarm';
  readonly title?: string;
  /** ARNs or names. */
  readonly alarms: readonly string[];
  readonly states?: readonly string[];
  readonly sortBy?: string;
}

export interface CustomWidget extends Place {
  readonly type: 'custom';
  readonly title?: string;
  /** ARN of the function. */
  readonly endpoint: string;
  readonly params: JsonObject;
  readonly updateOn: { readonly refresh: boolean; readonly resize: boolean; readonly timeRange: boolean };
}

/** A kind that is passed on without a look inside, such as `explorer`. */
export interface OtherWidget extends Place {
  readonly type: 'other';
  readonly kind: string;
  readonly properties: JsonObject;
}

/**
 * Parses a dashboard body (JSON text or its value) into a typed model with every default filled in and every metric written out.
 * All problems are reported at once, each with its path, the value found and the rule.
 * Source: CloudWatch API reference, "Dashboard body structure and syntax".
 */
export function parseDashboardBody(body: unknown): Result<DashboardBody, readonly DashboardProblem[]> {
  const record = typeof body === 'string' ? asObject(jsonOf(body)) : asObject(body);
  if (record === undefined) return err([{ path: '', value: body, message: 'dashboard body: the body is a JSON object' }]);
  const problems: DashboardProblem[] = [];
  const report: Report = (path, value, rule) => {
    problems.push({ path, value, message: `${path} ${rule}; was ${JSON.stringify(value) ?? 'absent'}` });
  };
  const entries = asArray(record['widgets']);
  if (!Array.isArray(record['widgets'])) report('widgets', record['widgets'], 'must be a list');
  if (entries.length > DASHBOARD_LIMITS.widgets) report('widgets', entries.length, `must be at most ${DASHBOARD_LIMITS.widgets}`);
  const variables = asArray(record['variables']).flatMap<JsonObject>(entry => asObject(entry) ?? []);
  if (variables.length > DASHBOARD_LIMITS.variables) report('variables', variables.length, `must be at most ${DASHBOARD_LIMITS.variables}`);
  const widgets = entries.map((entry, at) => readWidget(asObject(entry) ?? {}, `widgets.${at}`, report));
  const metrics = widgets.reduce((sum, widget) => sum + (widget.type === 'metric' ? widget.queries.length : 0), 0);
  if (metrics > DASHBOARD_LIMITS.metrics) report('widgets', metrics, `must have at most ${DASHBOARD_LIMITS.metrics} metrics in all`);
  if (problems.length > 0) return err(problems);
  return ok({
    ...optionalText(record, 'start'),
    ...optionalText(record, 'end'),
    ...optionalText(record, 'periodOverride'),
    variables,
    widgets,
  });
}

type Report = (path: string, value: unknown, rule: string) => void;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function optionalText<K extends string>(record: JsonObject, key: K): { readonly [P in K]?: string } {
  const value = asText(record[key]);
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: string });
}

function readPlace(record: JsonObject, path: string, report: Report): Place {
  const number = (key: keyof Place, fallback: number): number => {
    const value = record[key] === undefined ? fallback : asNumber(record[key]);
    if (value === undefined || !Number.isInteger(value) || value < 0)
      report(`${path}.${key}`, record[key], 'must be a whole number from 0');
    return value ?? fallback;
  };
  const place = { x: number('x', 0), y: number('y', 0), width: number('width', 6), height: number('height', 6) };
  if (place.width < 1 || place.x + place.width > DASHBOARD_LIMITS.columns)
    report(`${path}.width`, place.width, `must be 1 to ${DASHBOARD_LIMITS.columns} columns, with x at most ${DASHBOARD_LIMITS.columns}`);
  if (place.height < 1 || place.height > DASHBOARD_LIMITS.height)
    report(`${path}.height`, place.height, `must be 1 to ${DASHBOARD_LIMITS.height}`);
  return place;
}

function readWidget(record: JsonObject, path: string, report: Report): Widget {
  const place = readPlace(record, path, report);
  const properties = asObject(record['properties']) ?? {};
  const inside = `${path}.properties`;
  const type = asText(record['type']) ?? '';
  switch (type) {
    case 'metric':
      return { ...place, ...readMetric(properties, inside, report) };
    case 'text':
      if (typeof properties['markdown'] !== 'string') report(`${inside}.markdown`, properties['markdown'], 'must be a text');
      return { ...place, type, markdown: asText(properties['markdown']) ?? '' };
    case 'log':
      return { ...place, ...readLog(properties, inside, report) };
    case 'alarm':
      return { ...place, ...readAlarms(properties, inside, report) };
    case 'custom':
      return { ...place, ...readCustom(properties, inside, report) };
    default:
      if (type === '') report(`${path}.type`, record['type'], 'must be metric, text, log, alarm, custom or explorer');
      return { ...place, type: 'other', kind: type, properties };
  }
}

const VIEWS: readonly string[] = ['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table'] satisfies readonly MetricView[];
const DEFAULT_PERIOD_SECONDS = 300;

function readMetric(properties: JsonObject, path: string, report: Report): Omit<MetricWidget, keyof Place> {
  const view = asText(properties['view']) ?? 'timeSeries';
  if (!VIEWS.includes(view)) report(`${path}.view`, view, `must be one of ${VIEWS.join(', ')}`);
  const periodSeconds = asNumber(properties['period']) ?? DEFAULT_PERIOD_SECONDS;
  if (![1, 5, 10, 20, 30].includes(periodSeconds) && (periodSeconds < 60 || periodSeconds % 60 !== 0))
    report(`${path}.period`, properties['period'], 'must be 1, 5, 10, 20, 30 or a multiple of 60');
  const statistic = asText(properties['stat']) ?? 'Average';
  if (parseStatistic(statistic) === undefined) report(`${path}.stat`, statistic, 'must be a statistic of CloudWatch');
  const annotations = asObject(properties['annotations']) ?? {};
  const alarms = asArray(annotations['alarms']).flatMap(entry => asText(entry) ?? []);
  const queries = resolveMetrics(asArray(properties['metrics']), { path: `${path}.metrics`, periodSeconds, statistic, report });
  if (queries.length === 0 && alarms.length === 0)
    report(`${path}.metrics`, properties['metrics'], 'must name a metric, unless annotations.alarms names an alarm');
  if (queries.length > DASHBOARD_LIMITS.metricsPerWidget)
    report(`${path}.metrics`, queries.length, `must be at most ${DASHBOARD_LIMITS.metricsPerWidget}`);
  const axes = asObject(properties['yAxis']) ?? {};
  const legend = asText(asObject(properties['legend'])?.['position']);
  const left = readAxis(asObject(axes['left']));
  if (view === 'gauge' && (left.min === undefined || left.max === undefined))
    report(`${path}.yAxis.left`, axes['left'], 'must have min and max for a gauge');
  return {
    type: 'metric',
    ...optionalText(properties, 'title'),
    view: view as MetricView,
    stacked: properties['stacked'] === true,
    ...optionalText(properties, 'region'),
    periodSeconds,
    statistic,
    queries,
    left,
    right: readAxis(asObject(axes['right'])),
    horizontal: asArray(annotations['horizontal']).flatMap(readAnnotation),
    vertical: asArray(annotations['vertical']).flatMap(readAnnotation),
    alarms,
    setPeriodToTimeRange: properties['setPeriodToTimeRange'] === true,
    liveData: properties['liveData'] === true,
    sparkline: properties['sparkline'] === true,
    legend: legend === 'right' || legend === 'hidden' ? legend : 'bottom',
  };
}

function readAxis(axis: JsonObject | undefined): Axis {
  const min = asNumber(axis?.['min']);
  const max = asNumber(axis?.['max']);
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }), ...optionalText(axis ?? {}, 'label') };
}

/** A line `{ value, label }` or a band `[{ value }, { value }]`. */
function readAnnotation(entry: unknown): readonly Annotation[] {
  const [first, second] = Array.isArray(entry) ? [asObject(entry[0]), asObject(entry[1])] : [asObject(entry), undefined];
  const value = first?.['value'];
  if (first === undefined || first['visible'] === false || (typeof value !== 'number' && typeof value !== 'string')) return [];
  const to = second?.['value'];
  return [
    {
      value,
      ...optionalText(first, 'label'),
      ...optionalText(first, 'color'),
      ...optionalText(first, 'fill'),
      ...(typeof to === 'number' || typeof to === 'string' ? { to } : {}),
    },
  ];
}

function readLog(properties: JsonObject, path: string, report: Report): Omit<LogWidget, keyof Place> {
  const text = asText(properties['query']);
  if (text === undefined) report(`${path}.query`, properties['query'], 'must be a query that starts with SOURCE');
  const { logGroups, query } = splitSource(text ?? '');
  if (text !== undefined && logGroups.length === 0) report(`${path}.query`, text, "must start with SOURCE 'log group'");
  return {
    type: 'log',
    ...optionalText(properties, 'title'),
    view: asText(properties['view']) ?? 'table',
    logGroups,
    query,
    ...optionalText(properties, 'region'),
  };
}

/** `SOURCE 'a' | SOURCE 'b' | fields …` or `SOURCE 'a', 'b' | …`: the groups, and the query without them. */
export function splitSource(text: string): { readonly logGroups: readonly string[]; readonly query: string } {
  const logGroups: string[] = [];
  let rest = text.trim();
  for (;;) {
    const source = /^SOURCE\s+((?:'[^']*'|"[^"]*"|[^\s|,]+)(?:\s*,\s*(?:'[^']*'|"[^"]*"|[^\s|,]+))*)\s*\|?\s*/i.exec(rest);
    if (source === null) return { logGroups, query: rest };
    for (const name of (source[1] ?? '').matchAll(/'([^']*)'|"([^"]*)"|([^\s,]+)/g)) logGroups.push(name[1] ?? name[2] ?? name[3] ?? '');
    rest = rest.slice(source[0].length);
  }
}

function readAlarms(properties: JsonObject, path: string, report: Report): Omit<AlarmWidget, keyof Place> {
  const alarms = asArray(properties['alarms']).flatMap(entry => asText(entry) ?? []);
  if (alarms.length === 0) report(`${path}.alarms`, properties['alarms'], 'must name an alarm');
  if (alarms.length > DASHBOARD_LIMITS.alarmsPerWidget)
    report(`${path}.alarms`, alarms.length, `must be at most ${DASHBOARD_LIMITS.alarmsPerWidget}`);
  const states = asArray(properties['states']).flatMap(entry => asText(entry) ?? []);
  return {
    type: 'alarm',
    ...optionalText(properties, 'title'),
    alarms,
    ...(states.length === 0 ? {} : { states }),
    ...optionalText(properties, 'sortBy'),
  };
}

function readCustom(properties: JsonObject, path: string, report: Report): Omit<CustomWidget, keyof Place> {
  const endpoint = asText(properties['endpoint']);
  if (endpoint === undefined) report(`${path}.endpoint`, properties['endpoint'], 'must be the ARN of a function');
  const updateOn = asObject(properties['updateOn']) ?? {};
  return {
    type: 'custom',
    ...optionalText(properties, 'title'),
    endpoint: endpoint ?? '',
    params: asObject(properties['params']) ?? {},
    updateOn: { refresh: updateOn['refresh'] !== false, resize: updateOn['resize'] === true, timeRange: updateOn['timeRange'] !== false },
  };
}

/** The queries of a widget as they are asked of a metric store. */
export const metricQueriesOf = (widget: MetricWidget): readonly MetricQuery[] => widget.queries.map(entry => entry.query);
