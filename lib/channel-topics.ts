import { CfnOutput } from 'aws-cdk-lib';
import { CfnSubscription, type CfnTopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { isOverSns } from '../adapters/notify/index.ts';
import { channelTopicName, pascal } from '../core/catalogue/names.ts';
import type { NightdeskConfig } from '../core/config/types.ts';

/**
 * A topic for each channel that SNS delivers (e-mail, Amazon Q Developer) and that names none of its own. Addresses are subscribed; each
 * has to confirm by the mail that AWS sends it. For Amazon Q the topic's ARN is an output, to be named in its channel configuration.
 */
export class ChannelTopics extends Construct {
  /** By channel id, those of topics that exist included. */
  readonly arns: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, config: NightdeskConfig) {
    super(scope, id);
    const arns: Record<string, string> = {};
    for (const [channelId, channel] of Object.entries(config.channels)) {
      if (!isOverSns(channel)) continue;
      arns[channelId] = ('topicArn' in channel ? channel.topicArn : undefined) ?? this.topic(config.stage, channelId).topicArn;
      const addresses = channel.kind === 'email' && channel.topicArn === undefined ? channel.addresses : [];
      for (const [index, endpoint] of addresses.entries())
        new CfnSubscription(this, `${pascal(channelId)}Address${index + 1}`, { topicArn: arns[channelId], protocol: 'email', endpoint });
    }
    this.arns = arns;
  }

  private topic(stage: string, channelId: string): Topic {
    // Not encrypted at rest, as the alert topics: what it carries is in mailboxes and chats anyway.
    const topic = new Topic(this, channelId, {
      topicName: channelTopicName(stage, channelId),
      displayName: `Nightdesk ${stage} ${channelId}`.slice(0, 100),
      enforceSSL: true,
    });
    (topic.node.defaultChild as CfnTopic).overrideLogicalId(`Channel${pascal(channelId)}Topic`);
    new CfnOutput(this, `${pascal(channelId)}TopicArn`, { value: topic.topicArn, description: `Topic of the channel ${channelId}` });
    return topic;
  }
}
