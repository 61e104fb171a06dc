/** Moments at which an alarm almost fired, found by the evaluator itself with a looser definition. */
import type { MetricAlarm } from '../alarms/definition.ts';
import { evaluationRange } from '../alarms/evaluation-clock.ts';
import type { EpochMs } from '../time/instant.ts';
import { type Firing, firingsOf, overlaps, timeIn } from './firings.ts';
import type { BacktestHistory } from './history.ts';
import { type RunOptions, runMetricAlarm } from './run-alarms.ts';

export interface NearMiss {
  readonly fromMs: EpochMs;
  readonly toMs?: EpochMs;
  /** `limit`: would have fired with a limit 10 % nearer. `points`: with one breaching point fewer. */
  readonly by: 'limit' | 'points';
}

/** How much nearer the limit is moved, as a share of its size. */
export const NEAR_SHARE = 0.1;

/** A loosened alarm that fires for more of the time than this is not near its limit but at home there: a flag that is always 1. */
const USUAL_SHARE = 0.2;

/** Firings of the loosened alarm that share no moment with a real one. A limit of 0 has no nearer one; a band has none at all. */
export function nearMissesOf(
  alarm: MetricAlarm,
  firings: readonly Firing[],
  history: BacktestHistory,
  options: RunOptions,
): readonly NearMiss[] {
  if (alarm.threshold === undefined) return [];
  const found: NearMiss[] = [];
  // Before its window lies within the history, an alarm sees what is missing there.
  const filledMs = evaluationRange(alarm, options.assumptions) * alarm.periodSeconds * 1000;
  const add = (looser: MetricAlarm, by: NearMiss['by']): void => {
    const { transitions } = runMetricAlarm(looser, history, options.assumptions);
    const loose = firingsOf(transitions);
    if (timeIn(loose, history.toMs) - timeIn(firings, history.toMs) > USUAL_SHARE * (history.toMs - history.fromMs)) return;
    for (const firing of loose) {
      if (firing.fromMs < history.fromMs + filledMs) continue;
      const known = [...firings, ...found.map(({ fromMs, toMs }) => ({ fromMs, reason: '', ...(toMs === undefined ? {} : { toMs }) }))];
      if (known.some(other => overlaps(firing, other))) continue;
      found.push({ fromMs: firing.fromMs, by, ...(firing.toMs === undefined ? {} : { toMs: firing.toMs }) });
    }
  };
  if (alarm.threshold !== 0) add({ ...alarm, threshold: nearer(alarm, alarm.threshold) }, 'limit');
  if (alarm.datapointsToAlarm > 1) add({ ...alarm, datapointsToAlarm: alarm.datapointsToAlarm - 1 }, 'points');
  return found.sort((a, b) => a.fromMs - b.fromMs);
}

function nearer(alarm: MetricAlarm, limit: number): number {
  const step = Math.abs(limit) * NEAR_SHARE;
  return alarm.operator.startsWith('Less') ? limit + step : limit - step;
}
