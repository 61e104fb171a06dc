/** How long a bot may be dead before somebody is paged: the bound of each mechanism, from its last heartbeat on. */
import { evaluationRange } from '../alarms/evaluation-clock.ts';
import { catalogueAlarms } from '../catalogue/alarm-definitions.ts';
import type { NightdeskConfig } from '../config/types.ts';
import { deadAfterSeconds } from './silence.ts';

export interface BotDetection {
  readonly bot: string;
  /** Fast timer: interval, grace, stated delivery allowance, and two seconds of the timer. */
  readonly fastSeconds: number;
  /** Sweep alone, should the timer's chain be broken. */
  readonly sweepSeconds: number;
  /** CloudWatch's own alarm, which works while our functions are down. */
  readonly cloudWatchSeconds: number;
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
  return config.bots.map(({ id, heartbeat }) => {
    const alarm = alarms.find(
      each =>
        each.alarmId === 'heartbeat-missing' && each.dimensions['Strategy'] === heartbeat.strategyId && each.definition.kind === 'metric',
    )?.definition;
    const range = alarm?.kind === 'metric' ? evaluationRange(alarm) * alarm.periodSeconds : 0;
    const deadline = deadAfterSeconds(heartbeat);
    return {
      bot: id,
      fastSeconds: deadline + TIMER_SECONDS,
      sweepSeconds: deadline + SWEEP_SECONDS,
      cloudWatchSeconds: range + 2 * 60 + Math.max(INGESTION_SECONDS, heartbeat.deliverySeconds),
    };
  });
}

/** One line for each set of bots with the same bounds. */
export function detectionText(detection: readonly BotDetection[]): string {
  const sets = new Map<string, string[]>();
  for (const { bot, fastSeconds, sweepSeconds, cloudWatchSeconds } of detection) {
    const text = `${fastSeconds} s by the fast timer, ${sweepSeconds} s by the sweep, ${cloudWatchSeconds} s by CloudWatch’s own alarm`;
    sets.set(text, [...(sets.get(text) ?? []), bot]);
  }
  return [...sets].map(([text, bots]) => `a death is paged within ${text}, of: ${bots.join(', ')}\n`).join('');
}
