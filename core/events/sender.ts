/** Names of processes. The fast way of a bot numbers its lines apart, under a name of its own for the same process. */
import type { Source } from './types.ts';

const suffix = '/direct';

/** The name under which the fast way numbers its lines. */
export const directInstance = ({ system, instanceId }: Source): string => `${instanceId ?? system}${suffix}`;

/** The process that an event comes from, whichever way it took; undefined when it has no name. */
export function processOf({ system, instanceId }: Source): string | undefined {
  if (instanceId?.endsWith(suffix) !== true) return instanceId;
  const name = instanceId.slice(0, -suffix.length);
  return name === system ? undefined : name;
}
