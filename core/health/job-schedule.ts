/** When a job should run: by a cron expression or a rate, on trading days only if a calendar says so, or so long before or after a session's ends. */
import { type CalendarReference, calendarName } from '../calendar/calendar.ts';
import type { Calendar } from '../calendar/market.ts';
import { sessionOfDay, sessionsBetween } from '../calendar/sessions.ts';
import { localDate, localTimeToUtc } from '../calendar/zone.ts';
import { nextOccurrence, parseSchedule, type Schedule } from '../cloudwatch/schedule.ts';
import type { EpochMs } from '../time/instant.ts';

/** `C` is how a calendar is known: by reference in a config, itself where it is asked. */
export type JobSchedule<C = Calendar> =
  /** EventBridge's `cron(…)` or `rate(…)` in an IANA zone; with a calendar, on dates of that zone that are trading days. */
  | { readonly expression: string; readonly zone: string; readonly calendar?: C }
  /** Minutes after (below 0: before) the opening or the close of each session, short days included. */
  | { readonly at: 'open' | 'close'; readonly offsetMinutes: number; readonly calendar: C };

const DAY_MS = 86_400_000;
/** How far the next run is looked for; the longest closure of a market is shorter. */
const LOOKS = [16 * DAY_MS, 400 * DAY_MS];
/** Days without a session on which runs of a cron expression may fall, one after the other. */
const SKIPPED = 400;

/** The next run after the instant; undefined when there is none. A session whose anchor lies in a closure has no run. */
export function nextRun(schedule: JobSchedule, after: EpochMs): EpochMs | undefined {
  return 'expression' in schedule ? nextByCron(schedule, after) : nextBySession(schedule, after);
}

function nextByCron(
  { expression, zone, calendar }: Extract<JobSchedule, { readonly expression: string }>,
  after: EpochMs,
): EpochMs | undefined {
  const schedule = scheduleOf(expression);
  let at = nextOccurrence(schedule, after, { zone });
  for (let skipped = 0; calendar !== undefined && at !== undefined; skipped++) {
    const date = localDate(zone, at);
    if (sessionOfDay(calendar, date) !== undefined) break;
    if (skipped === SKIPPED) return undefined;
    at = nextOccurrence(schedule, Math.max(at, localTimeToUtc(zone, date + 1, 0) - 1), { zone });
  }
  return at;
}

function nextBySession(
  { calendar, at, offsetMinutes }: Extract<JobSchedule, { readonly at: 'open' | 'close' }>,
  after: EpochMs,
): EpochMs | undefined {
  const offsetMs = offsetMinutes * 60_000;
  const from = after - offsetMs;
  for (const lookMs of LOOKS) {
    for (const { openMs, closeMs } of sessionsBetween(calendar, from, from + lookMs)) {
      const anchor = at === 'open' ? openMs : closeMs;
      if (anchor > from && calendar.isOpen(at === 'open' ? openMs : closeMs - 1)) return anchor + offsetMs;
    }
  }
  return undefined;
}

const parsed = new Map<string, Schedule>();

/** @throws RangeError for text that is no schedule: the config is checked before. */
function scheduleOf(text: string): Schedule {
  let schedule = parsed.get(text);
  if (schedule === undefined) {
    const result = parseSchedule(text);
    if (!result.ok) throw new RangeError(`InvalidSchedule "${text}": ${result.error.message}`);
    schedule = result.value;
    parsed.set(text, schedule);
  }
  return schedule;
}

/** For people: `5 min before the open of XNYS`, `cron(0 22 * * ? *) America/New_York, on trading days of XNYS`. */
export function scheduleText(schedule: JobSchedule<CalendarReference>): string {
  if ('expression' in schedule) {
    const { expression, zone, calendar } = schedule;
    return `${expression} ${zone}${calendar === undefined ? '' : `, on trading days of ${calendarName(calendar)}`}`;
  }
  const { at, offsetMinutes, calendar } = schedule;
  const when = offsetMinutes === 0 ? 'at' : `${Math.abs(offsetMinutes)} min ${offsetMinutes < 0 ? 'before' : 'after'}`;
  return `${when} the ${at} of ${calendarName(calendar)}`;
}
