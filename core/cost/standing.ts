/**
 * What a deployed config costs each month however much it trades: metrics, alarms and dashboards. Logs, functions, the table and queries
 * depend on the load and are not in it. Prices of us-east-1 before free tiers, which an account shares with everything else in it.
 * Source: AWS price list "AmazonCloudWatch" as of 2026-09-21, and the CloudWatch pricing page for dashboards.
 */
import { catalogueAlarms } from '../catalogue/alarm-definitions.ts';
import { catalogue } from '../catalogue/index.ts';
import { isPublished, seriesOf } from '../catalogue/series.ts';
import type { NightdeskConfig } from '../config/types.ts';
import { agentMetrics } from '../hosts/agent-metrics.ts';

export interface CostLine {
  readonly what: string;
  readonly count: number;
  /** US dollars each a month. */
  readonly each: number;
}

export const monthlyPrices = { metric: 0.3, alarmMetric: 0.1, compositeAlarm: 0.5, dashboard: 3 } as const;

/** Audiences and the page of the hosts. */
const DASHBOARDS = 4;

export function standingCost(config: NightdeskConfig): readonly CostLine[] {
  const metrics = catalogue
    .filter(row => row.metric.storage !== 'computed' && row.metric.source.from !== 'aws' && isPublished(row, config))
    .reduce((sum, row) => sum + seriesOf(row, config).length, 0);
  // What the agent sends, as `nightdesk agent-config` configures it; Container Insights is billed with its cluster.
  const fromAgents = config.bots.filter(({ runsOn }) => runsOn?.on === 'ec2').length * agentMetrics.length;
  const alarms = catalogueAlarms(config).map(({ definition }) => definition);
  // An alarm on math is billed for each metric that it reads, one on a band for its value and both bounds.
  const alarmMetrics = alarms.reduce((sum, alarm) => {
    if (alarm.kind !== 'metric') return sum;
    return sum + (alarm.thresholdMetricId === undefined ? alarm.queries.filter(query => 'stat' in query).length : 3);
  }, 0);
  const composites = alarms.filter(({ kind }) => kind === 'composite').length;
  return [
    { what: 'Custom metrics', count: metrics + fromAgents, each: monthlyPrices.metric },
    { what: 'Metrics in alarms', count: alarmMetrics, each: monthlyPrices.alarmMetric },
    { what: 'Composite alarms', count: composites, each: monthlyPrices.compositeAlarm },
    { what: 'Dashboards', count: DASHBOARDS, each: monthlyPrices.dashboard },
  ];
}
