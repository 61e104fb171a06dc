/**
 * What CloudWatch sends to a topic when an alarm changes its state. The shape is documented by example only: CloudWatch user
 * guide, "Notifying users on alarm changes". Statistics are in upper case, dimensions are lists of `{value, name}`, times have an
 * offset without colon, the region is a display name.
 */
import type { AlarmDefinition, LogAlarm, MetricAlarm, MetricQuery, MetricStat, Transition } from '../core/alarms/definition.ts';
import { isoFromMs } from '../core/time/instant.ts';

export interface AlarmMessageContext {
  readonly arn: string;
  readonly accountId: string;
  /** When the alarm's configuration last changed, epoch milliseconds. */
  readonly configuredMs: number;
  /** For composites: the alarms whose change caused this one. */
  readonly children?: readonly { readonly arn: string; readonly state: string; readonly atMs: number }[];
  readonly isAfterMute?: boolean;
  /** For log alarms: matching lines of the newest run. */
  readonly logLines?: readonly string[];
}

const regionName = 'US East (N. Virginia)';
const time = (ms: number) => isoFromMs(ms).replace('Z', '+0000');
const dimensions = (stat: MetricStat) => Object.entries(stat.dimensions).map(([name, value]) => ({ value, name }));
const simpleStatistics = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'];

/** JSON text of the `Message`. */
export function alarmMessage(alarm: AlarmDefinition, transition: Transition, context: AlarmMessageContext): string {
  return JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: context.accountId,
    ...(alarm.kind !== 'composite' ? { AlarmConfigurationUpdatedTimestamp: time(context.configuredMs) } : {}),
    NewStateValue: transition.to,
    NewStateReason: transition.reason,
    StateChangeTime: time(transition.atMs),
    Region: regionName,
    AlarmArn: context.arn,
    OldStateValue: transition.from,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    ...(context.isAfterMute === true ? { ActionExecutedAfterMuteWindow: true } : {}),
    ...triggerPart(alarm, context),
  });
}

function triggerPart(alarm: AlarmDefinition, { children = [], logLines = [] }: AlarmMessageContext): object {
  switch (alarm.kind) {
    case 'metric':
      return { Trigger: triggerOf(alarm) };
    case 'log':
      return { Trigger: logTriggerOf(alarm), ...(logLines.length === 0 ? {} : { LogLines: logLines }) };
    case 'composite':
      return {
        AlarmRule: alarm.rule,
        TriggeringChildren: children
          .slice(0, 10)
          .map(({ arn, state, atMs }) => ({ Arn: arn, State: { Value: state, Timestamp: time(atMs) } })),
      };
  }
}

/** The shape is not published; the names are those of the API. */
const logTriggerOf = (alarm: LogAlarm): unknown => ({
  QueryString: alarm.query,
  AggregationExpression: alarm.aggregation ?? null,
  LogGroupIdentifiers: alarm.logGroups,
  ScheduleExpression: alarm.schedule,
  QueryResultsToEvaluate: alarm.queryResultsToEvaluate,
  QueryResultsToAlarm: alarm.queryResultsToAlarm,
  ComparisonOperator: alarm.operator,
  Threshold: alarm.threshold,
  TreatMissingData: alarm.treatMissingData,
});

/** `ALARM: "name" in US East (N. Virginia)`, at most 100 characters, plain ASCII. */
export function alarmSubject(alarm: AlarmDefinition, transition: Transition): string {
  const whole = `${transition.to}: "${alarm.name}" in ${regionName}`;
  const room = alarm.name.length - (whole.length - 100) - 3;
  const text = whole.length <= 100 ? whole : `${transition.to}: "${alarm.name.slice(0, Math.max(0, room))}..." in ${regionName}`;
  return text.replace(/[^\x20-\x7e]+/g, '_');
}

function triggerOf(alarm: MetricAlarm): unknown {
  const common = {
    Period: alarm.periodSeconds,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    ComparisonOperator: alarm.operator,
    ...(alarm.threshold === undefined ? {} : { Threshold: alarm.threshold }),
    ...(alarm.thresholdMetricId === undefined ? {} : { ThresholdMetricId: alarm.thresholdMetricId }),
    TreatMissingData: alarm.treatMissingData,
    EvaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentile ?? '',
  };
  const only = alarm.queries.length === 1 ? alarm.queries[0] : undefined;
  if (only === undefined || !('stat' in only)) return { ...common, Metrics: alarm.queries.map(metricOf) };
  const { stat } = only;
  const isSimple = simpleStatistics.includes(stat.statistic);
  return {
    MetricName: stat.metricName,
    Namespace: stat.namespace,
    StatisticType: isSimple ? 'Statistic' : 'ExtendedStatistic',
    ...(isSimple
      ? { Statistic: stat.statistic === 'SampleCount' ? 'SAMPLE_COUNT' : stat.statistic.toUpperCase() }
      : { ExtendedStatistic: stat.statistic }),
    Unit: null,
    Dimensions: dimensions(stat),
    ...common,
  };
}

function metricOf(query: MetricQuery): unknown {
  const common = { Id: query.id, ...(query.label === undefined ? {} : { Label: query.label }), ReturnData: query.returnData };
  if ('expression' in query)
    return { ...common, Expression: query.expression, ...(query.periodSeconds === undefined ? {} : { Period: query.periodSeconds }) };
  const { stat } = query;
  return {
    ...common,
    MetricStat: {
      Metric: { Namespace: stat.namespace, MetricName: stat.metricName, Dimensions: dimensions(stat) },
      Period: stat.periodSeconds,
      Stat: stat.statistic,
    },
  };
}
