/** The dashboards, as bodies that CloudWatch takes. Rows choose their audience and widget; this page chooses the order. */
import type { NightdeskConfig } from '../config/types.ts';
import { type CatalogueAlarm, catalogueAlarms, rulesOf } from './alarm-definitions.ts';
import { flow, heading, type Placed, type Sized } from './dashboard-layout.ts';
import { chosen, type PatternVariable, variablesOf } from './dashboard-variables.ts';
import { type CatalogueRow, catalogue, type MetricId, rowOf } from './index.ts';
import type { Audience, Category } from './metric.ts';
import { type DashboardSurroundings, summaryColumns, widgetOf } from './metric-widgets.ts';
import { dashboardName } from './names.ts';
import { isPublished, seriesOf } from './series.ts';

/** One page for each audience, and one of the machines. */
export type PageName = Audience | 'resources';

export interface Dashboard {
  readonly name: string;
  readonly page: PageName;
  readonly body: DashboardBody;
}

export interface DashboardBody {
  /** ISO 8601 duration back from now. */
  readonly start: string;
  readonly periodOverride: 'inherit' | 'auto';
  readonly variables: readonly PatternVariable[];
  readonly widgets: readonly Placed[];
}

/** Widgets of the widgets function, by the name in their parameters. */
export type CustomWidgetName =
  | 'lights'
  | 'incidents'
  | 'heartbeats'
  | 'funnel'
  | 'curve'
  | 'scores'
  | 'attribution'
  | 'calendar'
  | 'positions'
  | 'results'
  | 'releases'
  | 'health'
  | 'system'
  | 'figures'
  | 'groups'
  | 'cost';

/** How far back each audience looks first: a fault is hours old, a session is a day, a trend of the machine is days. */
const ranges: Readonly<Record<PageName, string>> = { developer: '-PT3H', trader: '-PT24H', operations: '-PT3H', resources: '-P2D' };

const layouts: Readonly<Record<PageName, (page: Page) => readonly (Part | Sized)[]>> = { developer, trader, operations, resources };

export const pageNames = Object.keys(ranges) as readonly PageName[];

export function dashboards(config: NightdeskConfig, around: DashboardSurroundings): readonly Dashboard[] {
  const variables = variablesOf(config);
  return pageNames.map(page => ({
    name: dashboardName(config.stage, page),
    page,
    body: {
      start: ranges[page],
      periodOverride: 'inherit',
      variables,
      widgets: flow(pageParts(page, config, around).map(({ widget }) => widget)),
    },
  }));
}

/** A widget, with the row that it draws. */
export interface Part {
  readonly widget: Sized;
  readonly row?: CatalogueRow;
}

/** What a page shows, in its order; also for dashboards that are not CloudWatch's. */
export const pageParts = (page: PageName, config: NightdeskConfig, around: DashboardSurroundings): readonly Part[] =>
  layouts[page]({ config, around, alarms: catalogueAlarms(config), shown: new Set() }).map(part =>
    'widget' in part ? part : { widget: part },
  );

/** The first range of a page, as an ISO 8601 duration back from now. */
export const firstRange = (page: PageName): string => ranges[page];

interface Page {
  readonly config: NightdeskConfig;
  readonly around: DashboardSurroundings;
  readonly alarms: readonly CatalogueAlarm[];
  /** Rows that have their place already; `rest` shows the others. */
  readonly shown: Set<MetricId>;
}

function developer(page: Page): readonly (Part | Sized)[] {
  return [
    heading(`## ${page.config.stage}: developer`),
    ...charts(page, ['cpuUsage', 'memoryUsage', 'orderAckLatency', 'errorShare', 'throughput', 'queueLength']),
    heading('### Errors and logs'),
    ...charts(page, ['errorCount', 'criticalCount', 'warningCount']),
    errorLog(page),
    errorGroups(page),
    heading('### Releases, and each process at its last heartbeat'),
    custom(page, 'releases', 'Releases and halts, newest first', { width: 8, height: 7 }),
    custom(page, 'system', 'Resources of each bot at its last heartbeat', { width: 16, height: 7 }),
    heading('### Process and machine'),
    ...rest(page, 'developer', 'system'),
    heading('### The bot at work'),
    ...rest(page, 'developer', 'application'),
    ...rest(page, 'developer', 'errors'),
    heading('### Health of the bots, the functions and the ingest'),
    ...rest(page, 'developer', 'health'),
    ...rest(page, 'developer', 'self'),
  ];
}

