/**
 * Is a prober itself cut off? A security group, a route or a resolver that is wrong on our side looks like many bots that do not answer. When
 * nobody is reached, and a control neither, it is; without a control, when nobody of several hosts is reached, and their bots go on saying
 * that they live.
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

/** There is no way to it from where the prober is. A refusal or a bad answer is a way. */
export const isUnreached = ({ ours, unreached }: ProbeResult): boolean => ours === true || unreached === true;

/**
 * Of all that one prober asked in one minute. Bots that are not heard say nothing without a control: their silence pages by itself.
 * @param control what was seen of the host that is up whenever the prober's network is; absent where the config names none.
 */
export function isCutOff(asked: readonly Reaching[], control?: ProbeResult): boolean {
  if (control !== undefined && isUnreached(control)) return asked.every(({ result }) => isUnreached(result));
  const telling = asked.filter(({ result, isHeard }) => isHeard && result.ours !== true);
  return new Set(telling.map(({ host }) => host)).size >= HOSTS && telling.every(({ result }) => result.unreached === true);
}
