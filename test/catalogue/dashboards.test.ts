import { describe, expect, it } from 'vitest';
import { GRID_COLUMNS } from '../../core/catalogue/dashboard-layout.ts';
import { dashboards } from '../../core/catalogue/dashboards.ts';
import { metricQueriesOf, parseDashboardBody, splitSource } from '../../core/cloudwatch/dashboard-body.ts';
import { structureProblems } from '../../core/cloudwatch/dashboard-structure.ts';
import { applyVariables } from '../../core/cloudwatch/dashboard-variables.ts';
import { parsedMath } from '../../core/cloudwatch/metric-math.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import { createSeriesStore } from '../../core/series/series-store.ts';
import { metricData } from '../../local/metric-data.ts';
import { runInsights } from '../../local/services/logs-insights.ts';
import { config } from './play.ts';

const around = {
  region: 'eu-west-1',
  alarmArn: (name: string) => `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`,
  functionArn: (name: string) => `arn:aws:lambda:eu-west-1:111122223333:function:${name}`,
};
const pages = dashboards(config, around);

describe.each(pages.map(page => [page.page, page.body.widgets] as const))('%s', (_, widgets) => {
  it('fits the grid without overlaps', () => {
    for (const [index, a] of widgets.entries()) {
      expect(a.x + a.width).toBeLessThanOrEqual(GRID_COLUMNS);
      for (const b of widgets.slice(index + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart, `${JSON.stringify(a.properties).slice(0, 60)} and ${JSON.stringify(b.properties).slice(0, 60)}`).toBe(true);
      }
    }
  });

  it('says unit and statistic in the title of every chart', () => {
    for (const widget of widgets) if (widget.type === 'metric') expect(widget.properties.title).toMatch(/\(.+, .+\)$/);
  });

  it('gives every line an id of its own and expressions that parse', () => {
    for (const widget of widgets) {
      if (widget.type !== 'metric') continue;
      const options = widget.properties.metrics.map(entry => entry.at(-1) as Readonly<Record<string, unknown>>);
      const ids = options.flatMap(option => (typeof option['id'] === 'string' ? [option['id']] : []));
      expect(new Set(ids).size).toBe(ids.length);
      for (const option of options) if (typeof option['expression'] === 'string') expect(parsedMath(option['expression']).ok).toBe(true);
    }
  });
});

it.each(pages.map(page => [page.page, page.body] as const))('%s is a body that CloudWatch takes', (_, body) => {
  const parsed = parseDashboardBody(JSON.stringify(body));
  expect(parsed.ok ? [] : parsed.error).toEqual([]);
  expect(structureProblems(JSON.parse(JSON.stringify(body)))).toEqual([]);
});

it('reads the log with queries that the local stack runs', () => {
  const line = (fields: object) => ({ atMs: 0, message: JSON.stringify(fields), stream: 's', group: '/g' });
  const lines = [
    line({ level: 'INFO', message: 'fine' }),
    line({ level: 'ERROR', message: 'bad' }),
    line({ eventType: 'error', severity: 'critical', code: 'C', strategyId: 's1', message: 'worse' }),
  ];
  const logs = pages.flatMap(({ body }) =>
    body.widgets.flatMap(widget => (widget.type === 'log' ? [splitSource(widget.properties.query).query] : [])),
  );
  expect(logs.map(query => runInsights(query, lines).rows.length)).toEqual([2, 2]);
});

it('draws the thresholds of the alarms, in the unit of the chart', () => {
  const drawn = pages.flatMap(({ body }) =>
    body.widgets.flatMap(widget => (widget.type === 'metric' ? (widget.properties.annotations?.horizontal ?? []) : [])),
  );
  expect(drawn).toContainEqual(expect.objectContaining({ label: 'session-loss below -1000', value: -1000 }));
  expect(drawn).toContainEqual(expect.objectContaining({ label: 'reject-share above 5 %', value: 5 }));
});

it('sums no values that stand for themselves: a day of equities added up says nothing', () => {
  const tables = pages.flatMap(({ body }) =>
    body.widgets.flatMap(widget => (widget.type === 'metric' && widget.properties.view === 'table' ? [widget.properties] : [])),
  );
  expect(tables.length).toBeGreaterThan(0);
  for (const { title, table, metrics } of tables)
    expect(table?.summaryColumns.includes('SUM') === true && !JSON.stringify(metrics).includes("'Sum'"), title).toBe(false);
  expect(tables.find(({ title }) => title.startsWith('Current values'))?.table?.summaryColumns).toEqual(['MIN', 'MAX', 'AVG']);
});

it('uses every widget type that the layouts need', () => {
  const types = new Set(pages.flatMap(({ body }) => body.widgets.map(({ type }) => type)));
  expect(types).toEqual(new Set(['text', 'metric', 'alarm', 'log', 'custom']));
});

/** CloudFormation's limit of a whole template; the shared stack holds all bodies. Source: CloudFormation quotas. */
const TEMPLATE_BYTES = 1_000_000;

