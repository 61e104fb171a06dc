import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configProblem } from '../../adapters/alarm-source.ts';
import { loadConfigFile } from '../../adapters/config-file.ts';
import { showSourceProblem } from '../../core/alarms/alarm-set.ts';
import { grafanaDashboards } from '../../core/catalogue/grafana.ts';
import { packageRoot } from '../../lib/bundles.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { type OptionTable, optionLines } from '../options.ts';

const options: OptionTable = [
  ['--out DIR', 'folder for the files, made when it is missing (default: grafana)'],
  ['--json', 'write no files; one JSON document on stdout: { dashboards: [ … ] }'],
];

const help = `Usage: nightdesk grafana [CONFIG] [--out DIR] [--json]

Writes the dashboards of a config as Grafana JSON, for Grafana's CloudWatch data source: one file a page, with variables for
data source, region, strategy and bot, the alarms' limits as thresholds and their changes as annotations. Import a file in
Grafana under Dashboards, New, Import; importing it again replaces the dashboard. Without CONFIG: nightdesk.config.ts of the
current folder, else the demo config. What only the state knows (positions, curves, lights, incidents) stays in CloudWatch.

${optionLines(options, 12)}

Exit codes: 0 fine, 2 unusable input.`;

export const command: Command = {
  name: 'grafana',
  summary: 'write the dashboards for Grafana',
  help,
  options,
  run: async ({ positional, values, flags }, io) => {
    if (positional.length > 1) throw new UsageError(`grafana: takes one config; found ${positional.length}`);
    const file = positional[0] === undefined ? defaultConfig(io) : resolve(io.cwd, positional[0]);
    const config = await loadConfigFile(file);
    if (!config.ok)
      throw new UsageError(
        config.error.map(problem => showSourceProblem(configProblem(problem, file, positional[0] ?? file))).join('\nnightdesk: '),
      );
    const dashboards = grafanaDashboards(config.value);
    if (flags.has('json')) {
      io.stdout(`${JSON.stringify({ dashboards }, null, 2)}\n`);
      return 0;
    }
    const folder = resolve(io.cwd, values.get('out') ?? 'grafana');
    mkdirSync(folder, { recursive: true });
    for (const dashboard of dashboards) {
      const path = join(folder, `${dashboard.uid}.json`);
      writeFileSync(path, `${JSON.stringify(dashboard, null, 2)}\n`);
      io.stdout(`${path}\n`);
    }
    return 0;
  },
};

const defaultConfig = ({ cwd }: Io): string =>
  existsSync(join(cwd, 'nightdesk.config.ts')) ? join(cwd, 'nightdesk.config.ts') : join(packageRoot(), 'examples', 'nightdesk.config.ts');
