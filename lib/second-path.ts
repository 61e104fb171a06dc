import { SecretValue } from 'aws-cdk-lib';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import type { NightdeskConfig } from '../core/config/types.ts';
import { acknowledge } from './acknowledge.ts';

const hosts = { us: 'events.pagerduty.com', eu: 'events.eu.pagerduty.com' } as const;

/**
 * Subscribes people directly to the critical topic: while every function of ours is down, SNS itself still tells them. E-mail addresses
 * have to confirm once; PagerDuty confirms by itself. The key of PagerDuty stands in the template as a reference that CloudFormation resolves.
 */
export function secondPath(topic: Topic, { watch }: NightdeskConfig): void {
  const subscribe = (id: string, protocol: string, endpoint: string) =>
    acknowledge(new CfnSubscription(topic, id, { topicArn: topic.topicArn, protocol, endpoint }), {
      'Serverless::Serverless-SNSRedrivePolicy':
        'the second way of messages that also go to the notifier, whose subscription keeps what fails; nobody would read another queue',
    });
  for (const [index, address] of (watch?.email ?? []).entries()) subscribe(`DirectEmail${index}`, 'email', address);
  if (watch?.pagerduty === undefined) return;
  const { integrationKey, region } = watch.pagerduty;
  const key = SecretValue.secretsManager(integrationKey.secretName).unsafeUnwrap();
  subscribe('DirectPagerDuty', 'https', `https://${hosts[region]}/integration/${key}/enqueue`);
}
