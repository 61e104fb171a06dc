/**
 * A CloudWatch dashboard body as the viewer draws it. Reading is lenient: what is not understood becomes a plain note on the
 * widget or the dashboard, never a failure, because any body may be opened here. Pure.
 * Source: CloudWatch's "Dashboard body structure and syntax" (2026).
 */
import { splitSource } from '../../../core/cloudwatch/dashboard-body.ts';
import { type DashboardVariable, dashboardVariables } from '../../../core/cloudwatch/dashboard-variables.ts';
import { expandMetrics, type MetricRow } from './shorthand.ts';

export type View = 'timeSeries' | 'bar' | 'pie' | 'singleValue' | 'gauge' | 'table';
export type Fill = 'above' | 'below' | 'between' | 'none';

export interface HorizontalMark {
  readonly value: number;
  readonly label?: string;
  readonly color?: string;
  readonly fill: Fill;
  readonly yAxis: 'left' | 'right';
  /** The other edge of a band, when two marks stand together. */
  readonly to?: { readonly value: number; readonly label?: string };
}

export interface VerticalMark {
  readonly atMs: number;
  readonly label?: string;
  readonly color?: string;
  readonly fill: 'before' | 'after' | 'between' | 'none';
  readonly toMs?: number;
}

export interface Axis {
  readonly min?: number;
  readonly max?: number;
  readonly label?: string;
  readonly showUnits: boolean;
}

export interface MetricSpec {
  readonly kind: 'metric';
  readonly view: View;
  readonly stacked: boolean;
  readonly rows: readonly MetricRow[];
  /** Plain sentences about rows that could not be read. */
  readonly notes: readonly string[];
  readonly stat: string;
  readonly periodSeconds: number;
  readonly left: Axis;
  readonly right: Axis;
  readonly horizontal: readonly HorizontalMark[];
  readonly vertical: readonly VerticalMark[];
  /** ARNs or names of alarms whose thresholds are drawn. */
  readonly alarms: readonly string[];
  readonly legend: 'bottom' | 'right' | 'hidden';
  readonly liveData: boolean;
  readonly sparkline: boolean;
  /** One value over the whole range instead of the newest one. */
  readonly wholeRange: boolean;
  readonly fullPrecision: boolean;
  /** ISO 8601 duration such as `-PT3H` or a moment: a range of the widget's own. */
  readonly start?: string;
  readonly end?: string;
  /** Names on the slices of a pie. */
  readonly pieLabels: boolean;
  readonly table: { readonly vertical: boolean; readonly summary: readonly string[]; readonly showSeries: boolean };
}

export interface TextSpec {
  readonly kind: 'text';
  readonly markdown: string;
  readonly transparent: boolean;
}

export interface AlarmSpec {
  readonly kind: 'alarm';
  readonly alarms: readonly string[];
  readonly states: readonly string[];
  readonly sortBy: string;
}

export interface LogSpec {
  readonly kind: 'log';
  readonly groups: readonly string[];
  readonly query: string;
  readonly view: 'table' | 'timeSeries' | 'bar' | 'pie';
  readonly stacked: boolean;
}

export interface CustomSpec {
  readonly kind: 'custom';
  readonly endpoint: string;
  readonly params: unknown;
  readonly updateOn: { readonly refresh: boolean; readonly resize: boolean; readonly timeRange: boolean };
}

/** Lists resources by their tags, which only an account knows. */
export interface ExplorerSpec {
  readonly kind: 'explorer';
  /** Names of the metrics that it would draw, and of what it groups by. */
  readonly metrics: readonly string[];
  readonly tags: readonly string[];
}

export interface UnknownSpec {
  readonly kind: 'unknown';
  readonly type: string;
}

export type Spec = MetricSpec | TextSpec | AlarmSpec | LogSpec | CustomSpec | ExplorerSpec | UnknownSpec;

export interface WidgetModel {
  readonly index: number;
  readonly title: string;
  readonly x?: number;
  readonly y?: number;
  readonly width: number;
  readonly height: number;
  readonly spec: Spec;
  /** Plain sentences about what this viewer leaves out. */
  readonly notes: readonly string[];
}

export interface DashboardModel {
  readonly widgets: readonly WidgetModel[];
  /** ISO 8601 duration such as `-PT3H`, or a moment. */
  readonly start?: string;
  readonly end?: string;
  readonly inheritPeriods: boolean;
  readonly variables: readonly DashboardVariable[];
  readonly notes: readonly string[];
}

type Bag = Readonly<Record<string, unknown>>;

