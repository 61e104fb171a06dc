import { describe, expect, it } from 'vitest';
import { templateOf } from '../../adapters/template-file.ts';
import { checkModel } from '../../core/check/model.ts';
import { findingsOf } from '../../core/check/rules.ts';
import { STAND_IN_PLACE } from '../../core/template/resource-types.ts';

const template = (schedule: string): string => `
Resources:
  Rejects:
    Type: AWS::CloudWatch::LogAlarm
    Properties:
      AlarmName: rejects
      QueryResultsToEvaluate: 3
      QueryResultsToAlarm: 2
      ComparisonOperator: GreaterThanThreshold
      Threshold: 5
      ScheduledQueryConfiguration:
        QueryString: filter eventType = "orderRejected"
        AggregationExpression: count(*)
        LogGroupIdentifiers: [/bots/a]
        ScheduledQueryRoleARN: arn:aws:iam::123456789012:role/queries
        ScheduleConfiguration: { ScheduleExpression: '${schedule}', StartTimeOffset: 300 }
  Desk:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties: { AlarmName: desk, AlarmRule: ALARM(rejects) }
  Night:
    Type: AWS::CloudWatch::AlarmMuteRule
    Properties:
      Name: night
      Rule: { Schedule: { Expression: 'cron(0 22 * * *)', Duration: PT8H } }
      MuteTargets: { AlarmNames: [rejects] }
`;

function errorsOf(schedule: string) {
  const read = templateOf(template(schedule), 'desk.yaml', 'desk');
  if (!read.ok) throw new Error(read.error.message);
  const findings = findingsOf(checkModel({ templates: [read.value], place: STAND_IN_PLACE, whole: true }));
  return findings.filter(({ severity }) => severity === 'error');
}

describe('a log alarm', () => {
  it('is an alarm that composites and mutes may name', () => {
    expect(errorsOf('rate(5 minutes)')).toEqual([]);
  });

  it('has a schedule that parses', () => {
    expect(errorsOf('rate(5 minute)')).toMatchObject([
      {
        rule: 'ALARM_UNREADABLE',
        path: 'Resources.Rejects.Properties.ScheduledQueryConfiguration.ScheduleConfiguration.ScheduleExpression',
      },
    ]);
  });
});
