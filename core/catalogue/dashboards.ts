/** The three dashboards, as bodies that CloudWatch takes. Rows choose their audience and widget; this page chooses the order. */
import type { NightdeskConfig } from '../config/types.ts';
import { type CatalogueAlarm, catalogueAlarms } from './alarm-definitions.ts';
import { flow, heading, type Placed, type Sized } from './dashboard-layout.ts';
import { catalogue, type MetricId, rowOf } from './index.ts';
import type { Audience, Category } from './metric.ts';
import { type DashboardSurroundings, widgetOf } from './metric-widgets.ts';
import { dashboardName } from './names.ts';
import { isPublished, seriesOf } from './series.ts';

export interface Dashboard {
  readonly name: string;
  readonly audience: Audience;
  readonly body: DashboardBody;
}

export interface DashboardBody {
  /** ISO 8601 duration back from now. */
  readonly start: string;
  readonly periodOverride: 'inherit' | 'auto';
  readonly widgets: readonly Placed[];
}

export function dashboards(config: NightdeskConfig, around: DashboardSurroundings): readonly Dashboard[] {
  const page = { config, around, alarms: catalogueAlarms(config) };
  return [
    { audience: 'developer', start: '-PT3H', widgets: developer(page) } as const,
    { audience: 'trader', start: '-PT12H', widgets: trader(page) } as const,
    { audience: 'operations', start: '-PT3H', widgets: operations(page) } as const,
  ].map(({ audience, start, widgets }) => ({
    name: dashboardName(config.stage, audience),
    audience,
    body: { start, periodOverride: 'inherit', widgets: flow(widgets) },
  }));
}

interface Page {
  readonly config: NightdeskConfig;
  readonly around: DashboardSurroundings;
  readonly alarms: readonly CatalogueAlarm[];
}

function developer(page: Page): readonly Sized[] {
  return [
    heading(`## ${page.config.stage}: developer`),
    heading('### Process and machine'),
    ...section(page, 'developer', 'system'),
    systemOfBots(page),
    heading('### The bot at work'),
    ...section(page, 'developer', 'application'),
    heading('### Errors and logs'),
    ...section(page, 'developer', 'errors'),
    errorLog(page),
    errorGroups(page),
    heading('### Health and Nightdesk itself'),
    ...section(page, 'developer', 'health'),
    ...section(page, 'developer', 'self'),
  ];
}

function trader(page: Page): readonly Sized[] {
  return [
    heading(`## ${page.config.stage}: trader`),
    ...wide(page, ['sessionPnl', 'equity']),
    results(page),
    ...published(page, ['sharpe', 'drawdown', 'maxDrawdown', 'winRate']).map(widget => ({ ...widget, width: 6 })),
    ...published(page, ['sortino', 'fillRate']),
    heading('### Positions and money at risk'),
    positions(page),
    alarmStatus(page, 'Trading alarms', ['trading'], 8),
    heading('### Orders and data'),
    ...published(page, ['netPnl', 'rejectCount', 'rejectShare', 'orderFillLatency', 'marketDataAge']),
    currentValues(page),
  ];
}

function operations(page: Page): readonly Sized[] {
  return [
    heading(`## ${page.config.stage}: operations`),
    alarmStatus(page, 'System status: CPU, memory, disk, network', ['system'], 8),
    alarmStatus(page, 'Application status: orders, market data, errors', ['application', 'errors'], 8),
    alarmStatus(page, 'Trading status: P&L, drawdown, rejects', ['trading'], 8),
    alarmStatus(page, 'Health: heartbeats, probes, feeds', ['health'], 8),
    alarmStatus(page, 'Nightdesk itself', ['self'], 8),
    activeAlarms(page),
    heading('### Heartbeats and health'),
    healthOfBots(page),
    systemOfBots(page),
    ...section(page, 'operations', 'health'),
    heading('### System'),
    ...section(page, 'operations', 'system'),
    heading('### Application and errors'),
    ...section(page, 'operations', 'application'),
    ...section(page, 'operations', 'errors'),
    heading('### Trading'),
    ...section(page, 'operations', 'trading'),
    positions(page),
    heading('### Nightdesk itself'),
    ...section(page, 'operations', 'self'),
  ];
}

