/** Alarms that a composite is made of. */
import { watchedBy } from '../../core/alarms/composite-alarm.ts';
import type { CompositeAlarm } from '../../core/alarms/definition.ts';
import { alarmNameOf } from '../../core/cloudwatch/composite-rule.ts';

/** Alarms that a composite watches; `suppressor` is the one that holds back its actions. Empty for other alarms. */
export interface Composition {
  readonly watched: readonly string[];
  readonly suppressor?: string;
}

export function compositionOf(alarm: CompositeAlarm | undefined): Composition {
  if (alarm === undefined) return { watched: [] };
  const suppressor = alarm.suppressor === undefined ? undefined : alarmNameOf(alarm.suppressor.alarm);
  return { watched: watchedBy(alarm), ...(suppressor === undefined ? {} : { suppressor }) };
}
