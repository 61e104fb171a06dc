/** When a schedule of the template runs next, by the parser that validates it at synth. */
import { nextOccurrence, parseSchedule } from '../core/cloudwatch/schedule.ts';
import type { EpochMs } from '../core/time/instant.ts';

/**
 * First run strictly after `afterMs`; undefined when there is none. Rates run at whole multiples since 1970 (a deployed one
 * counts from its creation).
 * @throws Error naming what is wrong with the expression.
 */
export function nextRunAfter(expression: string, zone: string, afterMs: EpochMs): EpochMs | undefined {
  const schedule = parseSchedule(expression);
  if (!schedule.ok) throw new Error(`InvalidSchedule: ${schedule.error.message}`);
  return nextOccurrence(schedule.value, afterMs, { zone });
}
