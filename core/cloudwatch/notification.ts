/**
 * What CloudWatch says about an alarm, in one shape, from each of its forms: the `Message` of an SNS notification (PascalCase),
 * a Lambda alarm action and an EventBridge event (both camelCase). Unknown keys are ignored, missing or null ones are absent:
 * nothing here throws, and what is no alarm at all comes back as undefined.
 * Sources: CloudWatch user guide, "Alarm events and EventBridge" and "Notifying users on alarm changes"; the SNS fields are
 * documented only by example.
 */
import type { AlarmState } from '../alarms/definition.ts';
import type { EpochMs } from '../time/instant.ts';
import { readReason } from './alarm-reason.ts';
import { parseAwsTime } from './aws-time.ts';
import { asArray, asNumber, asObject, asObjects, asText, type JsonObject, parseJson } from './loose-json.ts';

export type AlarmKind = 'metric' | 'math' | 'anomaly' | 'composite' | 'query';

export interface AlarmNotification {
  readonly kind: AlarmKind;
  readonly alarmName: string;
  readonly alarmArn?: string;
  readonly accountId?: string;
  /** A code such as `eu-west-1`; taken from the ARN, since SNS gives only a display name. */
  readonly region?: string;
  readonly description?: string;
  readonly from?: AlarmState;
  readonly to: AlarmState;
  /** When the state changed; absent when the message has no readable time. */
  readonly atMs?: EpochMs;
  readonly reason?: string;
  readonly metricName?: string;
  readonly namespace?: string;
  /** Label or expression of a math alarm, in place of a metric's name. */
  readonly label?: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic?: string;
  readonly unit?: string;
  readonly periodSeconds?: number;
  readonly operator?: string;
  readonly threshold?: number;
  /** The newest data point that was judged. */
  readonly value?: number;
  /** Time of the oldest data point that the reason names. */
  readonly sinceMs?: EpochMs;
  /** The contributor of an alarm over many time series; each has a state of its own. */
  readonly contributor?: { readonly id: string; readonly attributes: Readonly<Record<string, string>> };
  /** Names of the alarms below a composite that changed it. */
  readonly children: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** The action was held back by a mute rule or a suppressor and runs now. */
  readonly released: boolean;
  /** Lines that a log alarm sends along. */
  readonly logLines: readonly string[];
}

/** An alarm notification out of a decoded JSON value, or undefined when it is none. */
export function readAlarmNotification(json: unknown): AlarmNotification | undefined {
  const object = asObject(json);
  if (object === undefined) return undefined;
  if (asText(object['AlarmName']) !== undefined || asText(object['NewStateValue']) !== undefined) return fromSns(object);
  const data = asObject(object['alarmData']);
  if (data !== undefined) return fromAction(object, data);
  const detail = asObject(object['detail']);
  if (detail !== undefined && asText(object['detail-type'])?.endsWith('State Change') === true) return fromEventBridge(object, detail);
  return undefined;
}

function fromSns(message: JsonObject): AlarmNotification | undefined {
  const to = asState(message['NewStateValue']);
  const name = asText(message['AlarmName']) ?? nameOfArn(asText(message['AlarmArn']));
  if (to === undefined || name === undefined) return undefined;
  const trigger = asObject(message['Trigger']) ?? {};
  const metrics = asObjects(trigger['Metrics']);
  const reason = asText(message['NewStateReason']);
  const contributorId = asText(message['AlarmContributorId']);
  return defined({
    kind: snsKind(message, trigger, metrics),
    alarmName: name,
    ...identity(asText(message['AlarmArn']), asText(message['AWSAccountId']), undefined),
    description: asText(message['AlarmDescription']),
    from: asState(message['OldStateValue']),
    to,
    atMs: parseAwsTime(message['StateChangeTime']),
    ...measured(reason, undefined),
    ...snsTrigger(trigger, metrics, reason),
    contributor: contributorId === undefined ? undefined : { id: contributorId, attributes: asTags(message['AlarmContributorAttributes']) },
    children: asArray(message['TriggeringChildren']).flatMap(child => nameOfArn(asText(asObject(child)?.['Arn'])) ?? []),
    tags: asTags(message['AlarmTags']),
    released: message['ActionExecutedAfterMuteWindow'] === true,
    logLines: asArray(message['LogLines'] ?? message['AlarmLogLines']).flatMap(logLine),
  });
}

