/** Dashboard bodies as CDK writes them, with every widget type and most properties. */
import { fleet } from './fake-data.ts';

const namespace = 'Nightdesk/demo';
const arn = (name: string) => `arn:aws:cloudwatch:eu-west-1:000000000000:alarm:${name}`;
const widgets = 'arn:aws:lambda:eu-west-1:000000000000:function:nightdesk-demo-widgets';

const perBot = (metric: string, options: object = {}) =>
  fleet.map(bot => [namespace, metric, 'Strategy', bot.id, { label: bot.id, ...options }]);

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const at = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height });
const metric = (box: Box, properties: object) => ({
  type: 'metric',
  ...box,
  properties: { region: 'eu-west-1', period: 60, view: 'timeSeries', ...properties },
});

export const dashboards = [
  { name: 'demo-developer', title: 'Developer', audience: 'developer' },
  { name: 'demo-trader', title: 'Trader', audience: 'trader' },
  { name: 'demo-operations', title: 'Operations', audience: 'operations' },
  { name: 'demo-desk', title: 'Desk', audience: 'demo-desk' },
];

export const bodies: Readonly<Record<string, unknown>> = {
  'demo-trader': {
    start: '-PT3H',
    widgets: [
      metric(at(0, 0, 6, 3), {
        title: 'Equity (USD)',
        view: 'singleValue',
        sparkline: true,
        metrics: [[{ expression: 'SUM(METRICS())', label: 'All strategies', id: 'e1' }], ...perBot('Equity', { visible: false })],
      }),
      metric(at(6, 0, 12, 3), {
        title: 'From gross to net (USD)',
        view: 'singleValue',
        metrics: [
          [namespace, 'GrossPnl', 'Strategy', 'momentum-btc', { label: 'Gross' }],
          ['.', 'Fees', '.', '.', { label: 'Fees' }],
          ['.', 'NetPnl', '.', '.', { label: 'Net' }],
          ['.', 'UnrealizedPnl', '.', '.', { label: 'Unrealized' }],
        ],
      }),
      metric(at(18, 0, 6, 3), { title: 'Trades (count, 30 days)', view: 'singleValue', metrics: perBot('TradeCount').slice(0, 2) }),
      metric(at(0, 3, 16, 7), {
        title: 'Session P&L (USD, Minimum)',
        stat: 'Minimum',
        metrics: perBot('SessionPnl'),
        annotations: {
          horizontal: [{ value: -500, label: 'Loss limit −500', fill: 'below', color: '#d62728' }],
          vertical: [{ value: '2026-01-14T12:00:00Z', label: 'release 1.4.2' }],
        },
      }),
      metric(at(16, 3, 8, 7), { title: 'Net P&L by strategy (USD)', view: 'bar', metrics: perBot('NetPnl') }),
      metric(at(0, 10, 5, 5), {
        title: 'Sharpe ratio (N = 30 days)',
        view: 'gauge',
        metrics: perBot('Sharpe').slice(0, 1),
        yAxis: { left: { min: -1, max: 3 } },
        annotations: { horizontal: [{ value: 0, fill: 'below', label: 'negative' }] },
      }),
      metric(at(5, 10, 5, 5), {
        title: 'Drawdown (%, against the limit)',
        view: 'gauge',
        stat: 'Maximum',
        metrics: perBot('Drawdown').slice(1, 2),
        yAxis: { left: { min: 0, max: 10 } },
        annotations: { horizontal: [{ value: 8, fill: 'above', label: 'limit 8%' }] },
      }),
      metric(at(10, 10, 5, 5), {
        title: 'Win rate (%)',
        view: 'gauge',
        metrics: perBot('WinRate').slice(2, 3),
        yAxis: { left: { min: 0, max: 100 } },
      }),
      {
        type: 'custom',
        ...at(15, 10, 9, 5),
        properties: {
          title: 'Open positions',
          endpoint: widgets,
          params: { widget: 'positions' },
          updateOn: { refresh: true, resize: false, timeRange: true },
        },
      },
      metric(at(0, 15, 12, 6), { title: 'Equity (USD, stacked)', stacked: true, metrics: perBot('Equity') }),
      metric(at(12, 15, 6, 6), { title: 'Fees by strategy (USD)', view: 'pie', metrics: perBot('Fees') }),
      metric(at(18, 15, 6, 6), { title: 'Basket index (none)', metrics: [[namespace, 'Silent', 'Strategy', 'momentum-btc']] }),
      metric(at(0, 21, 24, 6), {
        title: 'Drawdown (%, Maximum) and fill rate (%)',
        stat: 'Maximum',
        yAxis: { left: { min: 0, label: 'drawdown' }, right: { min: 0, max: 100, label: 'fill rate' } },
        metrics: [
          ...perBot('Drawdown'),
          [namespace, 'FillRate', 'Strategy', 'momentum-btc', { yAxis: 'right', label: 'fill rate momentum-btc' }],
        ],
        annotations: {
          horizontal: [
            [
              { value: 6, label: 'watch' },
              { value: 8, label: 'limit' },
            ],
          ],
        },
      }),
    ],
  },
  'demo-operations': {
    start: '-PT1H',
    periodOverride: 'inherit',
    widgets: [
      {
        type: 'alarm',
        ...at(0, 0, 12, 6),
        properties: {
          title: 'Alarms',
          alarms: [
            ...fleet.flatMap(bot => [arn(`demo-heartbeat-missing-${bot.id}`), arn(`demo-session-loss-${bot.id}`)]),
            arn('demo-order-latency-momentum-btc'),
            arn('demo-fleet-silent'),
          ],
        },
      },
      metric(at(12, 0, 12, 6), {
        title: 'Heartbeat age (s, Maximum)',
        stat: 'Maximum',
        metrics: perBot('HeartbeatAge'),
        annotations: { alarms: [arn('demo-heartbeat-missing-momentum-btc')] },
      }),
      metric(at(0, 6, 8, 5), {
        title: 'Reject share (%)',
        metrics: perBot('RejectShare'),
        annotations: { horizontal: [{ value: 5, label: 'limit 5%', fill: 'above' }] },
      }),
      metric(at(8, 6, 8, 5), { title: 'Queue length (count)', stat: 'Maximum', metrics: perBot('QueueLength') }),
      metric(at(16, 6, 8, 5), { title: 'Events (count/min)', stat: 'Sum', stacked: true, metrics: perBot('EventCount') }),
      metric(at(0, 11, 12, 5), {
        title: 'Health',
        view: 'table',
        table: { layout: 'horizontal', summaryColumns: ['MIN', 'MAX', 'AVG'] },
        metrics: [
          ...perBot('CpuUsage', { label: 'CPU' }).slice(0, 2),
          ...perBot('OrderAckLatency', { label: 'Order latency' }).slice(0, 2),
          ...perBot('MemoryUsage', { label: 'Memory' }).slice(0, 1),
        ],
        annotations: { horizontal: [{ value: 60, fill: 'above', label: 'high' }] },
      }),
      {
        type: 'text',
        ...at(12, 11, 12, 5),
        properties: {
          markdown:
            '# When it goes wrong\n\n1. Look at **Now** on the right: what fires, since when.\n2. Open the alarm; its *first action* stands on top.\n3. `nightdesk why ALARM` says who was paged.\n\n| Light | Means |\n| --- | --- |\n| green | measured and fine |\n| grey | not measured: never green |\n\n[button:Runbook](docs/metrics.md) <script>alert(1)</script>',
        },
      },
      {
        type: 'log',
        ...at(0, 16, 24, 6),
        properties: {
          title: 'Errors, newest first',
          query:
            "SOURCE '/nightdesk/demo/momentum-btc' | SOURCE '/nightdesk/demo/maker-eth' | fields @timestamp, @message | filter level = 'ERROR' | sort @timestamp desc | limit 20",
          view: 'table',
        },
      },
      { type: 'explorer', ...at(0, 22, 12, 3), properties: {} },
      {
        type: 'metric',
        ...at(12, 22, 12, 3),
        properties: {
          title: 'With an unknown property',
          metrics: perBot('Liveness').slice(0, 1),
          period: 60,
          view: 'singleValue',
          glow: true,
        },
      },
    ],
  },
  'demo-developer': {
    start: '-PT3H',
    variables: [
      {
        type: 'property',
        property: 'Strategy',
        inputType: 'select',
        id: 'strategy',
        label: 'Strategy',
        defaultValue: 'momentum-btc',
        visible: true,
        values: fleet.map(bot => ({ value: bot.id, label: bot.id })),
      },
    ],
    widgets: [
      { type: 'text', ...at(0, 0, 24, 1), properties: { markdown: '## Resources', background: 'transparent' } },
      metric(at(0, 1, 8, 6), {
        title: 'CPU (%, Maximum)',
        stat: 'Maximum',
        metrics: [[namespace, 'CpuUsage', 'Strategy', 'momentum-btc']],
        annotations: { horizontal: [{ value: 90, label: 'limit 90%', fill: 'above' }] },
        yAxis: { left: { min: 0, max: 100 } },
      }),
      metric(at(8, 1, 8, 6), {
        title: 'Memory (%, Maximum)',
        stat: 'Maximum',
        metrics: [[namespace, 'MemoryUsage', 'Strategy', 'momentum-btc']],
        yAxis: { left: { min: 0, max: 100 } },
      }),
      metric(at(16, 1, 8, 6), {
        title: 'Network and disk (bytes/s)',
        metrics: [
          [namespace, 'NetworkBandwidth', 'Strategy', 'momentum-btc', { label: 'network' }],
          ['.', 'DiskIo', '.', '.', { label: 'disk' }],
        ],
      }),
      { type: 'text', ...at(0, 7, 24, 1), properties: { markdown: '## Orders', background: 'transparent' } },
      metric(at(0, 8, 16, 7), {
        title: 'Order latency to acknowledgement (ms, p50 p90 p99)',
        metrics: [
          [namespace, 'OrderAckLatency', 'Strategy', 'momentum-btc', { stat: 'p50', label: 'p50' }],
          ['...', { stat: 'p90', label: 'p90 ${LAST}' }],
          ['...', { stat: 'p99', label: 'p99' }],
        ],
        annotations: { horizontal: [{ value: 500, label: 'limit 500 ms', fill: 'above' }] },
      }),
      metric(at(16, 8, 8, 7), {
        title: 'Errors (count/min, Sum)',
        stat: 'Sum',
        metrics: [[namespace, 'ErrorCount', 'Strategy', 'momentum-btc']],
      }),
      {
        type: 'log',
        ...at(0, 15, 24, 7),
        properties: {
          title: 'Recent log lines',
          query: "SOURCE '/nightdesk/demo/momentum-btc' | fields @timestamp, level, @message | sort @timestamp desc | limit 30",
          view: 'table',
        },
      },
    ],
  },
  /** Variables of every kind, and a widget that acts. */
  'demo-desk': {
    start: '-PT8H',
    variables: [
      {
        type: 'property',
        property: 'Strategy',
        id: 'strategy',
        label: 'Strategy',
        inputType: 'select',
        defaultValue: 'momentum-btc',
        values: [{ value: 'momentum-btc' }, { value: 'maker-eth', label: 'Maker' }],
      },
      {
        type: 'pattern',
        pattern: 'STATISTIC',
        id: 'stat',
        label: 'Statistic',
        inputType: 'radio',
        defaultValue: 'Average',
        values: [{ value: 'Average' }, { value: 'Maximum' }],
      },
      { type: 'pattern', pattern: 'TITLE', id: 'title', label: 'Title', inputType: 'input', defaultValue: 'plain' },
      { type: 'pattern', pattern: 'SECRET', id: 'hidden', inputType: 'input', defaultValue: 'put in', visible: false },
    ],
    widgets: [
      metric(at(0, 0, 12, 6), {
        title: 'TITLE SECRET (STATISTIC)',
        stat: 'STATISTIC',
        metrics: [[namespace, 'OrderAckLatency', 'Strategy', 'momentum-btc']],
      }),
      {
        type: 'custom',
        ...at(12, 0, 12, 6),
        properties: {
          title: 'Acts',
          endpoint: widgets,
          params: { widget: 'acts' },
          updateOn: { refresh: true, resize: true, timeRange: true },
        },
      },
      metric(at(0, 6, 12, 6), {
        title: 'Own range (count)',
        start: '-PT30M',
        metrics: [[namespace, 'QueueDepth', 'Strategy', 'momentum-btc']],
      }),
      {
        type: 'log',
        ...at(12, 6, 12, 6),
        properties: {
          title: 'Lines by level',
          query: "SOURCE '/nightdesk/demo/momentum-btc' | stats count(*) as lines by level",
          view: 'bar',
        },
      },
    ],
  },
};
