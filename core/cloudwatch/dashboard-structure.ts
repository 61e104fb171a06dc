/**
 * The documented structure of a dashboard body: which keys there are and what each takes. CloudWatch saves a body with keys that it does
 * not know and shows nothing for them, so a spelling mistake is found here or on the night that somebody needs the widget.
 * Source: CloudWatch API reference, "Dashboard body structure and syntax" (2026), with what the CDK's own widgets write.
 */
import type { DashboardProblem } from './dashboard-metrics.ts';
import { asObject, type JsonObject } from './loose-json.ts';

type Shape =
  | { readonly kind: 'text' | 'number' | 'boolean' | 'whole' | 'any' | 'colour' | 'instant' }
  | { readonly kind: 'one of'; readonly values: readonly (string | number)[] }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'object'; readonly keys: Readonly<Record<string, Shape>>; readonly required: readonly string[] }
  /** A metric's row, or an annotation that may be a band of two. */
  | { readonly kind: 'metric row' }
  | { readonly kind: 'one or pair'; readonly of: Shape };

const text: Shape = { kind: 'text' };
const number: Shape = { kind: 'number' };
const boolean: Shape = { kind: 'boolean' };
const any: Shape = { kind: 'any' };
const colour: Shape = { kind: 'colour' };
const oneOf = (...values: readonly (string | number)[]): Shape => ({ kind: 'one of', values });
const list = (of: Shape): Shape => ({ kind: 'list', of });
const object = (keys: Readonly<Record<string, Shape>>, ...required: readonly string[]): Shape => ({ kind: 'object', keys, required });

const axis = object({ label: text, min: number, max: number, showUnits: boolean });

const horizontal = object(
  { color: colour, fill: oneOf('above', 'below', 'none'), label: text, value: number, visible: boolean, yAxis: oneOf('left', 'right') },
  'value',
);
const vertical = object(
  { color: colour, fill: oneOf('before', 'after', 'none'), label: text, value: { kind: 'instant' }, visible: boolean },
  'value',
);

const metricOptions = object({
  accountId: text,
  color: colour,
  expression: text,
  id: text,
  label: text,
  period: { kind: 'whole' },
  region: text,
  stat: text,
  visible: boolean,
  yAxis: oneOf('left', 'right'),
});

const metric = object({
  accountId: text,
  annotations: object({
    alarms: list(text),
    horizontal: list({ kind: 'one or pair', of: horizontal }),
    vertical: list({ kind: 'one or pair', of: vertical }),
  }),
  end: text,
  labels: object({ visible: boolean }),
  legend: object({ position: oneOf('right', 'bottom', 'hidden') }),
  liveData: boolean,
  metrics: list({ kind: 'metric row' }),
  period: { kind: 'whole' },
  region: text,
  setPeriodToTimeRange: boolean,
  singleValueFullPrecision: boolean,
  sparkline: boolean,
  stacked: boolean,
  start: text,
  stat: text,
  table: object({
    layout: oneOf('horizontal', 'vertical'),
    showTimeSeriesData: boolean,
    stickySummary: boolean,
    summaryColumns: list(oneOf('MIN', 'MAX', 'SUM', 'AVG')),
  }),
  timezone: text,
  title: text,
  trend: boolean,
  view: oneOf('timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table'),
  yAxis: object({ left: axis, right: axis }),
});

const properties: Readonly<Record<string, Shape>> = {
  metric,
  text: object({ markdown: text, background: oneOf('solid', 'transparent') }, 'markdown'),
  log: object(
    {
      accountId: text,
      query: text,
      queryLanguage: oneOf('CWLI', 'PPL', 'SQL'),
      region: text,
      stacked: boolean,
      title: text,
      view: oneOf('table', 'timeSeries', 'bar', 'pie'),
    },
    'query',
    'region',
  ),
  alarm: object(
    {
      alarms: list(text),
      sortBy: oneOf('default', 'stateUpdatedTimestamp', 'timestamp'),
      states: list(oneOf('ALARM', 'INSUFFICIENT_DATA', 'OK')),
      title: text,
    },
    'alarms',
  ),
  custom: object(
    { endpoint: text, params: any, title: text, updateOn: object({ refresh: boolean, resize: boolean, timeRange: boolean }) },
    'endpoint',
  ),
  explorer: object({
    aggregateBy: any,
    labels: list(any),
    metrics: list(any),
    period: { kind: 'whole' },
    splitBy: text,
    title: text,
    widgetOptions: any,
  }),
};

const place = { x: { kind: 'whole' }, y: { kind: 'whole' }, width: { kind: 'whole' }, height: { kind: 'whole' } } as const;

const variable = object(
  {
    id: text,
    type: oneOf('property', 'pattern'),
    property: text,
    pattern: text,
    inputType: oneOf('input', 'select', 'radio'),
    label: text,
    defaultValue: text,
    visible: boolean,
    values: list(object({ label: text, value: text }, 'value')),
    search: text,
    populateFrom: text,
  },
  'id',
  'type',
  'inputType',
);

