import type { AlarmState, TreatMissingData } from './definition.ts';

/** Codes of a window's points. */
export const QUIET = 0;
export const BREACHING = 1;
export const MISSING = 2;

/** State after one evaluation; RETAIN keeps the state that the alarm had. */
export type WindowOutcome = AlarmState | 'RETAIN';

export interface WindowRule {
  /** N: points that an evaluation needs. */
  readonly evaluationPeriods: number;
  /** M: breaching points that make an ALARM. */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
}

/**
 * Outcome of one window of points (codes), read backwards from `newest` every `stride`-th, `range` of them. Points before the
 * start of the array are missing. Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data".
 *
 * 1. N or more real points in the range: the newest N decide, the treatment is not asked.
 * 2. No real point: missing → INSUFFICIENT_DATA, ignore → RETAIN, breaching → ALARM, notBreaching → OK.
 * 3. Fewer than N: breaching and notBreaching fill up to N points.
 * 4. Fewer than N with missing or ignore: M breaching points → ALARM. When all real points breach and the oldest of them is at least
 *    M periods old, the alarm fires before its time (missing) or keeps its state (ignore). With a point that does not breach → OK.
 *    The guide says of the rest (`- - - - X`, M = 3) only that it is not ALARM yet: the state is kept.
 */
export function windowOutcome(codes: Uint8Array, newest: number, stride: number, range: number, rule: WindowRule): WindowOutcome {
  const { evaluationPeriods: n, datapointsToAlarm: m, treatMissingData } = rule;
  let real = 0;
  let breaching = 0;
  let oldestBreaching = 0;
  for (let back = 0, at = newest; back < range && at >= 0; back += 1, at -= stride) {
    const code = codes[at];
    if (code === MISSING) continue;
    real += 1;
    if (code === BREACHING) {
      breaching += 1;
      oldestBreaching = back + 1;
    }
    if (real === n) return breaching >= m ? 'ALARM' : 'OK';
  }
  if (real === 0) return withoutPoints(treatMissingData);
  if (treatMissingData === 'breaching') return breaching + n - real >= m ? 'ALARM' : 'OK';
  if (breaching >= m) return 'ALARM';
  if (treatMissingData === 'notBreaching' || breaching < real) return 'OK';
  return oldestBreaching >= m && treatMissingData === 'missing' ? 'ALARM' : 'RETAIN';
}

function withoutPoints(treatment: TreatMissingData): WindowOutcome {
  switch (treatment) {
    case 'missing':
      return 'INSUFFICIENT_DATA';
    case 'ignore':
      return 'RETAIN';
    case 'breaching':
      return 'ALARM';
    case 'notBreaching':
      return 'OK';
  }
}

/** Outcome of a window given as claims, oldest first: true breaches, null is missing. */
export function evaluateWindow(points: readonly (boolean | null)[], rule: WindowRule): WindowOutcome {
  const codes = Uint8Array.from(points, point => (point === null ? MISSING : point ? BREACHING : QUIET));
  return windowOutcome(codes, codes.length - 1, 1, codes.length, rule);
}

/** Indexes, newest first, of the real points that an evaluation counts: the newest N, or all when there are fewer. */
export function countedPoints(codes: Uint8Array, evaluationPeriods: number): readonly number[] {
  const counted: number[] = [];
  for (let at = codes.length - 1; at >= 0 && counted.length < evaluationPeriods; at -= 1) if (codes[at] !== MISSING) counted.push(at);
  return counted;
}