function trader(page: Page): readonly (Part | Sized)[] {
  return [
    heading(`## ${page.config.stage}: trader`),
    custom(page, 'curve', 'Equity, P&L and drawdown under water (money and %, minimum and maximum kept)', { width: 16, height: 10 }),
    custom(page, 'scores', 'Sharpe, drawdown against its limit, win rate, each with its N', { width: 8, height: 10 }),
    ...charts(page, ['sessionPnl', 'equity']).map(part => resized(part, 12, 7)),
    heading('### Where the money comes from'),
    custom(page, 'attribution', 'P&L by strategy and instrument (gross, fees, funding, net, unrealized)', { width: 14, height: 8 }),
    custom(page, 'calendar', 'P&L of each trading day (money)', { width: 10, height: 8 }),
    ...charts(page, ['drawdown', 'maxDrawdown', 'sharpe', 'winRate']).map(part => resized(part, 6, 5)),
    ...charts(page, ['sortino', 'fillRate']),
    heading('### Positions and money at risk'),
    custom(page, 'positions', 'Open positions against their limits, with the age of each mark', { width: 16, height: 9 }),
    alarmStatus(page, 'Trading alarms', ['trading'], 8, 9),
    ...((page.config.groups ?? []).length === 0
      ? []
      : [custom(page, 'groups', 'Accounts, desks and the firm against their limits', { width: 24, height: 5 })]),
    ...charts(page, ['grossExposure', 'openPositions', 'largestPosition', 'unrealizedPnl']),
    heading('### Orders, fills and data'),
    custom(page, 'funnel', 'Orders: new, acknowledged, filled, rejected (count)', { width: 8, height: 6 }),
    ...charts(page, ['rejectShare', 'rejectCount', 'orderFillLatency', 'marketDataAge', 'netPnl']),
    heading('### Performance, order quality and limits, each figure'),
    custom(page, 'figures', 'Every figure of the ledger, by strategy (units as in docs/metrics.md)', { width: 24, height: 12 }),
    heading('### More of trading'),
    ...rest(page, 'trader', 'trading'),
    ...rest(page, 'trader', 'application'),
    ...rest(page, 'trader', 'health'),
    heading('### Results and current values'),
    custom(page, 'results', 'Gross → fees → funding → net → equity', { width: 24, height: 5 }),
    currentValues(page),
  ];
}

function operations(page: Page): readonly (Part | Sized)[] {
  return [
    heading(`## ${page.config.stage}: operations`),
    custom(page, 'lights', 'Status of system, application and trading: the worst of each; grey is not measured', { width: 24, height: 10 }),
    custom(page, 'incidents', 'Incidents, open ones first', { width: 16, height: 7 }),
    activeAlarms(page),
    heading('### Heartbeats and orders'),
    custom(page, 'heartbeats', 'Heartbeats of all bots', { width: 16, height: 6 }),
    custom(page, 'funnel', 'Orders: new, acknowledged, filled, rejected (count)', { width: 8, height: 6 }),
    heading('### Queue, ingest and capacity'),
    ...charts(page, ['queueAge', 'ingestLag', 'deadLetters', 'queueLength', 'throughput']),
    custom(page, 'cost', 'Cost of this month (USD, estimate)', { width: 8, height: 6 }),
    heading('### System'),
    custom(page, 'system', 'Resources of each bot at its last heartbeat', { width: 24, height: 6 }),
    ...rest(page, 'operations', 'system'),
    heading('### Health'),
    ...rest(page, 'operations', 'health'),
    heading('### Application and errors'),
    ...rest(page, 'operations', 'application'),
    ...rest(page, 'operations', 'errors'),
    heading('### Trading'),
    ...rest(page, 'operations', 'trading'),
    heading('### Nightdesk itself'),
    ...rest(page, 'operations', 'self'),
  ];
}

/** Each resource over time, beside it how to read it and what its alarms would have you do. */
function resources(page: Page): readonly (Part | Sized)[] {
  const measured = catalogue.filter(
    row => row.category === 'system' && isPublished(row, page.config) && seriesOf(row, page.config).length > 0,
  );
  return [
    heading(`## ${page.config.stage}: resources of each host`),
    custom(page, 'system', 'Resources of each bot at its last heartbeat', { width: 24, height: 6 }),
    ...measured.flatMap(row => [
      ...charts(page, [row.id]).map(part => resized(part, 16, 7)),
      { type: 'text', width: 8, height: 7, properties: { markdown: hints(row) } } as const,
    ]),
  ];
}

/** What a reading means and what to do about it, from the row: the bottleneck hints of its runbooks. */
function hints({ metric }: CatalogueRow): string {
  const steps = rulesOf(metric).flatMap(rule => [`**First:** ${rule.first}`, ...rule.runbook.map(step => `- ${step}`)]);
  return [`#### ${metric.title}`, metric.interpretation, ...steps].join('\n\n').replace(/\n\n- /g, '\n- ');
}

const resized = ({ widget, ...part }: Part, width: number, height: number): Part => ({ ...part, widget: { ...widget, width, height } });

