/** Mute rules of CloudWatch for closed markets: one-off, since cron knows no holidays, and therefore only to a horizon. */
import { type Calendar, type CalendarReference, calendarOf } from '../calendar/calendar.ts';
import { closedWindows, muteSchedule } from '../calendar/closed-windows.ts';
import { calendarWith } from '../calendar/closures.ts';
import { catalogueAlarms } from '../catalogue/alarm-definitions.ts';
import type { BotConfig, NightdeskConfig } from '../config/types.ts';
import { type EpochMs, isoFromMs } from '../time/instant.ts';

export interface ClosedMute {
  readonly name: string;
  readonly description: string;
  readonly schedule: { readonly expression: string; readonly duration: string; readonly timeZone: 'UTC' };
  readonly alarms: readonly string[];
}

/** Alarms that one rule may name. Source: CloudWatch, PutAlarmMuteRule. */
const ALARMS = 100;
const DAY_MS = 86_400_000;

/** Calendars with closures that a bot's alarms depend on: that of its heartbeats, and those of its strategies. */
const closing = (calendar: CalendarReference): boolean => calendarOf(calendar).alwaysOpen !== true;

/** Until when the rules of a synth at `nowMs` reach; undefined when no calendar of the config ever closes. */
export function muteHorizon(config: Pick<NightdeskConfig, 'bots' | 'closedMarkets'>, nowMs: EpochMs): EpochMs | undefined {
  const calendars = config.bots.flatMap(bot => [bot.heartbeat.calendar, ...bot.strategies.map(({ calendar }) => calendar)]);
  return calendars.some(closing) ? dayOf(nowMs) + config.closedMarkets.horizonDays * DAY_MS : undefined;
}

/** Rules begin with the day of the synth, so that two on one day are the same. */
const dayOf = (nowMs: EpochMs): EpochMs => Math.floor(nowMs / DAY_MS) * DAY_MS;

/** Rules for the paging alarms of one group of bots, windows in order within each calendar. */
export function closedMutes(config: NightdeskConfig, group: string, nowMs: EpochMs): readonly ClosedMute[] {
  const { warmUpMinutes, horizonDays } = config.closedMarkets;
  const byCalendar = new Map<string, { readonly calendar: Calendar; readonly names: string[] }>();
  for (const { definition, dimensions, signal, group: of } of catalogueAlarms(config)) {
    if (of !== group || signal) continue;
    const reference = referenceOf(config.bots, dimensions);
    if (reference === undefined) continue;
    const calendar = calendarWith(reference, config.closures ?? []);
    if (calendar.alwaysOpen === true) continue;
    const { names = [] } = byCalendar.get(calendar.name) ?? {};
    byCalendar.set(calendar.name, { calendar, names: [...names, definition.name] });
  }
  return [...byCalendar.values()].flatMap(({ calendar, names }) =>
    closedWindows(calendar, dayOf(nowMs), horizonDays * DAY_MS, { warmUpMinutes }).flatMap(window =>
      chunks(names).map(
        (alarms, index): ClosedMute => ({
          name: `${config.stage}-${group}-${calendar.name}-${isoFromMs(window.fromMs).slice(0, 16).replace(':', '')}-${index + 1}`,
          description: `${calendar.name} is closed until ${isoFromMs(window.toMs).slice(0, 16)} UTC, warm-up included`,
          schedule: muteSchedule(window),
          alarms,
        }),
      ),
    ),
  );
}

/** The calendar that an alarm's market follows; undefined for alarms that belong to no single bot. */
function referenceOf(bots: readonly BotConfig[], { Strategy, Bot }: Readonly<Record<string, string>>): CalendarReference | undefined {
  if (Strategy !== undefined) return bots.flatMap(bot => bot.strategies).find(({ id }) => id === Strategy)?.calendar;
  return bots.find(({ id }) => id === Bot)?.heartbeat.calendar;
}

const chunks = (names: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(names.length / ALARMS) }, (_, index) => names.slice(index * ALARMS, (index + 1) * ALARMS));
