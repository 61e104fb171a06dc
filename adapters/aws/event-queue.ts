import { createHash } from 'node:crypto';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Lines of one strategy, as one message. */
export interface QueuedLines {
  readonly strategyId: string;
  /** JSON text of the message. */
  readonly body: string;
  /** Same for the same log events: the queue drops what it has seen within five minutes. */
  readonly deduplicationId: string;
}

export interface EventQueue {
  /** All or an error: a failure lets the log service deliver the whole batch again. */
  send(messages: readonly QueuedLines[]): Promise<void>;
}

/** Source: SQS quotas. The sum of a batch counts bodies; some room is left for attributes. */
const BATCH_ENTRIES = 10;
const BATCH_BYTES = 250_000;

export function createEventQueue(client: SQSClient, url: string): EventQueue {
  return {
    send: async messages => {
      for (const batch of batches(messages)) await sendBatch(client, url, batch);
    },
  };
}

async function sendBatch(client: SQSClient, url: string, batch: readonly QueuedLines[]): Promise<void> {
  const entries = batch.map((message, index) => ({
    Id: String(index),
    MessageBody: message.body,
    MessageGroupId: groupId(message.strategyId),
    MessageDeduplicationId: message.deduplicationId,
  }));
  const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: entries }));
  const [failed] = answer.Failed ?? [];
  if (failed !== undefined) throw new Error(`queue refused ${answer.Failed?.length} of ${batch.length} messages: ${failed.Code}`);
}

export function batches(messages: readonly QueuedLines[]): readonly (readonly QueuedLines[])[] {
  const all: QueuedLines[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body);
    const current = all.at(-1);
    if (current === undefined || current.length === BATCH_ENTRIES || bytes + size > BATCH_BYTES) {
      all.push([message]);
      bytes = size;
    } else {
      current.push(message);
      bytes += size;
    }
  }
  return all;
}

/** Group ids have 128 characters of a limited alphabet; other strategy ids are hashed. */
export function groupId(strategyId: string): string {
  return /^[A-Za-z0-9!-/:-@[-`{-~]{1,128}$/.test(strategyId) ? strategyId : createHash('sha256').update(strategyId).digest('hex');
}