const body = object(
  { start: text, end: text, periodOverride: oneOf('auto', 'inherit'), variables: list(variable), widgets: list(any) },
  'widgets',
);

/** Where a body leaves the documented structure; empty for one that keeps it. Kinds of widgets that the page does not describe are left alone. */
export function structureProblems(value: unknown): readonly DashboardProblem[] {
  const problems: DashboardProblem[] = [];
  judge(value, body, '', problems);
  const record = asObject(value) ?? {};
  const widgets = Array.isArray(record['widgets']) ? (record['widgets'] as readonly unknown[]) : [];
  for (const [at, widget] of widgets.entries()) judgeWidget(widget, `widgets.${at}`, problems);
  const variables = Array.isArray(record['variables']) ? (record['variables'] as readonly unknown[]) : [];
  for (const [at, entry] of variables.entries()) judgeVariable(asObject(entry) ?? {}, `variables.${at}`, problems);
  return problems;
}

function judgeWidget(value: unknown, path: string, problems: DashboardProblem[]): void {
  const type = asObject(value)?.['type'];
  if (typeof type !== 'string' || !Object.hasOwn(properties, type)) return;
  judge(value, object({ ...place, type: text, properties: properties[type]! }, 'type', 'properties'), path, problems);
}

/** A variable replaces what its type says, and a drop-down has values or a search that finds them. */
function judgeVariable(entry: JsonObject, path: string, problems: DashboardProblem[]): void {
  const report = (key: string, rule: string) =>
    problems.push({ path: `${path}.${key}`, value: entry[key], message: `${path}.${key} ${rule}` });
  const type = entry['type'];
  if ((type === 'property' || type === 'pattern') && typeof entry[type] !== 'string')
    report(type, `must say what a ${type} variable replaces`);
  if (entry['inputType'] !== 'input' && entry['values'] === undefined && entry['search'] === undefined)
    report('values', 'must be given, or a search that finds them');
  if (entry['search'] !== undefined && entry['populateFrom'] === undefined)
    report('populateFrom', 'must name the dimension whose values the search finds');
}

function judge(value: unknown, shape: Shape, path: string, problems: DashboardProblem[]): void {
  const report = (rule: string) =>
    problems.push({ path, value, message: `${path === '' ? 'the body' : path} ${rule}; was ${brief(value)}` });
  switch (shape.kind) {
    case 'any':
      return;
    case 'text':
    case 'boolean':
    case 'number': {
      const wanted = shape.kind === 'text' ? 'string' : shape.kind;
      if (typeof value !== wanted) report(`must be a ${shape.kind}`);
      return;
    }
    case 'whole':
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) report('must be a whole number from 0');
      return;
    case 'colour':
      if (typeof value !== 'string' || !/^#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(value))
        report('must be a colour such as #1f77b4');
      return;
    case 'instant':
      if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) report('must be a time in ISO 8601');
      return;
    case 'one of':
      if (!shape.values.includes(value as string)) report(`must be one of ${shape.values.join(', ')}`);
      return;
    case 'list':
      if (!Array.isArray(value)) report('must be a list');
      else for (const [at, entry] of value.entries()) judge(entry, shape.of, `${path}.${at}`, problems);
      return;
    case 'one or pair':
      if (!Array.isArray(value)) judge(value, shape.of, path, problems);
      else if (value.length !== 2) report('must be one annotation, or a band of two');
      else for (const [at, entry] of value.entries()) judge(entry, shape.of, `${path}.${at}`, problems);
      return;
    case 'metric row':
      judgeRow(value, path, problems);
      return;
    case 'object': {
      const record = asObject(value);
      if (record === undefined) {
        report('must be an object');
        return;
      }
      for (const name of shape.required)
        if (record[name] === undefined)
          problems.push({ path: join(path, name), value: undefined, message: `${join(path, name)} must be given` });
      for (const [name, inner] of Object.entries(record)) {
        const known = Object.hasOwn(shape.keys, name) ? shape.keys[name] : undefined;
        if (known === undefined)
          problems.push({ path: join(path, name), value: inner, message: `${join(path, name)} is nothing that CloudWatch documents` });
        else judge(inner, known, join(path, name), problems);
      }
    }
  }
}

/** Texts, and at the end at most one object with options: its keys are known, the texts are for `resolveMetrics`. */
function judgeRow(value: unknown, path: string, problems: DashboardProblem[]): void {
  if (!Array.isArray(value) || value.length === 0) {
    problems.push({ path, value, message: `${path} must be a list of texts with options at its end; was ${brief(value)}` });
    return;
  }
  const options = asObject(value.at(-1));
  const names = options === undefined ? value : value.slice(0, -1);
  if (options !== undefined) judge(options, metricOptions, `${path}.${value.length - 1}`, problems);
  if (names.some(name => typeof name !== 'string'))
    problems.push({ path, value, message: `${path} must be a list of texts with options at its end` });
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
const brief = (value: unknown): string => (JSON.stringify(value) ?? 'absent').slice(0, 80);
