/** Values of rows as embedded metric format: one JSON line on stdout becomes metrics, without a call. */
import type { Dimensions } from '../alarms/definition.ts';
import type { NightdeskConfig } from '../config/types.ts';
import type { HeartbeatEvent } from '../events/types.ts';
import type { StrategyGauges } from '../ledger/gauges.ts';
import type { GroupGauges } from '../ledger/groups.ts';
import type { EpochMs } from '../time/instant.ts';
import { catalogue, type MetricId, rowOf } from './index.ts';
import type { CounterName, HealthValueName, HeartbeatField, MeasureName, Source } from './metric.ts';
import { metricName } from './names.ts';
import { isPublished } from './series.ts';
import { units } from './unit.ts';

/** Values by row. Missing and non-finite ones are not published: undefined is absent, never 0. */
export type MetricValues = Readonly<Partial<Record<MetricId, number | undefined>>>;

/** A directive holds at most 100 metrics. Source: CloudWatch user guide, "Embedded metric format specification". */
const METRICS_PER_LINE = 100;

/** EMF lines for one dimension set, stamped `atMs`; none when no value is finite. Values are published as they are, also of rows stored in the table. */
export function gaugesToEmf(namespace: string, values: MetricValues, dimensions: Dimensions, atMs: EpochMs): string[] {
  const known = Object.entries(values).flatMap(([id, value]) =>
    value === undefined || !Number.isFinite(value) ? [] : [{ row: rowOf(id as MetricId), value }],
  );
  const lines: string[] = [];
  for (let from = 0; from < known.length; from += METRICS_PER_LINE) {
    const part = known.slice(from, from + METRICS_PER_LINE);
    const metrics = part.map(({ row }) => ({ Name: metricName(row.id), Unit: units[row.metric.unit].cloudwatch }));
    lines.push(
      JSON.stringify({
        _aws: { Timestamp: atMs, CloudWatchMetrics: [{ Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics: metrics }] },
        ...dimensions,
        ...Object.fromEntries(part.map(({ row, value }) => [metricName(row.id), value])),
      }),
    );
  }
  return lines;
}

type Publishing = Pick<NightdeskConfig, 'publish'>;

/** Rows of the ledger that go to CloudWatch, with the gauges' values. Dimension: Strategy. */
export const strategyValues = (gauges: StrategyGauges, config: Publishing): MetricValues =>
  valuesFrom(config, source => (source.from === 'strategy' ? gauges[source.gauge] : undefined));

/** Rows over the strategies of a group. Dimension: RiskGroup. */
export const groupValues = (gauges: GroupGauges, config: Publishing): MetricValues =>
  valuesFrom(config, source => (source.from === 'group' ? gauges[source.gauge] : undefined));

/** Rows of the process and its machine, from a heartbeat that the caller knows to be fresh. Dimension: Bot. */
export const heartbeatValues = (
  heartbeat: Pick<HeartbeatEvent, 'resources' | 'queueDepth' | 'loopLagMs' | 'openOrders'>,
  config: Publishing,
): MetricValues => valuesFrom(config, source => (source.from === 'heartbeat' ? sumOf(heartbeat, source.fields) : undefined));

/** By the name in the row's source, in the row's unit. */
export type HealthValues = Readonly<Partial<Record<HealthValueName, number>>>;

/** Rows of the health sweep. Rows differ in dimensions: pass together what belongs together. */
export const healthValues = (health: HealthValues, config: Publishing): MetricValues =>
  valuesFrom(config, source => (source.from === 'health' ? health[source.of] : undefined));

/** Rows that a function counts or measures about its own work. */
export const functionValues = (values: Readonly<Partial<Record<CounterName | MeasureName, number>>>, config: Publishing): MetricValues =>
  valuesFrom(config, source => (source.from === 'counter' || source.from === 'measure' ? values[source.of] : undefined));

/** The row that a latency sketch belongs to, when it goes to CloudWatch. */
export const sketchRow = (of: Extract<Source, { from: 'sketch' }>['of'], config: Publishing): MetricId | undefined =>
  catalogue.find(row => row.metric.source.from === 'sketch' && row.metric.source.of === of && isPublished(row, config))?.id;

function valuesFrom(config: Publishing, read: (source: Source) => number | undefined): MetricValues {
  return Object.fromEntries(
    catalogue.flatMap(row => {
      const value = read(row.metric.source);
      return value === undefined || !isPublished(row, config) ? [] : [[row.id, value] as const];
    }),
  );
}

/** Absent when no field is there; a missing part of a sum counts as nothing. */
function sumOf(
  heartbeat: Pick<HeartbeatEvent, 'resources' | 'queueDepth' | 'loopLagMs' | 'openOrders'>,
  fields: readonly HeartbeatField[],
): number | undefined {
  const values = fields.map(field => {
    if (field === 'queueDepth' || field === 'loopLagMs' || field === 'openOrders') return heartbeat[field];
    return heartbeat.resources?.[field];
  });
  const known = values.filter(value => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}