function snsKind(message: JsonObject, trigger: JsonObject, metrics: readonly JsonObject[]): AlarmKind {
  if (asText(message['AlarmRule']) !== undefined) return 'composite';
  if (asText(trigger['ThresholdMetricId']) !== undefined) return 'anomaly';
  if (metrics.length > 0) return 'math';
  return asText(trigger['MetricName']) === undefined && Object.keys(trigger).length > 0 ? 'query' : 'metric';
}

function snsTrigger(trigger: JsonObject, metrics: readonly JsonObject[], reason: string | undefined) {
  const stats = asObjects(metrics.map(entry => entry['MetricStat']));
  const metric = asObject(stats[0]?.['Metric']);
  const shown = metrics.find(entry => entry['ReturnData'] === true) ?? metrics[0];
  return {
    metricName: asText(trigger['MetricName']) ?? (stats.length === 1 ? asText(metric?.['MetricName']) : undefined),
    namespace: asText(trigger['Namespace']) ?? asText(metric?.['Namespace']),
    label: asText(shown?.['Label']) ?? asText(shown?.['Expression']),
    dimensions: sharedDimensions(
      trigger['Dimensions'] === undefined ? stats.map(stat => asObject(stat['Metric'])?.['Dimensions']) : [trigger['Dimensions']],
    ),
    statistic: asText(trigger['ExtendedStatistic']) ?? asText(trigger['Statistic']) ?? asText(stats[0]?.['Stat']),
    unit: asText(trigger['Unit']),
    periodSeconds: asNumber(trigger['Period']),
    operator: asText(trigger['ComparisonOperator']),
    threshold: asNumber(trigger['Threshold']) ?? readReason(reason).threshold,
  };
}

function fromAction(event: JsonObject, data: JsonObject): AlarmNotification | undefined {
  return fromCamel(data, asText(event['alarmArn']), event, asObject(data['alarmContributor']));
}

function fromEventBridge(event: JsonObject, detail: JsonObject): AlarmNotification | undefined {
  const arn = asArray(event['resources'])
    .map(asText)
    .find(text => text?.includes(':alarm:'));
  return fromCamel(detail, arn, event, asObject(detail['alarmContributor']));
}

/** Lambda actions and EventBridge share the inner shape; only the envelope differs. */
function fromCamel(
  data: JsonObject,
  arn: string | undefined,
  envelope: JsonObject,
  contributor: JsonObject | undefined,
): AlarmNotification | undefined {
  const state = asObject(data['state']) ?? {};
  const configuration = asObject(data['configuration']) ?? {};
  const to = asState(state['value']);
  const name = asText(data['alarmName']) ?? nameOfArn(arn);
  if (to === undefined || name === undefined) return undefined;
  const previous = asObject(data['previousState']);
  const metrics = asObjects(configuration['metrics']);
  const reasonData = asObject(parseJson(state['reasonData']));
  const contributorId = asText(contributor?.['id']);
  return defined({
    kind: camelKind(configuration, metrics, reasonData),
    alarmName: name,
    ...identity(arn, asText(envelope['accountId']) ?? asText(envelope['account']), asText(envelope['region'])),
    description: asText(configuration['description']),
    from: asState(previous?.['value']),
    to,
    atMs: parseAwsTime(state['timestamp']) ?? parseAwsTime(envelope['time']),
    ...measured(asText(state['reason']), reasonData),
    ...camelMetrics(metrics, reasonData, asText(state['reason'])),
    contributor: contributorId === undefined ? undefined : { id: contributorId, attributes: asTags(contributor?.['attributes']) },
    children: asArray(reasonData?.['triggeringAlarms']).flatMap(child => nameOfArn(asText(asObject(child)?.['arn'])) ?? []),
    tags: asTags(data['alarmTags'] ?? envelope['alarmTags']),
    released: asState(previous?.['value']) === to,
    logLines: asArray(data['logLines']).flatMap(logLine),
  });
}

