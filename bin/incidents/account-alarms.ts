/** What CloudWatch knows of an alarm beside its state: alarms that it is made of, and mute rules that name it. */
import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  GetAlarmMuteRuleCommand,
  paginateDescribeAlarms,
  paginateListAlarmMuteRules,
} from '@aws-sdk/client-cloudwatch';
import { alarmFromTemplate, type MuteRule, muteRuleFromTemplate } from '../../core/cloudwatch/template-alarm.ts';
import { type Composition, compositionOf } from './composition.ts';

export async function readComposition(client: CloudWatchClient, name: string): Promise<Composition> {
  const answer = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['CompositeAlarm'] }));
  const [described] = answer.CompositeAlarms ?? [];
  const read = described === undefined ? undefined : alarmFromTemplate('AWS::CloudWatch::CompositeAlarm', plain(described), name);
  return compositionOf(read?.ok === true && read.value.kind === 'composite' ? read.value : undefined);
}

export async function readAlarmNames(client: CloudWatchClient): Promise<readonly string[]> {
  const names: string[] = [];
  const pages = paginateDescribeAlarms({ client, pageSize: 100 }, { AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'] });
  for await (const { MetricAlarms = [], CompositeAlarms = [], LogAlarms = [] } of pages)
    names.push(...[...MetricAlarms, ...CompositeAlarms, ...LogAlarms].flatMap(({ AlarmName }) => AlarmName ?? []));
  return names;
}

/** Rules that are read of one alarm: a quarter of closed nights and weekends. */
const RULES = 120;

/** Undefined when the caller may not read them, since the rest of the answer does not depend on it. */
export async function readMuteRules(client: CloudWatchClient, alarm: string): Promise<readonly MuteRule[] | undefined> {
  const rules: MuteRule[] = [];
  try {
    for await (const { AlarmMuteRuleSummaries = [] } of paginateListAlarmMuteRules({ client }, { AlarmName: alarm }))
      for (const { AlarmMuteRuleArn = '' } of AlarmMuteRuleSummaries.slice(0, RULES - rules.length)) {
        const name = AlarmMuteRuleArn.split(':').slice(6).join(':');
        const read = muteRuleFromTemplate(plain(await client.send(new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: name }))), name);
        if (read.ok) rules.push(read.value);
      }
    return rules;
  } catch {
    return undefined;
  }
}

/** As a template would say it: dates as text, nothing undefined. */
const plain = (described: object): unknown => JSON.parse(JSON.stringify(described));
