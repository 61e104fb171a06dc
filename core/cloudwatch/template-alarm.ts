import type {
  AlarmDefinition,
  ComparisonOperator,
  CompositeAlarm,
  Dimensions,
  LogAlarm,
  MetricAlarm,
  MetricQuery,
  MetricStat,
  TreatMissingData,
} from '../alarms/definition.ts';
import { aggregatedQuery } from '../alarms/log-alarm.ts';
import { err, ok, type Result } from '../result.ts';
import { parseLogsQuery } from './logs-query.ts';
import { asArray, asNumber, asObject, asText, type JsonObject } from './loose-json.ts';
import { parseSchedule } from './schedule.ts';

/** Why CloudFormation properties are not an alarm: the path below the resource's properties, the value found, the rule. */
export interface TemplateProblem {
  readonly path: string;
  readonly value: unknown;
  readonly message: string;
}

/** Action held while the rule's window is open. Times in ms since 1970; `schedule` is `cron(…)` with five fields or `at(…)`. */
export interface MuteRule {
  readonly name: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly durationMs: number;
  /** Alarm names. */
  readonly alarms: readonly string[];
  readonly startMs?: number;
  readonly expireMs?: number;
}

const OPERATORS: readonly string[] = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
  'LessThanLowerOrGreaterThanUpperThreshold',
  'LessThanLowerThreshold',
  'GreaterThanUpperThreshold',
] satisfies readonly ComparisonOperator[];
/** The first of them compare with a threshold, the others with a band. */
const STATIC_OPERATORS = 4;
const TREATMENTS: readonly string[] = ['missing', 'ignore', 'breaching', 'notBreaching'] satisfies readonly TreatMissingData[];

/** Resource types that `alarmFromTemplate` reads. */
export const ALARM_RESOURCE_TYPES = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::LogAlarm'] as const;

/**
 * The alarm of a CloudFormation resource whose intrinsics are already resolved. A resource without a name gets `fallbackName`
 * (CloudFormation would invent one). All problems are reported at once.
 */
export function alarmFromTemplate(
  type: string,
  properties: unknown,
  fallbackName: string,
): Result<AlarmDefinition, readonly TemplateProblem[]> {
  const record = asObject(properties);
  if (record === undefined) return err([{ path: '', value: properties, message: 'properties are an object' }]);
  const problems: TemplateProblem[] = [];
  const reader = propertyReader(record, problems);
  const alarm = (READERS[type] ?? metricAlarm)(record, reader, fallbackName);
  return problems.length > 0 ? err(problems) : ok(alarm);
}

interface PropertyReader {
  readonly report: (path: string, value: unknown, message: string) => void;
  readonly number: (path: string, fallback?: number) => number;
  readonly text: (path: string) => string;
  readonly oneOf: (path: string, allowed: readonly string[], fallback?: string) => string;
}

function propertyReader(record: JsonObject, problems: TemplateProblem[]): PropertyReader {
  const report = (path: string, value: unknown, message: string): void => {
    problems.push({ path, value, message: `${path} ${message}; was ${JSON.stringify(value) ?? 'absent'}` });
  };
  return {
    report,
    number: (path, fallback) => {
      const value = asNumber(record[path]);
      if (value === undefined && (record[path] !== undefined || fallback === undefined)) report(path, record[path], 'must be a number');
      return value ?? fallback ?? 0;
    },
    text: path => {
      const value = asText(record[path]);
      if (value === undefined) report(path, record[path], 'must be a text');
      return value ?? '';
    },
    oneOf: (path, allowed, fallback) => {
      const value = asText(record[path]) ?? fallback;
      if (value === undefined || !allowed.includes(value)) report(path, record[path], `must be one of ${allowed.join(', ')}`);
      return value ?? '';
    },
  };
}

function commonPart(record: JsonObject, fallbackName: string) {
  const description = asText(record['AlarmDescription']);
  return {
    name: asText(record['AlarmName']) ?? fallbackName,
    ...(description === undefined ? {} : { description }),
    actionsEnabled: record['ActionsEnabled'] !== false && record['ActionsEnabled'] !== 'false',
    alarmActions: texts(record['AlarmActions']),
    okActions: texts(record['OKActions']),
    insufficientDataActions: texts(record['InsufficientDataActions']),
  };
}

