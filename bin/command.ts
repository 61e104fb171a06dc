/** What every command of the CLI is: a name, its help, and a run that answers with an exit code. */

import type { Arguments, OptionTable } from './options.ts';

export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly stdin: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly isTty: boolean;
}

/** 0 fine · 1 found what it looks for · 2 unusable input. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole of `--help`, without a trailing newline. */
  readonly help: string;
  /** All that it takes: whatever else is given is refused before it runs. */
  readonly options: OptionTable;
  readonly run: (args: Arguments, io: Io) => Promise<ExitCode>;
}

/** Bad arguments or unusable input: one clear line on stderr and exit code 2. */
export class UsageError extends Error {}
