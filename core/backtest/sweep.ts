/** One alarm with other limits over the same history. */

import { watchedBy } from '../alarms/composite-alarm.ts';
import type { AlarmDefinition, MetricAlarm } from '../alarms/definition.ts';
import { type Firing, firingsOf } from './firings.ts';
import type { BacktestHistory } from './history.ts';
import type { RealIncident } from './incident-list.ts';
import { type Judgement, judge } from './judge.ts';
import { type AlarmRun, closureOf, type RunOptions, runAlarms } from './run-alarms.ts';

export interface SweepPoint {
  readonly limit: number;
  /** Whether it is the limit of the definition. */
  readonly present: boolean;
  readonly firings: readonly Firing[];
  readonly judgement?: Judgement;
}

export interface Sweep {
  readonly alarm: string;
  readonly points: readonly SweepPoint[];
}

/**
 * Firings of the alarm for each limit, and for its own. A composite is swept by the limit of the one metric alarm that it watches.
 * Undefined when there is no such limit: a band, or a composite over several alarms.
 */
export function sweepLimits(
  name: string,
  limits: readonly number[],
  definitions: readonly AlarmDefinition[],
  history: BacktestHistory,
  options: RunOptions & { readonly incidents?: readonly RealIncident[] } = {},
): Sweep | undefined {
  const closure = closureOf(name, definitions);
  const swept = limitedAlarm(name, closure);
  if (swept?.threshold === undefined) return undefined;
  const all = [...new Set([...limits, swept.threshold])].sort((a, b) => a - b);
  const points = all.map((limit): SweepPoint => {
    const changed = closure.map(definition => (definition === swept ? { ...swept, threshold: limit } : definition));
    const run = runAlarms(changed, history, options).get(name) as AlarmRun;
    return {
      limit,
      present: limit === swept.threshold,
      firings: firingsOf(run.transitions),
      ...(options.incidents === undefined ? {} : { judgement: judge([run], options.incidents) }),
    };
  });
  return { alarm: name, points };
}

/** The metric alarm whose limit decides about an alarm. */
export function limitedAlarm(name: string, definitions: readonly AlarmDefinition[]): MetricAlarm | undefined {
  const found = definitions.find(definition => definition.name === name);
  if (found?.kind === 'metric') return found;
  if (found?.kind !== 'composite') return undefined;
  const children = watchedBy(found);
  return children.length === 1 ? limitedAlarm(children[0]!, definitions) : undefined;
}
