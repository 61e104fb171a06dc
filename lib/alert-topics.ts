import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type CfnTopic, Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { pascal, topicName } from '../core/catalogue/names.ts';
import type { Severity } from '../core/config/types.ts';

export const severities = ['critical', 'warning', 'info'] as const satisfies readonly Severity[];

/** One topic per severity, over TLS only. Anybody may subscribe more; the notifier is one subscriber. */
export class AlertTopics extends Construct {
  readonly bySeverity: Readonly<Record<Severity, Topic>>;

  constructor(scope: Construct, id: string, stage: string) {
    super(scope, id);
    const make = (severity: Severity) => this.topic(stage, severity);
    this.bySeverity = { critical: make('critical'), warning: make('warning'), info: make('info') };
  }

  /** Each message reaches the function, or after all of SNS's retries the queue. */
  subscribe(fn: IFunction, dead: IQueue): void {
    for (const severity of severities) this.bySeverity[severity].addSubscription(new LambdaSubscription(fn, { deadLetterQueue: dead }));
  }

  private topic(stage: string, severity: Severity): Topic {
    // Not encrypted at rest: alarms cannot publish under the AWS managed key, and a key of our own costs a dollar a month.
    const topic = new Topic(this, severity, {
      topicName: topicName(stage, severity),
      displayName: `Nightdesk ${stage} ${severity}`,
      enforceSSL: true,
    });
    (topic.node.defaultChild as CfnTopic).overrideLogicalId(`${pascal(severity)}Topic`);
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    return topic;
  }
}
