import { nextOccurrence, parseMuteSchedule } from '../cloudwatch/schedule.ts';
import type { MuteRule } from '../cloudwatch/template-alarm.ts';
import type { EpochMs } from '../time/instant.ts';
import { DEFAULT_ASSUMPTIONS, type EvaluationAssumptions } from './assumptions.ts';
import type { AlarmState } from './definition.ts';

export interface MuteWindow {
  readonly rule: string;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
}

/** The window of a rule that is open at an instant ([start, end)); undefined when none is, or when its schedule does not parse. */
export function muteWindow(rule: MuteRule, nowMs: EpochMs): MuteWindow | undefined {
  const schedule = parseMuteSchedule(rule.schedule);
  if (!schedule.ok) return undefined;
  let found: MuteWindow | undefined;
  let startMs = nextOccurrence(schedule.value, nowMs - rule.durationMs, { zone: rule.timeZone });
  while (startMs !== undefined && startMs <= nowMs) {
    const endMs = Math.min(startMs + rule.durationMs, rule.expireMs ?? Number.POSITIVE_INFINITY);
    if (startMs >= (rule.startMs ?? Number.NEGATIVE_INFINITY) && nowMs < endMs) found = { rule: rule.name, startMs, endMs };
    startMs = nextOccurrence(schedule.value, startMs, { zone: rule.timeZone });
  }
  return found;
}

/** The open window that lasts longest among the rules that name the alarm. */
export function muteOf(alarm: string, rules: readonly MuteRule[], nowMs: EpochMs): MuteWindow | undefined {
  return rules
    .filter(rule => rule.alarms.includes(alarm))
    .flatMap(rule => muteWindow(rule, nowMs) ?? [])
    .reduce<MuteWindow | undefined>(
      (longest, window) => (longest === undefined || window.endMs > longest.endMs ? window : longest),
      undefined,
    );
}

export interface MuteMemory {
  readonly muted: boolean;
  /** Whether a transition's actions were held back during this mute. */
  readonly held: boolean;
}

export const UNMUTED: MuteMemory = { muted: false, held: false };

export interface MuteStep {
  readonly memory: MuteMemory;
  /** State whose actions are to be performed now. */
  readonly perform?: AlarmState;
  /** The actions were held back by a mute that has ended. */
  readonly afterMute?: boolean;
}

/**
 * Passes an alarm's due actions through its mutes. While muted they are held; when the mute ends (or its rule goes away) and the alarm
 * is in ALARM, the ALARM actions are performed then. Mutes outrank a composite's suppressor: pass what that lets through.
 * Source: CloudWatch user guide, "Alarm mute rules".
 * @param due state whose actions are due now; absent when the alarm did not change.
 */
export function throughMute(
  memory: MuteMemory,
  now: { readonly muted: boolean; readonly state: AlarmState; readonly due?: AlarmState },
  assumptions: EvaluationAssumptions = DEFAULT_ASSUMPTIONS,
): MuteStep {
  if (now.muted) return { memory: { muted: true, held: (memory.muted && memory.held) || now.due !== undefined } };
  if (now.due !== undefined) return { memory: UNMUTED, perform: now.due };
  const releases = memory.muted && now.state === 'ALARM' && (memory.held || assumptions.atMuteEnd === 'all');
  return releases ? { memory: UNMUTED, perform: 'ALARM', afterMute: true } : { memory: UNMUTED };
}