/** Published rows of a category that the audience reads, as their own widgets. */
const section = (page: Page, audience: Audience, category: Category): readonly Sized[] =>
  catalogue
    .filter(row => row.category === category && row.metric.audience.includes(audience))
    .filter(row => row.metric.widget.kind !== 'table' && isPublished(row, page.config) && seriesOf(row, page.config).length > 0)
    .map(row => widgetOf(row, page.config, page.around));

const rows = ({ config, around }: Page, ids: readonly MetricId[]): readonly Sized[] => ids.map(id => widgetOf(rowOf(id), config, around));

const published = (page: Page, ids: readonly MetricId[]): readonly Sized[] =>
  rows(
    page,
    ids.filter(id => isPublished(rowOf(id), page.config)),
  );

const wide = (page: Page, ids: readonly MetricId[]): readonly Sized[] =>
  rows(page, ids).map(widget => ({ ...widget, width: 12, height: 7 }));

/** Alarms of some categories as lights, those that page only. A dashboard's alarm widget takes up to 100. */
function alarmStatus({ alarms, around }: Page, title: string, categories: readonly Category[], width: number): Sized {
  const shown = alarms.filter(({ row, signal }) => !signal && row !== undefined && categories.includes(row.category));
  return {
    type: 'alarm',
    width,
    height: 5,
    properties: { title, alarms: shown.slice(0, 100).map(({ definition }) => around.alarmArn(definition.name)) },
  };
}

function activeAlarms({ alarms, around }: Page): Sized {
  const shown = alarms.filter(({ signal }) => !signal).slice(0, 100);
  return {
    type: 'alarm',
    width: 8,
    height: 5,
    properties: {
      title: 'Active alarms, newest first',
      alarms: shown.map(({ definition }) => around.alarmArn(definition.name)),
      sortBy: 'stateUpdatedTimestamp',
      states: ['ALARM'],
    },
  };
}

interface TableShape {
  readonly title: string;
  readonly width: number;
  readonly height: number;
}

/** What is kept in the table and not in CloudWatch reaches readers through the widgets function. */
const table = ({ around }: Page, widget: 'positions' | 'results' | 'health' | 'system', { title, width, height }: TableShape): Sized => ({
  type: 'custom',
  width,
  height,
  properties: {
    title,
    endpoint: around.functionArn('widgets'),
    params: { widget },
    updateOn: { refresh: true, resize: true, timeRange: true },
  },
});

const positions = (page: Page): Sized =>
  table(page, 'positions', { title: 'Open positions, P&L and ratios with their N', width: 16, height: 9 });
const results = (page: Page): Sized => table(page, 'results', { title: 'Gross → fees → net → equity, exact', width: 24, height: 5 });
const healthOfBots = (page: Page): Sized => table(page, 'health', { title: 'Heartbeats and probes, each bot', width: 12, height: 6 });
const systemOfBots = (page: Page): Sized => table(page, 'system', { title: 'Resources, each bot', width: 12, height: 6 });

/** Newest value, minimum and maximum of what traders read, as a table. */
function currentValues(page: Page): Sized {
  const ids = ['sessionPnl', 'equity', 'sharpe'] as const;
  const entries = ids.flatMap(id => {
    const widget = widgetOf(rowOf(id), page.config, page.around);
    if (widget.type !== 'metric') return [];
    const { title } = rowOf(id).metric;
    return widget.properties.metrics.map(entry =>
      entry.map(part => (typeof part === 'string' ? part : { ...part, label: `${String(part['label'])} ${title}` })),
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
