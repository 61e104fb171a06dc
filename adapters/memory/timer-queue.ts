import type { TimerQueue } from '../aws/timer-queue.ts';

export interface MemoryTimerQueue extends TimerQueue {
  readonly messages: { readonly token: string; readonly delaySeconds: number }[];
}

export function createMemoryTimerQueue(): MemoryTimerQueue {
  const messages: { readonly token: string; readonly delaySeconds: number }[] = [];
  return { messages, send: async (token, delaySeconds) => void messages.push({ token, delaySeconds }) };
}
