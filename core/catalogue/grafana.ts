/**
 * The dashboards as Grafana's JSON, for its CloudWatch data source: the same rows in the same order, with Grafana's own variables.
 * Source: Grafana's dashboard schema, version 41 ("JSON model"), and its CloudWatch query schema, both as published in @grafana/schema 11.6.0.
 */
import type { NightdeskConfig } from '../config/types.ts';
import { rulesOf } from './alarm-definitions.ts';
import { flow, type Sized } from './dashboard-layout.ts';
import { firstRange, type PageName, pageNames, pageParts } from './dashboards.ts';
import { type CatalogueRow, isMetricId, rowOf } from './index.ts';
import type { Metric } from './metric.ts';
import { type DashboardSurroundings, sharedCurrency, shownStatistics, titleOf } from './metric-widgets.ts';
import { dashboardName, metricName, namespaceOf } from './names.ts';
import { limitOf, seriesOf } from './series.ts';
import type { Unit } from './unit.ts';

/** Grafana's migrations bring older versions up to its own. */
const SCHEMA_VERSION = 41;

type Json = Readonly<Record<string, unknown>>;

export interface GrafanaDashboard {
  readonly uid: string;
  readonly title: string;
  readonly [key: string]: unknown;
}

/** A variable of the dashboard, which Grafana puts in. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is Grafana's, not ours
const source = { type: 'cloudwatch', uid: '${datasource}' } as const;

/** One dashboard for each page; `uid`s are computed, so that another import replaces the one before. */
export function grafanaDashboards(config: NightdeskConfig): readonly GrafanaDashboard[] {
  return pageNames.map(page => dashboardOf(page, config));
}

const around: DashboardSurroundings = {
  region: '$region',
  alarmArn: name => name,
  functionArn: name => name,
};

function dashboardOf(page: PageName, config: NightdeskConfig): GrafanaDashboard {
  const { stage } = config;
  const parts = pageParts(page, config, around).filter(
    ({ widget, row }) => row !== undefined || widget.type === 'text' || widget.type === 'log',
  );
  const placed = flow(parts.map(({ widget }) => widget));
  const panels = parts.map(({ row, widget }, index) => {
    const { x, y, width: w, height: h } = placed[index]!;
    const place = { id: index + 1, gridPos: { x, y, w, h } };
    return row === undefined ? panelOf(widget, place, config) : metricPanel(row, place, config);
  });
  return {
    uid: `nightdesk-${stage}-${page}`.slice(0, 40),
    title: `Nightdesk ${stage}: ${page}`,
    description: `Generated from Nightdesk's catalogue. Positions, curves from the state, status lights and incidents are in the CloudWatch dashboard ${dashboardName(stage, page)}.`,
    tags: ['nightdesk', stage, page],
    timezone: 'utc',
    editable: true,
    graphTooltip: 1,
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    refresh: '1m',
    time: { from: `now-${relative(firstRange(page))}`, to: 'now' },
    timepicker: { refresh_intervals: ['30s', '1m', '5m', '15m', '1h'] },
    templating: { list: variables(config) },
    annotations: { list: [alarmMarks(stage)] },
    links: pageNames
      .filter(other => other !== page)
      .map(other => ({
        title: other,
        type: 'link',
        icon: 'dashboard',
        tooltip: `Nightdesk ${stage}: ${other}`,
        url: `/d/${`nightdesk-${stage}-${other}`.slice(0, 40)}`,
        tags: [],
        asDropdown: false,
        targetBlank: false,
        includeVars: true,
        keepTime: true,
      })),
    panels,
  };
}

/** `-PT3H` → `3h`. */
const relative = (iso: string): string => iso.replace(/^-PT?/, '').toLowerCase();

