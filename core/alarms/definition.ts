/**
 * Alarms in CloudWatch's own terms: what a template says and what the evaluator judges.
 * Rows of the catalogue, CloudFormation templates and DescribeAlarms all become this.
 */

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export type ComparisonOperator =
  | 'GreaterThanOrEqualToThreshold'
  | 'GreaterThanThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold'
  | 'LessThanLowerOrGreaterThanUpperThreshold'
  | 'LessThanLowerThreshold'
  | 'GreaterThanUpperThreshold';

export type TreatMissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export type Dimensions = Readonly<Record<string, string>>;

/** `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, `p99`, `tm90`, … as CloudWatch writes them. */
export type Statistic = string;

export interface MetricStat {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Dimensions;
  readonly statistic: Statistic;
  readonly periodSeconds: number;
}

export type MetricQuery =
  | { readonly id: string; readonly stat: MetricStat; readonly returnData: boolean; readonly label?: string }
  | {
      readonly id: string;
      readonly expression: string;
      readonly returnData: boolean;
      readonly label?: string;
      readonly periodSeconds?: number;
    };

interface AlarmBase {
  readonly name: string;
  readonly description?: string;
  readonly actionsEnabled: boolean;
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
}

export interface MetricAlarm extends AlarmBase {
  readonly kind: 'metric';
  /** One query for a plain alarm; several for math and anomaly alarms. Exactly one returns data (two for a band). */
  readonly queries: readonly MetricQuery[];
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly operator: ComparisonOperator;
  /** Absent for anomaly alarms. */
  readonly threshold?: number;
  /** Id of the band expression of an anomaly alarm. */
  readonly thresholdMetricId?: string;
  readonly treatMissingData: TreatMissingData;
  readonly evaluateLowSampleCountPercentile?: 'evaluate' | 'ignore';
  /** Wall-clock windows align to local time in this zone; absent means sliding. */
  readonly wallClockZone?: string;
  /** After creation the alarm stays in INSUFFICIENT_DATA, without actions, for this long or until its window is filled. */
  readonly warmUpMinutes?: number;
  /** Warm-up lasts its whole time, even when enough data arrives earlier. */
  readonly warmUpWholePeriod?: boolean;
}

export interface CompositeAlarm extends AlarmBase {
  readonly kind: 'composite';
  /** Rule text in CloudWatch's grammar; children by name or ARN. */
  readonly rule: string;
  readonly suppressor?: { readonly alarm: string; readonly waitSeconds: number; readonly extensionSeconds: number };
}

/**
 * A scheduled Logs Insights query whose aggregated value is compared with a threshold. Every run gives one result: a number, or missing.
 * Source: CloudWatch API reference, PutLogAlarm (2026).
 */
export interface LogAlarm extends AlarmBase {
  readonly kind: 'log';
  /** At most 10,000 characters. */
  readonly query: string;
  /** What `stats` takes, e.g. `count(*)`, applied to the query's rows; absent when the query aggregates by itself. */
  readonly aggregation?: string;
  /** Names, 1 to 50. */
  readonly logGroups: readonly string[];
  /** `rate(…)` or `cron(…)` in UTC. */
  readonly schedule: string;
  /** A run at T looks at [T − start, T − end). Seconds, start at most 30 days; end is 0 unless told otherwise. */
  readonly startOffsetSeconds: number;
  readonly endOffsetSeconds: number;
  /** N: newest results that decide, 1 to 100. */
  readonly queryResultsToEvaluate: number;
  /** M of them breach in ALARM. */
  readonly queryResultsToAlarm: number;
  /** One of the four operators without a band. */
  readonly operator: ComparisonOperator;
  readonly threshold: number;
  readonly treatMissingData: TreatMissingData;
  readonly warmUpMinutes?: number;
  readonly warmUpWholePeriod?: boolean;
  /** Matching log lines that the notification carries, 0 to 50. */
  readonly logLineCount: number;
}

export type AlarmDefinition = MetricAlarm | CompositeAlarm | LogAlarm;

/** A change of an alarm's state, with its reason. */
export interface Transition {
  readonly alarm: string;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly atMs: number;
  readonly reason: string;
  /** CloudWatch's reasonData as JSON text; absent for composites without one. */
  readonly reasonData?: string;
}
