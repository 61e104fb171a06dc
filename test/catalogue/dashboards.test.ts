import { describe, expect, it } from 'vitest';
import { GRID_COLUMNS } from '../../core/catalogue/dashboard-layout.ts';
import { dashboards } from '../../core/catalogue/dashboards.ts';
import { parseDashboardBody, splitSource } from '../../core/cloudwatch/dashboard-body.ts';
import { parsedMath } from '../../core/cloudwatch/metric-math.ts';
import { discoverConfig } from '../../core/config/discover.ts';
import { runInsights } from '../../local/services/logs-insights.ts';
import { config } from './play.ts';

const around = {
  region: 'eu-west-1',
  alarmArn: (name: string) => `arn:aws:cloudwatch:eu-west-1:111122223333:alarm:${name}`,
  functionArn: (name: string) => `arn:aws:lambda:eu-west-1:111122223333:function:${name}`,
};
const many = discoverConfig(Array.from({ length: 20 }, (_, n) => ({ strategyId: `s${n}` })));
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

it('uses every widget type that the layouts need', () => {
  const types = new Set(pages.flatMap(({ body }) => body.widgets.map(({ type }) => type)));
  expect(types).toEqual(new Set(['text', 'metric', 'alarm', 'log', 'custom']));
});

it.each(dashboards(many, around).map(page => [page.page, page] as const))(
  '%s stays inside CloudWatch’s limits for twenty bots',
  (_, { name, body }) => {
    expect(name).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
    expect(body.widgets.length).toBeLessThanOrEqual(500);
    const counts = body.widgets.map(widget => (widget.type === 'metric' ? widget.properties.metrics.length : 0));
    expect(Math.max(...counts)).toBeLessThanOrEqual(500);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(2500);
  },
);
