/** Every published name is computed here and nowhere else. Changing one loses CloudWatch's history (test/golden/published.txt). */
import type { Dimensions } from '../alarms/definition.ts';
import type { Severity } from '../config/types.ts';
import type { PageName } from './dashboards.ts';
import type { MetricId } from './index.ts';
import type { FunctionName } from './metric.ts';

export const namespaceOf = (stage: string): string => `Nightdesk/${stage}`;

/** `sessionPnl` → `SessionPnl`. */
export const metricName = (id: MetricId): string => id.charAt(0).toUpperCase() + id.slice(1);

/** `demo-session-loss-s1`: stage, alarm id, then the values of the dimensions in the order of their names. */
export function alarmName(stage: string, alarmId: string, dimensions: Dimensions): string {
  const values = Object.entries(dimensions)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);
  return [stage, alarmId, ...values].join('-');
}

/** The metric alarm below a composite that pages: it has no actions of its own. */
export const signalAlarmId = (alarmId: string): string => `${alarmId}-signal`;

export const dashboardName = (stage: string, page: PageName): string => `Nightdesk-${stage}-${page}`;

export const botLogGroupName = (stage: string, botId: string): string => `/nightdesk/${stage}/${botId}`;

/** Outside the prefix of the bots' groups, so that no bot's id can collide. */
export const functionLogGroupName = (stage: string, name: FunctionName): string => `/nightdesk/${stage}-functions/${name}`;

/** Journal of what came through intake and stands in no bot's own group. Nothing subscribes to it. */
export const intakeLogGroup = (stage: string): string => `/nightdesk/${stage}-intake`;

/** Where a channel's buttons and webhooks come back. */
export const actionsPath = (channelId: string): string => `/actions/${channelId}`;

export const httpApiName = (stage: string): string => `nightdesk-${stage}`;
export const httpAccessLogGroup = (stage: string): string => `/nightdesk/${stage}-http`;

/** Path of the HTTP API that takes the events of a bot. */
export const intakePath = (botId: string): string => `/events/${botId}`;

export const topicName = (stage: string, severity: Severity): string => `nightdesk-${stage}-${severity}`;

/** Topic of a channel that SNS delivers; apart from the three severities. Dots may stand in ids, not in names of topics. */
export const channelTopicName = (stage: string, channelId: string): string => `nightdesk-${stage}-to-${channelId.replaceAll('.', '_')}`;

export const sharedStackName = (stage: string): string => `Nightdesk-${stage}`;
export const groupStackName = (stage: string, group: string): string => `Nightdesk-${stage}-${group}`;

/** Link into docs/metrics.md: `#session-loss` for alarms, `#sessionpnl` for metrics, as GitHub writes anchors of headings. */
export const alarmAnchor = (alarmId: string): string => `#${alarmId}`;

/** `order-latency` → `OrderLatency`, for logical ids. */
export const pascal = (kebab: string): string =>
  kebab
    .split(/[^A-Za-z0-9]+/)
    .filter(part => part !== '')
    .map(part => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
