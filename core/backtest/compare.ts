/** Two definitions of the same alarms over the same history: what changed in words, and what that does. */
import type { AlarmDefinition } from '../alarms/definition.ts';
import { type Firing, firingsOf, overlaps } from './firings.ts';
import type { AlarmRun } from './run-alarms.ts';

export interface ComparedAlarm {
  readonly alarm: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** `threshold: -1000 → -1500`, one per changed property. */
  readonly differences: readonly string[];
  /** Firings of the second definition that share no moment with one of the first, and the other way round. */
  readonly newFirings: readonly Firing[];
  readonly goneFirings: readonly Firing[];
  /** Firings of both. */
  readonly kept: number;
}

/** Alarms whose definition or firings differ, in the order of the first set, then those only in the second. */
export function compareRuns(first: ReadonlyMap<string, AlarmRun>, second: ReadonlyMap<string, AlarmRun>): readonly ComparedAlarm[] {
  const names = [...new Set([...first.keys(), ...second.keys()])];
  return names.flatMap((alarm): readonly ComparedAlarm[] => {
    const a = first.get(alarm);
    const b = second.get(alarm);
    const before = a === undefined ? [] : firingsOf(a.transitions);
    const after = b === undefined ? [] : firingsOf(b.transitions);
    const newFirings = after.filter(firing => !before.some(other => overlaps(firing, other)));
    const goneFirings = before.filter(firing => !after.some(other => overlaps(firing, other)));
    const differences = a === undefined || b === undefined ? [] : differencesOf(a.definition, b.definition);
    if (a !== undefined && b !== undefined && differences.length + newFirings.length + goneFirings.length === 0) return [];
    const change = a === undefined ? 'added' : b === undefined ? 'removed' : 'changed';
    return [{ alarm, change, differences, newFirings, goneFirings, kept: before.length - goneFirings.length }];
  });
}

/** Prose and actions do not decide when an alarm fires. */
const unjudged = ['description', 'alarmActions', 'okActions', 'insufficientDataActions'];

function differencesOf(a: AlarmDefinition, b: AlarmDefinition): readonly string[] {
  const before = a as unknown as Readonly<Record<string, unknown>>;
  const after = b as unknown as Readonly<Record<string, unknown>>;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter(key => !unjudged.includes(key))
    .flatMap(key => {
      const was = JSON.stringify(before[key]) ?? 'none';
      const is = JSON.stringify(after[key]) ?? 'none';
      return was === is ? [] : [`${key}: ${was} → ${is}`];
    });
}
