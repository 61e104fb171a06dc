/** CloudWatch over the wire: metrics in and out, alarms, history and dashboards of the local stack. */
import type { SeriesStore } from '../../core/series/series-store.ts';
import type { EpochMs } from '../../core/time/instant.ts';
import { AwsError } from '../endpoint/errors.ts';
import type { Authorize, Input, Service } from '../endpoint/service.ts';
import { list, record, text } from '../endpoint/service.ts';
import type { MetricSample } from './emf.ts';

export interface DataQuery {
  readonly id: string;
  readonly expression?: string;
  readonly label?: string;
  readonly namespace?: string;
  readonly metricName?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly stat?: string;
  readonly period?: number;
  /** False for inputs of other expressions. */
  readonly returnData?: boolean;
  /** One value over the whole range, whatever the period. Only the viewer asks so. */
  readonly isWhole?: boolean;
}

export interface DataSeries {
  readonly id: string;
  readonly label: string;
  readonly timestamps: readonly EpochMs[];
  readonly values: readonly number[];
  /** Why an expression could not be evaluated. */
  readonly problem?: string;
}

export interface AlarmView {
  readonly name: string;
  readonly arn: string;
  readonly state: string;
  readonly reason: string;
  readonly reasonData?: string;
  readonly updatedMs: EpochMs;
  readonly kind: 'metric' | 'composite' | 'log';
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface MuteRuleView {
  readonly name: string;
  readonly alarms: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface CloudWatchHooks {
  readonly onMetric: (sample: MetricSample) => void;
  readonly store: () => SeriesStore;
  readonly data: (queries: readonly DataQuery[], fromMs: EpochMs, toMs: EpochMs) => readonly DataSeries[];
  readonly alarms: () => readonly AlarmView[];
  readonly muteRules: () => readonly MuteRuleView[];
  readonly history: (
    name?: string,
  ) => readonly { readonly alarm: string; readonly atMs: EpochMs; readonly from: string; readonly to: string; readonly reason: string }[];
  readonly setAlarmState: (name: string, state: string, reason: string, reasonData?: string) => boolean;
  readonly dashboards: () => readonly { readonly name: string; readonly body: string }[];
  readonly now: () => EpochMs;
}

const invalid = (message: string) => new AwsError('InvalidParameterValue', message);
const dayMs = 86_400_000;

/** JSON gives epoch seconds, Query gives ISO text. */
function instant(value: unknown, otherwise: EpochMs): EpochMs {
  if (typeof value === 'number') return Math.round(value * 1_000);
  if (typeof value === 'string') return Number.isNaN(Date.parse(value)) ? Number(value) * 1_000 : Date.parse(value);
  return otherwise;
}

const numbers = (value: unknown): readonly number[] => list(value).map(Number);

export function createCloudWatch(authorize: Authorize, hooks: CloudWatchHooks): Service {
  function put(input: Input): void {
    const namespace = text(input['Namespace']) ?? '';
    const nowMs = hooks.now();
    for (const datum of list(input['MetricData']).map(record)) {
      const atMs = instant(datum['Timestamp'], nowMs);
      if (atMs < nowMs - 14 * dayMs || atMs > nowMs + 7_200_000) {
        throw invalid(
          `The parameter MetricData.member.1.Timestamp must be within the last two weeks and two hours ahead: ${new Date(atMs).toISOString()}`,
        );
      }
      const statistics = record(datum['StatisticValues']);
      const sampled = Number(statistics['SampleCount'] ?? 0);
      const values =
        datum['Value'] !== undefined
          ? [Number(datum['Value'])]
          : sampled > 0
            ? [Number(statistics['Sum']) / sampled]
            : numbers(datum['Values']);
      if (values.length > 150) throw invalid('The collection MetricData.member.1.Values must not have a size greater than 150.');
      if (values.some(value => !Number.isFinite(value)))
        throw invalid('The value for parameter MetricData.member.1.Value must be a finite number.');
      const counts = sampled > 0 ? [sampled] : datum['Counts'] === undefined ? undefined : numbers(datum['Counts']);
      const unit = text(datum['Unit']);
      hooks.onMetric({
        namespace,
        name: text(datum['MetricName']) ?? '',
        dimensions: dimensionsOf(datum['Dimensions']),
        atMs,
        values,
        ...(counts === undefined ? {} : { counts }),
        ...(unit === undefined ? {} : { unit }),
      });
    }
  }

  return {
    target: 'GraniteServiceVersion20100801',
    queryVersion: '2010-08-01',
    jsonVersion: '1.0',
    operations: {
      PutMetricData(input, caller) {
        authorize(caller, 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': text(input['Namespace']) ?? '' });
        if (list(input['MetricData']).length > 1_000) throw invalid('The collection MetricData must not have a size greater than 1000.');
        put(input);
        return {};
      },
      GetMetricData(input, caller) {
        authorize(caller, 'cloudwatch:GetMetricData', '*');
        const queries = list(input['MetricDataQueries']).map(record).map(dataQuery);
        const nowMs = hooks.now();
        const series = hooks.data(queries, instant(input['StartTime'], nowMs - dayMs), instant(input['EndTime'], nowMs));
        const isAscending = input['ScanBy'] === 'TimestampAscending';
        const ordered = <T>(values: readonly T[]) => (isAscending ? values : [...values].reverse());
        return {
          MetricDataResults: series.map(({ id, label, timestamps, values }) => ({
            Id: id,
            Label: label,
            Timestamps: ordered(timestamps).map(ms => ms / 1_000),
            Values: ordered(values),
            StatusCode: 'Complete',
          })),
          Messages: [],
        };
      },
      ListMetrics(input, caller) {
        authorize(caller, 'cloudwatch:ListMetrics', '*');
        const namespace = text(input['Namespace']);
        const metricName = text(input['MetricName']);
        const dimensions = Object.fromEntries(
          list(input['Dimensions'])
            .map(record)
            .map(entry => [String(entry['Name']), text(entry['Value'])]),
        );
        const found = hooks.store().listMetrics({
          dimensions,
          ...(namespace === undefined ? {} : { namespace }),
          ...(metricName === undefined ? {} : { metricName }),
        });
        return {
          Metrics: found.map(metric => ({
            Namespace: metric.namespace,
            MetricName: metric.metricName,
            Dimensions: dimensionList(metric.dimensions),
          })),
        };
      },
      DescribeAlarms(input, caller) {
        authorize(caller, 'cloudwatch:DescribeAlarms', '*');
        const names = list(input['AlarmNames']).map(String);
        const prefix = text(input['AlarmNamePrefix']) ?? '';
        const state = text(input['StateValue']);
        const found = hooks
          .alarms()
          .filter(
            alarm =>
              (names.length === 0 || names.includes(alarm.name)) &&
              alarm.name.startsWith(prefix) &&
              (state === undefined || alarm.state === state),
          );
        const types = list(input['AlarmTypes']).map(String);
        const isComposite = types.includes('CompositeAlarm') || (types.length === 0 && names.length > 0);
        return {
          MetricAlarms: found
            .filter(({ kind }) => kind === 'metric' && (types.length === 0 || types.includes('MetricAlarm')))
            .map(described),
          CompositeAlarms: found.filter(({ kind }) => kind === 'composite' && (isComposite || types.length === 0)).map(described),
          ...(types.includes('LogAlarm') ? { LogAlarms: found.filter(({ kind }) => kind === 'log').map(described) } : {}),
        };
      },
      ListAlarmMuteRules(input, caller) {
        authorize(caller, 'cloudwatch:ListAlarmMuteRules', '*');
        const alarm = text(input['AlarmName']);
        const found = hooks.muteRules().filter(({ alarms }) => alarm === undefined || alarms.includes(alarm));
        const from = Number(input['NextToken'] ?? 0);
        const to = from + Number(input['MaxRecords'] ?? 50);
        return {
          AlarmMuteRuleSummaries: found.slice(from, to).map(({ name }) => ({ AlarmMuteRuleArn: muteRuleArn(name) })),
          ...(to < found.length ? { NextToken: String(to) } : {}),
        };
      },
      GetAlarmMuteRule(input, caller) {
        const name = text(input['AlarmMuteRuleName']) ?? '';
        authorize(caller, 'cloudwatch:GetAlarmMuteRule', muteRuleArn(name));
        const found = hooks.muteRules().find(rule => rule.name === name);
        if (found === undefined) throw new AwsError('ResourceNotFoundException', `mute rule ${name} does not exist`, { status: 404 });
        const { StartDate, ExpireDate, Tags: _, ...properties } = found.properties;
        const dates = { StartDate, ExpireDate };
        const shown = Object.entries(dates).flatMap(([key, date]) => (typeof date === 'string' ? [[key, Date.parse(date) / 1_000]] : []));
        return { ...properties, ...Object.fromEntries(shown), Name: name, AlarmMuteRuleArn: muteRuleArn(name) };
      },
      DescribeAlarmHistory(input, caller) {
        authorize(caller, 'cloudwatch:DescribeAlarmHistory', '*');
        const items = hooks.history(text(input['AlarmName'])).slice(-Number(input['MaxRecords'] ?? 100));
        return {
          AlarmHistoryItems: [...items].reverse().map(({ alarm, atMs, from, to, reason }) => ({
            AlarmName: alarm,
            Timestamp: atMs / 1_000,
            HistoryItemType: 'StateUpdate',
            HistorySummary: `Alarm updated from ${from} to ${to}`,
            HistoryData: JSON.stringify({
              version: '1.0',
              oldState: { stateValue: from },
              newState: { stateValue: to, stateReason: reason },
            }),
          })),
        };
      },
      SetAlarmState(input, caller) {
        const name = text(input['AlarmName']) ?? '';
        authorize(caller, 'cloudwatch:SetAlarmState', '*');
        const isKnown = hooks.setAlarmState(
          name,
          text(input['StateValue']) ?? '',
          text(input['StateReason']) ?? '',
          text(input['StateReasonData']),
        );
        if (!isKnown) throw new AwsError('ResourceNotFound', `alarm ${name} does not exist`, { status: 404 });
        return {};
      },
      ListDashboards(_input, caller) {
        authorize(caller, 'cloudwatch:ListDashboards', '*');
        return { DashboardEntries: hooks.dashboards().map(({ name, body }) => ({ DashboardName: name, Size: body.length })) };
      },
      GetDashboard(input, caller) {
        authorize(caller, 'cloudwatch:GetDashboard', '*');
        const found = hooks.dashboards().find(({ name }) => name === input['DashboardName']);
        if (found === undefined)
          throw new AwsError('ResourceNotFound', `Dashboard ${String(input['DashboardName'])} does not exist`, { status: 404 });
        return { DashboardName: found.name, DashboardBody: found.body };
      },
    },
  };
}

const muteRuleArn = (name: string): string => `arn:aws:cloudwatch:us-east-1:000000000000:alarm-mute-rule:${name}`;

function described(alarm: AlarmView): unknown {
  const { Tags: _tags, ...properties } = alarm.properties;
  return {
    ...properties,
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    ...(alarm.reasonData === undefined ? {} : { StateReasonData: alarm.reasonData }),
    StateUpdatedTimestamp: alarm.updatedMs / 1_000,
  };
}

function dataQuery(query: Input): DataQuery {
  const stat = record(query['MetricStat']);
  const metric = record(stat['Metric']);
  const expression = text(query['Expression']);
  const label = text(query['Label']);
  return {
    id: text(query['Id']) ?? '',
    returnData: query['ReturnData'] !== false && query['ReturnData'] !== 'false',
    ...(label === undefined ? {} : { label }),
    ...(expression === undefined
      ? {
          namespace: text(metric['Namespace']) ?? '',
          metricName: text(metric['MetricName']) ?? '',
          dimensions: dimensionsOf(metric['Dimensions']),
          stat: text(stat['Stat']) ?? 'Average',
          period: Number(stat['Period'] ?? 60),
        }
      : { expression, ...(query['Period'] === undefined ? {} : { period: Number(query['Period']) }) }),
  };
}

export const dimensionsOf = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    list(value)
      .map(record)
      .map(entry => [String(entry['Name']), String(entry['Value'])]),
  );

const dimensionList = (dimensions: Readonly<Record<string, string>>) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
