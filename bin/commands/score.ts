import { showProblem } from '../../core/config/problem.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { createScorer } from '../../core/ledger/scorer.ts';
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts';
import { readEventLines, resolvePath } from '../event-lines.ts';
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
    await readEventLines('score', options.file, io, scorer.add);
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

async function loadConfig(path: string): Promise<NightdeskConfig> {
  const { loadConfigFile } = await import('../../adapters/config-file.ts');
  const loaded = await loadConfigFile(path);
  if (loaded.ok) return loaded.value;
  const problems = loaded.error.map(showProblem);
  throw new UsageError(`score: ${path} is not usable\n  ${problems.join('\n  ')}`);
}
