import { silenceIncident } from '../../core/incidents/actions.ts';
import { parseDuration, showDuration } from '../../core/incidents/duration.ts';
import { type Matcher, parseMatchers } from '../../core/incidents/matcher.ts';
import { createSilence, expired, type Silence, showSilence, silenceProblem, silenceState } from '../../core/incidents/silence.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { type Command, UsageError } from '../command.ts';
import { openDeskState, stateHelp, stateOptions } from '../incidents/desk-state.ts';
import { parseArguments } from '../sources/options.ts';
import { timeOf } from './route.ts';

const help = `nightdesk silence [add MATCHER … | expire ID | list] [options]

Silences alerts by their labels for a while; without anything, lists the silences that hold or will.

  add MATCHER …    alertname=drawdown 'Strategy=~"btc-.*"': all must match (=, !=, =~, !~)
  add --incident ID  exactly the trouble of that incident
  expire ID        ends a silence now
  --for DURATION   default 1h; 30m, 4h, 2d
  --from TIME      ISO 8601; default now
  --author NAME    default: $USER
  --comment TEXT   why
  --all            lists expired ones too
${stateHelp}
  --json           one JSON document

A stack that runs here, or a deployed one (--table), takes the change at once; what it kept in .nightdesk/ is only read.

Exit codes: 0 fine · 1 there is no such silence · 2 unusable input.`;

export const command: Command = {
  name: 'silence',
  summary: 'silences: add, list, expire',
  help,
  run: async (args, io) => {
    const { positional, values, flags } = parseArguments('silence', args, {
      values: [...stateOptions, 'for', 'from', 'author', 'comment', 'incident'],
      flags: ['json', 'all'],
    });
    const [verb = 'list', ...rest] = positional;
    if (!['add', 'expire', 'list'].includes(verb)) throw new UsageError(`silence: "${verb}" is not add, expire or list`);
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
        if (found === undefined) return 1;
        await state.silences.put(expired(found, state.now));
        print([expired(found, state.now)]);
        return 0;
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
        if (acted.silence === undefined) return 1;
        print([acted.silence]);
        return 0;
      }
      const startsAt = values.has('from') ? timeOf(values.get('from')) : state.now;
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