describe.each([20, 100])('for %i bots', count => {
  const fleet = dashboards(discoverConfig(Array.from({ length: count }, (_, n) => ({ strategyId: `strategy-number-${n}` }))), around);

  it.each(fleet.map(page => [page.page, page] as const))('%s stays inside CloudWatch’s limits', (_, { name, body }) => {
    expect(name).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
    expect(body.widgets.length).toBeLessThanOrEqual(500);
    expect(body.variables.length).toBeLessThanOrEqual(25);
    const rows = body.widgets.map(widget => (widget.type === 'metric' ? widget.properties.metrics : []));
    expect(Math.max(...rows.map(({ length }) => length))).toBeLessThanOrEqual(500);
    expect(rows.flat().length).toBeLessThanOrEqual(2500);
    const searches = rows.map(each => each.filter(entry => JSON.stringify(entry).includes('SEARCH(')).length);
    expect(Math.max(...searches)).toBeLessThanOrEqual(100);
    const parsed = parseDashboardBody(JSON.stringify(body));
    expect(parsed.ok ? [] : parsed.error).toEqual([]);
    expect(structureProblems(JSON.parse(JSON.stringify(body)))).toEqual([]);
  });

  it('fits a template with all of them', () => {
    expect(fleet.reduce((sum, { body }) => sum + JSON.stringify(JSON.stringify(body)).length, 0)).toBeLessThan(TEMPLATE_BYTES * 0.6);
  });
});

const three = discoverConfig(['momentum', 'momentum-btc', 'trend'].map(strategyId => ({ strategyId, venue: 'x' })));
const threePages = dashboards(three, around);

describe('the variables', () => {
  const trader = threePages.find(({ page }) => page === 'trader')!.body;
  const store = createSeriesStore();
  const startMs = Date.parse('2026-03-09T13:30:00Z');
  const ids = three.bots.flatMap(bot => bot.strategies.map(({ id }) => id));
  for (const [at, id] of ids.entries())
    for (let minute = 0; minute < 5; minute++)
      store.put(`Nightdesk/${three.stage}`, 'Equity', { Strategy: id }, startMs + minute * 60_000, { values: [at + 1] });

  /** Labels of the lines of the equity chart that have points, with their last value. */
  function drawn(choices: Record<string, string> = {}) {
    const body = parseDashboardBody(applyVariables(JSON.parse(JSON.stringify(trader)), choices));
    if (!body.ok) throw new Error(JSON.stringify(body.error));
    const chart = body.value.widgets.find(widget => widget.type === 'metric' && widget.title?.startsWith('Equity'));
    const queries = chart?.type === 'metric' ? metricQueriesOf(chart) : [];
    const asked = queries.map(query => ({
      id: query.id,
      label: query.label ?? query.id,
      ...('expression' in query ? { expression: query.expression, period: 60 } : {}),
    }));
    return metricData(store, asked, startMs, startMs + 300_000)
      .filter(({ values }) => values.length > 0)
      .map(({ label, values }) => [label, values.at(-1)]);
  }

  it('show all strategies by default, and one when it is picked', () => {
    expect(drawn()).toEqual(ids.map((id, at) => [id, at + 1]));
    expect(drawn({ strategy: ids[1]! })).toEqual([[ids[1], 2]]);
  });

  it('put their choice into the parameters of custom widgets', () => {
    const widgets = (
      applyVariables(JSON.parse(JSON.stringify(trader)), { strategy: ids[0]!, venue: 'x' })['widgets'] as {
        properties: { params?: object };
      }[]
    ).flatMap(({ properties }) => properties.params ?? []);
    expect(widgets.length).toBeGreaterThan(5);
    for (const params of widgets) expect(params).toMatchObject({ strategy: ids[0], bot: `Nightdesk/${three.stage}` });
  });
});

it('keeps a colour for each strategy across all charts', () => {
  const colours = new Map<string, Set<unknown>>();
  for (const { body } of threePages)
    for (const widget of body.widgets)
      for (const entry of widget.type === 'metric' && widget.properties.view === 'timeSeries' ? widget.properties.metrics : []) {
        const { label, color } = entry.at(-1) as { label?: string; color?: string };
        if (label !== undefined && color !== undefined && !label.includes(' '))
          colours.set(label, (colours.get(label) ?? new Set()).add(color));
      }
  expect([...colours.values()].map(({ size }) => size)).toEqual([...colours].map(() => 1));
  expect(colours.size).toBeGreaterThan(1);
});

/** The example layouts of the reference, line by line: what each audience must find. */
it.each([
  [
    'developer',
    [
      'CPU usage',
      'Memory usage',
      'Order acknowledgement latency',
      'Error share',
      'Throughput',
      'Queue length',
      'Newest errors',
      'Releases',
    ],
  ],
  [
    'trader',
    [
      'Session P&L',
      'Equity, P&L and drawdown',
      'Sharpe, drawdown against its limit, win rate',
      'Open positions',
      'P&L by strategy and instrument',
      'P&L of each trading day',
    ],
  ],
  [
    'operations',
    [
      'Status of system, application and trading',
      'Active alarms',
      'Incidents',
      'Heartbeats',
      'Orders: new',
      'Queue',
      'Ingest lag',
      'Cost of this month',
    ],
  ],
  ['resources', ['CPU usage', 'Memory usage', 'Network latency', 'Network bandwidth', 'Disk I/O']],
] as const)('the %s page shows what its readers come for', (page, wanted) => {
  const all = { ...config, publish: ['diskIo', 'networkBandwidth', 'networkLatency', 'queueLength'] };
  const titles = dashboards(all, around)
    .find(each => each.page === page)!
    .body.widgets.flatMap(({ properties }) => ('title' in properties ? [properties.title] : []));
  for (const title of wanted)
    expect(
      titles.some(each => each.startsWith(title)),
      title,
    ).toBe(true);
});
