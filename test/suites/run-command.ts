/** Runs a command in process as bin/nightdesk.ts does, and keeps what it prints. */
import { Readable } from 'node:stream';
import { type Command, UsageError } from '../../bin/command.ts';
import { runCommand as start } from '../../bin/options.ts';

export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCommand(command: Command, args: readonly string[], cwd: string): Promise<CommandRun> {
  const out: string[] = [];
  const errors: string[] = [];
  const io = {
    stdout: (text: string) => void out.push(text),
    stderr: (text: string) => void errors.push(text),
    stdin: Readable.from([]),
    // A stack that somebody runs on this machine is not the test's.
    env: { NIGHTDESK_PORT: '1' },
    cwd,
    isTty: false,
  };
  const code = await start(command, args, io).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    errors.push(`nightdesk: ${error.message}\n`);
    return 2;
  });
  return { code, stdout: out.join(''), stderr: errors.join('') };
}
