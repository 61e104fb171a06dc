/** How long a bot may be dead before somebody is paged: the bound of each mechanism, from its last heartbeat on. */
import { evaluationRange } from '../alarms/evaluation-clock.ts';
import { calendarName, calendarOf } from '../calendar/calendar.ts';
import { catalogueAlarms } from '../catalogue/alarm-definitions.ts';
import type { BeatConfig, BotConfig, NightdeskConfig } from '../config/types.ts';
import { scheduleText } from './job-schedule.ts';
import { deadAfterSeconds } from './silence.ts';

export interface BotDetection {
  readonly bot: string;
  /** A part that the config holds to a rule of its own; absent for the bot. */
  readonly part?: string;
  /** Of a job: when it should run. Its bounds count from there, and CloudWatch’s own alarm knows nothing of it. */
  readonly job?: string;
  /** Of a job without a calendar: that of its bot, outside of whose sessions nothing is awaited. */
  readonly sessionsOf?: string;
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
  return config.bots.flatMap(bot => [ofBot(bot, alarms), ...ofParts(bot)]);
}

function ofBot({ id, heartbeat }: BotConfig, alarms: ReturnType<typeof catalogueAlarms>): BotDetection {
  const { schedule, deliverySeconds } = heartbeat;
  const ours = { bot: id, ...ownBounds(heartbeat) };
  if (schedule !== undefined) return { ...ours, ...jobOf(schedule, heartbeat) };
  const alarm = alarms.find(
    each =>
      each.alarmId === 'heartbeat-missing' && each.dimensions['Strategy'] === heartbeat.strategyId && each.definition.kind === 'metric',
  )?.definition;
  const range = alarm?.kind === 'metric' ? evaluationRange(alarm) * alarm.periodSeconds : 0;
  return { ...ours, cloudWatchSeconds: range + 2 * 60 + Math.max(INGESTION_SECONDS, deliverySeconds) };
}

/** CloudWatch counts the heartbeats of all parts together. */
const ofParts = ({ id, heartbeat }: BotConfig): readonly BotDetection[] =>
  Object.entries(heartbeat.components).map(([part, rule]) => ({
    bot: id,
    part,
    ...ownBounds(rule),
    ...(rule.schedule === undefined ? {} : jobOf(rule.schedule, heartbeat)),
  }));

function ownBounds(rule: BeatConfig): Pick<BotDetection, 'fastSeconds' | 'sweepSeconds'> {
  const seconds = rule.schedule === undefined ? deadAfterSeconds(rule) : rule.graceSeconds + rule.deliverySeconds;
  return { fastSeconds: seconds + TIMER_SECONDS, sweepSeconds: seconds + SWEEP_SECONDS };
}

function jobOf(
  schedule: NonNullable<BeatConfig['schedule']>,
  { calendar }: BotConfig['heartbeat'],
): Pick<BotDetection, 'job' | 'sessionsOf'> {
  const isBound = schedule.calendar === undefined && calendarOf(calendar).alwaysOpen !== true;
  return { job: scheduleText(schedule), ...(isBound ? { sessionsOf: calendarName(calendar) } : {}) };
}

/** One line for each set of bots with the same bounds. */
export function detectionText(detection: readonly BotDetection[]): string {
  const sets = new Map<string, string[]>();
  for (const { bot, part, job, sessionsOf, fastSeconds, sweepSeconds, cloudWatchSeconds } of detection) {
    const ours = `${fastSeconds} s by the fast timer, ${sweepSeconds} s by the sweep`;
    const theirs = cloudWatchSeconds === undefined ? '' : `, ${cloudWatchSeconds} s by CloudWatch’s own alarm`;
    const opens = sessionsOf === undefined ? '' : `, outside the sessions of ${sessionsOf} only once that is open and warm again`;
    const text =
      job === undefined ? `a death is paged within ${ours}${theirs}` : `a run that is missed, ${job}, is paged within ${ours}${opens}`;
    sets.set(text, [...(sets.get(text) ?? []), part === undefined ? bot : `${part} of ${bot}`]);
  }
  return [...sets].map(([text, bots]) => `${text}, of: ${bots.join(', ')}\n`).join('');
}
