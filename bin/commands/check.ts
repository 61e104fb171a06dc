import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { configIn, configProblem, readAssembly, sourceKind } from '../../adapters/alarm-source.ts';
import { loadConfigFile } from '../../adapters/config-file.ts';
import { readTemplateFile, type TemplateFile } from '../../adapters/template-file.ts';
import { type SourceProblem, showSourceProblem } from '../../core/alarms/alarm-set.ts';
import { functionNames } from '../../core/catalogue/metric.ts';
import { checkModel } from '../../core/check/model.ts';
import type { Finding } from '../../core/check/rule.ts';
import { findingsOf } from '../../core/check/rules.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { type BotDetection, detectionOf, detectionText } from '../../core/health/detection.ts';
import { type OutOfReach, probesOutOfReach, reachText } from '../../core/health/probe-reach.ts';
import { STAND_IN_PLACE } from '../../core/template/resource-types.ts';
import { packageRoot } from '../../lib/bundles.ts';
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts';
import { type OptionTable, optionLines } from '../options.ts';

const options: OptionTable = [
  ['--json', 'one JSON document: { findings: [ { rule, severity, file, path, value, message } ], detection, outOfReach }'],
];

const help = `Usage: nightdesk check [CONFIG|TEMPLATE|FOLDER…] [--json]

Judges the meaning of alarms, filters, dashboards and schedules: what CloudFormation and the CDK accept, and CloudWatch
then refuses or silently never fires. Reads a nightdesk config (it is synthesized first), CloudFormation templates of any
origin (JSON or YAML) and synthesized assemblies; templates that belong together are given together. Without arguments:
nightdesk.config.ts of the current folder, else the demo config. docs/check-rules.md lists every rule with its source.

For a config it also prints how long each bot may be dead before each of the two mechanisms says so, and which probes the
deployed prober cannot reach.

${optionLines(options, 9)}

Exit codes: 0 no error, 1 at least one error, 2 unusable input.`;

interface Input {
  readonly files: readonly TemplateFile[];
  readonly whole: boolean;
  readonly config?: NightdeskConfig | undefined;
  /** For a config: what findings name, since the synthesized files go away. */
  readonly shown?: string;
}

export const command: Command = {
  name: 'check',
  summary: 'find alarms, filters and dashboards that cannot work',
  help,
  options,
  run: async ({ positional: paths, flags }, io) => {
    const { findings, detection, outOfReach } = await check(paths.length > 0 ? paths : [defaultConfig(io)], io);
    io.stdout(
      flags.has('json')
        ? `${JSON.stringify({ findings, detection, outOfReach }, null, 2)}\n`
        : asText(findings) + detectionText(detection) + reachText(outOfReach),
    );
    return exitCodeOf(findings);
  },
};

const exitCodeOf = (findings: readonly Finding[]): ExitCode => (findings.some(({ severity }) => severity === 'error') ? 1 : 0);

const defaultConfig = ({ cwd }: Io): string =>
  existsSync(join(cwd, 'nightdesk.config.ts')) ? 'nightdesk.config.ts' : join(packageRoot(), 'examples', 'nightdesk.config.ts');

/** A finding with the line where the value stands, for files that have one. */
type PlacedFinding = Finding & { readonly line?: number };

/** Everything together, so that names are compared over all stacks. It is whole when every part is. */
async function check(
  paths: readonly string[],
  { cwd }: Io,
): Promise<{
  readonly findings: readonly PlacedFinding[];
  readonly detection: readonly BotDetection[];
  readonly outOfReach: readonly OutOfReach[];
}> {
  const inputs: Input[] = [];
  for (const path of paths) inputs.push(await readInput(resolve(cwd, path), path));
  const files = inputs.flatMap(input => input.files.map(file => ({ file, input })));
  const templates = files.map(({ file }, index) => ({
    ...file,
    // Two files of one name are still two stacks.
    name: files.findIndex(other => other.file.name === file.name) === index ? file.name : `${file.name} (${index + 1})`,
    file: String(index),
  }));
  const configs = inputs.flatMap(({ config }) => config ?? []);
  const model = checkModel({
    templates,
    place: STAND_IN_PLACE,
    whole: inputs.every(({ whole }) => whole),
    config: configs.length === 1 ? configs[0] : undefined,
  });
  const findings = findingsOf(model).map(finding => {
    const { file, input } = files[Number(finding.file)]!;
    if (input.shown !== undefined) return { ...finding, file: input.shown };
    const line = file.lineOf(finding.path.split('.'));
    return { ...finding, file: file.file, ...(line === undefined ? {} : { line }) };
  });
  return {
    findings,
    detection: configs.flatMap(config => detectionOf(config)),
    outOfReach: configs.flatMap(config => probesOutOfReach(config)),
  };
}

async function readInput(file: string, shown: string): Promise<Input> {
  switch (sourceKind(file)) {
    case 'missing':
      throw new UsageError(`check: ${shown}: the file does not exist`);
    case 'config':
      return synthesized(file, shown);
    case 'assembly':
      return { files: usable(readAssembly(file, shown)), whole: true, config: configIn(file) };
    case 'template': {
      const read = readTemplateFile(file, shown);
      if (!read.ok) throw unusable([read.error]);
      return { files: [read.value], whole: false };
    }
  }
}

function usable<T>(read: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: readonly SourceProblem[] }): T {
  if (read.ok) return read.value;
  throw unusable(read.error);
}

const unusable = (problems: readonly SourceProblem[]): UsageError => new UsageError(problems.map(showSourceProblem).join('\nnightdesk: '));

/** The templates that a config becomes. The functions' code is of no interest here, so nothing need be built. */
async function synthesized(file: string, shown: string): Promise<Input> {
  const config = await loadConfigFile(file);
  if (!config.ok) throw unusable(config.error.map(problem => configProblem(problem, file, shown)));
  process.env['CDK_VALIDATION'] = 'false';
  const { synthesize } = await import('../../lib/synth.ts');
  const dir = mkdtempSync(join(tmpdir(), 'nightdesk-check-'));
  try {
    const bundles = join(dir, 'functions');
    for (const name of functionNames) {
      mkdirSync(join(bundles, name), { recursive: true });
      writeFileSync(join(bundles, name, 'index.js'), '');
    }
    const assembly = synthesize(config.value, join(dir, 'assembly'), { bundles });
    return { files: usable(readAssembly(assembly, shown)), whole: true, config: config.value, shown };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function asText(findings: readonly PlacedFinding[]): string {
  const lines = findings.map(({ severity, rule, file, line, path, message }) =>
    [`${severity.padEnd(7)} ${rule}`, `        ${file}${line === undefined ? '' : `:${line}`} ${path}`, `        ${message}`].join('\n'),
  );
  const count = (severity: Finding['severity']) => findings.filter(finding => finding.severity === severity).length;
  return `${[...lines, `${count('error')} errors, ${count('warning')} warnings, ${count('info')} infos`].join('\n')}\n`;
}
