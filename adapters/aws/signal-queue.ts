import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SignalOrder } from '../../core/incidents/bot-signal.ts';
import type { RestartOrder } from '../../core/incidents/restart.ts';

/** Leaves a confirmed signal, or a restart, to the queue, which tries until it is done. `delaySeconds` at most 900. */
export const createSignalQueue =
  (client: SQSClient, queueUrl: string) =>
  async (order: SignalOrder | RestartOrder, delaySeconds = 0): Promise<void> => {
    const delay = delaySeconds === 0 ? {} : { DelaySeconds: delaySeconds };
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(order), ...delay }));
  };
