/**
 * Is a prober itself cut off? A security group, a route or a resolver that is wrong on our side looks like many bots that do not answer. When
 * nobody of several hosts is reached, and their bots go on saying that they live, what is broken lies between.
 */
import type { ProbeResult } from './probe-result.ts';

export interface Reaching {
  /** Of the target. */
  readonly host: string;
  readonly result: ProbeResult;
  /** Its bot has sent a heartbeat in time, which came by another way. */
  readonly isHeard: boolean;
}

/** With fewer hosts it may well be they. */
const HOSTS = 3;

/** Of all that one prober asked in one minute. Bots that are not heard say nothing: their silence pages by itself. */
export function isCutOff(asked: readonly Reaching[]): boolean {
  const telling = asked.filter(({ result, isHeard }) => isHeard && result.ours !== true);
  return new Set(telling.map(({ host }) => host)).size >= HOSTS && telling.every(({ result }) => result.unreached === true);
}
