import { Aws, type Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, type CfnScheduleProps } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { NightdeskConfig } from '../core/config/types.ts';
import { sweepEvent, testPageEvent } from '../core/incidents/wake.ts';
import { acknowledge } from './acknowledge.ts';

export interface NotifierTimersProps {
  readonly config: NightdeskConfig;
  readonly notifier: IFunction;
  readonly wake: IQueue;
  /** Where runs end that could not be started. */
  readonly dead: IQueue;
}

/** What wakes the notifier beside alarms: delayed messages to the second, its own minute, and the weekly test page. */
export class NotifierTimers extends Construct {
  constructor(stack: Stack, id: string, { config, notifier, wake, dead }: NotifierTimersProps) {
    super(stack, id);
    const mapping = new CfnEventSourceMapping(this, 'ReadsWakes', {
      functionName: notifier.functionArn,
      eventSourceArn: wake.queueArn,
      batchSize: 10,
    });
    acknowledge(mapping, {
      'Serverless::Serverless-LambdaEventSourceMappingDestination':
        'queues have no destinations; failed messages go to the queue’s own dead-letter queue',
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
      inlinePolicies: {
        invoke: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [notifier.functionArn] }),
            new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [dead.queueArn] }),
          ],
        }),
      },
    });
    const schedule = (
      name: string,
      props: Pick<CfnScheduleProps, 'description' | 'scheduleExpression' | 'scheduleExpressionTimezone'>,
      event: object,
      lateSeconds: number,
    ) =>
      new CfnSchedule(this, name, {
        ...props,
        flexibleTimeWindow: { mode: 'OFF' },
        state: 'ENABLED',
        target: {
          arn: notifier.functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify(event),
          retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: lateSeconds },
          deadLetterConfig: { arn: dead.queueArn },
        },
      });
    schedule(
      'Sweep',
      { description: 'Groups, reminders and retries whose time has come', scheduleExpression: 'rate(1 minute)' },
      sweepEvent,
      60,
    );
    const test = config.watch?.testPage;
    if (test !== undefined)
      schedule(
        'TestPage',
        { description: 'A page marked TEST through the whole path', scheduleExpression: test.cron, scheduleExpressionTimezone: test.zone },
        testPageEvent,
        3_600,
      );
  }
}

export const wakeStatements = (wake: IQueue): readonly PolicyStatement[] => [
  new PolicyStatement({
    actions: ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
    resources: [wake.queueArn],
  }),
];

/** The test page begins where alarms begin: at the topic. */
export const testPageStatements = ({ watch }: NightdeskConfig, topic: ITopic): readonly PolicyStatement[] =>
  watch?.testPage === undefined ? [] : [new PolicyStatement({ actions: ['sns:Publish'], resources: [topic.topicArn] })];
