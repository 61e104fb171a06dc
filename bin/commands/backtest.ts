import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { compareWithHistory } from '../../core/backtest/check-history.ts';
import { compareRuns } from '../../core/backtest/compare.ts';
import type { BacktestHistory } from '../../core/backtest/history.ts';
import { type RealIncident, readIncidents } from '../../core/backtest/incident-list.ts';
import { pagesOf, pagingOf } from '../../core/backtest/pages.ts';
import { type BacktestReport, buildReport, type ReportParts, reportJson } from '../../core/backtest/report.ts';
import { runAlarms } from '../../core/backtest/run-alarms.ts';
import { type Sweep, sweepLimits } from '../../core/backtest/sweep.ts';
import { sweptAlarm } from '../backtest/alarm-input.ts';
import { type BacktestOptions, help, options, readOptions } from '../backtest/options.ts';
import { reportText } from '../backtest/report-text.ts';
import { existing, type Side, type Sides, sidesOf } from '../backtest/sides.ts';
import { type Command, type ExitCode, type Io, UsageError } from '../command.ts';
export const command: Command = {
  name: 'backtest',
  summary: 'when alarms would have fired, over history',
  help,
  options,
  run: async (args, io) => {
    const options = readOptions(args);
    const incidents = options.incidents === undefined ? undefined : readIncidentFile(options.incidents, io);
    for (const id of options.mustCatch) {
      if (!incidents!.some(incident => incident.id === id))
        throw new UsageError(`--must-catch ${id}: ${options.incidents} has no such incident`);
    }
    const sides = await sidesOf(options, io);
    const report = reportOf(sides, options, incidents);
    if (options.html !== undefined) await writeHtml(report, sides.first.history, resolve(io.cwd, options.html));
    io.stdout(options.json ? `${JSON.stringify(reportJson(report), undefined, 2)}\n` : reportText(report));
    return exitCode(report);
  },
};

const exitCode = ({ verdicts }: BacktestReport): ExitCode => (verdicts.some(({ ok }) => !ok) ? 1 : 0);

function reportOf(
  { first, second, recorded }: Sides,
  options: BacktestOptions,
  incidents: readonly RealIncident[] | undefined,
): BacktestReport {
  const { alarms, history } = first;
  const runOptions = { muteRules: alarms.muteRules };
  const runs = runAlarms(alarms.definitions, history, runOptions);
  const parts: ReportParts = {
    runs,
    history,
    routes: alarms.routes,
    options: runOptions,
    budget: { mustCatch: options.mustCatch, ...(options.pagesPerWeek === undefined ? {} : { pagesPerWeek: options.pagesPerWeek }) },
    ...(incidents === undefined ? {} : { incidents }),
    ...(options.sweep === undefined ? {} : { sweep: sweepOf(options.sweep, first, incidents) }),
    ...(second === undefined ? {} : { compare: comparisonOf(runs, second) }),
    ...(recorded === undefined ? {} : { checkHistory: compareWithHistory(runs.values(), recorded, history) }),
  };
  return buildReport(parts);
}

function sweepOf(
  { alarm, limits }: NonNullable<BacktestOptions['sweep']>,
  { alarms, history }: Side,
  incidents: readonly RealIncident[] | undefined,
): Sweep {
  const found = sweptAlarm(alarm, alarms.definitions);
  const options = { muteRules: alarms.muteRules, ...(incidents === undefined ? {} : { incidents }) };
  const sweep = sweepLimits(found.name, limits, alarms.definitions, history, options);
  if (sweep === undefined) throw new UsageError(`--sweep ${alarm}: has no one limit to sweep`);
  return sweep;
}

function comparisonOf(runs: ReturnType<typeof runAlarms>, { name, alarms, history }: Side): NonNullable<ReportParts['compare']> {
  const other = runAlarms(alarms.definitions, history, { muteRules: alarms.muteRules });
  const { incidents } = pagesOf(other.values(), history.fast ?? [], alarms.routes);
  return { with: name, alarms: compareRuns(runs, other), pages: pagingOf(incidents).length };
}

function readIncidentFile(file: string, io: Io): readonly RealIncident[] {
  const document = parseDocument(readFileSync(existing(file, io), 'utf8'), { prettyErrors: true });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const line = problem.linePos?.[0].line;
    throw new UsageError(`${file}${line === undefined ? '' : `:${line}`}: ${problem.message.replace(/ at line \d[\s\S]*/, '')}`);
  }
  const read = readIncidents(document.toJS());
  if (!read.ok) throw new UsageError(`${file}: ${read.error}`);
  return read.value;
}

async function writeHtml(report: BacktestReport, history: BacktestHistory, path: string): Promise<void> {
  const { backtestHtml } = await import('../../adapters/report/backtest-html.ts');
  writeFileSync(path, backtestHtml(report, history));
}
