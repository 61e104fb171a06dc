import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { showProblem } from '../../core/config/problem.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { createLineSplitter } from '../../core/events/lines.ts';
import { createScorer, type Scorer } from '../../core/ledger/scorer.ts';
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts';
import { scoreText } from './score-text.ts';

interface Options {
  readonly file: string;
  readonly config?: string;
  readonly json: boolean;
  readonly strict: boolean;
}

const help = `nightdesk score [FILE|-] [--config FILE] [--json] [--strict]

Reads events (one JSON object per line; .gz too) and prints performance, positions and data quality per strategy.
Without FILE, or with -, reads standard input.

  --config FILE  capital, calendar, currency and annualisation of the strategies (nightdesk.config.ts, .mjs or .json);
                 without it: 24x7 UTC, annualisation 365, risk-free 0, capital from the first account event
  --json         one JSON document on standard output
  --strict       exit code 1 when a line was rejected

Exit codes: 0 fine · 1 rejected lines with --strict · 2 no usable line, or unusable arguments.`;

export const command: Command = {
  name: 'score',
  summary: 'performance and positions of recorded events',
  help,
  run: async (args, io) => {
    const options = readOptions(args);
    const config = options.config === undefined ? undefined : await loadConfig(resolvePath(io, options.config));
    const scorer = createScorer(config);
    await readLines(options, io, scorer);
    const result = scorer.result();
    io.stdout(options.json ? `${JSON.stringify(result, null, 2)}\n` : scoreText(result, scorer.findings()));
    return exitCode(result.quality.accepted, result.quality.rejected.length, options, io);
  },
};

function exitCode(accepted: number, rejected: number, options: Options, io: Io): ExitCode {
  if (accepted === 0) {
    io.stderr(`nightdesk: no usable event in ${options.file === '-' ? 'standard input' : options.file}\n`);
    return 2;
  }
  return options.strict && rejected > 0 ? 1 : 0;
}

function readOptions(args: readonly string[]): Options {
  let file: string | undefined;
  let config: string | undefined;
  let json = false;
  let strict = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--json') json = true;
    else if (arg === '--strict') strict = true;
    else if (arg === '--config' || arg.startsWith('--config=')) {
      config = arg === '--config' ? args[++at] : arg.slice('--config='.length);
      if (config === undefined || config === '') throw new UsageError('score: --config needs a file');
    } else if (arg.startsWith('-') && arg !== '-') throw new UsageError(`score: unknown option "${arg}"; see nightdesk score --help`);
    else if (file !== undefined) throw new UsageError(`score: one file at a time; got "${file}" and "${arg}"`);
    else file = arg;
  }
  return { file: file ?? '-', json, strict, ...(config === undefined ? {} : { config }) };
}

function resolvePath(io: Io, path: string): string {
  return isAbsolute(path) ? path : join(io.cwd, path);
}

async function loadConfig(path: string): Promise<NightdeskConfig> {
  const { loadConfigFile } = await import('../../adapters/config-file.ts');
  const loaded = await loadConfigFile(path);
  if (loaded.ok) return loaded.value;
  const problems = loaded.error.map(showProblem);
  throw new UsageError(`score: ${path} is not usable\n  ${problems.join('\n  ')}`);
}

async function readLines(options: Options, io: Io, scorer: Scorer): Promise<void> {
  const splitter = createLineSplitter();
  try {
    for await (const chunk of await openInput(options, io)) {
      for (const line of splitter.push(chunk)) scorer.add(line);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`score: ${options.file === '-' ? 'standard input' : options.file} cannot be read: ${reasonOf(error)}`);
  }
  for (const line of splitter.end()) scorer.add(line);
}

async function openInput(options: Options, io: Io): Promise<AsyncIterable<Uint8Array>> {
  if (options.file === '-') return inflated(bytesOf(io.stdin));
  const path = resolvePath(io, options.file);
  const found = await stat(path);
  if (found.isDirectory()) throw new UsageError(`score: ${options.file} is a directory; give a file of events`);
  return inflated(createReadStream(path, { highWaterMark: 1 << 20 }));
}

async function* bytesOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** Unpacks gzip, told by its first two bytes; everything else passes as it is. */
async function* inflated(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = input[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 2) {
    const next = await source.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const whole = (async function* () {
    yield head;
    yield* { [Symbol.asyncIterator]: () => source };
  })();
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const gunzip = createGunzip();
  const fed = feed(whole, gunzip);
  yield* gunzip;
  await fed;
}

async function feed(from: AsyncIterable<Uint8Array>, to: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const chunk of from) {
      if (to.destroyed) return;
      if (!to.write(chunk)) await new Promise(resolve => to.once('drain', resolve).once('close', resolve));
    }
    to.end();
  } catch (error) {
    to.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'no permission';
  if (code === 'Z_BUF_ERROR') return 'the gzip file ends too early';
  if (code === 'Z_DATA_ERROR') return 'the gzip file is damaged';
  return error instanceof Error ? error.message : String(error);
}
