import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { wakeFor } from '../../core/incidents/wake.ts';

/** Longest delay of a message. Source: SQS quotas. */
const LONGEST_SECONDS = 900;

/** Wakes the notifier by a delayed message, to the second; a time further away than fifteen minutes comes early, and is found not to be due. */
export function createWakeQueue(client: SQSClient, queueUrl: string, now: () => number) {
  return async (key: string, atMs: number): Promise<void> => {
    const delay = Math.max(0, Math.min(LONGEST_SECONDS, Math.ceil((atMs - now()) / 1000)));
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(wakeFor(key)), DelaySeconds: delay }));
  };
}
