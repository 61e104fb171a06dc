import { showProblem } from '../../core/config/problem.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { createScorer } from '../../core/ledger/scorer.ts';
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts';
import { readEventLines, resolvePath } from '../event-lines.ts';
import { type Arguments, type OptionTable, optionLines } from '../options.ts';
import { scoreText } from './score-text.ts';

interface Options {
  readonly file: string;
  readonly config?: string;
  readonly json: boolean;
  readonly strict: boolean;
}

const options: OptionTable = [
  [
    '--config FILE',
    'capital, calendar, currency and annualisation of the strategies (nightdesk.config.ts, .mjs or .json);\nwithout it: 24x7 UTC, annualisation 365, risk-free 0, capital from the first account event',
  ],
  ['--json', 'one JSON document on standard output'],
  ['--strict', 'exit code 1 when a line was rejected'],
];

const help = `nightdesk score [FILE|-] [--config FILE] [--json] [--strict]

Reads events (one JSON object per line; .gz too) and prints performance, positions and data quality per strategy.
Without FILE, or with -, reads standard input.

${optionLines(options, 15)}

Exit codes: 0 fine · 1 rejected lines with --strict · 2 no usable line, or unusable arguments.`;

export const command: Command = {
  name: 'score',
  summary: 'performance and positions of recorded events',
  help,
  options,
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

function readOptions({ positional, values, flags }: Arguments): Options {
  const [file = '-', second] = positional;
  if (second !== undefined) throw new UsageError(`score: one file at a time; got "${file}" and "${second}"`);
  const config = values.get('config');
  return { file, json: flags.has('json'), strict: flags.has('strict'), ...(config === undefined ? {} : { config }) };
}

async function loadConfig(path: string): Promise<NightdeskConfig> {
  const { loadConfigFile } = await import('../../adapters/config-file.ts');
  const loaded = await loadConfigFile(path);
  if (loaded.ok) return loaded.value;
  const problems = loaded.error.map(showProblem);
  throw new UsageError(`score: ${path} is not usable\n  ${problems.join('\n  ')}`);
}
