/** A bot's config as the rule that its silence is judged by. */
import { type Closure, calendarWith } from '../calendar/closures.ts';
import type { BotConfig, NightdeskConfig } from '../config/types.ts';
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
  const isAlwaysOpen = calendar.alwaysOpen === true;
  return {
    ...heartbeat,
    excuses: {
      ...(isAlwaysOpen ? {} : { calendar }),
      warmUpSeconds: closedMarkets.warmUpMinutes * 60,
      deployGraceSeconds: heartbeat.deployGraceSeconds,
    },
  };
}
