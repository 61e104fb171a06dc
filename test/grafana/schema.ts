/**
 * What Grafana's published dashboard schema says of the fields that our dashboards use: names, types, enumerations, and which must be
 * given. A field that is not here is refused. Source: @grafana/schema 11.6.0 (Apache-2.0), `raw/dashboard/x/dashboard_types.gen`,
 * `veneer/dashboard.types`, `raw/composable/{cloudwatch,timeseries,stat,gauge,table,text}`; and kinds/dashboard/dashboard_kind.cue.
 */

type Field =
  | 'text'
  | 'number'
  | 'boolean'
  | 'any'
  | { readonly oneOf: readonly unknown[] }
  | { readonly list: Field }
  | { readonly either: readonly Field[] }
  | { readonly object: Readonly<Record<string, Field>>; readonly required?: readonly string[] };

const list = (field: Field): Field => ({ list: field });
const oneOf = (...values: readonly unknown[]): Field => ({ oneOf: values });
const either = (...fields: readonly Field[]): Field => ({ either: fields });
const object = (fields: Readonly<Record<string, Field>>, ...required: readonly string[]): Field => ({ object: fields, required });

const sourceRef = object({ type: 'text', uid: 'text' });
const gridPos = object({ h: 'number', w: 'number', x: 'number', y: 'number', static: 'boolean' }, 'h', 'w', 'x', 'y');

/** CloudWatchMetricsQuery with MetricStat and DataQuery; logs and annotations below. */
const metricsQuery = object(
  {
    refId: 'text',
    hide: 'boolean',
    datasource: sourceRef,
    queryMode: oneOf('Metrics'),
    metricQueryType: oneOf(0, 1),
    metricEditorMode: oneOf(0, 1),
    id: 'text',
    label: 'text',
    expression: 'text',
    sqlExpression: 'text',
    region: 'text',
    namespace: 'text',
    metricName: 'text',
    dimensions: 'any',
    matchExact: 'boolean',
    statistic: 'text',
    period: 'text',
    accountId: 'text',
  },
  'refId',
  'id',
  'region',
  'namespace',
);
const logsQuery = object(
  {
    refId: 'text',
    hide: 'boolean',
    datasource: sourceRef,
    queryMode: oneOf('Logs'),
    queryLanguage: oneOf('CWLI', 'PPL', 'SQL'),
    id: 'text',
    region: 'text',
    expression: 'text',
    logGroupNames: list('text'),
    logGroups: list(object({ arn: 'text', name: 'text', accountId: 'text' }, 'arn', 'name')),
    statsGroups: list('text'),
  },
  'refId',
  'id',
  'region',
  'queryMode',
);
const annotation = object(
  {
    name: 'text',
    datasource: sourceRef,
    enable: 'boolean',
    hide: 'boolean',
    iconColor: 'text',
    queryMode: oneOf('Annotations'),
    prefixMatching: 'boolean',
    alarmNamePrefix: 'text',
    actionPrefix: 'text',
    region: 'text',
    namespace: 'text',
    metricName: 'text',
    dimensions: 'any',
    statistic: 'text',
    period: 'text',
    refId: 'text',
  },
  'name',
  'datasource',
  'enable',
  'iconColor',
);

const fieldConfig = object(
  {
    defaults: object({
      unit: 'text',
      decimals: 'number',
      min: 'number',
      max: 'number',
      noValue: 'text',
      color: object({ mode: oneOf('palette-classic', 'palette-classic-by-name', 'thresholds', 'fixed'), fixedColor: 'text' }, 'mode'),
      thresholds: object(
        { mode: oneOf('absolute', 'percentage'), steps: list(object({ color: 'text', value: either('number', oneOf(null)) }, 'color')) },
        'mode',
        'steps',
      ),
      custom: object({
        drawStyle: oneOf('line', 'bars', 'points'),
        lineInterpolation: oneOf('linear', 'smooth', 'stepBefore', 'stepAfter'),
        lineWidth: 'number',
        fillOpacity: 'number',
        showPoints: oneOf('auto', 'never', 'always'),
        spanNulls: either('boolean', 'number'),
        stacking: object({ mode: oneOf('none', 'normal', 'percent'), group: 'text' }),
        thresholdsStyle: object({ mode: oneOf('off', 'line', 'dashed', 'area', 'line+area', 'dashed+area', 'series') }, 'mode'),
      }),
    }),
    overrides: list('any'),
  },
  'defaults',
  'overrides',
);

