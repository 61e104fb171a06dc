import { describe, expect, test } from 'vitest';
import { parseDashboardBody, splitSource } from '../../core/cloudwatch/dashboard-body.ts';

const widget = (type: string, properties: unknown, place = {}) => ({ type, x: 0, y: 0, width: 6, height: 6, ...place, properties });

function metricWidget(properties: Readonly<Record<string, unknown>>) {
  const body = parseDashboardBody({ widgets: [widget('metric', { region: 'eu-west-1', ...properties })] });
  if (!body.ok) throw new Error(body.error.map(problem => problem.message).join('\n'));
  const only = body.value.widgets[0];
  if (only?.type !== 'metric') throw new Error('no metric widget');
  return only;
}

describe('metrics', () => {
  test('the shorthand repeats the row above', () => {
    const { queries } = metricWidget({
      period: 60,
      stat: 'Sum',
      metrics: [
        ['AWS/EC2', 'CPUUtilization', 'InstanceId', 'i-1', { stat: 'p99', color: '#ff0000' }],
        ['...', 'i-2'],
        ['.', 'DiskReadBytes', '.', '.', { yAxis: 'right', label: 'reads' }],
        [{ expression: 'q1 + q2', id: 'e1', label: 'both', visible: false }],
        ['AWS/EC2', '...', 'i-3'],
      ],
    });
    expect(
      queries.map(({ query }) =>
        'stat' in query ? [query.stat.metricName, query.stat.dimensions['InstanceId'], query.stat.statistic] : query.expression,
      ),
    ).toEqual([
      ['CPUUtilization', 'i-1', 'p99'],
      ['CPUUtilization', 'i-2', 'Sum'],
      ['DiskReadBytes', 'i-2', 'Sum'],
      'q1 + q2',
      ['DiskReadBytes', 'i-3', 'Sum'],
    ]);
    expect(queries.map(query => query.label)).toEqual(['i-1 CPUUtilization', 'i-2 CPUUtilization', 'reads', 'both', 'i-3 DiskReadBytes']);
    expect([queries[0]?.color, queries[2]?.yAxis, queries[3]?.visible]).toEqual(['#ff0000', 'right', false]);
  });

  test('defaults of a widget', () => {
    expect(metricWidget({ metrics: [['N', 'M']] })).toMatchObject({
      view: 'timeSeries',
      stacked: false,
      periodSeconds: 300,
      statistic: 'Average',
      legend: 'bottom',
      liveData: false,
    });
  });

  test('annotations and axes', () => {
    const read = metricWidget({
      metrics: [['N', 'M']],
      yAxis: { left: { min: 0, max: 100, label: '%' } },
      annotations: {
        horizontal: [{ value: 80, label: 'limit', fill: 'above' }, [{ value: 1 }, { value: 2 }], { value: 3, visible: false }],
        vertical: [{ value: '2026-03-01T00:00:00Z' }],
      },
    });
    expect(read.left).toEqual({ min: 0, max: 100, label: '%' });
    expect(read.horizontal).toEqual([
      { value: 80, label: 'limit', fill: 'above' },
      { value: 1, to: 2 },
    ]);
    expect(read.vertical).toEqual([{ value: '2026-03-01T00:00:00Z' }]);
  });
});

test('log, alarm, custom and text widgets', () => {
  const body = parseDashboardBody(
    JSON.stringify({
      start: '-PT8H',
      widgets: [
        widget('log', { query: 'SOURCE \'a\' | SOURCE "b" | fields @message | limit 20', title: 'errors' }),
        widget('alarm', { alarms: ['arn:aws:cloudwatch:eu-west-1:1:alarm:x'] }, { y: 6 }),
        widget(
          'custom',
          { endpoint: 'arn:aws:lambda:eu-west-1:1:function:w', params: { a: 1 }, updateOn: { refresh: true, timeRange: false } },
          { y: 12 },
        ),
        widget('text', { markdown: '# hello' }, { y: 18 }),
        widget('explorer', { labels: [] }, { y: 24 }),
      ],
    }),
  );
  expect(body.ok && body.value).toMatchObject({
    start: '-PT8H',
    widgets: [
      { type: 'log', logGroups: ['a', 'b'], query: 'fields @message | limit 20' },
      { type: 'alarm', alarms: ['arn:aws:cloudwatch:eu-west-1:1:alarm:x'] },
      { type: 'custom', params: { a: 1 }, updateOn: { refresh: true, resize: false, timeRange: false } },
      { type: 'text', markdown: '# hello' },
      { type: 'other', kind: 'explorer' },
    ],
  });
});

test('several groups after one SOURCE', () => {
  expect(splitSource("SOURCE '/a', '/b' | stats count(*)")).toEqual({ logGroups: ['/a', '/b'], query: 'stats count(*)' });
});

test('all problems are named at once, with their paths', () => {
  const body = parseDashboardBody({
    widgets: [
      widget('metric', { metrics: [['...', 'x']], period: 45, stat: 'Mean' }),
      widget('metric', { view: 'gauge', metrics: [[{ expression: 'm1 +' }]] }, { width: 30 }),
      widget('log', { query: 'fields @message' }),
      widget('custom', {}),
      { type: 'text', x: -1, properties: {} },
    ],
  });
  expect(body.ok ? [] : body.error.map(problem => problem.path)).toEqual([
    'widgets.0.properties.period',
    'widgets.0.properties.stat',
    'widgets.0.properties.metrics.0',
    'widgets.0.properties.metrics',
    'widgets.1.width',
    'widgets.1.properties.metrics.0.expression',
    'widgets.1.properties.yAxis.left',
    'widgets.2.properties.query',
    'widgets.3.properties.endpoint',
    'widgets.4.x',
    'widgets.4.properties.markdown',
  ]);
});

test('limits of widgets and metrics', () => {
  const rows = (count: number) => Array.from({ length: count }, (_, at) => ['N', `M${at}`]);
  expect(parseDashboardBody({ widgets: Array.from({ length: 501 }, () => widget('text', { markdown: '' + 'x' })) }).ok).toBe(false);
  expect(parseDashboardBody({ widgets: [widget('metric', { metrics: rows(501) })] }).ok).toBe(false);
  expect(parseDashboardBody({ widgets: Array.from({ length: 6 }, () => widget('metric', { metrics: rows(450) })) }).ok).toBe(false);
  expect(parseDashboardBody('not json').ok).toBe(false);
});
