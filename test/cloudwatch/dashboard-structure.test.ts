import { App, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, it } from 'vitest';
import { structureProblems } from '../../core/cloudwatch/dashboard-structure.ts';

const widget = (type: string, properties: unknown, place: object = { x: 0, y: 0, width: 6, height: 6 }) => ({
  widgets: [{ type, ...place, properties }],
});
const metrics = [['AWS/EC2', 'CPUUtilization', 'InstanceId', 'i-1']];

it('takes every widget and property that the CDK writes', () => {
  const stack = new Stack(new App(), 'S');
  const metric = new cloudwatch.Metric({ namespace: 'N', metricName: 'M', dimensionsMap: { a: 'b' }, color: '#ff0000', label: 'l' });
  const math = new cloudwatch.MathExpression({ expression: 'a * 2', usingMetrics: { a: metric }, label: 'm' });
  const alarm = metric.createAlarm(stack, 'A', { threshold: 1, evaluationPeriods: 1 });
  const limit = cloudwatch.TableThreshold.between(1, 2, '#00ff00');
  const all = [
    new cloudwatch.GraphWidget({
      left: [metric, math],
      right: [metric],
      leftAnnotations: [{ value: 1, label: 'x', fill: cloudwatch.Shading.ABOVE, color: '#ffffff', visible: true }],
      verticalAnnotations: [{ date: '2026-01-01T00:00:00Z', label: 'l', fill: cloudwatch.VerticalShading.AFTER }],
      legendPosition: cloudwatch.LegendPosition.RIGHT,
      liveData: true,
      stacked: true,
      period: Duration.minutes(1),
      leftYAxis: { label: 'y', min: 0, max: 1, showUnits: false },
    }),
    new cloudwatch.GaugeWidget({ metrics: [metric], leftYAxis: { min: 0, max: 100 } }),
    new cloudwatch.SingleValueWidget({ metrics: [metric], fullPrecision: true, sparkline: true, start: '-PT1H', end: 'PT0H' }),
    new cloudwatch.TableWidget({
      metrics: [metric],
      layout: cloudwatch.TableLayout.VERTICAL,
      thresholds: [limit],
      summary: { columns: [cloudwatch.TableSummaryColumn.AVERAGE], sticky: true },
    }),
    new cloudwatch.AlarmWidget({ alarm }),
    new cloudwatch.AlarmStatusWidget({
      alarms: [alarm],
      sortBy: cloudwatch.AlarmStatusWidgetSortBy.TIMESTAMP,
      states: [cloudwatch.AlarmState.ALARM],
    }),
    new cloudwatch.LogQueryWidget({ logGroupNames: ['g'], queryString: 'fields @message', view: cloudwatch.LogQueryVisualizationType.BAR }),
    new cloudwatch.CustomWidget({ functionArn: 'arn:aws:lambda:eu-west-1:1:function:f', title: 't', params: { a: 1 } }),
    new cloudwatch.TextWidget({ markdown: 'a', background: cloudwatch.TextWidgetBackground.TRANSPARENT }),
  ];
  const written = all.flatMap(each => stack.resolve(each.toJson()) as unknown[]);
  const variable = new cloudwatch.DashboardVariable({
    id: 'f',
    type: cloudwatch.VariableType.PATTERN,
    inputType: cloudwatch.VariableInputType.SELECT,
    value: 'x',
    values: cloudwatch.Values.fromSearch('{N,a} M', 'a'),
    defaultValue: cloudwatch.DefaultValue.FIRST,
  });
  // Tokens such as the region stay objects until a deployment; a body has texts in their place.
  const body = JSON.parse(
    JSON.stringify({ start: '-PT8H', periodOverride: 'auto', variables: [variable.toJson()], widgets: written }),
    (_, value: unknown) =>
      typeof value === 'object' && value !== null && ('Ref' in value || 'Fn::GetAtt' in value || 'Fn::Join' in value) ? 'token' : value,
  );
  expect(structureProblems(body)).toEqual([]);
});

describe('names', () => {
  it.each([
    ['a key that is spelt wrong', widget('metric', { metrics, anotations: {} }), 'widgets.0.properties.anotations'],
    ['a text for a number', widget('metric', { metrics, yAxis: { left: { min: '0' } } }), 'widgets.0.properties.yAxis.left.min'],
    ['a view that does not exist', widget('metric', { metrics, view: 'line' }), 'widgets.0.properties.view'],
    [
      'an option of a metric that does not exist',
      widget('metric', { metrics: [['N', 'M', { colour: '#fff' }]] }),
      'widgets.0.properties.metrics.0.2.colour',
    ],
    ['a colour that is none', widget('metric', { metrics: [['N', 'M', { color: 'red' }]] }), 'widgets.0.properties.metrics.0.2.color'],
    [
      'a vertical mark without a time',
      widget('metric', { metrics, annotations: { vertical: [{ value: 'monday' }] } }),
      'widgets.0.properties.annotations.vertical.0.value',
    ],
    [
      'a band of three',
      widget('metric', { metrics, annotations: { horizontal: [[{ value: 1 }, { value: 2 }, { value: 3 }]] } }),
      'widgets.0.properties.annotations.horizontal.0',
    ],
    ['a text widget without text', widget('text', {}), 'widgets.0.properties.markdown'],
    ['a state that does not exist', widget('alarm', { alarms: ['a'], states: ['FIRING'] }), 'widgets.0.properties.states.0'],
    ['a log query without its region', widget('log', { query: "SOURCE 'a' | fields @message" }), 'widgets.0.properties.region'],
    ['a place that is no whole number', widget('text', { markdown: 'x' }, { x: 0.5, y: 0, width: 6, height: 6 }), 'widgets.0.x'],
    [
      'a key of the widget beside its properties',
      { widgets: [{ type: 'text', properties: { markdown: 'x' }, title: 'x' }] },
      'widgets.0.title',
    ],
    ['a key of the body', { widgets: [], timezone: 'UTC' }, 'timezone'],
    ['a body without widgets', {}, 'widgets'],
    [
      'a variable that replaces nothing',
      { widgets: [], variables: [{ id: 'a', type: 'pattern', inputType: 'input' }] },
      'variables.0.pattern',
    ],
    [
      'a drop-down without values',
      { widgets: [], variables: [{ id: 'a', type: 'property', property: 'p', inputType: 'select' }] },
      'variables.0.values',
    ],
    [
      'a search that fills nothing',
      { widgets: [], variables: [{ id: 'a', type: 'property', property: 'p', inputType: 'radio', search: 's' }] },
      'variables.0.populateFrom',
    ],
  ])('%s', (_, body, path) => {
    expect(structureProblems(body).map(problem => problem.path)).toEqual([path]);
  });

  it('nothing of a kind of widget that is not described', () => {
    expect(structureProblems(widget('chart', { whatever: 1 }))).toEqual([]);
  });
});
