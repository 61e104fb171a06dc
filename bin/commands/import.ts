import { createReadStream } from 'node:fs';
import { rename, stat, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { importBytes } from '../../adapters/sources/import-bytes.ts';
import { sources } from '../../adapters/sources/index.ts';
import type { SourceProblem } from '../../adapters/sources/source.ts';
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts';
import { type OptionTable, optionLines } from '../options.ts';
import { contextOf, contextOptions, findSource, resolvePath } from '../sources/options.ts';
import { reasonOf } from '../unreadable.ts';

const names = sources.map(({ name, reads }) => `  ${name.padEnd(11)} ${reads.replaceAll('`', '')}`).join('\n');

const options: OptionTable = [['--out FILE', 'write the events to FILE instead of standard output'], ...contextOptions];

const help = `nightdesk import SOURCE FILE|- [--out FILE] [--strategy ID] [--account ID] [--venue NAME] [--currency CODE]

Turns the records of another program into events, one JSON object per line, ready for score, start and backtest.
The same file gives the same events with the same ids, so importing it twice counts nothing twice. .gz is read as such.
What each source cannot carry over is in docs/sources.md.

${names}

  alertmanager  an alertmanager.yml: not events but the routing of a nightdesk config, as JSON, with what it cannot carry

${optionLines(options, 21)}

Records that cannot be used are named with their place on standard error, as is what a person should know of the rest.

Exit codes: 0 fine · 1 some records could not be used · 2 no usable record, or unusable arguments.

  nightdesk import freqtrade backtest-result.json | nightdesk score -`;

export const command: Command = {
  name: 'import',
  summary: 'records of other programs as events',
  help,
  options,
  run: async ({ positional, values }, io) => {
    if (positional[0] === 'alertmanager') {
      const [meaningless] = values.keys();
      if (meaningless !== undefined)
        throw new UsageError(`import: alertmanager knows no --${meaningless}: its file becomes a routing, printed as JSON`);
      const { importRouting } = await import('./import-alertmanager.ts');
      return importRouting(positional[1], io);
    }
    const source = findSource('import', positional[0]);
    const file = positional[1];
    if (file === undefined) throw new UsageError(`import: name the file of ${source.name}, or - for standard input`);
    if (positional.length > 2) throw new UsageError(`import: one file at a time; got "${positional.slice(1).join('" and "')}"`);
    const context = contextOf('import', io, values);
    const { lines, problems, notes } = importBytes(source, context, await readInput(file, io));
    report(io, file, lines, problems, notes);
    if (lines.length === 0) return 2;
    await write(io, values.get('out'), lines);
    return exitCode(problems);
  },
};

const exitCode = (problems: readonly SourceProblem[]): ExitCode => (problems.length === 0 ? 0 : 1);

const shownProblems = 50;

function report(io: Io, file: string, lines: readonly string[], problems: readonly SourceProblem[], notes: readonly string[]): void {
  for (const { place, message } of problems.slice(0, shownProblems)) io.stderr(`nightdesk: ${file}: ${place}: ${message}\n`);
  if (problems.length > shownProblems) io.stderr(`nightdesk: ${file}: … and ${problems.length - shownProblems} more\n`);
  for (const note of notes) io.stderr(`nightdesk: ${note}\n`);
  io.stderr(`nightdesk: ${file}: ${lines.length} events, ${problems.length} problems\n`);
}

async function write(io: Io, out: string | undefined, lines: readonly string[]): Promise<void> {
  const linesPerWrite = 4096;
  if (out === undefined) {
    for (let at = 0; at < lines.length; at += linesPerWrite) io.stdout(`${lines.slice(at, at + linesPerWrite).join('\n')}\n`);
    return;
  }
  const path = resolvePath(io, out);
  try {
    await writeFile(`${path}.part`, `${lines.join('\n')}\n`);
    await rename(`${path}.part`, path);
  } catch (error) {
    throw new UsageError(`import: ${out} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function readInput(file: string, io: Io): Promise<Uint8Array> {
  try {
    if (file !== '-' && (await stat(resolvePath(io, file))).isDirectory())
      throw new UsageError(`import: ${file} is a directory; give a file`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of file === '-' ? io.stdin : createReadStream(resolvePath(io, file))) {
      chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    }
    return unpacked(file, Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`import: ${file} cannot be read: ${reasonOf(error)}`);
  }
}

function unpacked(file: string, bytes: Buffer): Uint8Array {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4) {
    throw new UsageError(`import: ${file} is a zip archive; unpack it and import the file inside`);
  }
  return bytes;
}