function camelKind(configuration: JsonObject, metrics: readonly JsonObject[], reasonData: JsonObject | undefined): AlarmKind {
  if (asText(configuration['alarmRule']) !== undefined) return 'composite';
  if (reasonData?.['recentUpperThresholds'] !== undefined || reasonData?.['recentLowerThresholds'] !== undefined) return 'anomaly';
  if (metrics.some(entry => asText(entry['expression'])?.includes('ANOMALY_DETECTION_BAND') === true)) return 'anomaly';
  if (metrics.some(entry => entry['expression'] !== undefined)) return 'math';
  return metrics.length === 0 ? 'query' : 'metric';
}

function camelMetrics(metrics: readonly JsonObject[], reasonData: JsonObject | undefined, reason: string | undefined) {
  const stats = asObjects(metrics.map(entry => entry['metricStat']));
  const metric = asObject(stats[0]?.['metric']);
  const shown = metrics.find(entry => entry['returnData'] === true) ?? metrics[0];
  return {
    metricName: stats.length === 1 ? asText(metric?.['name']) : undefined,
    namespace: asText(metric?.['namespace']),
    label: asText(shown?.['label']) ?? asText(shown?.['expression']),
    dimensions: sharedDimensions(stats.map(stat => asObject(stat['metric'])?.['dimensions'])),
    statistic: asText(stats[0]?.['stat']) ?? asText(reasonData?.['statistic']),
    unit: asText(stats[0]?.['unit']) ?? asText(reasonData?.['unit']),
    periodSeconds: asNumber(stats[0]?.['period']) ?? asNumber(reasonData?.['period']),
    operator: undefined,
    threshold: asNumber(reasonData?.['threshold']) ?? readReason(reason).threshold,
  };
}

function measured(reason: string | undefined, reasonData: JsonObject | undefined) {
  const read = readReason(reason);
  const recent = asArray(reasonData?.['recentDatapoints']).flatMap(point => asNumber(point) ?? []);
  return { reason, value: recent.at(-1) ?? read.value, sinceMs: read.sinceMs };
}

function identity(arn: string | undefined, accountId: string | undefined, region: string | undefined) {
  const parts = arn?.split(':') ?? [];
  return { alarmArn: arn, accountId: accountId ?? nonEmpty(parts[4]), region: region ?? nonEmpty(parts[3]) };
}

const nonEmpty = (text: string | undefined) => (text === '' ? undefined : text);

/** The name after `:alarm:`; alarm names may themselves contain colons. */
function nameOfArn(arn: string | undefined): string | undefined {
  const at = arn?.indexOf(':alarm:') ?? -1;
  return at < 0 ? undefined : nonEmpty(arn?.slice(at + ':alarm:'.length));
}

const states: readonly AlarmState[] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];
const asState = (value: unknown): AlarmState | undefined => states.find(state => state === value);

/** SNS gives a list of `{name, value}` (any case), EventBridge an object; tags come as `{Key, Value}` or an object. */
function asTags(value: unknown): Readonly<Record<string, string>> {
  const object = asObject(value);
  const pairs: (readonly [string | undefined, string | undefined])[] =
    object === undefined
      ? asArray(value).map(entry => {
          const pair = asObject(entry) ?? {};
          return [asText(pair['name'] ?? pair['Name'] ?? pair['Key'] ?? pair['key']), asText(pair['value'] ?? pair['Value'])];
        })
      : Object.entries(object).map(([name, entry]) => [name, asText(entry)]);
  const named = pairs.filter((pair): pair is readonly [string, string] => pair[0] !== undefined && pair[1] !== undefined);
  return Object.fromEntries(named);
}

/** Dimensions that every metric of the alarm has with one value: they say whom it is about. */
function sharedDimensions(all: readonly unknown[]): Readonly<Record<string, string>> {
  const [first = {}, ...others] = all.map(asTags);
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => others.every(other => other[name] === value)));
}

function logLine(entry: unknown): readonly string[] {
  const text = asText(entry) ?? asText(asObject(entry)?.['message']) ?? asText(asObject(entry)?.['@message']);
  return text === undefined ? [] : [text];
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

/** Drops undefined members, so that absent stays absent. */
function defined(fields: Loose<AlarmNotification>): AlarmNotification {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as unknown as AlarmNotification;
}