const reduce = object({ calcs: list('text'), fields: 'text', values: 'boolean' }, 'calcs');
const options: Readonly<Record<string, Field>> = {
  timeseries: object(
    {
      legend: object(
        { showLegend: 'boolean', displayMode: oneOf('list', 'table', 'hidden'), placement: oneOf('bottom', 'right'), calcs: list('text') },
        'showLegend',
        'displayMode',
        'placement',
        'calcs',
      ),
      tooltip: object({ mode: oneOf('single', 'multi', 'none'), sort: oneOf('none', 'asc', 'desc') }, 'mode', 'sort'),
    },
    'legend',
    'tooltip',
  ),
  stat: object({
    reduceOptions: reduce,
    graphMode: oneOf('none', 'line', 'area'),
    colorMode: oneOf('value', 'background', 'background_solid', 'none'),
    justifyMode: oneOf('auto', 'center'),
    textMode: oneOf('auto', 'value', 'value_and_name', 'name', 'none'),
    orientation: oneOf('auto', 'vertical', 'horizontal'),
    wideLayout: 'boolean',
  }),
  gauge: object({
    reduceOptions: reduce,
    showThresholdLabels: 'boolean',
    showThresholdMarkers: 'boolean',
    orientation: oneOf('auto', 'vertical', 'horizontal'),
    minVizWidth: 'number',
    minVizHeight: 'number',
    sizing: oneOf('auto', 'manual'),
  }),
  table: object({
    showHeader: 'boolean',
    cellHeight: oneOf('sm', 'md', 'lg', 'auto'),
    footer: object({ show: 'boolean', reducer: list('text'), countRows: 'boolean', fields: either('text', list('text')) }),
  }),
  text: object({ mode: oneOf('html', 'markdown', 'code'), content: 'text' }, 'mode', 'content'),
};

const panelFields = {
  id: 'number',
  gridPos,
  type: 'text',
  title: 'text',
  description: 'text',
  datasource: sourceRef,
  targets: list(either(metricsQuery, logsQuery)),
  repeat: 'text',
  repeatDirection: oneOf('h', 'v'),
  maxPerRow: 'number',
  fieldConfig,
} as const;
const row = object(
  { id: 'number', gridPos, type: oneOf('row'), title: 'text', collapsed: 'boolean', panels: list('any') },
  'id',
  'type',
  'collapsed',
  'panels',
);

const variable = object(
  {
    name: 'text',
    label: 'text',
    type: oneOf('query', 'adhoc', 'groupby', 'constant', 'datasource', 'interval', 'textbox', 'custom', 'system', 'snapshot'),
    query: 'any',
    regex: 'text',
    hide: oneOf(0, 1, 2),
    refresh: oneOf(0, 1, 2),
    sort: oneOf(0, 1, 2, 3, 4, 5, 6, 7, 8),
    multi: 'boolean',
    includeAll: 'boolean',
    datasource: sourceRef,
    current: object({ selected: 'boolean', text: either('text', list('text')), value: either('text', list('text')) }, 'text', 'value'),
    options: list('any'),
  },
  'name',
  'type',
);

const link = object(
  {
    title: 'text',
    type: oneOf('link', 'dashboards'),
    icon: 'text',
    tooltip: 'text',
    url: 'text',
    tags: list('text'),
    asDropdown: 'boolean',
    targetBlank: 'boolean',
    includeVars: 'boolean',
    keepTime: 'boolean',
  },
  'title',
  'type',
  'icon',
  'tooltip',
  'tags',
  'asDropdown',
  'targetBlank',
  'includeVars',
  'keepTime',
);

const dashboard = object(
  {
    uid: 'text',
    title: 'text',
    description: 'text',
    tags: list('text'),
    timezone: 'text',
    editable: 'boolean',
    graphTooltip: oneOf(0, 1, 2),
    schemaVersion: 'number',
    version: 'number',
    refresh: 'text',
    time: object({ from: 'text', to: 'text' }, 'from', 'to'),
    timepicker: object({ hidden: 'boolean', refresh_intervals: list('text') }),
    templating: object({ list: list(variable) }),
    annotations: object({ list: list(annotation) }),
    links: list(link),
    panels: list('any'),
  },
  'schemaVersion',
);

/** Paths that leave the schema, each with why. */
export function schemaProblems(value: unknown): readonly string[] {
  const panels = (value as { panels?: unknown }).panels;
  const inPanels = Array.isArray(panels)
    ? panels.flatMap((panel: { type?: string }, at) => {
        const own = options[panel.type ?? ''];
        const shape = panel.type === 'row' ? row : object({ ...panelFields, options: own ?? { oneOf: [] } }, 'type', 'id', 'gridPos');
        return judge(panel, shape, `panels.${at}`);
      })
    : ['panels: must be a list'];
  return [...judge(value, dashboard, ''), ...inPanels];
}

function judge(value: unknown, field: Field, path: string): readonly string[] {
  if (field === 'any') return [];
  if (field === 'text') return typeof value === 'string' ? [] : [`${path}: must be a text`];
  if (field === 'number' || field === 'boolean')
    return typeof value === field && !Number.isNaN(value) ? [] : [`${path}: must be a ${field}`];
  if ('oneOf' in field)
    return field.oneOf.includes(value) ? [] : [`${path}: must be one of ${field.oneOf.join(', ')}; was ${String(value)}`];
  if ('either' in field) {
    const tries = field.either.map(each => judge(value, each, path));
    return tries.some(problems => problems.length === 0) ? [] : tries.toSorted((a, b) => a.length - b.length)[0]!;
  }
  if ('list' in field)
    return Array.isArray(value) ? value.flatMap((each, at) => judge(each, field.list, `${path}.${at}`)) : [`${path}: must be a list`];
  if (typeof value !== 'object' || value === null) return [`${path}: must be an object`];
  const missing = (field.required ?? []).filter(name => !(name in value)).map(name => `${path}.${name}: must be given`);
  const found = Object.entries(value).flatMap(([name, inner]) => {
    const known = field.object[name];
    return known === undefined ? [`${path}.${name}: is no field of the schema`] : judge(inner, known, `${path}.${name}`);
  });
  return [...missing, ...found];
}
