/** The replay against what CloudWatch's own alarm history says happened. */
import type { AlarmState } from '../alarms/definition.ts';
import type { EpochMs } from '../time/instant.ts';
import type { AlarmRun } from './run-alarms.ts';

/** A change of state out of an account's alarm history. */
export interface RecordedChange {
  readonly alarm: string;
  readonly from?: AlarmState;
  readonly to: AlarmState;
  readonly atMs: EpochMs;
  readonly reason?: string;
}

export interface HistoryDifference {
  readonly alarm: string;
  readonly atMs: EpochMs;
  /** `onlyRecorded`: CloudWatch changed and the replay did not. `onlyReplayed`: the other way round. */
  readonly kind: 'onlyRecorded' | 'onlyReplayed';
  readonly to: AlarmState;
  readonly reason?: string;
}

export interface HistoryComparison {
  /** Alarms that were compared. */
  readonly alarms: number;
  /** Changes found in both, at most `TOLERANCE_MS` apart. */
  readonly matched: number;
  /** In the order of time. */
  readonly differences: readonly HistoryDifference[];
}

/**
 * How far two times of the same change may lie apart. CloudWatch evaluates each minute at a second of its own and looks at points up to
 * another minute old; points that arrived late moved it further, and their arrival is not recorded.
 */
export const TOLERANCE_MS = 3 * 60_000;

/** Compares alarms that were replayed, within the span. INSUFFICIENT_DATA at the beginning is the replay's own birth and not compared. */
export function compareWithHistory(
  runs: Iterable<AlarmRun>,
  recorded: readonly RecordedChange[],
  span: { readonly fromMs: EpochMs; readonly toMs: EpochMs },
): HistoryComparison {
  const differences: HistoryDifference[] = [];
  let matched = 0;
  let alarms = 0;
  for (const { definition, transitions, skipped } of runs) {
    if (skipped !== undefined) continue;
    alarms += 1;
    const replayed = transitions.filter(({ from }, at) => at > 0 || from !== 'INSUFFICIENT_DATA');
    const left = recorded.filter(change => change.alarm === definition.name && change.atMs >= span.fromMs && change.atMs <= span.toMs);
    const birth = transitions[0];
    for (const { atMs, to, reason } of replayed) {
      const at = left.findIndex(change => change.to === to && Math.abs(change.atMs - atMs) <= TOLERANCE_MS);
      if (at >= 0) {
        left.splice(at, 1);
        matched += 1;
      } else differences.push({ alarm: definition.name, atMs, kind: 'onlyReplayed', to, reason });
    }
    for (const { atMs, to, reason } of left) {
      const isBirth = birth !== undefined && to === birth.to && Math.abs(atMs - birth.atMs) <= TOLERANCE_MS;
      if (isBirth) matched += 1;
      else differences.push({ alarm: definition.name, atMs, kind: 'onlyRecorded', to, ...(reason === undefined ? {} : { reason }) });
    }
  }
  return { alarms, matched, differences: differences.sort((a, b) => a.atMs - b.atMs) };
}
