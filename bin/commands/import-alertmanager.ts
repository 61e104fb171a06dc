/** `nightdesk import alertmanager FILE`: another program's routing as ours. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse as parseYaml } from 'yaml';
import { parseConfig } from '../../core/config/parse.ts';
import { showProblem } from '../../core/config/problem.ts';
import { importAlertmanager } from '../../core/incidents/alertmanager.ts';
import { type ExitCode, type Io, UsageError } from '../command.ts';

/** Prints the part of a config on standard output, and on standard error what it could not carry over. 1 when our config refuses a part of it. */
export async function importRouting(file: string | undefined, io: Io): Promise<ExitCode> {
  if (file === undefined) throw new UsageError('import: name the alertmanager.yml, or - for standard input');
  const written = file === '-' ? await text(io.stdin) : await readOrExplain(resolve(io.cwd, file), file);
  let yaml: unknown;
  try {
    yaml = parseYaml(written);
  } catch (error) {
    throw new UsageError(`import: ${file}: ${error instanceof Error ? (error.message.split('\n')[0] ?? 'not YAML') : 'not YAML'}`);
  }
  if (typeof yaml !== 'object' || yaml === null || Array.isArray(yaml))
    throw new UsageError(`import: ${file}: must be a mapping, as an alertmanager.yml is`);
  const { routing, channels, notes } = importAlertmanager(yaml);
  const part = { channels, ...routing };
  io.stdout(`${JSON.stringify(part, null, 2)}\n`);
  for (const { place, note } of notes) io.stderr(`nightdesk: ${file}: ${place}: ${note}\n`);
  const parsed = parseConfig({ bots: [{ id: 'example' }], ...part });
  if (parsed.ok) return 0;
  for (const problem of parsed.error) io.stderr(`nightdesk: ${file}: to be put right by hand: ${showProblem(problem)}\n`);
  return 1;
}

async function readOrExplain(path: string, file: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`import: cannot read ${file}: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`);
  }
}