function metricAlarm(record: JsonObject, read: PropertyReader, fallbackName: string): MetricAlarm {
  const queries =
    record['Metrics'] === undefined
      ? [plainQuery(record, read)]
      : asArray(record['Metrics']).map((query, at) => metricQuery(query, `Metrics.${at}`, read));
  const evaluationPeriods = read.number('EvaluationPeriods');
  const operator = read.oneOf('ComparisonOperator', OPERATORS) as ComparisonOperator;
  const thresholdMetricId = asText(record['ThresholdMetricId']);
  const threshold = thresholdMetricId === undefined ? read.number('Threshold') : undefined;
  const lowSamples = asText(record['EvaluateLowSampleCountPercentile']);
  const wallClock = wallClockZone(record);
  const periodSeconds = commonPeriod(queries, record);
  if (periodSeconds === undefined) read.report('Period', record['Period'], 'must be given, and the same for all metrics of an alarm');
  return {
    kind: 'metric',
    ...commonPart(record, fallbackName),
    queries,
    periodSeconds: periodSeconds ?? 60,
    evaluationPeriods,
    datapointsToAlarm: read.number('DatapointsToAlarm', evaluationPeriods),
    operator,
    ...(threshold === undefined ? {} : { threshold }),
    ...(thresholdMetricId === undefined ? {} : { thresholdMetricId }),
    treatMissingData: read.oneOf('TreatMissingData', TREATMENTS, 'missing') as TreatMissingData,
    ...(lowSamples === 'ignore' || lowSamples === 'evaluate' ? { evaluateLowSampleCountPercentile: lowSamples } : {}),
    ...(wallClock === undefined ? {} : { wallClockZone: wallClock }),
    ...warmUpPart(record),
  };
}

function warmUpPart(record: JsonObject): Pick<MetricAlarm, 'warmUpMinutes' | 'warmUpWholePeriod'> {
  const warmUp = asObject(record['WarmUpConfiguration']);
  const warmUpMinutes = asNumber(warmUp?.['WarmUpPeriodDurationInMinutes']);
  const waitsOut = warmUp?.['OnlyStartEvaluatingAfterWarmUpPeriodEnds'];
  return {
    ...(warmUpMinutes === undefined ? {} : { warmUpMinutes }),
    ...(waitsOut === true || waitsOut === 'true' ? { warmUpWholePeriod: true } : {}),
  };
}

function compositeAlarm(record: JsonObject, read: PropertyReader, fallbackName: string): CompositeAlarm {
  const suppressor = asText(record['ActionsSuppressor']);
  return {
    kind: 'composite',
    ...commonPart(record, fallbackName),
    rule: read.text('AlarmRule'),
    ...(suppressor === undefined
      ? {}
      : {
          suppressor: {
            alarm: suppressor,
            waitSeconds: read.number('ActionsSuppressorWaitPeriod', 0),
            extensionSeconds: read.number('ActionsSuppressorExtensionPeriod', 0),
          },
        }),
  };
}

/** Most seconds that a run looks back. Source: CloudFormation reference, AWS::CloudWatch::LogAlarm ScheduleConfiguration. */
const LONGEST_OFFSET = 2_592_000;
const MOST_LINES = 50;

function logAlarm(record: JsonObject, read: PropertyReader, fallbackName: string): LogAlarm {
  return {
    kind: 'log',
    ...commonPart(record, fallbackName),
    ...scheduledQuery(record, read),
    queryResultsToEvaluate: read.number('QueryResultsToEvaluate'),
    queryResultsToAlarm: read.number('QueryResultsToAlarm'),
    operator: read.oneOf('ComparisonOperator', OPERATORS.slice(0, STATIC_OPERATORS)) as ComparisonOperator,
    threshold: read.number('Threshold'),
    treatMissingData: read.oneOf('TreatMissingData', TREATMENTS, 'missing') as TreatMissingData,
    ...warmUpPart(record),
    logLineCount: logLineCount(record, read),
  };
}

type ScheduledQuery = Pick<LogAlarm, 'query' | 'aggregation' | 'logGroups' | 'schedule' | 'startOffsetSeconds' | 'endOffsetSeconds'>;

