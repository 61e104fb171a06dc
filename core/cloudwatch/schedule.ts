import type { Result } from '../result.ts';
import type { EpochMs } from '../time/instant.ts';
import { parseWith, type Scanner, type SyntaxProblem } from './syntax.ts';
import { instantOfLocal, instantsOfLocal, toLocalMs } from './zone.ts';

/** When something runs. `at` is local time in the schedule's zone, written as if it were UTC. */
export type Schedule =
  | { readonly kind: 'rate'; readonly everyMs: number }
  | { readonly kind: 'at'; readonly localMs: number }
  | { readonly kind: 'cron'; readonly fields: CronFields };

export interface CronFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Undefined: any year. */
  readonly years: ReadonlySet<number> | undefined;
  /** Whether a day runs; `lastDay` is the number of days of its month, `weekday` 0 for Sunday. */
  readonly runsOn: (date: number, weekday: number, lastDay: number) => boolean;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * Parses an EventBridge schedule: `rate(5 minutes)`, `at(2026-03-08T09:30:00)`, `cron(minutes hours day-of-month month day-of-week year)`
 * with `* , - / ? L W #`; days of the week are 1 (Sunday) to 7, and one of the two day fields is `?`.
 * Source: EventBridge Scheduler user guide, "Schedule types".
 */
export const parseSchedule = (text: string): Result<Schedule, SyntaxProblem> =>
  parseWith('schedule', text, scanner => readSchedule(scanner, 'eventBridge'));

/**
 * Parses the schedule of a mute rule: `at(…)`, or `cron` with five fields (minute, hour, day of month, month, day of week) with
 * `* , -` and names alone; days of the week are 0 (Sunday) to 6, 7 being Sunday too. When both day fields are limited, either suffices.
 * Source: CloudWatch user guide, "Alarm mute rules".
 */
export const parseMuteSchedule = (text: string): Result<Schedule, SyntaxProblem> =>
  parseWith('mute schedule', text, scanner => readSchedule(scanner, 'mute'));

type Dialect = 'eventBridge' | 'mute';

function readSchedule(scanner: Scanner, dialect: Dialect): Schedule {
  scanner.skipSpace();
  const kind = scanner.match(/rate|cron|at/y);
  if (kind === undefined || (dialect === 'mute' && kind === 'rate')) {
    return scanner.fail(dialect === 'mute' ? 'a mute schedule is cron(…) or at(…)' : 'a schedule is rate(…), cron(…) or at(…)');
  }
  scanner.expect('(', `${kind} is followed by (`);
  const schedule = kind === 'rate' ? readRate(scanner) : kind === 'at' ? readAt(scanner) : readCron(scanner, dialect);
  scanner.skipSpace();
  scanner.expect(')', `${kind}( is closed by )`);
  scanner.skipSpace();
  if (!scanner.atEnd()) scanner.fail('nothing follows the schedule');
  return schedule;
}

function readRate(scanner: Scanner): Schedule {
  const at = scanner.position();
  const value = Number(scanner.match(/\s*\d+/y) ?? scanner.fail('rate starts with a whole number'));
  scanner.skipSpace();
  const unit = scanner.match(/[a-z]+/y) ?? '';
  const ms = UNITS[unit.replace(/s$/, '')];
  if (ms === undefined || value < 1) return scanner.fail('rate is a positive number of minutes, hours or days', at);
  // EventBridge refuses `1 minutes` and `2 minute`.
  if ((value === 1) === unit.endsWith('s')) return scanner.fail('rate writes 1 minute in the singular and others in the plural', at);
  return { kind: 'rate', everyMs: value * ms };
}

function readAt(scanner: Scanner): Schedule {
  const text = scanner.match(/\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?/y) ?? scanner.fail('at holds a time such as 2026-03-08T09:30:00');
  const localMs = Date.parse(`${text}${text.length === 16 ? ':00' : ''}Z`);
  if (Number.isNaN(localMs)) return scanner.fail('at holds a time of the calendar');
  return { kind: 'at', localMs };
}

