import { calendarName, findCalendar } from '../../core/calendar/calendar.ts';
import type { Closure } from '../../core/calendar/closures.ts';
import {
  CLOSURES,
  closureProblem,
  closureState,
  createClosure,
  followersOf,
  reopened,
  type ToldClosure,
  withClosure,
} from '../../core/health/closure.ts';
import { parseDuration } from '../../core/incidents/duration.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { type Command, UsageError } from '../command.ts';
import { type DeskState, openDeskState, stateOptions } from '../incidents/desk-state.ts';
import { loadConfig } from '../incidents/routing-config.ts';
import { type OptionTable, optionLines } from '../options.ts';
import { timeOf } from './route.ts';

const options: OptionTable = [
  ['--until TIME', 'ISO 8601; or'],
  ['--for DURATION', '30m, 4h, 2d; at most 90 days'],
  ['--from TIME', 'ISO 8601; default now'],
  ['--reason TEXT', 'why; people read it on the dashboard'],
  ['--author NAME', 'default: $USER'],
  ['--all', 'lists those that are over, too'],
  ...stateOptions,
  ['--json', 'one JSON document: { closures: [ { id, calendar, from, until, reason, author, state } ] }'],
];

const help = `nightdesk market [close CALENDAR | reopen ID|CALENDAR | list] [options]

Closes a market that its calendar believes to be open: a halt, an outage, a storm. While it is closed, bots and strategies
on that calendar are awaited as outside of their sessions: no heartbeat is missed, nothing is judged that needs an open
market, and after the reopening everything has the warm-up of the config. Limits on money, orders and positions hold.

  close CALENDAR   a name of docs/calendars.md, or of the config
  reopen ID        ends a closure now; with a calendar's name, all of that calendar
  list             those that hold or will, the planned ones of the config included (default)
${optionLines(options, 17)}

A stack that runs here, or a deployed one (--table), takes the change with its next sweep or wake of the fast timer.

Exit codes: 0 fine · 1 nobody follows that calendar, or there is no such closure · 2 unusable input.`;

/** Options of one verb only; the others are of all. */
const verbOf: Readonly<Record<string, string>> = {
  until: 'close',
  for: 'close',
  from: 'close',
  reason: 'close',
  author: 'close',
  all: 'list',
};

export const command: Command = {
  name: 'market',
  summary: 'close a market ad hoc, reopen it, list closures',
  help,
  options,
  run: async ({ positional, values, flags }, io) => {
    const [verb = 'list', ...rest] = positional;
    if (!['close', 'reopen', 'list'].includes(verb)) throw new UsageError(`market: "${verb}" is not close, reopen or list`);
    if (rest.length !== (verb === 'list' ? 0 : 1))
      throw new UsageError(
        verb === 'list'
          ? `market: list takes no "${rest[0]}"`
          : `market: ${verb} takes one ${verb === 'close' ? 'calendar' : 'id or calendar'}`,
      );
    const [name = ''] = rest;
    const stranger = [...values.keys(), ...flags].find(each => verbOf[each] !== undefined && verbOf[each] !== verb);
    if (stranger !== undefined) throw new UsageError(`market: --${stranger} means nothing for ${verb}; it is for ${verbOf[stranger]}`);
    const state = await openDeskState(values, io);
    const print = (closures: readonly Listed[]) =>
      io.stdout(
        flags.has('json')
          ? `${JSON.stringify({ closures: closures.map(each => asJson(each, state.now)) }, null, 2)}\n`
          : closures.map(each => lineOf(each, state.now)).join('') || 'no closures\n',
      );
    try {
      const config = await loadConfig(values.get('config'), io);
      if (verb === 'list') {
        const { value } = await state.closures.read();
        const all: readonly Listed[] = [...value, ...(config?.closures ?? [])];
        print(flags.has('all') ? all : all.filter(closure => closureState(closure, state.now) !== 'over'));
        return 0;
      }
      if (state.isKept) throw new UsageError('market: what was kept is only read; start the stack, or name a --table');
      if (verb === 'reopen') {
        const ended = await change(state, all =>
          all
            .filter(each => (each.id === name || each.calendar === name) && closureState(each, state.now) !== 'over')
            .map(each => reopened(each, state.now)),
        );
        if (ended.length === 0) io.stderr(`nightdesk: there is no closure ${name} (${state.where})\n`);
        else print(ended);
        return ended.length === 0 ? 1 : 0;
      }
      const fromMs = values.has('from') ? timeOf(values.get('from'), '--from') : state.now;
      const input = {
        calendar: name,
        fromMs,
        untilMs: untilOf(values, fromMs),
        reason: values.get('reason') ?? '',
        author: values.get('author') ?? io.env['USER'] ?? 'somebody',
        createdAt: state.now,
      };
      const wrong = closureProblem(input, state.now);
      if (wrong !== undefined) throw new UsageError(`market: the closure ${wrong}`);
      const followers = config === undefined ? undefined : followersOf(config.bots, name);
      if (followers === undefined && findCalendar(name) === undefined)
        throw new UsageError(`market: no calendar "${name}"; for one of your own, name the --config`);
      if (followers !== undefined && followers.strategies.length + followers.bots.length === 0) {
        const followed = [
          ...new Set((config?.bots ?? []).flatMap(({ strategies }) => strategies.map(each => calendarName(each.calendar)))),
        ];
        io.stderr(`nightdesk: no bot and no strategy of the config is on ${name}, but on ${followed.join(', ')}; nothing is closed\n`);
        return 1;
      }
      print(await change(state, () => [createClosure(input)]));
      return 0;
    } finally {
      state.close();
    }
  },
};