function scheduledQuery(record: JsonObject, { report }: PropertyReader): ScheduledQuery {
  const path = 'ScheduledQueryConfiguration';
  const timingPath = `${path}.ScheduleConfiguration`;
  const configuration = asObject(record[path]) ?? {};
  const timing = asObject(configuration['ScheduleConfiguration']) ?? {};
  const query = asText(configuration['QueryString']);
  const aggregation = asText(configuration['AggregationExpression']);
  if (query === undefined) report(`${path}.QueryString`, configuration['QueryString'], 'must be a text');
  if (aggregation === undefined) report(`${path}.AggregationExpression`, configuration['AggregationExpression'], 'must be a text');
  const parsed = query === undefined || aggregation === undefined ? undefined : parseLogsQuery(aggregatedQuery({ query, aggregation }));
  if (parsed?.ok === false) report(`${path}.QueryString`, query, `with its aggregation does not parse: ${parsed.error.message}`);
  const schedule = asText(timing['ScheduleExpression']) ?? '';
  const runs = parseSchedule(schedule);
  if (!runs.ok)
    report(`${timingPath}.ScheduleExpression`, timing['ScheduleExpression'], `must be rate(…) or cron(…): ${runs.error.message}`);
  const start = asNumber(timing['StartTimeOffset']) ?? 0;
  const end = asNumber(timing['EndTimeOffset']) ?? 0;
  if (start <= end || start > LONGEST_OFFSET)
    report(
      `${timingPath}.StartTimeOffset`,
      timing['StartTimeOffset'],
      `must be more seconds than EndTimeOffset, and at most ${LONGEST_OFFSET}`,
    );
  if (end < 0) report(`${timingPath}.EndTimeOffset`, timing['EndTimeOffset'], 'must not be negative');
  return {
    query: query ?? '',
    ...(aggregation === undefined ? {} : { aggregation }),
    logGroups: texts(configuration['LogGroupIdentifiers']).map(logGroupName),
    schedule,
    startOffsetSeconds: start,
    endOffsetSeconds: end,
  };
}

/** The name in a group's ARN, or the name itself. */
const logGroupName = (identifier: string): string => identifier.replace(/^arn:[^:]*:logs:[^:]*:[^:]*:log-group:/, '').replace(/:\*$/, '');

function logLineCount(record: JsonObject, read: PropertyReader): number {
  const count = read.number('ActionLogLineCount', 0);
  if (count < 0 || count > MOST_LINES) read.report('ActionLogLineCount', record['ActionLogLineCount'], `must be 0 to ${MOST_LINES}`);
  return count;
}

const READERS: Readonly<Record<string, (record: JsonObject, read: PropertyReader, fallbackName: string) => AlarmDefinition>> = {
  'AWS::CloudWatch::CompositeAlarm': compositeAlarm,
  'AWS::CloudWatch::LogAlarm': logAlarm,
};

/** Id of the only query of an alarm without `Metrics`. */
export const PLAIN_QUERY_ID = 'm1';

function plainQuery(record: JsonObject, read: PropertyReader): MetricQuery {
  const stat: MetricStat = {
    namespace: read.text('Namespace'),
    metricName: read.text('MetricName'),
    dimensions: dimensionsOf(record['Dimensions']),
    statistic: asText(record['ExtendedStatistic']) ?? asText(record['Statistic']) ?? '',
    periodSeconds: read.number('Period'),
  };
  if (stat.statistic === '') read.report('Statistic', record['Statistic'], 'or ExtendedStatistic must be given');
  return { id: PLAIN_QUERY_ID, stat, returnData: true };
}

function metricQuery(query: unknown, path: string, read: PropertyReader): MetricQuery {
  const record = asObject(query) ?? {};
  const id = asText(record['Id']) ?? '';
  if (!/^[a-z]\w{0,254}$/.test(id))
    read.report(`${path}.Id`, record['Id'], 'must start with a lower-case letter and hold letters, digits and _');
  const label = asText(record['Label']);
  const common = {
    id,
    returnData: record['ReturnData'] !== false && record['ReturnData'] !== 'false',
    ...(label === undefined ? {} : { label }),
  };
  const expression = asText(record['Expression']);
  const periodSeconds = asNumber(record['Period']);
  if (expression !== undefined) return { ...common, expression, ...(periodSeconds === undefined ? {} : { periodSeconds }) };
  const stat = asObject(record['MetricStat']);
  const metric = asObject(stat?.['Metric']);
  if (stat === undefined || metric === undefined) read.report(path, query, 'must have an Expression or a MetricStat');
  return {
    ...common,
    stat: {
      namespace: asText(metric?.['Namespace']) ?? '',
      metricName: asText(metric?.['MetricName']) ?? '',
      dimensions: dimensionsOf(metric?.['Dimensions']),
      statistic: asText(stat?.['Stat']) ?? '',
      periodSeconds: asNumber(stat?.['Period']) ?? 0,
    },
  };
}

