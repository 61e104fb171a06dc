import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Wakes the fast timer later. */
export interface TimerQueue {
  /** @param delaySeconds 1 to 900. */
  send(token: string, delaySeconds: number): Promise<void>;
}

export function createTimerQueue(client: SQSClient, url: string): TimerQueue {
  return {
    send: async (token, delaySeconds) => {
      await client.send(
        new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify({ nightdesk: 1, token }), DelaySeconds: delaySeconds }),
      );
    },
  };
}

/** The token of a message; undefined for one that is none of ours. */
export function timerToken(body: string): string | undefined {
  try {
    const { token } = JSON.parse(body) as { readonly token?: unknown };
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}