/** Tries against others who change the list at the same time. */
const TRIES = 5;

/** Writes what changes of the list as it is now, and returns it. */
async function change(
  { closures, now }: Pick<DeskState, 'closures' | 'now'>,
  changed: (all: readonly ToldClosure[]) => readonly ToldClosure[],
): Promise<readonly ToldClosure[]> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { version, value } = await closures.read();
    const written = changed(value);
    if (written.length === 0) return [];
    const after = written.reduce((all, closure) => withClosure(all, closure, now), value);
    if (written.some(({ id }) => after.every(kept => kept.id !== id)))
      throw new UsageError(`market: ${CLOSURES} closures that end later are kept already; reopen one of them first`);
    if ((await closures.save(version, after)) === 'saved') return written;
  }
  throw new Error(`the list of closures changed ${TRIES} times meanwhile; try again`);
}

function untilOf(values: ReadonlyMap<string, string>, fromMs: number): number {
  const [until, lasts] = [values.get('until'), values.get('for')];
  if (until === undefined && lasts === undefined) throw new UsageError('market: close needs --until TIME or --for DURATION');
  if (until !== undefined && lasts !== undefined) throw new UsageError('market: close needs --until TIME or --for DURATION, not both');
  if (until !== undefined) return timeOf(until, '--until');
  const read = parseDuration(lasts!);
  if (!read.ok || read.value === 0) throw new UsageError(`--for must be a duration such as 30m, 4h or 2d; was "${lasts}"`);
  return fromMs + read.value;
}

/** A closure that was told, or a planned one, which has no id and no author. */
type Listed = Closure & Partial<Pick<ToldClosure, 'id' | 'author'>>;

const asJson = ({ id, calendar, fromMs, untilMs, reason, author }: Listed, now: number) => ({
  ...(id === undefined ? {} : { id }),
  calendar,
  from: isoFromMs(fromMs),
  until: isoFromMs(untilMs),
  reason,
  ...(author === undefined ? {} : { author }),
  state: closureState({ calendar, fromMs, untilMs, reason }, now),
});

const lineOf = (closure: Listed, now: number) =>
  `${(closure.id ?? 'planned').padEnd(24)}  ${closureState(closure, now).padEnd(8)} ${closure.calendar}  ${isoFromMs(closure.fromMs)} – ${isoFromMs(closure.untilMs)}${closure.author === undefined ? '' : ` by ${closure.author}`}: ${closure.reason}\n`;
