/** A bot's config as the rule that its silence is judged by. */
import { calendarOf } from '../calendar/calendar.ts';
import type { BotConfig, NightdeskConfig } from '../config/types.ts';
import type { SilenceRule } from './silence.ts';

type Settings = Pick<NightdeskConfig, 'closedMarkets'>;

export function silenceRuleOf({ heartbeat }: Pick<BotConfig, 'heartbeat'>, { closedMarkets }: Settings): SilenceRule {
  const calendar = calendarOf(heartbeat.calendar);
  const isAlwaysOpen = calendar.except === undefined;
  return {
    ...heartbeat,
    excuses: {
      ...(isAlwaysOpen ? {} : { calendar }),
      warmUpSeconds: closedMarkets.warmUpMinutes * 60,
      deployGraceSeconds: heartbeat.deployGraceSeconds,
    },
  };
}
