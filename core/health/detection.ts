/** How long a bot may be dead before somebody is paged: the bound of each mechanism, from its last heartbeat on. */
import { evaluationRange } from '../alarms/evaluation-clock.ts';
import { catalogueAlarms } from '../catalogue/alarm-definitions.ts';
import type { NightdeskConfig } from '../config/types.ts';
import { scheduleText } from './job-schedule.ts';
import { deadAfterSeconds } from './silence.ts';

export interface BotDetection {
  readonly bot: string;
  /** Of a job: when it should run. Its bounds count from there, and CloudWatch’s own alarm knows nothing of it. */
  readonly job?: string;
  /** Fast timer: interval, grace, stated delivery allowance, and two seconds of the timer. */
  readonly fastSeconds: number;
  /** Sweep alone, should the timer's chain be broken. */
  readonly sweepSeconds: number;
  /** CloudWatch's own alarm, which works while our functions are down. */
  readonly cloudWatchSeconds?: number;
}

/** A delayed message wakes within a second of its time; the function and its reads take the other. Measured in test/e2e/health.e2e.ts. */
export const TIMER_SECONDS = 2;
const SWEEP_SECONDS = 60;
/** Counting log lines to points: no bound is documented; the stated allowance of the config or this, whichever is more. */
const INGESTION_SECONDS = 10;

/**
 * A breaching alarm fires when the range holds no more real points: all periods of its range must be empty, the last heartbeat may be at the start
 * of its period, and the evaluation may come up to a minute later and look at a window that ends a minute before it.
 */
export function detectionOf(config: NightdeskConfig): readonly BotDetection[] {
  const alarms = catalogueAlarms(config);
  return config.bots.map(({ id, heartbeat }): BotDetection => {
    const { schedule, graceSeconds, deliverySeconds } = heartbeat;
    const deadline = schedule === undefined ? deadAfterSeconds(heartbeat) : graceSeconds + deliverySeconds;
    const ours = { bot: id, fastSeconds: deadline + TIMER_SECONDS, sweepSeconds: deadline + SWEEP_SECONDS };
    if (schedule !== undefined) return { ...ours, job: scheduleText(schedule) };
    const alarm = alarms.find(
      each =>
        each.alarmId === 'heartbeat-missing' && each.dimensions['Strategy'] === heartbeat.strategyId && each.definition.kind === 'metric',
    )?.definition;
    const range = alarm?.kind === 'metric' ? evaluationRange(alarm) * alarm.periodSeconds : 0;
    return { ...ours, cloudWatchSeconds: range + 2 * 60 + Math.max(INGESTION_SECONDS, deliverySeconds) };
  });
}

/** One line for each set of bots with the same bounds. */
export function detectionText(detection: readonly BotDetection[]): string {
  const sets = new Map<string, string[]>();
  for (const { bot, job, fastSeconds, sweepSeconds, cloudWatchSeconds } of detection) {
    const ours = `${fastSeconds} s by the fast timer, ${sweepSeconds} s by the sweep`;
    const text =
      job === undefined
        ? `a death is paged within ${ours}, ${cloudWatchSeconds} s by CloudWatch’s own alarm`
        : `a run that is missed, ${job}, is paged within ${ours}`;
    sets.set(text, [...(sets.get(text) ?? []), bot]);
  }
  return [...sets].map(([text, bots]) => `${text}, of: ${bots.join(', ')}\n`).join('');
}
