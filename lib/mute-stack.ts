import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnAlarmMuteRule } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { ClosedMute } from '../core/health/closed-mutes.ts';

/** CloudFormation's limit, with room for what the CDK adds. */
const RESOURCES = 490;

export interface MuteStackProps extends StackProps {
  readonly mutes: readonly ClosedMute[];
}

/** Closed-market mute rules of one group, apart from its alarms: they change with every deploy, and are many. */
export class MuteStack extends Stack {
  constructor(scope: Construct, id: string, { mutes, ...props }: MuteStackProps) {
    super(scope, id, props);
    if (mutes.length > RESOURCES)
      throw new Error(
        `TooManyMutes at closedMarkets.horizonDays: must leave at most ${RESOURCES} mute rules a group; made ${mutes.length}`,
      );
    for (const { name, description, schedule, alarms } of mutes)
      new CfnAlarmMuteRule(this, name, {
        name,
        description,
        rule: { schedule: { expression: schedule.expression, duration: schedule.duration, timezone: schedule.timeZone } },
        muteTargets: { alarmNames: [...alarms] },
      });
  }
}