/** Rows as their own widgets, those that reach CloudWatch under this config. */
function charts(page: Page, ids: readonly MetricId[]): readonly Part[] {
  const rows = ids
    .map(rowOf)
    .filter(row => !page.shown.has(row.id) && isPublished(row, page.config) && seriesOf(row, page.config).length > 0);
  for (const { id } of rows) page.shown.add(id);
  return rows.map(row => ({ row, widget: widgetOf(row, page.config, page.around) }));
}

/** What else an audience reads of a category. */
const rest = (page: Page, audience: Audience, category: Category): readonly Part[] =>
  charts(
    page,
    catalogue
      .filter(row => row.category === category && row.metric.audience.includes(audience) && row.metric.widget.kind !== 'table')
      .map(({ id }) => id),
  );

/** An alarm widget takes up to 100; the status lights show all. */
const ALARMS_PER_WIDGET = 100;

/** Alarms of some categories, those that page only. */
function alarmStatus({ alarms, around }: Page, title: string, categories: readonly Category[], width: number, height: number): Sized {
  const shown = alarms.filter(({ row, signal }) => !signal && row !== undefined && categories.includes(row.category));
  return {
    type: 'alarm',
    width,
    height,
    properties: { title, alarms: shown.slice(0, ALARMS_PER_WIDGET).map(({ definition }) => around.alarmArn(definition.name)) },
  };
}

/** CloudWatch's own list, which works while our functions do not. Critical alarms first, for those that a widget has room for. */
function activeAlarms({ alarms, around }: Page): Sized {
  const order = ['critical', 'warning', 'info'];
  const shown = alarms
    .filter(({ signal }) => !signal)
    .toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity))
    .slice(0, ALARMS_PER_WIDGET);
  return {
    type: 'alarm',
    width: 8,
    height: 7,
    properties: {
      title: 'Active alarms, newest first',
      alarms: shown.map(({ definition }) => around.alarmArn(definition.name)),
      sortBy: 'stateUpdatedTimestamp',
      states: ['ALARM'],
    },
  };
}

/** What is kept in the table and not in CloudWatch reaches readers through the widgets function. */
const custom = (
  { around }: Page,
  widget: CustomWidgetName,
  title: string,
  size: { readonly width: number; readonly height: number },
): Sized => ({
  type: 'custom',
  ...size,
  properties: {
    title,
    endpoint: around.functionArn('widgets'),
    params: { widget, ...chosen },
    updateOn: { refresh: true, resize: true, timeRange: true },
  },
});

/** Newest value, minimum and maximum of what traders read, as a table. */
function currentValues(page: Page): Sized {
  const ids = (['sessionPnl', 'equity', 'sharpe'] as const).filter(id => isPublished(rowOf(id), page.config));
  const entries = ids.flatMap((id, at) => {
    const widget = widgetOf(rowOf(id), page.config, page.around);
    if (widget.type !== 'metric') return [];
    const { title } = rowOf(id).metric;
    return widget.properties.metrics.map(entry =>
      entry.map(part =>
        typeof part === 'string'
          ? part
          : { ...part, id: `${String(part['id'])}row${at}`, label: `${String(part['label'])} ${title}`.trim() },
      ),
    );
  });
  return {
    type: 'metric',
    width: 24,
    height: 7,
    properties: {
      title: 'Current values (money and ratios, newest minute)',
      view: 'table',
      region: page.around.region,
      metrics: entries,
      period: 60,
      table: { summaryColumns: summaryColumns({ statistic: 'Maximum' }) },
    },
  };
}

/** CloudWatch queries at most 50 log groups at once; further ones are read in the logs console. */
const LOG_GROUPS_PER_QUERY = 50;

const sources = ({ config }: Page): string =>
  config.bots
    .slice(0, LOG_GROUPS_PER_QUERY)
    .map(bot => `SOURCE '${bot.logGroup.name}'`)
    .join(' | ');

const errorFilter = 'filter level in ["ERROR", "error", "CRITICAL", "critical", "FATAL", "fatal"] or severity in ["error", "critical"]';

const errorLog = (page: Page): Sized => ({
  type: 'log',
  width: 16,
  height: 8,
  properties: {
    title: 'Newest errors of all bots',
    region: page.around.region,
    query: `${sources(page)} | fields @timestamp, strategyId, code, message, @message | ${errorFilter} | sort @timestamp desc | limit 50`,
    view: 'table',
  },
});

const errorGroups = (page: Page): Sized => ({
  type: 'log',
  width: 8,
  height: 8,
  properties: {
    title: 'Errors by strategy and code (count)',
    region: page.around.region,
    query: `${sources(page)} | ${errorFilter} | stats count(*) as errors by strategyId, code | sort errors desc | limit 20`,
    view: 'table',
  },
});
