import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { type CfnQueue, type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { EcsRestartConfig, NightdeskConfig } from '../core/config/types.ts';
import { acknowledge } from './acknowledge.ts';
import type { MonitorFunction } from './monitor-function.ts';

/** Longer than a send with its tries. */
const VISIBILITY_SECONDS = 60;
/** A bot that does not answer is asked again each minute, for ten. */
const DELIVERIES = 10;

/** The queue of confirmed signals to bots and of restarts; undefined where there are none. What fails for good ends with the other dead letters. */
export function signalQueue(stack: Stack, { bots }: NightdeskConfig, dead: IQueue): Queue | undefined {
  if (bots.every(({ signals, ecsRestart }) => signals === undefined && ecsRestart === undefined)) return undefined;
  const queue = new Queue(stack, 'signals-queue', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.DESTROY,
    // A signal that comes an hour late surprises everybody.
    retentionPeriod: Duration.hours(1),
    visibilityTimeout: Duration.seconds(VISIBILITY_SECONDS),
    deadLetterQueue: { queue: dead, maxReceiveCount: DELIVERIES },
  });
  (queue.node.defaultChild as CfnQueue).overrideLogicalId('SignalsQueue');
  return queue;
}

export function readSignalQueue(stack: Stack, queue: IQueue, actions: MonitorFunction): void {
  const mapping = new CfnEventSourceMapping(stack, 'ActionsReadSignals', {
    functionName: actions.fn.functionArn,
    eventSourceArn: queue.queueArn,
    batchSize: 1,
    functionResponseTypes: ['ReportBatchItemFailures'],
  });
  acknowledge(mapping, {
    'Serverless::Serverless-LambdaEventSourceMappingDestination':
      'queues have no destinations; failed messages go to the queue’s own dead-letter queue',
  });
}

/** The queue, and the topics that bots read. Secrets of receivers are read like those of channels. */
export function signalStatements({ bots }: NightdeskConfig, queue: IQueue | undefined): readonly PolicyStatement[] {
  const topics = bots.flatMap(({ signals }) => signals?.topicArn ?? []);
  const onQueue = ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'];
  return [
    ...(queue === undefined ? [] : [new PolicyStatement({ actions: onQueue.map(each => `sqs:${each}`), resources: [queue.queueArn] })]),
    ...(topics.length === 0 ? [] : [new PolicyStatement({ actions: ['sns:Publish'], resources: topics })]),
  ];
}

export const signalSecrets = ({ bots }: NightdeskConfig): readonly string[] =>
  bots.flatMap(({ signals }) =>
    signals?.webhook === undefined ? [] : [signals.webhook.url.secretName, signals.webhook.signingSecret.secretName],
  );

/** Whether alarms send signals, or restart, by themselves. */
export const bindsAlarms = ({ bots }: NightdeskConfig): boolean =>
  bots.some(({ signals, ecsRestart }) => ecsRestart !== undefined || Object.keys(signals?.onAlarm ?? {}).length > 0);

/** Each service by its ARN; a dry run may only look. */
export function restartStatements(stack: Stack, { bots }: NightdeskConfig): readonly PolicyStatement[] {
  const restarts = bots.flatMap(({ ecsRestart }) => ecsRestart ?? []);
  const arns = (wanted: readonly EcsRestartConfig[]) => [
    ...new Set(
      wanted.map(
        ({ arn, cluster, service }) =>
          arn ?? stack.formatArn({ service: 'ecs', resource: 'service', resourceName: `${cluster}/${service}` }),
      ),
    ),
  ];
  const statement = (action: string, resources: string[]) =>
    resources.length === 0 ? [] : [new PolicyStatement({ actions: [`ecs:${action}`], resources })];
  return [...statement('DescribeServices', arns(restarts)), ...statement('UpdateService', arns(restarts.filter(({ dryRun }) => !dryRun)))];
}
