/**
 * The options of a command, written once: its help shows them, its arguments are checked and read by them. A row is how an option is written
 * (`--config FILE`, `--kept [DIR]` when the value may be left out, `--json`), or several that belong together (`--from T --to T`), and what it does.
 */
import { type Command, type ExitCode, type Io, UsageError } from './command.ts';

export type OptionRow = readonly [written: string, says: string];
export type OptionTable = readonly OptionRow[];

/** Lines of the help; what is said stands in the column `width`, further lines of it too. */
export function optionLines(options: OptionTable, width = Math.max(...options.map(([written]) => written.length)) + 2): string {
  return options
    .map(([written, says]) => {
      // What is too long for its column keeps two spaces.
      const head = written.padEnd(Math.max(width, written.length + 2));
      return `  ${head}${says.replaceAll('\n', `\n${' '.repeat(2 + width)}`)}`;
    })
    .join('\n');
}

type Takes = 'nothing' | 'value' | 'perhaps';

/** `[['from', 'value'], ['to', 'value']]` of `--from T --to T`. */
export function optionsIn(options: OptionTable): ReadonlyMap<string, Takes> {
  const found = options.flatMap(([written]) =>
    [...written.matchAll(/--([a-z][a-z-]*)(?: (\[)?(?!--)([^\s,\]]+)\]?)?/g)].map(
      ([, name = '', bracket, value]) => [name, value === undefined ? 'nothing' : bracket === undefined ? 'value' : 'perhaps'] as const,
    ),
  );
  return new Map(found);
}

export interface Arguments {
  readonly positional: readonly string[];
  /** The last one where an option is repeated. */
  readonly values: ReadonlyMap<string, string>;
  /** All of them, in order. */
  readonly repeated: ReadonlyMap<string, readonly string[]>;
  /** OptionTable without a value, those whose value was left out too. */
  readonly flags: ReadonlySet<string>;
}

/**
 * `--name value` and `--name=value` are the same; a lone `-` is no option.
 * @throws UsageError for options that the command does not have, that lack their value, or that have one they do not take.
 */
export function parseArguments(command: string, args: readonly string[], options: OptionTable): Arguments {
  const known = optionsIn(options);
  const positional: string[] = [];
  const repeated = new Map<string, readonly string[]>();
  const flags = new Set<string>();
  const see = `see nightdesk ${command} --help`;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (!/^-./.test(arg) || /^-[\d.]/.test(arg)) {
      positional.push(arg);
      continue;
    }
    const [written = '', given] = arg.split(/=(.*)/s);
    const name = written.slice(2);
    const takes = written.startsWith('--') ? known.get(name) : undefined;
    if (takes === undefined) throw new UsageError(`${command}: unknown option "${arg}"; ${see}`);
    if (takes === 'nothing') {
      if (given !== undefined) throw new UsageError(`${command}: ${written} takes no value; ${see}`);
      flags.add(name);
      continue;
    }
    const next = args[at + 1];
    const hasNext = next !== undefined && next !== '' && !next.startsWith('--');
    if (given === undefined && takes === 'perhaps' && (!hasNext || next.startsWith('-'))) {
      flags.add(name);
      continue;
    }
    if (given === '' || (given === undefined && !hasNext)) throw new UsageError(`${command}: ${written} needs a value; ${see}`);
    repeated.set(name, [...(repeated.get(name) ?? []), given ?? next!]);
    if (given === undefined) at++;
  }
  const values = new Map([...repeated].map(([name, all]) => [name, all.at(-1)!] as const));
  return { positional, values, repeated, flags };
}

/** Reads the arguments by the command's own table, and runs it. @throws UsageError */
export const runCommand = async (command: Command, args: readonly string[], io: Io): Promise<ExitCode> =>
  command.run(parseArguments(command.name, args, command.options), io);
