import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type Again, againSeconds, wakeFor } from '../../core/incidents/wake.ts';

/** Longest delay of a message, and longest message. Source: SQS quotas. */
const LONGEST_SECONDS = 900;
const LONGEST_BODY = 250_000;

export interface WakeQueue {
  /** Wakes the notifier by a delayed message, to the second; a time further away than fifteen minutes comes early, and is found not to be due. */
  readonly wakeAt: (key: string, atMs: number) => Promise<void>;
  readonly again: (message: Again) => Promise<void>;
}

export function createWakeQueue(client: SQSClient, queueUrl: string, now: () => number): WakeQueue {
  const send = async (body: object, delaySeconds: number) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(body), DelaySeconds: delaySeconds }));
  };
  return {
    wakeAt: (key, atMs) => send(wakeFor(key), Math.max(0, Math.min(LONGEST_SECONDS, Math.ceil((atMs - now()) / 1000)))),
    again: message => send(shortened(message), againSeconds(message.tries)),
  };
}

/** A message as received may be long; what it says stands in the page that went out. */
function shortened(message: Again): Again {
  if (JSON.stringify(message).length <= LONGEST_BODY) return message;
  const { raw, ...signal } = message.signal;
  return { ...message, signal: { ...signal, logLines: [], ...(raw === undefined ? {} : { raw: raw.slice(0, 10_000) }) } };
}
