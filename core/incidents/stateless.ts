import type { Duty } from './incident.ts';
import type { Signal } from './signal.ts';

/**
 * What a signal asks for when nothing is known of the past, as in a dry run or while the table is unreachable: OK resolves as if
 * the incident were open; data that came back is no recovery; a state that did not change says nothing, unless it was held back.
 */
export function dutyWithoutState(signal: Signal): Duty | undefined {
  if (signal.state !== 'OK') return 'trigger';
  if (signal.from === 'INSUFFICIENT_DATA') return undefined;
  return signal.from === 'OK' && !signal.released ? undefined : 'resolve';
}
