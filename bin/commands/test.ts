import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { loadAlarmSource } from '../../adapters/alarm-source.ts';
import { type AlarmSet, type SourceProblem, showSourceProblem } from '../../core/alarms/alarm-set.ts';
import { bindTest } from '../../core/alarms/unit-test/bind.ts';
import { initTests } from '../../core/alarms/unit-test/init.ts';
import { type FileResults, junitXml } from '../../core/alarms/unit-test/junit.ts';
import { parseTestFile } from '../../core/alarms/unit-test/parse-file.ts';
import { runTest } from '../../core/alarms/unit-test/run.ts';
import { withStubChannels } from '../../core/config/discover.ts';
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts';
import { type Arguments, type OptionTable, optionLines } from '../options.ts';

const options: OptionTable = [
  ['--json', 'one JSON document: { passed, failed, tests: [ { name, ok, diff? } ] }'],
  ['--junit FILE', 'write JUnit XML for CI'],
  ['--init [CONFIG]', 'write tests for every alarm of a config (default nightdesk.config.ts), to FILE or to stdout'],
];

const help = `Usage: nightdesk test [FILE|FOLDER…] [--json] [--junit FILE]
       nightdesk test --init [CONFIG [FILE]]

Unit tests of alarms: series in, states, reasons, routes and pages out. Alarms come from a nightdesk config, any
CloudFormation template (JSON or YAML) or a synthesized assembly; they are evaluated as CloudWatch does, minute by
minute, without a network. Without FILE: every *.test.yaml of the current folder.

  source: ./nightdesk.config.ts        # or a template, or an assembly folder; relative to this file
  period: 60                           # seconds between the points of a series
  tests:
    - name: loss limit pages the trader once
      start: 2026-03-09T13:30:00Z      # time of the first point; "at" below is the time of the evaluation
      series: [{ metric: SessionPnl, dimensions: { Strategy: s1 }, values: '0*10 -2500*3 _*2' }]
      expect: [{ at: 14m, alarm: session-loss-s1, state: ALARM, reason: '3 out of', route: [pagerduty], notified: 1 }]

0*10 is ten points, _ is a missing one. Alarms for which a test gives no series stay in INSUFFICIENT_DATA.
docs/alarm-tests.schema.json completes the keys in editors.

${optionLines(options, 17)}

Exit codes: 0 all passed, 1 a test failed, 2 unusable input.`;

interface Options {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly junit?: string;
  readonly init?: string;
}

export const command: Command = {
  name: 'test',
  summary: 'unit-test alarms: series in, states and pages out',
  help,
  options,
  run: async (args, io) => {
    const options = readArguments(args);
    return options.init === undefined ? runFiles(options, io) : writeTests(options.init, options.files, io);
  },
};

const DEFAULT_CONFIG = 'nightdesk.config.ts';

function readArguments({ positional, values, flags }: Arguments): Options {
  const junit = values.get('junit');
  const init = values.get('init') ?? (flags.has('init') ? DEFAULT_CONFIG : undefined);
  return {
    files: positional,
    json: flags.has('json'),
    ...(junit === undefined ? {} : { junit }),
    ...(init === undefined ? {} : { init }),
  };
}

async function runFiles(options: Options, io: Io): Promise<ExitCode> {
  const results: FileResults[] = [];
  for (const file of testFilesOf(options.files, io.cwd)) results.push(await runFile(file, io.cwd));
  const tests = results.flatMap(result => result.tests.map(test => ({ ...test, file: result.file })));
  const failed = tests.filter(({ ok }) => !ok).length;
  if (options.junit !== undefined) await save(options.junit, junitXml(results), io);
  io.stdout(options.json ? `${JSON.stringify({ passed: tests.length - failed, failed, tests }, null, 2)}\n` : asText(results));
  return failed > 0 ? 1 : 0;
}

async function save(path: string, text: string, { cwd }: Io): Promise<void> {
  await writeFile(resolve(cwd, path), text).catch((error: unknown) => {
    throw new UsageError(`test: cannot write ${path}: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`);
  });
}

/** As everywhere on this machine: a config without channels pages two stand-ins. */
const withChannels = (set: AlarmSet): AlarmSet => (set.config === undefined ? set : { ...set, config: withStubChannels(set.config) });