function commonPeriod(queries: readonly MetricQuery[], record: JsonObject): number | undefined {
  const periods = new Set(queries.flatMap(query => ('stat' in query ? [query.stat.periodSeconds] : (query.periodSeconds ?? []))));
  const own = asNumber(record['Period']);
  if (own !== undefined) periods.add(own);
  const only = [...periods][0];
  return periods.size === 1 && only !== undefined && only > 0 ? only : undefined;
}

function wallClockZone(record: JsonObject): string | undefined {
  const window = asObject(record['EvaluationWindow']);
  const wallClock = asObject(window?.['WallClockWindow']);
  if (wallClock === undefined) return undefined;
  return asText(wallClock['Timezone']) ?? 'UTC';
}

function dimensionsOf(value: unknown): Dimensions {
  const pairs = asArray(value).flatMap(entry => {
    const record = asObject(entry);
    const name = asText(record?.['Name'] ?? record?.['name']);
    return name === undefined ? [] : [[name, asText(record?.['Value'] ?? record?.['value']) ?? ''] as const];
  });
  return Object.fromEntries(pairs);
}

const texts = (value: unknown): readonly string[] => asArray(value).flatMap(entry => asText(entry) ?? []);

/** The mute rule of an `AWS::CloudWatch::AlarmMuteRule` with resolved intrinsics. */
export function muteRuleFromTemplate(properties: unknown, fallbackName: string): Result<MuteRule, readonly TemplateProblem[]> {
  const record = asObject(properties) ?? {};
  const schedule = asObject(asObject(record['Rule'])?.['Schedule']) ?? {};
  const problems: TemplateProblem[] = [];
  const need = (path: string, value: unknown, rule: string): void => {
    problems.push({ path, value, message: `${path} ${rule}; was ${JSON.stringify(value) ?? 'absent'}` });
  };
  const expression = asText(schedule['Expression']);
  if (expression === undefined) need('Rule.Schedule.Expression', schedule['Expression'], 'must be cron(…) or at(…)');
  const durationMs = isoDurationMs(asText(schedule['Duration']) ?? '');
  if (durationMs === undefined || durationMs < 60_000 || durationMs > 15 * 86_400_000)
    need('Rule.Schedule.Duration', schedule['Duration'], 'must be PT1M to P15D');
  if (expression === undefined || durationMs === undefined || problems.length > 0) return err(problems);
  const startMs = instantMs(record['StartDate']);
  const expireMs = instantMs(record['ExpireDate']);
  return ok({
    name: asText(record['Name']) ?? fallbackName,
    schedule: expression,
    timeZone: asText(schedule['Timezone']) ?? 'UTC',
    durationMs,
    alarms: texts(asObject(record['MuteTargets'])?.['AlarmNames']),
    ...(startMs === undefined ? {} : { startMs }),
    ...(expireMs === undefined ? {} : { expireMs }),
  });
}

function instantMs(value: unknown): number | undefined {
  const text = asText(value);
  if (text === undefined) return undefined;
  const ms = Date.parse(/Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Milliseconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds; undefined when it is none. */
export function isoDurationMs(text: string): number | undefined {
  const match = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (match === null) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map(part => Number(part ?? 0));
  return ((((weeks ?? 0) * 7 + (days ?? 0)) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000;
}

/** The metric that an `AWS::CloudWatch::AnomalyDetector` models; undefined for detectors of math expressions. */
export function anomalyDetectorFromTemplate(properties: unknown): Omit<MetricStat, 'periodSeconds'> | undefined {
  const record = asObject(properties) ?? {};
  const single = asObject(record['SingleMetricAnomalyDetector']) ?? record;
  const metricName = asText(single['MetricName']);
  if (metricName === undefined) return undefined;
  return {
    namespace: asText(single['Namespace']) ?? '',
    metricName,
    dimensions: dimensionsOf(single['Dimensions']),
    statistic: asText(single['Stat']) ?? 'Average',
  };
}
