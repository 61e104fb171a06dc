/** What must not compile. Each @ts-expect-error line fails the type check when it starts to compile. */
import { gaugesToEmf } from '../core/catalogue/emit.ts';
import { rowOf } from '../core/catalogue/index.ts';
import { type LimitAlarm, type Metric, metric } from '../core/catalogue/metric.ts';
import { money, ms, percent, seconds, share } from '../core/catalogue/unit.ts';
import { defineConfig } from '../core/config/define.ts';

const row = {
  title: 't',
  means: 'm',
  definition: 'd',
  formula: 'f',
  interpretation: 'i',
  unit: 'ms',
  source: { from: 'sketch', of: 'orderAck' },
  storage: 'cloudwatch',
  statistic: 'p99',
  per: { Strategy: 1 },
  audience: ['developer'],
  widget: { kind: 'line' },
} as const satisfies Omit<Metric<'ms'>, 'watch'>;

const alarm = {
  id: 'a',
  kind: 'threshold',
  severity: 'warning',
  is: 'above',
  everySeconds: 60,
  held: [1, 1],
  silence: 'missing',
  first: 'f',
  runbook: ['r'],
  fires: ['1'],
  quiet: ['0'],
} as const satisfies Omit<LimitAlarm, 'limit'>;

metric({ ...row, watch: { alarms: [{ ...alarm, limit: ms(500) }] } });
metric({ ...row, watch: { alarms: [{ ...alarm, limit: { config: 'orderLatencyMs' } }] } });

// @ts-expect-error a limit in seconds on a metric in milliseconds
metric({ ...row, watch: { alarms: [{ ...alarm, limit: seconds(1) }] } });
// @ts-expect-error a limit in percent on a metric in milliseconds
metric({ ...row, watch: { alarms: [{ ...alarm, limit: percent(1) }] } });
// @ts-expect-error a configured amount of money on a metric in milliseconds
metric({ ...row, watch: { alarms: [{ ...alarm, limit: { config: 'dailyLoss' } }] } });
// @ts-expect-error a share on money
metric({ ...row, unit: 'money', watch: { alarms: [{ ...alarm, limit: share(0.1) }] } });
metric({ ...row, unit: 'money', watch: { alarms: [{ ...alarm, limit: money(1) }] } });
// @ts-expect-error an alarm without a series that must fire
metric({ ...row, watch: { alarms: [{ ...alarm, limit: ms(1), fires: [] }] } });
// @ts-expect-error an alarm without a runbook
metric({ ...row, watch: { alarms: [{ ...alarm, limit: ms(1), runbook: [] }] } });
// @ts-expect-error no alarm and no reason
metric({ ...row, watch: { alarms: 'none' } });
// @ts-expect-error an empty list of alarms
metric({ ...row, watch: { alarms: [] } });

// @ts-expect-error a metric that the catalogue does not have
rowOf('sharp');
// @ts-expect-error a value of a metric that the catalogue does not have
gaugesToEmf('n', { sharp: 1 }, {}, 0);

// @ts-expect-error a key that the config does not have
defineConfig({ bots: [{ id: 'b', limit: {} }] });
// @ts-expect-error a secret's value in place of its name
defineConfig({ bots: [{ id: 'b' }], channels: { desk: { kind: 'slack', webhook: 'https://hooks.slack.com/services/x' } } });
