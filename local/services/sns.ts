/** SNS: topics of the template and their subscriptions to functions and queues. Delivery is at once on virtual time. */
import { randomUUID } from 'node:crypto';
import type { EpochMs } from '../../core/time/instant.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { AwsError } from '../endpoint/errors.ts';
import type { Authorize, Caller, Input, Service } from '../endpoint/service.ts';
import { list, record, text } from '../endpoint/service.ts';

export interface TopicDefinition {
  readonly name: string;
  readonly arn: string;
}

export interface SubscriptionDefinition {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly isRaw: boolean;
  readonly deadLetterQueueArn?: string;
}

export interface Publication {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  readonly atMs: EpochMs;
}

export interface SnsHooks {
  readonly now: () => EpochMs;
  /** Before it goes to the subscriptions; people and chats that SNS itself delivers to are none of ours. */
  readonly onPublish?: (publication: Publication) => void;
  /** Topics outside of the stack that may be published to. */
  readonly knows?: (topicArn: string) => boolean;
  readonly deliver: (subscription: SubscriptionDefinition, publication: Publication) => void;
}

export interface Sns {
  readonly service: Service;
  readonly topics: readonly TopicDefinition[];
  /** @returns the message id. */
  readonly publish: (topicArn: string, message: string, subject?: string) => string;
}

/** Message bytes: SNS's limit of 256 KiB. */
const maxBytes = 262_144;

export function createSns(
  topics: readonly TopicDefinition[],
  subscriptions: readonly SubscriptionDefinition[],
  authorize: Authorize,
  hooks: SnsHooks,
): Sns {
  const known = new Set(topics.map(topic => topic.arn));

  function publish(topicArn: string, message: string, subject?: string): string {
    if (!known.has(topicArn) && !(hooks.knows?.(topicArn) ?? false))
      throw new AwsError('NotFound', 'Topic does not exist', { status: 404 });
    if (Buffer.byteLength(message) > maxBytes) throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long');
    const publication = { messageId: randomUUID(), topicArn, message, atMs: hooks.now(), ...(subject === undefined ? {} : { subject }) };
    hooks.onPublish?.(publication);
    for (const subscription of subscriptions) if (subscription.topicArn === topicArn) hooks.deliver(subscription, publication);
    return publication.messageId;
  }

  function allowed(input: Input, caller: Caller, action: string): string {
    const arn = text(input['TopicArn']) ?? text(input['TargetArn']) ?? '';
    authorize(caller, `sns:${action}`, arn);
    return arn;
  }

  const service: Service = {
    target: 'AmazonSimpleNotificationService',
    queryVersion: '2010-03-31',
    jsonVersion: '1.0',
    operations: {
      Publish: (input, caller) => ({
        MessageId: publish(allowed(input, caller, 'Publish'), text(input['Message']) ?? '', text(input['Subject'])),
      }),
      PublishBatch(input, caller) {
        const arn = allowed(input, caller, 'Publish');
        const entries = list(input['PublishBatchRequestEntries']).map(record);
        const sent = entries.map(entry => ({
          Id: entry['Id'],
          MessageId: publish(arn, text(entry['Message']) ?? '', text(entry['Subject'])),
        }));
        return { Successful: sent, Failed: [] };
      },
      ListTopics(_input, caller) {
        authorize(caller, 'sns:ListTopics', '*');
        return { Topics: topics.map(topic => ({ TopicArn: topic.arn })) };
      },
      ListSubscriptionsByTopic(input, caller) {
        const arn = allowed(input, caller, 'ListSubscriptionsByTopic');
        const found = subscriptions.filter(subscription => subscription.topicArn === arn);
        return {
          Subscriptions: found.map(({ arn: SubscriptionArn, topicArn: TopicArn, protocol: Protocol, endpoint: Endpoint }) => ({
            SubscriptionArn,
            TopicArn,
            Protocol,
            Endpoint,
            Owner: arn.split(':')[4],
          })),
        };
      },
      GetTopicAttributes(input, caller) {
        return { Attributes: { TopicArn: allowed(input, caller, 'GetTopicAttributes') } };
      },
    },
  };
  return { service, topics, publish };
}

/** The event that a subscribed function receives. */
export function toLambdaEvent(subscription: SubscriptionDefinition, publication: Publication): unknown {
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Type: 'Notification',
          MessageId: publication.messageId,
          TopicArn: publication.topicArn,
          Subject: publication.subject ?? null,
          Message: publication.message,
          Timestamp: isoFromMs(publication.atMs),
          SignatureVersion: '1',
          Signature: 'LOCAL',
          SigningCertUrl: 'LOCAL',
          UnsubscribeUrl: 'LOCAL',
          MessageAttributes: {},
        },
      },
    ],
  };
}

/** The body that a subscribed queue receives. */
export function toQueueBody(subscription: SubscriptionDefinition, publication: Publication): string {
  if (subscription.isRaw) return publication.message;
  return JSON.stringify({
    Type: 'Notification',
    MessageId: publication.messageId,
    TopicArn: publication.topicArn,
    ...(publication.subject === undefined ? {} : { Subject: publication.subject }),
    Message: publication.message,
    Timestamp: isoFromMs(publication.atMs),
  });
}
