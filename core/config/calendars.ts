/** Calendars of a config: their own rules, and the names that the rest of the config calls them by. */
import * as v from 'valibot';
import { type CalendarReference, calendarNames } from '../calendar/calendar.ts';
import { calendarRules, calendarsSchema } from '../calendar/custom.ts';
import { type ConfigProblem, showValue } from './problem.ts';

/** What a name written in the config stands for. */
export type Calendars = (name: string) => CalendarReference;

/** Of calendars that passed `calendarProblems`. Nothing outlives the config: what it resolves to is written into it. */
export function calendarsFrom(written: v.InferOutput<typeof calendarsSchema> = {}): Calendars {
  const own = new Map<string, CalendarReference>();
  for (const [name, entry] of Object.entries(written)) {
    const rules = calendarRules({ name, ...entry });
    if (rules.ok) own.set(name, rules.value);
  }
  return name => own.get(name) ?? name;
}

type Loose = Readonly<Record<string, unknown>>;

const record = (value: unknown): Loose => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Over raw input; what the schema finds wrong with a calendar is not said again. */
export function calendarProblems(config: Loose): readonly ConfigProblem[] {
  const own = Object.keys(record(config['calendars']));
  return [
    ...own.flatMap(name => rulesProblems(name, record(config['calendars'])[name])),
    ...unknownNames(config, own),
    ...closureProblems(list(config['closures']).map(record)),
  ];
}

function rulesProblems(name: string, entry: unknown): readonly ConfigProblem[] {
  const path = `calendars.${name}`;
  if (calendarNames().includes(name))
    return [
      { code: 'INVALID_VALUE', path, value: showValue(name), rule: 'must not be the name of a calendar that exists (docs/calendars.md)' },
    ];
  if (!v.is(calendarsSchema, { [name]: entry })) return [];
  const rules = calendarRules({ name, ...record(entry) });
  if (rules.ok) return [];
  return rules.error.map(problem => ({
    code: 'INVALID_VALUE',
    path: `${path}.${problem.path}`,
    value: showValue(problem.value),
    rule: problem.message,
  }));
}

/** Longest closure: what stays closed for longer is a rule of the calendar. */
const CLOSURE_DAYS = 90;

const closureProblems = (closures: readonly Loose[]): readonly ConfigProblem[] =>
  closures.flatMap(({ from, until }, index): readonly ConfigProblem[] => {
    const lastsMs = Date.parse(String(until)) - Date.parse(String(from));
    if (Number.isNaN(lastsMs) || (lastsMs > 0 && lastsMs <= CLOSURE_DAYS * 86_400_000)) return [];
    const rule = `must be after \`from\`, and at most ${CLOSURE_DAYS} days`;
    return [{ code: 'INVALID_VALUE', path: `closures[${index}].until`, value: showValue(until), rule }];
  });

function unknownNames(config: Loose, own: readonly string[]): readonly ConfigProblem[] {
  const known = new Set([...calendarNames(), ...own]);
  const rule = `must be a known calendar, such as 24x7, weekdays or XNYS${own.length === 0 ? ', or one of `calendars`' : `, or one of \`calendars\` (${own.join(', ')})`}`;
  return written(config).flatMap(([path, value]): readonly ConfigProblem[] =>
    typeof value !== 'string' || known.has(value) ? [] : [{ code: 'INVALID_VALUE', path, value: showValue(value), rule }],
  );
}

/** Every place of a config where a calendar is named. */
function written(config: Loose): readonly (readonly [path: string, value: unknown])[] {
  const bots = list(config['bots']).map(record);
  const intervals = Object.entries({ ...record(config['timeIntervals']) }).map(
    ([name, entries]) => [`timeIntervals.${name}`, entries] as const,
  );
  return [
    ...list(config['closures']).map((each, index) => [`closures[${index}].calendar`, record(each)['calendar']] as const),
    ...bots.flatMap((bot, index): (readonly [string, unknown])[] => [
      [`bots[${index}].calendar`, bot['calendar']],
      [`bots[${index}].heartbeat.calendar`, record(bot['heartbeat'])['calendar']],
      ...schedulesOf(record(bot['heartbeat'])).map(
        ([path, schedule]) => [`bots[${index}].heartbeat.${path}.calendar`, schedule['calendar']] as const,
      ),
      ...list(bot['strategies']).map((each, at) => [`bots[${index}].strategies[${at}].calendar`, record(each)['calendar']] as const),
    ]),
    ...[...intervals, ['quietHours', config['quietHours']] as const].flatMap(([path, entries]) =>
      list(entries).map((entry, index) => [`${path}[${index}].calendar`, record(entry)['calendar']] as const),
    ),
  ];
}

const schedulesOf = (heartbeat: Loose): readonly (readonly [path: string, schedule: Loose])[] => [
  ['schedule', record(heartbeat['schedule'])],
  ...Object.entries(record(heartbeat['components'])).map(
    ([name, part]) => [`components.${name}.schedule`, record(record(part)['schedule'])] as const,
  ),
];