const bag = (value: unknown): Bag => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Bag) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const number = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const strings = (value: unknown): string[] => list(value).filter(each => typeof each === 'string');

/** Leaves out keys whose value is undefined, so that absent stays absent. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

const knownKeys: Readonly<Record<string, readonly string[]>> = {
  metric:
    'accountId annotations legend liveData metrics period region stat title view stacked yAxis table sparkline setPeriodToTimeRange singleValueFullPrecision timezone labels start end width height'.split(
      ' ',
    ),
  text: ['markdown', 'background'],
  alarm: ['alarms', 'sortBy', 'states', 'title'],
  log: ['accountId', 'query', 'queryLanguage', 'region', 'title', 'view', 'stacked', 'queryBy', 'logGroupPrefixes'],
  custom: ['endpoint', 'params', 'title', 'updateOn'],
  explorer: ['metrics', 'labels', 'aggregateBy', 'widgetOptions', 'period', 'splitBy', 'region', 'title'],
};

const defaultSize: Readonly<Record<string, readonly [number, number]>> = { text: [6, 6], alarm: [6, 6] };

export function readDashboard(body: unknown): DashboardModel {
  const top = bag(typeof body === 'string' ? parse(body) : body);
  const known = ['widgets', 'start', 'end', 'periodOverride', 'variables', 'timezone'];
  return {
    widgets: list(top['widgets']).map((widget, index) => readWidget(bag(widget), index)),
    ...present({ start: text(top['start']), end: text(top['end']) }),
    inheritPeriods: top['periodOverride'] === 'inherit',
    variables: dashboardVariables(top),
    notes: [
      ...unknownKeys(top, known).map(key => `Property "${key}" of the dashboard is not drawn here.`),
      ...(Array.isArray(top['widgets']) ? [] : ['The dashboard has no list of widgets.']),
    ],
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

const unknownKeys = (value: Bag, known: readonly string[]) => Object.keys(value).filter(key => !known.includes(key));

function readWidget(widget: Bag, index: number): WidgetModel {
  const type = text(widget['type']) ?? 'none';
  const properties = bag(widget['properties']);
  const spec = readSpec(type, properties);
  const known = knownKeys[type];
  const [width, height] = defaultSize[type] ?? [6, 6];
  return {
    index,
    title: titleOf(properties, spec),
    ...present({ x: number(widget['x']), y: number(widget['y']) }),
    width: Math.min(24, Math.max(1, number(widget['width']) ?? width)),
    height: Math.min(1000, Math.max(1, number(widget['height']) ?? height)),
    spec,
    notes: [
      ...(spec.kind === 'metric' ? spec.notes : []),
      ...unknownView(type, properties),
      ...(known === undefined ? [] : unknownKeys(properties, known).map(key => `Property "${key}" is not drawn here.`)),
    ],
  };
}

function unknownView(type: string, properties: Bag): string[] {
  const view = text(properties['view']);
  if (view === undefined || (type !== 'metric' && type !== 'log')) return [];
  const known = type === 'metric' ? views : ['table', 'timeSeries', 'bar', 'pie', 'stackedarea'];
  return known.includes(view) ? [] : [`View "${view}" is not known here: drawn as ${type === 'metric' ? 'a time series' : 'a table'}.`];
}

function titleOf(properties: Bag, spec: Spec): string {
  const given = text(properties['title']);
  if (given !== undefined && given !== '') return given;
  switch (spec.kind) {
    case 'metric':
      return [...new Set(spec.rows.filter(row => row.visible).map(row => row.label ?? row.name))].slice(0, 3).join(', ');
    case 'text':
      return /^\s*#+\s*(.*)$/m.exec(spec.markdown)?.[1] ?? 'Text';
    case 'alarm':
      return 'Alarms';
    case 'log':
      return 'Log query';
    case 'custom':
      return 'Custom widget';
    case 'explorer':
      return 'Explorer';
    case 'unknown':
      return spec.type;
  }
}

function readSpec(type: string, properties: Bag): Spec {
  switch (type) {
    case 'metric':
      return readMetric(properties);
    case 'text':
      return { kind: 'text', markdown: text(properties['markdown']) ?? '', transparent: properties['background'] === 'transparent' };
    case 'alarm':
      return {
        kind: 'alarm',
        alarms: strings(properties['alarms']),
        states: strings(properties['states']),
        sortBy: text(properties['sortBy']) ?? 'default',
      };
    case 'log':
      return readLog(properties);
    case 'custom': {
      const on = bag(properties['updateOn']);
      const updateOn = { refresh: on['refresh'] !== false, resize: on['resize'] !== false, timeRange: on['timeRange'] !== false };
      return { kind: 'custom', endpoint: text(properties['endpoint']) ?? '', params: properties['params'] ?? {}, updateOn };
    }
    case 'explorer':
      return {
        kind: 'explorer',
        metrics: list(properties['metrics']).flatMap(each => text(bag(each)['metricName']) ?? []),
        tags: list(properties['labels']).flatMap(each => text(bag(each)['key']) ?? []),
      };
    default:
      return { kind: 'unknown', type };
  }
}

const views: readonly string[] = ['timeSeries', 'bar', 'pie', 'singleValue', 'gauge', 'table'];

function readMetric(properties: Bag): MetricSpec {
  const view = text(properties['view']) ?? 'timeSeries';
  const stat = text(properties['stat']) ?? 'Average';
  const periodSeconds = number(properties['period']) ?? 300;
  const annotations = bag(properties['annotations']);
  const axis = bag(properties['yAxis']);
  const table = bag(properties['table']);
  const position = text(bag(properties['legend'])['position']) ?? 'bottom';
  return {
    kind: 'metric',
    view: views.includes(view) ? (view as View) : 'timeSeries',
    stacked: properties['stacked'] === true,
    ...expandMetrics(list(properties['metrics']), { stat, periodSeconds }),
    stat,
    periodSeconds,
    left: readAxis(axis['left']),
    right: readAxis(axis['right']),
    horizontal: list(annotations['horizontal']).flatMap(readHorizontal),
    vertical: list(annotations['vertical']).flatMap(readVertical),
    alarms: strings(annotations['alarms']),
    legend: position === 'right' || position === 'hidden' ? position : 'bottom',
    liveData: properties['liveData'] === true,
    sparkline: properties['sparkline'] !== false,
    wholeRange: properties['setPeriodToTimeRange'] === true,
    fullPrecision: properties['singleValueFullPrecision'] === true,
    ...present({ start: text(properties['start']), end: text(properties['end']) }),
    pieLabels: bag(properties['labels'])['visible'] !== false,
    table: {
      vertical: table['layout'] === 'vertical',
      summary: Array.isArray(table['summaryColumns']) ? strings(table['summaryColumns']) : ['MIN', 'MAX', 'SUM', 'AVG'],
      showSeries: table['showTimeSeriesData'] === true,
    },
  };
}

function readAxis(value: unknown): Axis {
  const axis = bag(value);
  return {
    ...present({ min: number(axis['min']), max: number(axis['max']), label: text(axis['label']) }),
    showUnits: axis['showUnits'] !== false,
  };
}

function readHorizontal(value: unknown): HorizontalMark[] {
  const pair = Array.isArray(value);
  const first = bag(pair ? value[0] : value);
  const at = number(first['value']);
  if (at === undefined || first['visible'] === false) return [];
  const second = pair ? bag(value[1]) : {};
  const toValue = number(second['value']);
  const fill = text(first['fill']);
  return [
    {
      value: at,
      fill: pair ? 'between' : fill === 'above' || fill === 'below' ? fill : 'none',
      yAxis: first['yAxis'] === 'right' ? 'right' : 'left',
      ...present({ label: text(first['label']), color: text(first['color']) }),
      ...(toValue === undefined ? {} : { to: { value: toValue, ...present({ label: text(second['label']) }) } }),
    },
  ];
}

function readVertical(value: unknown): VerticalMark[] {
  const pair = Array.isArray(value);
  const first = bag(pair ? value[0] : value);
  const atMs = Date.parse(text(first['value']) ?? '');
  if (Number.isNaN(atMs) || first['visible'] === false) return [];
  const toMs = pair ? Date.parse(text(bag(value[1])['value']) ?? '') : Number.NaN;
  const fill = text(first['fill']);
  return [
    {
      atMs,
      fill: pair ? 'between' : fill === 'before' || fill === 'after' ? fill : 'none',
      ...present({ label: text(first['label']), color: text(first['color']) }),
      ...(Number.isNaN(toMs) ? {} : { toMs }),
    },
  ];
}

function readLog(properties: Bag): LogSpec {
  const { logGroups, query } = splitSource(text(properties['query']) ?? '');
  const view = text(properties['view']) ?? 'table';
  const isStacked = view === 'stackedarea' || properties['stacked'] === true;
  const known = view === 'stackedarea' ? 'timeSeries' : (['timeSeries', 'bar', 'pie'] as const).find(each => each === view);
  return { kind: 'log', groups: logGroups, query, view: known ?? 'table', stacked: isStacked };
}