function variables(config: NightdeskConfig): readonly Json[] {
  const ids = config.bots.flatMap(bot => bot.strategies.map(({ id }) => id));
  return [
    {
      name: 'datasource',
      label: 'Data source',
      type: 'datasource',
      query: 'cloudwatch',
      regex: '',
      hide: 0,
      refresh: 1,
      multi: false,
      includeAll: false,
      options: [],
    },
    {
      name: 'region',
      label: 'Region',
      type: 'query',
      datasource: source,
      query: 'regions()',
      regex: '',
      hide: 0,
      refresh: 1,
      sort: 1,
      multi: false,
      includeAll: false,
      options: [],
    },
    choice('strategy', 'Strategy', ids),
    choice(
      'bot',
      'Bot',
      config.bots.map(({ id }) => id),
    ),
  ];
}

const choice = (name: string, label: string, values: readonly string[]): Json => ({
  name,
  label,
  type: 'custom',
  query: values.join(','),
  hide: 0,
  multi: true,
  includeAll: true,
  current: { selected: true, text: ['All'], value: ['$__all'] },
  options: [],
});

/** Every change of one of our alarms as a mark on all charts. */
const alarmMarks = (stage: string): Json => ({
  name: 'Alarms',
  datasource: source,
  enable: true,
  hide: false,
  iconColor: 'red',
  // A data source's query stands in the annotation itself.
  queryMode: 'Annotations',
  prefixMatching: true,
  alarmNamePrefix: `${stage}-`,
  actionPrefix: 'arn:aws:sns',
  region: '$region',
  namespace: '',
  metricName: '',
  dimensions: {},
  statistic: 'Average',
  period: '',
  refId: 'Alarms',
});

interface Place {
  readonly id: number;
  readonly gridPos: Json;
}

