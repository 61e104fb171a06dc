/** Calendars given in configuration: weekly sessions, holidays by rule or date, maintenance. */
import * as v from 'valibot';
import { err, ok, type Result } from '../result.ts';
import { buildCalendar, minutesOf, weekdayNames } from './built.ts';
import { dayOfIso } from './dates.ts';
import type { Calendar } from './market.ts';
import { isIanaZone } from './zone.ts';

export interface CalendarProblem {
  /** Such as `sessions[0].opens`. */
  readonly path: string;
  readonly value: unknown;
  readonly message: string;
}

const time = v.pipe(v.string(), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a local time such as 09:30, at most 24:00'));
const weekday = v.picklist(weekdayNames, `must be one of ${weekdayNames.join(', ')}`);
const weekdays = v.pipe(v.array(weekday), v.minLength(1, 'must name at least one weekday'));
const year = v.pipe(v.number(), v.integer('must be a year'));
const span = v.strictTuple([time, time]);
const isoDay = v.pipe(
  v.string(),
  v.check(text => dayOfIso(text) !== undefined, 'must be a date such as 2026-11-27'),
);

/** Without `opens` and `closes` the day is closed. */
const change = { opens: v.optional(time), closes: v.optional(time) };
/** First and last year of the holiday, both included. */
const years = { from: v.optional(year), to: v.optional(year) };
const observed = v.optional(v.picklist(['nearestWeekday', 'sundayToMonday', 'nextMonday', 'fridayBefore']));

const monthDay = v.pipe(
  v.string(),
  v.check(text => dayOfIso(`2000-${text}`) !== undefined, 'must be a month and a day such as 12-25'),
);

const holiday = v.union(
  [
    v.strictObject({ date: monthDay, observed, ...years, ...change }),
    v.strictObject({ easter: v.pipe(v.number(), v.integer()), ...years, ...change }),
    v.strictObject({
      nth: v.picklist([1, 2, 3, 4, 5, -1]),
      weekday,
      month: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(12)),
      ...years,
      ...change,
    }),
  ],
  'must be { date: "12-25" }, { easter: -2 } or { nth: 3, weekday: "mon", month: 1 }, each with observed (dates), from, to, opens, closes if needed',
);

/** Times are local to `zone`. A session that opens at or after its closing time opens on the evening before. */
const entries = {
  name: v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')),
  zone: v.pipe(v.string(), v.check(isIanaZone, 'must be an IANA time zone such as Europe/Paris')),
  /** Trading days a year. Absent: the mean of 28 years of the rules. */
  annualization: v.optional(v.pipe(v.number(), v.gtValue(0, 'must be above 0'), v.maxValue(366, 'must be at most 366'))),
  sessions: v.pipe(
    v.array(v.strictObject({ on: weekdays, opens: time, closes: time, preOpens: v.optional(time), breaks: v.optional(v.array(span)) })),
    v.minLength(1, 'must have at least one session'),
  ),
  holidays: v.optional(v.array(holiday)),
  exceptions: v.optional(v.array(v.strictObject({ date: isoDay, why: v.pipe(v.string(), v.minLength(1, 'must say why')), ...change }))),
  maintenance: v.optional(v.array(v.strictObject({ on: weekdays, from: time, to: time }))),
};

export const calendarSchema = v.strictObject(entries);

const { name: calendarName, ...nameless } = entries;
/** Calendars by name, as a config holds them. */
export const calendarsSchema = v.record(calendarName, v.strictObject(nameless));

export type CalendarConfig = v.InferInput<typeof calendarSchema>;
/** The shape after validation: plain data, which a stored config and a stored state carry. */
export type CalendarRules = v.InferOutput<typeof calendarSchema>;
export type CompleteCalendarRules = CalendarRules & { readonly annualization: number };
export type HolidayRule = v.InferOutput<typeof holiday>;

/** The calendar of a configuration, or everything that is wrong with it. */
export function customCalendar(input: unknown): Result<Calendar, readonly CalendarProblem[]> {
  const rules = calendarRules(input);
  return rules.ok ? ok(buildCalendar(rules.value)) : rules;
}

/** The rules with every default filled in, so that building them again costs little. */
export function calendarRules(input: unknown): Result<CompleteCalendarRules, readonly CalendarProblem[]> {
  const parsed = v.safeParse(calendarSchema, input);
  if (!parsed.success) return err(parsed.issues.map(issue => ({ path: pathOf(issue), value: issue.input, message: issue.message })));
  const config = parsed.output;
  const problems = crossProblems(config);
  if (problems.length > 0) return err(problems);
  const calendar = buildCalendar({ ...config, annualization: config.annualization ?? 1 });
  const untidy = untidyYears(calendar);
  if (untidy !== undefined) return err([{ path: 'sessions', value: config.sessions, message: untidy }]);
  return ok({ ...config, annualization: config.annualization ?? Math.round(meanSessions(calendar)) });
}

/** What the schema cannot see: weekdays named twice, and maintenance that ends before it begins. */
function crossProblems(config: CalendarRules): readonly CalendarProblem[] {
  const problems: CalendarProblem[] = [];
  const seen = new Set<string>();
  for (const [index, session] of config.sessions.entries()) {
    for (const name of session.on) {
      if (seen.has(name))
        problems.push({
          path: `sessions[${index}].on`,
          value: name,
          message: `${name} has a session already: a trading day has one, with breaks`,
        });
      seen.add(name);
    }
  }
  for (const [index, { from, to }] of (config.maintenance ?? []).entries()) {
    if (minutesOf(from) >= minutesOf(to))
      problems.push({ path: `maintenance[${index}]`, value: `${from}–${to}`, message: 'must end after it begins, on the same day' });
  }
  return problems;
}

const checkedFrom = 2020;
const checkedYears = 28;

/** The calendar's days repeat after 28 years, Easter aside: what is wrong in none of them is right. */
function untidyYears(calendar: Calendar): string | undefined {
  let before = Number.NEGATIVE_INFINITY;
  for (let asked = checkedFrom; asked < checkedFrom + checkedYears; asked++) {
    const sessions = calendar.sessionsOf(asked);
    if (sessions.length === 0) return `must leave at least one session a year; ${asked} has none`;
    for (const { day, openMs, closeMs } of sessions) {
      const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
      if (openMs >= closeMs) return `must open before they close; that of ${date} does not`;
      if (openMs < before) return `must not overlap; that of ${date} begins before the one before has ended`;
      before = closeMs;
    }
  }
  return undefined;
}

function meanSessions(calendar: Calendar): number {
  let count = 0;
  for (let asked = checkedFrom; asked < checkedFrom + checkedYears; asked++) count += calendar.sessionsOf(asked).length;
  return count / checkedYears;
}

function pathOf(issue: { readonly path?: readonly { readonly key: unknown }[] | undefined }): string {
  return (issue.path ?? []).reduce<string>(
    (path, { key }) => (typeof key === 'number' ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${String(key)}`),
    '',
  );
}
