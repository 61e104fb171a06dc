import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SignalOrder } from '../../core/incidents/bot-signal.ts';

/** Leaves a confirmed signal to the queue, which tries until the bot has it. */
export const createSignalQueue =
  (client: SQSClient, queueUrl: string) =>
  async (order: SignalOrder): Promise<void> => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(order) }));
  };