/** Headings become rows, long texts and log queries panels. */
function panelOf(widget: Sized, place: Place, config: NightdeskConfig): Json {
  if (widget.type === 'text' && widget.properties.markdown.startsWith('##') && widget.height === 1)
    return { ...place, type: 'row', title: widget.properties.markdown.replace(/^#+\s*/, ''), collapsed: false, panels: [] };
  if (widget.type === 'text')
    return { ...place, type: 'text', title: '', options: { mode: 'markdown', content: widget.properties.markdown }, fieldConfig: noFields };
  if (widget.type !== 'log') throw new RangeError(`no panel for a widget of type ${widget.type}`);
  const expression = widget.properties.query.replace(/^(?:SOURCE '[^']*'\s*\|\s*)+/, '');
  return {
    ...place,
    type: 'table',
    title: widget.properties.title,
    datasource: source,
    targets: [
      {
        refId: 'A',
        id: '',
        datasource: source,
        queryMode: 'Logs',
        queryLanguage: 'CWLI',
        region: '$region',
        logGroupNames: config.bots.slice(0, 50).map(({ logGroup }) => logGroup.name),
        expression,
        statsGroups: [],
      },
    ],
    options: { showHeader: true, cellHeight: 'sm', footer: { show: false, reducer: ['sum'], countRows: false, fields: '' } },
    fieldConfig: noFields,
  };
}

const noFields: Json = { defaults: {}, overrides: [] };

const panelTypes = { line: 'timeseries', stacked: 'timeseries', number: 'stat', gauge: 'gauge', table: 'timeseries' } as const;

function metricPanel(row: CatalogueRow, place: Place, config: NightdeskConfig): Json {
  const { metric } = row;
  const type = panelTypes[metric.widget.kind];
  const variable = variableOf(metric);
  // Metric math takes one series at a time: one panel for each chosen strategy.
  const repeated = metric.source.from === 'math' && variable !== undefined ? { repeat: variable, repeatDirection: 'h', maxPerRow: 3 } : {};
  const suffix = 'repeat' in repeated ? ` · $${variable}` : '';
  return {
    ...place,
    ...repeated,
    type,
    title: `${titleOf(metric, config)}${suffix}`,
    description: `${metric.definition ?? ''} ${metric.interpretation ?? ''}`.trim(),
    datasource: source,
    targets: targetsOf(row, config),
    options: optionsOf(type),
    fieldConfig: { defaults: fieldOf(row, config, type), overrides: [] },
  };
}

function variableOf({ per, source: { from } }: Metric): 'strategy' | 'bot' | undefined {
  const names = Object.keys(per);
  if (from === 'aws' || names.length !== 1) return undefined;
  return names[0] === 'Bot' ? 'bot' : names[0] === 'Strategy' ? 'strategy' : undefined;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

function targetsOf(row: CatalogueRow, config: NightdeskConfig): readonly Json[] {
  const { metric } = row;
  if (metric.source.from === 'aws')
    return seriesOf(row, config).map((series, at) => awsTarget(row, Object.values(series.dimensions)[0] ?? '', at, config.stage));
  if (metric.source.from !== 'math')
    return shownStatistics(metric).map((statistic, at, all) =>
      metricTarget(row, config, {
        refId: letters.charAt(at),
        statistic,
        label: all.length === 1 ? labelOf(metric) : `${labelOf(metric)} ${statistic}`,
      }),
    );
  const { inputs, expression } = metric.source;
  const hidden = Object.entries(inputs).map(([id, { metric: name, statistic }], at) => {
    if (!isMetricId(name)) throw new RangeError(`${row.id}: input ${id} names no metric: ${name}`);
    return {
      ...metricTarget(rowOf(name), config, { refId: letters.charAt(at), statistic, label: '', periodSeconds: 300 }),
      id,
      hide: true,
    };
  });
  return [...hidden, mathTarget(expression, hidden.length, variableOf(metric))];
}

const labelOf = (metric: Metric): string => {
  const dimension = Object.keys(metric.per)[0];
  return dimension === undefined ? metric.title : `\${PROP('Dim.${dimension}')}`;
};

interface Asked {
  readonly refId: string;
  readonly statistic: string;
  readonly label: string;
  readonly periodSeconds?: number;
}

const queryBase = {
  datasource: source,
  queryMode: 'Metrics',
  metricQueryType: 0,
  metricEditorMode: 0,
  region: '$region',
  expression: '',
  id: '',
  hide: false,
} as const;

function metricTarget({ id, metric }: CatalogueRow, config: NightdeskConfig, { refId, statistic, label, periodSeconds = 60 }: Asked): Json {
  const variable = variableOf(metric);
  const dimension = variable === 'bot' ? 'Bot' : 'Strategy';
  return {
    ...queryBase,
    refId,
    namespace: namespaceOf(config.stage),
    metricName: metricName(id),
    dimensions: variable === undefined ? {} : { [dimension]: [`$${variable}`] },
    matchExact: true,
    statistic,
    period: String(periodSeconds),
    label,
  };
}

/** Physical names are known to a deployment only; CloudFormation builds them from the stack's and the resource's, so their words find them. */
function awsTarget({ metric }: CatalogueRow, name: string, at: number, stage: string): Json {
  if (metric.source.from !== 'aws') throw new RangeError(`${metric.title} is no metric of an AWS service`);
  const { namespace, metricName: awsName, resources } = metric.source;
  const dimension = resources.kind === 'functions' ? 'FunctionName' : 'QueueName';
  // Dead-letter queues are named after the queue that they serve.
  const words = `Nightdesk ${stage} ${name.replaceAll('-', ' ')}${resources.kind === 'queues' && !name.endsWith('dead') ? ' NOT dead' : ''}`;
  return {
    ...queryBase,
    refId: letters.charAt(at),
    metricEditorMode: 1,
    namespace,
    metricName: awsName,
    dimensions: {},
    matchExact: false,
    statistic: metric.statistic,
    period: '60',
    label: name,
    expression: `SUM(SEARCH('{${namespace},${dimension}} MetricName="${awsName}" ${words}', '${metric.statistic}', 60))`,
  };
}

const mathTarget = (expression: string, at: number, variable: string | undefined): Json => ({
  ...queryBase,
  refId: letters.charAt(at),
  metricEditorMode: 1,
  namespace: '',
  metricName: '',
  dimensions: {},
  matchExact: true,
  statistic: 'Average',
  period: '300',
  id: 'value',
  label: variable === undefined ? '' : `$${variable}`,
  expression,
});

function optionsOf(type: (typeof panelTypes)[keyof typeof panelTypes]): Json {
  const reduced = { calcs: ['lastNotNull'], fields: '', values: false };
  if (type === 'timeseries')
    return {
      legend: { showLegend: true, displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'min', 'max'] },
      tooltip: { mode: 'multi', sort: 'none' },
    };
  if (type === 'stat')
    return {
      reduceOptions: reduced,
      graphMode: 'area',
      colorMode: 'value',
      justifyMode: 'auto',
      textMode: 'auto',
      orientation: 'auto',
      wideLayout: true,
    };
  return {
    reduceOptions: reduced,
    showThresholdLabels: false,
    showThresholdMarkers: true,
    orientation: 'auto',
    minVizWidth: 75,
    minVizHeight: 75,
    sizing: 'auto',
  };
}

/** Units as Grafana names them; shares stay fractions. */
const grafanaUnits: Readonly<Partial<Record<Unit, string>>> = {
  ms: 'ms',
  seconds: 's',
  percent: 'percent',
  share: 'percentunit',
  bytesPerSecond: 'Bps',
};

const knownCurrencies: readonly string[] = ['USD', 'EUR', 'GBP', 'JPY', 'CHF', 'CAD', 'AUD', 'BTC'];

function unitOf({ unit }: Metric, config: NightdeskConfig): string {
  const currency = unit === 'money' ? sharedCurrency(config) : undefined;
  if (currency === undefined) return grafanaUnits[unit] ?? 'short';
  return knownCurrencies.includes(currency) ? `currency${currency}` : `suffix: ${currency}`;
}

function fieldOf(row: CatalogueRow, config: NightdeskConfig, type: string): Json {
  const { metric } = row;
  const steps = thresholdSteps(row, config);
  const range = metric.widget.kind === 'gauge' ? { min: metric.widget.min, max: metric.widget.max } : {};
  return {
    unit: unitOf(metric, config),
    ...range,
    noValue: 'not measured',
    color: { mode: type === 'timeseries' ? 'palette-classic-by-name' : 'thresholds' },
    thresholds: { mode: 'absolute', steps },
    custom:
      type === 'timeseries'
        ? {
            drawStyle: 'line',
            lineInterpolation: 'linear',
            lineWidth: 1,
            fillOpacity: metric.widget.kind === 'stacked' ? 25 : 0,
            showPoints: 'never',
            spanNulls: false,
            stacking: { mode: metric.widget.kind === 'stacked' ? 'normal' : 'none', group: 'A' },
            thresholdsStyle: { mode: steps.length > 1 ? 'line' : 'off' },
          }
        : {},
  };
}

/** The limits of the alarms: red on their bad side. Where strategies have limits of their own, the strictest is drawn. */
function thresholdSteps(row: CatalogueRow, config: NightdeskConfig): readonly Json[] {
  const series = seriesOf(row, config);
  const limits = rulesOf(row.metric).flatMap(rule => {
    if (rule.kind === 'anomaly') return [];
    const values = series.flatMap(each => limitOf(rule.limit, each) ?? []);
    if (values.length === 0) return [];
    return [{ is: rule.is, severity: rule.severity, value: rule.is === 'above' ? Math.min(...values) : Math.max(...values) }];
  });
  const colour = (severity: string) => (severity === 'critical' ? 'red' : 'orange');
  const below = limits.filter(({ is }) => is === 'below').toSorted((a, b) => a.value - b.value);
  const above = limits.filter(({ is }) => is === 'above').toSorted((a, b) => a.value - b.value);
  const base: Json = { color: below[0] === undefined ? 'green' : colour(below[0].severity), value: null };
  const leaving = below.map(({ value }, at) => ({ color: below[at + 1] === undefined ? 'green' : colour(below[at + 1]!.severity), value }));
  return [base, ...leaving, ...above.map(({ value, severity }) => ({ color: colour(severity), value }))];
}
