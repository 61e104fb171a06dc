import type { FastBreach } from '../../core/incidents/breach.ts';
import type { AlertTopics } from '../aws/topics.ts';

export interface MemoryTopics extends AlertTopics {
  readonly published: FastBreach[];
}

export function createMemoryTopics(): MemoryTopics {
  const published: FastBreach[] = [];
  return { published, publish: async breach => void published.push(breach) };
}
