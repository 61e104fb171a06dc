/**
 * Status lights over alarms: red, yellow, green, and grey for what is not measured. The worst child decides. No data is never green:
 * not an alarm without data, not one that was never asked, not an OK that is only the last word of something that has fallen silent.
 */
import type { Severity } from '../config/types.ts';

export type Light = 'red' | 'yellow' | 'grey' | 'green';

/** Worst first. Not knowing is worse than green and better than a known fault. */
export const lightOrder: readonly Light[] = ['red', 'yellow', 'grey', 'green'];

export interface AlarmFacts {
  /** Undefined for an alarm that CloudWatch does not have, or that could not be asked. */
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA' | undefined;
  readonly severity: Severity;
  /** Whether what it watches reports at present; an OK of something silent says nothing. */
  readonly isMeasured: boolean;
}

/** Info alarms are yellow: nothing that is firing looks healthy. */
export function lightOf({ state, severity, isMeasured }: AlarmFacts): Light {
  if (state === 'ALARM') return severity === 'critical' ? 'red' : 'yellow';
  return state === 'OK' && isMeasured ? 'green' : 'grey';
}

/** The worst of several; grey for none. */
export const worstOf = (lights: readonly Light[]): Light => lightOrder.find(light => lights.includes(light)) ?? 'grey';

/** How each reads in words, for those who do not see the colour. */
export const lightWords: Readonly<Record<Light, string>> = { red: 'critical', yellow: 'warning', grey: 'not measured', green: 'fine' };
