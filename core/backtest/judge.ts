/** Alarms against what really happened: what was caught, how soon, and what fired for nothing. */
import type { EpochMs } from '../time/instant.ts';
import { type Firing, firingsOf } from './firings.ts';
import type { RealIncident } from './incident-list.ts';
import type { AlarmRun } from './run-alarms.ts';

/** A firing this long before the written start of an incident still belongs to it: people write down when they noticed. */
export const EARLY_MS = 5 * 60_000;

export interface Detection {
  readonly alarm: string;
  readonly firing: Firing;
}

export interface JudgedIncident {
  readonly incident: RealIncident;
  readonly caught: boolean;
  /** The first alarm that fired for it. */
  readonly by?: string;
  /** Milliseconds from the incident's start to the first firing; negative when the alarm was earlier than the people. */
  readonly afterMs?: number;
}

export interface Judgement {
  readonly incidents: readonly JudgedIncident[];
  /** Firings that belong to an incident, as a share of all; absent without any firing. */
  readonly precision?: number;
  /** Incidents caught, as a share of all; absent without any incident. */
  readonly recall?: number;
  /** Median and longest of the times to catch, in milliseconds. */
  readonly medianAfterMs?: number;
  readonly longestAfterMs?: number;
  readonly trueFirings: number;
  readonly falseFirings: readonly Detection[];
}

/** Judges the firings of alarms that notify; of all alarms, when none does. */
export function judge(runs: Iterable<AlarmRun>, incidents: readonly RealIncident[]): Judgement {
  const detections = detectionsOf([...runs]);
  const judged = incidents.map((incident): JudgedIncident => {
    const first = detections.find(detection => belongs(detection, incident));
    return first === undefined
      ? { incident, caught: false }
      : { incident, caught: true, by: first.alarm, afterMs: first.firing.fromMs - incident.fromMs };
  });
  const falseFirings = detections.filter(detection => !incidents.some(incident => belongs(detection, incident)));
  const trueFirings = detections.length - falseFirings.length;
  const after = judged.flatMap(({ afterMs }) => afterMs ?? []).sort((a, b) => a - b);
  return {
    incidents: judged,
    trueFirings,
    falseFirings,
    ...(detections.length === 0 ? {} : { precision: trueFirings / detections.length }),
    ...(incidents.length === 0 ? {} : { recall: judged.filter(({ caught }) => caught).length / incidents.length }),
    ...(after.length === 0 ? {} : { medianAfterMs: medianOf(after), longestAfterMs: after.at(-1)! }),
  };
}

function detectionsOf(runs: readonly AlarmRun[]): readonly Detection[] {
  const paging = runs.filter(({ definition }) => definition.actionsEnabled && definition.alarmActions.length > 0);
  return (paging.length > 0 ? paging : runs)
    .flatMap(({ definition, transitions }) => firingsOf(transitions).map(firing => ({ alarm: definition.name, firing })))
    .sort((a, b) => a.firing.fromMs - b.firing.fromMs);
}

/** A firing belongs to an incident when it begins during it (or shortly before) and the incident does not name other alarms. */
function belongs({ alarm, firing }: Detection, { fromMs, toMs, alarms }: RealIncident): boolean {
  if (firing.fromMs < fromMs - EARLY_MS || firing.fromMs > toMs) return false;
  return alarms === undefined || alarms.some(name => isNamed(alarm, name));
}

/** Names are accepted with or without the stage in front. */
export const isNamed = (alarm: string, name: string): boolean => alarm === name || alarm.endsWith(`-${name}`);

function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Whether a firing is for nothing: of use to marks in a plot. */
export const isFalse = (judgement: Judgement, alarm: string, fromMs: EpochMs): boolean =>
  judgement.falseFirings.some(detection => detection.alarm === alarm && detection.firing.fromMs === fromMs);
