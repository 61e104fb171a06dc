import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { silenceIncident } from '../../core/incidents/actions.ts';
import { parseDuration, showDuration } from '../../core/incidents/duration.ts';
import { type Matcher, parseMatchers } from '../../core/incidents/matcher.ts';
import { createSilence, expired, type Silence, showSilence, silenceProblem, silenceState } from '../../core/incidents/silence.ts';
import { readSilences } from '../../core/incidents/silence-import.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { openDeskState, stateOptions } from '../incidents/desk-state.ts';
import { type OptionTable, optionLines } from '../options.ts';
import { timeOf } from './route.ts';

const incidentOption: OptionTable = [['add --incident ID', 'the trouble of that incident: its group, or its alert where it is about one']];
const otherOptions: OptionTable = [
  ['--for DURATION', 'default 1h; 30m, 4h, 2d'],
  ['--from TIME', 'ISO 8601; default now'],
  ['--author NAME', 'default: $USER'],
  ['--comment TEXT', 'why'],
  ['--all', 'lists expired ones too'],
  ...stateOptions,
  ['--json', 'one JSON document'],
];

const options: OptionTable = [...incidentOption, ...otherOptions];

const help = `nightdesk silence [add MATCHER … | expire ID | import FILE | list] [options]

Silences alerts by their labels for a while; without anything, lists the silences that hold or will.

  add MATCHER …    alertname=drawdown 'Strategy=~"btc-.*"': all must match (=, !=, =~, !~)
${optionLines(incidentOption, 19)}
  expire ID        ends a silence now
  import FILE      silences as JSON, ours (--json) or Alertmanager's (amtool silence query -o json); - for standard input
${optionLines(otherOptions, 17)}

A stack that runs here, or a deployed one (--table), takes the change at once; what it kept in .nightdesk/ is only read.

Exit codes: 0 fine · 1 there is no such silence, or not all could be imported · 2 unusable input.`;

/** Options of one verb only; the others are of all. */
const verbOf: Readonly<Record<string, string>> = { for: 'add', from: 'add', author: 'add', comment: 'add', incident: 'add', all: 'list' };

function refuseMeaningless(verb: string, given: readonly string[]): void {
  const found = given.find(name => verbOf[name] !== undefined && verbOf[name] !== verb);
  if (found !== undefined) throw new UsageError(`silence: --${found} means nothing for ${verb}; it is for ${verbOf[found]}`);
  if (given.includes('incident') && given.includes('from'))
    throw new UsageError('silence: --from means nothing with --incident: it begins now');
}

export const command: Command = {
  name: 'silence',
  summary: 'silences: add, list, expire, import',
  help,
  options,
  run: async ({ positional, values, flags }, io) => {
    const [verb = 'list', ...rest] = positional;
    if (!['add', 'expire', 'import', 'list'].includes(verb)) throw new UsageError(`silence: "${verb}" is not add, expire, import or list`);
    if ((verb === 'expire' || verb === 'import') && rest.length !== 1)
      throw new UsageError(`silence: ${verb} takes one ${verb === 'expire' ? 'id, as nightdesk silence lists them' : 'file'}`);
    if (verb === 'list' && rest.length > 0) throw new UsageError(`silence: list takes no "${rest[0]}"`);
    refuseMeaningless(verb, [...values.keys(), ...flags]);
    const state = await openDeskState(values, io);
    const print = (silences: readonly Silence[]) =>
      io.stdout(
        flags.has('json')
          ? `${JSON.stringify({ silences: silences.map(each => ({ ...each, state: silenceState(each, state.now) })) }, null, 2)}\n`
          : silences.map(each => lineOf(each, state.now)).join('') || 'no silences\n',
      );
    try {
      if (verb === 'list') {
        print(flags.has('all') ? await state.silences.list(1_000) : await state.silences.current(state.now));
        return 0;
      }
      if (state.isKept) throw new UsageError('silence: what was kept is only read; start the stack, or name a --table');
      if (verb === 'expire') {
        const found = (await state.silences.list(1_000)).find(({ id }) => id === rest[0]);
        if (found === undefined) {
          io.stderr(`nightdesk: there is no silence ${rest[0]} (${state.where})\n`);
          return 1;
        }
        await state.silences.put(expired(found, state.now));
        print([expired(found, state.now)]);
        return 0;
      }
      if (verb === 'import') {
        const { silences, problems } = readSilences(await jsonOf(rest[0]!, io), state.now);
        for (const silence of silences) await state.silences.put(silence);
        print(silences);
        for (const { place, problem } of problems) io.stderr(`nightdesk: ${rest[0]}: ${place} is left out: ${problem}\n`);
        return problems.length === 0 ? 0 : 1;
      }
      const author = values.get('author') ?? io.env['USER'] ?? 'somebody';
      const durationMs = durationOf(values.get('for') ?? '1h');
      const comment = values.get('comment') ?? '';
      const incident = values.get('incident');
      if (incident !== undefined) {
        const acted = await silenceIncident(
          incident,
          { who: author, now: state.now, durationMs, comment },
          { ...state, wake: async () => undefined },
        );
        if (acted.silence === undefined) {
          io.stderr(`nightdesk: there is no incident ${incident} (${state.where})\n`);
          return 1;
        }
        print([acted.silence]);
        return 0;
      }
      const startsAt = values.has('from') ? timeOf(values.get('from'), '--from') : state.now;
      const input = { matchers: rest.flatMap(matchersOf), author, comment, createdAt: state.now, startsAt, endsAt: startsAt + durationMs };
      const wrong = silenceProblem(input);
      if (wrong !== undefined) throw new UsageError(`silence: ${wrong}`);
      const silence = createSilence(input);
      await state.silences.put(silence);
      print([silence]);
      return 0;
    } finally {
      state.close();
    }
  },
};

async function jsonOf(file: string, io: Io): Promise<unknown> {
  try {
    return JSON.parse(file === '-' ? await textOf(io.stdin) : await readFile(resolve(io.cwd, file), 'utf8')) as unknown;
  } catch (error) {
    const why =
      error instanceof SyntaxError
        ? 'is not JSON'
        : `cannot be read${error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''}`;
    throw new UsageError(`silence: ${file} ${why}`);
  }
}

function durationOf(text: string): number {
  const read = parseDuration(text);
  if (!read.ok || read.value === 0) throw new UsageError(`--for must be a duration such as 30m, 4h or 2d; was "${text}"`);
  return read.value;
}

function matchersOf(text: string): readonly Matcher[] {
  const read = parseMatchers(text);
  if (!read.ok) throw new UsageError(`silence: "${text}" ${read.error}`);
  return read.value;
}

const lineOf = (silence: Silence, now: number) =>
  `${silence.id}  ${silenceState(silence, now).padEnd(8)} ${isoFromMs(silence.startsAt)} + ${showDuration(silence.endsAt - silence.startsAt)}  ${showSilence(silence)}\n`;
