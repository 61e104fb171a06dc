import type { Severity } from '../../core/config/types.ts';
import { breachMessage, type FastBreach } from '../../core/incidents/breach.ts';
import { clientSettings } from './client-settings.ts';
import { required } from './environment.ts';
import { createPublish } from './publish.ts';
import type { SignedCall } from './signed-call.ts';

/** Where breaches are said at once. */
export interface AlertTopics {
  publish(breach: FastBreach): Promise<void>;
}

export function createAlertTopics(call: SignedCall, arns: Readonly<Record<Severity, string>>): AlertTopics {
  const publish = createPublish(call, clientSettings.maxAttempts, clientSettings.requestHandler.requestTimeout);
  return {
    publish: async breach => {
      const subject = `${breach.state}: ${breach.alarm} ${Object.values(breach.dimensions).join(' ')}`;
      // SNS refuses subjects over 100 characters or with control characters.
      await publish(arns[breach.severity], breachMessage(breach), subject.replace(/[^\x20-\x7E]/g, '_').slice(0, 100));
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
