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

export type AlarmDefinition = MetricAlarm | CompositeAlarm;

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
