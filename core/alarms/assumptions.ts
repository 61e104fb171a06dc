/**
 * What CloudWatch leaves unpublished, as named parameters. Each default is the value that its documentation and the observed behaviour
 * speak for; tests state how results depend on them.
 */
export interface EvaluationAssumptions {
  /**
   * Periods looked at beyond `EvaluationPeriods`: the evaluation range R is N + this. Published only as R = 5 for N = 3.
   * A larger range makes a heartbeat alarm slower: silence fires after M + (R − N) periods.
   */
  readonly extraPeriods: number;
  /** The same for wall-clock windows, whose range is thought to be exactly N. */
  readonly wallClockExtraPeriods: number;
  /**
   * How far the newest datapoint lies behind the evaluation, in milliseconds. 0: the last period that is complete at the evaluation.
   * AWS's own sample events show one more minute for a 60-second alarm.
   */
  readonly delayMs: number;
  /**
   * When a mute ends in ALARM: `held` performs actions only if a transition was held back during the mute, `all` for every alarm
   * that is in ALARM then, also one that had paged before the mute.
   */
  readonly atMuteEnd: 'held' | 'all';
  /**
   * Result of a log alarm's run whose query matches no line: `missing`, since a query without rows returns none to aggregate, or
   * `aggregated`, which makes a count 0. A query that aggregates by itself always has a row.
   */
  readonly withoutLines: 'missing' | 'aggregated';
}

export const DEFAULT_ASSUMPTIONS: EvaluationAssumptions = {
  extraPeriods: 2,
  wallClockExtraPeriods: 0,
  delayMs: 0,
  atMuteEnd: 'held',
  withoutLines: 'missing',
};
