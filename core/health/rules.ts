/** A bot's config as the rule that its silence is judged by. */
import { type Closure, calendarWith } from '../calendar/closures.ts';
import type { BeatConfig, BotConfig, NightdeskConfig } from '../config/types.ts';
import type { BeatRule } from './deadline.ts';
import type { JobSchedule } from './job-schedule.ts';
import type { SilenceRule } from './silence.ts';

type Settings = Pick<NightdeskConfig, 'closedMarkets' | 'closures'>;

const none: readonly Closure[] = [];

/** @param closures planned and told ones, as `closuresOf` gives them; absent means the planned ones. */
export function silenceRuleOf(
  { heartbeat }: Pick<BotConfig, 'heartbeat'>,
  { closedMarkets, closures: planned = none }: Settings,
  closures: readonly Closure[] = planned,
): SilenceRule {
  const calendar = calendarWith(heartbeat.calendar, closures);
  return {
    ...beatRuleOf(heartbeat, closures),
    startWithinSeconds: heartbeat.startWithinSeconds,
    components: Object.fromEntries(Object.entries(heartbeat.components).map(([name, part]) => [name, beatRuleOf(part, closures)])),
    excuses: {
      ...(calendar.alwaysOpen === true ? {} : { calendar }),
      warmUpSeconds: closedMarkets.warmUpMinutes * 60,
      deployGraceSeconds: heartbeat.deployGraceSeconds,
    },
  };
}

function beatRuleOf({ intervalSeconds, graceSeconds, deliverySeconds, schedule }: BeatConfig, closures: readonly Closure[]): BeatRule {
  const beat = { intervalSeconds, graceSeconds, deliverySeconds };
  if (schedule === undefined) return beat;
  const { calendar, ...when } = schedule;
  return { ...beat, schedule: (calendar === undefined ? when : { ...when, calendar: calendarWith(calendar, closures) }) as JobSchedule };
}