function readCron(scanner: Scanner, dialect: Dialect): Schedule {
  const start = scanner.position();
  const body = scanner.match(/[^()]*/y) ?? '';
  const parts = [...body.matchAll(/\S+/g)].map(match => ({ text: match[0], position: start + match.index }));
  const wanted = dialect === 'mute' ? 5 : 6;
  if (parts.length !== wanted) scanner.fail(`cron has ${wanted} fields`, start);
  const allowed = dialect === 'mute' ? /^[\dA-Za-z*,-]+$/ : /^[\dA-Za-z*,/?#-]+$/;
  for (const part of parts)
    if (!allowed.test(part.text)) scanner.fail('a field of cron holds numbers, names and its own signs', part.position);
  const field = (at: number): Part => parts[at] ?? { text: '*', position: start };
  const numbers = (at: number, range: Range): ReadonlySet<number> => expand(scanner, field(at), range);
  return {
    kind: 'cron',
    fields: {
      minutes: numbers(0, { from: 0, to: 59 }),
      hours: numbers(1, { from: 0, to: 23 }),
      months: numbers(3, { from: 1, to: 12, names: MONTHS, nameBase: 1 }),
      years: dialect === 'mute' || field(5).text === '*' ? undefined : numbers(5, { from: 1970, to: 2199 }),
      runsOn: dialect === 'mute' ? muteDays(scanner, field(2), field(4)) : eventBridgeDays(scanner, field(2), field(4)),
    },
  };
}

interface Part {
  readonly text: string;
  readonly position: number;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
  readonly nameBase?: number;
}

function expand(scanner: Scanner, part: Part, range: Range): ReadonlySet<number> {
  const values = new Set<number>();
  for (const item of part.text.split(',')) {
    const [span = '', step] = item.split('/');
    const [first = '', last] = span.split('-');
    const isAny = span === '*' || span === '?';
    const from = isAny ? range.from : numberIn(first, range);
    const to = isAny || (last === undefined && step !== undefined) ? range.to : last === undefined ? from : numberIn(last, range);
    const by = step === undefined ? 1 : Number(step);
    if (from === undefined || to === undefined || from > to || !Number.isInteger(by) || by < 1) {
      return scanner.fail(`a field of cron goes from ${range.from} to ${range.to}`, part.position);
    }
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return values;
}

function numberIn(text: string, range: Range): number | undefined {
  const named = range.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + (range.nameBase ?? 0) : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= range.from && value <= range.to ? value : undefined;
}

function muteDays(scanner: Scanner, dayOfMonth: Part, dayOfWeek: Part): CronFields['runsOn'] {
  const dates = expand(scanner, dayOfMonth, { from: 1, to: 31 });
  const weekdays = expand(scanner, dayOfWeek, { from: 0, to: 7, names: DAYS, nameBase: 0 });
  const onWeekday = (weekday: number): boolean => weekdays.has(weekday) || (weekday === 0 && weekdays.has(7));
  if (dayOfMonth.text === '*') return (_date, weekday) => onWeekday(weekday);
  if (dayOfWeek.text === '*') return date => dates.has(date);
  return (date, weekday) => dates.has(date) || onWeekday(weekday);
}

function eventBridgeDays(scanner: Scanner, dayOfMonth: Part, dayOfWeek: Part): CronFields['runsOn'] {
  if ((dayOfMonth.text === '?') === (dayOfWeek.text === '?')) {
    const both = dayOfMonth.text === '?' || (dayOfMonth.text !== '*' && dayOfWeek.text !== '*');
    // `* *` is refused by the service too, but is plain in meaning; only what would be ambiguous is refused here.
    if (both) scanner.fail('exactly one of day-of-month and day-of-week is ?', dayOfMonth.position);
  }
  return dayOfMonth.text === '?' || (dayOfMonth.text === '*' && dayOfWeek.text !== '?')
    ? weekdayTest(scanner, dayOfWeek)
    : dateTest(scanner, dayOfMonth);
}

function dateTest(scanner: Scanner, part: Part): CronFields['runsOn'] {
  if (part.text === 'L') return (date, _weekday, lastDay) => date === lastDay;
  const nearest = /^(\d{1,2}|L)W$/.exec(part.text);
  if (nearest !== null) {
    return (date, weekday, lastDay) => {
      const wanted = nearest[1] === 'L' ? lastDay : Number(nearest[1]);
      if (wanted > lastDay || weekday === 0 || weekday === 6) return false;
      const wantedWeekday = (((weekday + wanted - date) % 7) + 7) % 7;
      const shift = wantedWeekday === 6 ? (wanted === 1 ? 2 : -1) : wantedWeekday === 0 ? (wanted === lastDay ? -2 : 1) : 0;
      return date === wanted + shift;
    };
  }
  const dates = expand(scanner, part, { from: 1, to: 31 });
  return date => dates.has(date);
}

const WEEKDAYS: Range = { from: 1, to: 7, names: DAYS, nameBase: 1 };

function weekdayTest(scanner: Scanner, part: Part): CronFields['runsOn'] {
  const nth = /^(\w+)#([1-5])$/.exec(part.text);
  const last = /^(\w+?)L$/.exec(part.text);
  const special = numberIn(nth?.[1] ?? last?.[1] ?? '', WEEKDAYS);
  if (nth !== null || last !== null) {
    if (special === undefined) return scanner.fail('a day of the week is 1 (Sunday) to 7 or SUN to SAT', part.position);
    if (nth !== null) return (date, weekday) => weekday === special - 1 && Math.ceil(date / 7) === Number(nth[2]);
    return (date, weekday, lastDay) => weekday === special - 1 && date > lastDay - 7;
  }
  if (part.text === 'L') return (_date, weekday) => weekday === 6;
  const weekdays = expand(scanner, part, WEEKDAYS);
  return (_date, weekday) => weekdays.has(weekday + 1);
}

export interface Occurrence {
  /** IANA name or offset; UTC when absent. Rates do not depend on it. */
  readonly zone?: string;
  /** Where a rate starts to count (the schedule's start or creation); 1970 when absent. */
  readonly anchorMs?: EpochMs;
}

const DAY = 86_400_000;
/** A cron that never comes (30 February) is given up after this many days: eight years and a leap day. */
const SEARCH_DAYS = 2922;

/**
 * First occurrence strictly after an instant; undefined when there is none. A local time that a spring change skips does not occur,
 * one that an autumn change repeats occurs once, the first time. Source: EventBridge Scheduler user guide, daylight-saving time.
 */
export function nextOccurrence(schedule: Schedule, afterMs: EpochMs, { zone = 'UTC', anchorMs = 0 }: Occurrence = {}): EpochMs | undefined {
  switch (schedule.kind) {
    case 'rate':
      return afterMs < anchorMs ? anchorMs : anchorMs + (Math.floor((afterMs - anchorMs) / schedule.everyMs) + 1) * schedule.everyMs;
    case 'at': {
      const ms = instantOfLocal(zone, schedule.localMs);
      return ms > afterMs ? ms : undefined;
    }
    case 'cron':
      return nextCron(schedule.fields, afterMs, zone);
  }
}

function nextCron(fields: CronFields, afterMs: EpochMs, zone: string): EpochMs | undefined {
  // Starting a day early covers the hour that an autumn change repeats.
  const firstDay = Math.floor(toLocalMs(zone, afterMs) / DAY) * DAY - DAY;
  const hours = [...fields.hours].sort((a, b) => a - b);
  const minutes = [...fields.minutes].sort((a, b) => a - b);
  for (let day = 0; day < SEARCH_DAYS; day += 1) {
    const localDay = firstDay + day * DAY;
    if (!runsOnDay(fields, localDay)) continue;
    for (const hour of hours) {
      if (localDay + (hour + 1) * 3_600_000 < toLocalMs(zone, afterMs) - 2 * 3_600_000) continue;
      for (const minute of minutes) {
        const ms = instantsOfLocal(zone, localDay + hour * 3_600_000 + minute * 60_000)[0];
        if (ms !== undefined && ms > afterMs) return ms;
      }
    }
  }
  return undefined;
}

function runsOnDay(fields: CronFields, localDay: number): boolean {
  const date = new Date(localDay);
  if (!fields.months.has(date.getUTCMonth() + 1)) return false;
  if (fields.years !== undefined && !fields.years.has(date.getUTCFullYear())) return false;
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return fields.runsOn(date.getUTCDate(), date.getUTCDay(), lastDay);
}
