/** Alarms of an AWS account and their own history. Only reads: DescribeAlarms and DescribeAlarmHistory. */
import { DescribeAlarmHistoryCommand, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { AlarmSet, SourcedAlarm } from '../../core/alarms/alarm-set.ts';
import type { AlarmState } from '../../core/alarms/definition.ts';
import type { RecordedChange } from '../../core/backtest/check-history.ts';
import { asObject, asText, parseJson } from '../../core/cloudwatch/loose-json.ts';
import { alarmFromTemplate } from '../../core/cloudwatch/template-alarm.ts';
import type { EpochMs } from '../../core/time/instant.ts';
import { type CloudWatchSender, patiently } from './account-history.ts';

/** DescribeAlarmHistory takes three calls a second. Source: CloudWatch service quotas. */
const HISTORY_PAUSE_MS = 400;

export interface Pausing {
  readonly pause: (ms: number) => Promise<void>;
}

/** The account's alarms, all or those whose names begin with the prefix. */
export async function accountAlarms(client: CloudWatchSender, from: string, { pause }: Pausing, prefix?: string): Promise<AlarmSet> {
  const alarms: SourcedAlarm[] = [];
  const unusable: AlarmSet['unusable'][number][] = [];
  const add = (type: string, described: { readonly AlarmName?: string | undefined }): void => {
    const name = described.AlarmName ?? '';
    const read = alarmFromTemplate(type, withoutUndefined(described), name);
    if (read.ok) alarms.push({ definition: read.value, place: { file: from } });
    else unusable.push({ name, file: from, message: `${name}: ${read.error.map(({ message }) => message).join('; ')}` });
  };
  let token: string | undefined;
  do {
    const page = await patiently(
      () =>
        client.send(
          new DescribeAlarmsCommand({
            AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'],
            MaxRecords: 100,
            ...(prefix === undefined ? {} : { AlarmNamePrefix: prefix }),
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        ),
      pause,
    );
    for (const alarm of page.MetricAlarms ?? []) add('AWS::CloudWatch::Alarm', alarm);
    for (const alarm of page.CompositeAlarms ?? []) add('AWS::CloudWatch::CompositeAlarm', alarm);
    for (const alarm of page.LogAlarms ?? []) add('AWS::CloudWatch::LogAlarm', alarm);
    token = page.NextToken;
  } while (token !== undefined);
  return { from, kind: 'account', alarms, unusable, mutes: [], aliases: [] };
}

const withoutUndefined = (described: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(described).filter(([, value]) => value !== undefined));

/** Changes of state that CloudWatch recorded in the span; it keeps them for 30 days. */
export async function accountChanges(
  client: CloudWatchSender,
  span: { readonly fromMs: EpochMs; readonly toMs: EpochMs },
  { pause }: Pausing,
): Promise<readonly RecordedChange[]> {
  const changes: RecordedChange[] = [];
  let token: string | undefined;
  do {
    const page = await patiently(
      () =>
        client.send(
          new DescribeAlarmHistoryCommand({
            AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
            HistoryItemType: 'StateUpdate',
            StartDate: new Date(span.fromMs),
            EndDate: new Date(span.toMs),
            ScanBy: 'TimestampAscending',
            MaxRecords: 100,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
        ),
      pause,
    );
    for (const item of page.AlarmHistoryItems ?? []) {
      const data = asObject(parseJson(item.HistoryData ?? ''));
      const now = asObject(data?.['newState']);
      const to = stateOf(now?.['stateValue']);
      if (item.AlarmName === undefined || item.Timestamp === undefined || to === undefined) continue;
      const from = stateOf(asObject(data?.['oldState'])?.['stateValue']);
      const reason = asText(now?.['stateReason']);
      changes.push({
        alarm: item.AlarmName,
        to,
        atMs: item.Timestamp.getTime(),
        ...(from === undefined ? {} : { from }),
        ...(reason === undefined ? {} : { reason }),
      });
    }
    token = page.NextToken;
    if (token !== undefined) await pause(HISTORY_PAUSE_MS);
  } while (token !== undefined);
  return changes;
}

const stateOf = (value: unknown): AlarmState | undefined =>
  value === 'OK' || value === 'ALARM' || value === 'INSUFFICIENT_DATA' ? value : undefined;
