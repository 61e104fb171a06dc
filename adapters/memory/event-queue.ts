import type { EventQueue, QueuedLines } from '../aws/event-queue.ts';

/** A FIFO queue in memory that drops repeated deduplication ids. */
export interface MemoryQueue extends EventQueue {
  readonly messages: QueuedLines[];
}

export function createMemoryQueue(): MemoryQueue {
  const seen = new Set<string>();
  const messages: QueuedLines[] = [];
  return {
    messages,
    send: async sent => {
      for (const message of sent) {
        if (seen.has(message.deduplicationId)) continue;
        seen.add(message.deduplicationId);
        messages.push(message);
      }
    },
  };
}