const TEST_FILE = /[.-]test\.ya?ml$/;

function testFilesOf(named: readonly string[], cwd: string): readonly string[] {
  const inside = (folder: string): readonly string[] =>
    readdirSync(resolve(cwd, folder))
      .filter(name => TEST_FILE.test(name))
      .sort()
      .map(name => join(folder, name));
  const files = (named.length === 0 ? ['.'] : named).flatMap(path => {
    const full = resolve(cwd, path);
    if (!existsSync(full)) throw new UsageError(`test: ${path}: the file does not exist`);
    if (!statSync(full).isDirectory()) return [path];
    const found = inside(path);
    if (found.length === 0) throw new UsageError(`test: ${path}: no *.test.yaml in this folder; run "nightdesk test --help"`);
    return found;
  });
  return files;
}

async function runFile(file: string, cwd: string): Promise<FileResults> {
  const parsed = parseTestFile(readFileSync(resolve(cwd, file), 'utf8').replace(/^\uFEFF/, ''), file);
  if (!parsed.ok) throw unusable(parsed.error);
  const { source, parameters, tests } = parsed.value;
  const shown = join(dirname(file), source.path);
  const set = await loadAlarmSource(shown, { cwd, parameters });
  if (!set.ok) throw unusable(set.error.map(problem => (problem.line === undefined ? atSource(problem, file, source.line) : problem)));
  // A mute that cannot be read would change results without a word.
  const mutes = set.value.unusable.filter(({ isMute }) => isMute === true);
  if (mutes.length > 0) throw unusable(mutes);
  const alarms = withChannels(set.value);
  const bound = tests.map(test => bindTest(test, alarms, file));
  const problems = bound.flatMap(each => (each.ok ? [] : each.error));
  if (problems.length > 0) throw unusable(problems);
  return { file, tests: bound.flatMap(each => (each.ok ? [runTest(each.value, alarms)] : [])) };
}

/** A source without a line of its own is shown at the line that names it. */
const atSource = ({ file: source, message }: SourceProblem, file: string, line: number): SourceProblem => ({
  file,
  line,
  message: `source ${source}: ${message}`,
});

const unusable = (problems: readonly SourceProblem[]): UsageError => new UsageError(problems.map(showSourceProblem).join('\nnightdesk: '));

function asText(results: readonly FileResults[]): string {
  const lines = results.flatMap(({ file, tests }) => [
    file,
    ...tests.flatMap(({ name, ok, diff = '' }) => [
      `  ${ok ? 'ok    ' : 'FAILED'} ${name}`,
      ...(ok ? [] : diff.split('\n').map(line => `           ${line}`)),
    ]),
  ]);
  const all = results.flatMap(({ tests }) => tests);
  const failed = all.filter(({ ok }) => !ok).length;
  return `${[...lines, `${all.length - failed} passed, ${failed} failed`].join('\n')}\n`;
}

async function writeTests(configPath: string, [target, ...more]: readonly string[], io: Io): Promise<ExitCode> {
  if (more.length > 0) throw new UsageError('test: --init writes one file');
  const full = target === undefined ? undefined : resolve(io.cwd, target);
  if (full !== undefined && existsSync(full)) throw new UsageError(`test: ${target} exists already; remove it first`);
  const set = await loadAlarmSource(configPath, { cwd: io.cwd });
  if (!set.ok) throw unusable(set.error);
  if (set.value.config === undefined) throw new UsageError(`test: --init needs a nightdesk config, and ${configPath} is a template`);
  const path = relative(full === undefined ? io.cwd : dirname(full), resolve(io.cwd, configPath)).replaceAll('\\', '/');
  const { text, tests, without } = initTests(withChannels(set.value), path.startsWith('.') ? path : `./${path}`);
  if (full === undefined) io.stdout(text);
  else await save(target ?? '', text, io);
  if (without.length > 0) io.stderr(`nightdesk: no example reaches the limits of ${without.join(', ')}; write their tests by hand\n`);
  io.stderr(`nightdesk: ${tests} tests written${target === undefined ? '' : ` to ${target}`}\n`);
  return 0;
}
