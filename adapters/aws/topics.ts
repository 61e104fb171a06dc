import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Severity } from '../../core/config/types.ts';
import { breachMessage, type FastBreach } from '../../core/incidents/breach.ts';

import { required } from './environment.ts';

/** Where breaches are said at once. */
export interface AlertTopics {
  publish(breach: FastBreach): Promise<void>;
}

export function createAlertTopics(client: SNSClient, arns: Readonly<Record<Severity, string>>): AlertTopics {
  return {
    publish: async breach => {
      const subject = `${breach.state}: ${breach.alarm} ${Object.values(breach.dimensions).join(' ')}`;
      await client.send(
        new PublishCommand({
          TopicArn: arns[breach.severity],
          // SNS refuses subjects over 100 characters or with control characters.
          Subject: subject.replace(/[^\x20-\x7E]/g, '_').slice(0, 100),
          Message: breachMessage(breach),
        }),
      );
    },
  };
}

/** The topics that the stack names in the environment. */
export function topicsFromEnvironment(): Readonly<Record<Severity, string>> {
  return {
    critical: required('NIGHTDESK_TOPIC_CRITICAL'),
    warning: required('NIGHTDESK_TOPIC_WARNING'),
    info: required('NIGHTDESK_TOPIC_INFO'),
  };
}
