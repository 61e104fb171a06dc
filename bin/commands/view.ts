import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { readDashboardFile } from '../../adapters/dashboard-file.ts';
import { eventStore } from '../../adapters/history/event-history.ts';
import { catalogue } from '../../core/catalogue/index.ts';
import { metricName, namespaceOf } from '../../core/catalogue/names.ts';
import { units } from '../../core/catalogue/unit.ts';
import type { LogRecord } from '../../core/cloudwatch/logs-query.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { silenceBreach } from '../../core/health/silence-breach.ts';
import { telemetryBreach } from '../../core/health/telemetry-breach.ts';
import { PortTakenError } from '../../local/endpoint/server.ts';
import { type ArrivingLine, arrivingLines, fileSource, surveyEvents } from '../../local/event-file.ts';
import { serveView, type ViewedEvents } from '../../local/view-server.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { type Arguments, type OptionTable, optionLines } from '../options.ts';
import { onInterrupt, readConfig, webDir } from '../start/open-stack.ts';
import { configOf } from '../start/survey-config.ts';

const options: OptionTable = [
  [
    '--events FILE',
    'data: events, one JSON object per line (.gz too), folded into the metrics of the catalogue (namespace\nNightdesk/<stage>) and into log lines. Alarms and custom widgets need "nightdesk start --input FILE"',
  ],
  ['--config FILE', 'stage, strategies, capital and calendars of the events; without it, as they say themselves'],
  ['--port N', 'default: any free port'],
  ['--check', 'only say what is wrong, and end'],
];

const help = `nightdesk view FILE [--events FILE] [--config FILE] [--port N]

Opens CloudWatch dashboards in the local viewer: the answer of "aws cloudwatch get-dashboard", a bare dashboard body, or every
dashboard of a CloudFormation template. What breaks CloudWatch's rules is named with its line, and drawn all the same where
it can be; what the viewer does not know stands as a note on the widget.

${optionLines(options, 15)}

Exit codes: 0 fine · 1 --check found something · 2 unusable input, or a taken port.`;

interface Options {
  readonly file: string;
  readonly events?: string;
  readonly config?: string;
  readonly port: number;
  readonly check: boolean;
}

export const command: Command = {
  name: 'view',
  summary: 'any CloudWatch dashboard in the local viewer',
  help,
  options,
  run: async (args, io) => {
    const options = readOptions(args);
    const read = readDashboardFile(resolve(io.cwd, options.file), options.file);
    if (!read.ok) throw new UsageError(read.error);
    const problems = read.value.flatMap(({ problems: own }) => own);
    for (const problem of problems) io.stderr(`${problem}\n`);
    if (options.check) return problems.length > 0 ? 1 : 0;
    const config = options.config === undefined ? undefined : await readConfig(options.config, io);
    const data = options.events === undefined ? undefined : await readEvents(options.events, io, config);
    const what = basename(options.file);
    const server = await serveView({
      dashboards: read.value,
      note:
        data === undefined
          ? `${what}, without data (--events FILE brings some)`
          : `${what} over the events of ${basename(options.events ?? '')}`,
      nowMs: data?.toMs ?? Date.now(),
      ...(data === undefined ? {} : { events: data, unitOf: unitsOf(data.config) }),
      webDir: webDir(),
      port: options.port,
    }).catch((error: unknown) => {
      throw error instanceof PortTakenError ? new UsageError(error.message) : error;
    });
    io.stdout(`${server.url}\n`);
    await new Promise<void>(done => {
      const forget = onInterrupt(() => {
        forget();
        done();
      });
    });
    await server.close();
    return 0;
  },
};

const minuteMs = 60_000;

async function readEvents(
  path: string,
  io: Io,
  given: NightdeskConfig | undefined,
): Promise<ViewedEvents & { readonly config: NightdeskConfig }> {
  const file = resolve(io.cwd, path);
  if (!existsSync(file)) throw new UsageError(`${path}: there is no such file`);
  const source = fileSource(file);
  const survey = await surveyEvents(source).catch((error: unknown) => {
    throw new UsageError(`${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (survey === undefined) throw new UsageError(`${path}: there is no usable event in it`);
  const config = given ?? configOf(survey);
  const toMs = Math.floor(survey.lastMs / minuteMs) * minuteMs + minuteMs;
  const logs: LogRecord[] = [];
  const groupOf = new Map(
    config.bots.flatMap(bot => bot.strategies.map(({ id }) => [id, { group: bot.logGroup.name, stream: bot.id }] as const)),
  );
  const first = config.bots[0];
  const other = { group: first?.logGroup.name ?? '', stream: first?.id ?? '' };
  async function* kept(): AsyncGenerator<ArrivingLine> {
    for await (const line of arrivingLines(source, survey!.firstMs)) {
      // Heartbeats and market data are most of the lines, and no query of a dashboard reads them.
      if (line.event?.eventType !== 'heartbeat' && line.event?.eventType !== 'marketData')
        logs.push({ atMs: line.atMs, message: line.text, ...(groupOf.get(line.strategyId ?? '') ?? other) });
      yield line;
    }
  }
  const { store } = await eventStore(kept(), { config, fromMs: survey.firstMs, toMs, name: path, silenceBreach, telemetryBreach });
  return { store, logs, fromMs: survey.firstMs, toMs, config };
}

function unitsOf({ stage }: NightdeskConfig) {
  const known = new Map(catalogue.map(row => [metricName(row.id), units[row.metric.unit].cloudwatch]));
  return (namespace: string, name: string) => (namespace === namespaceOf(stage) ? known.get(name) : undefined);
}

function readOptions({ positional, values, flags }: Arguments): Options {
  const [file, second] = positional;
  if (file === undefined) throw new UsageError('view needs a file; see nightdesk view --help');
  if (second !== undefined) throw new UsageError(`view: one file at a time; got "${file}" and "${second}"`);
  const port = Number(values.get('port') ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`view: --port must be 0 to 65535; was "${values.get('port')}"`);
  const [events, config] = [values.get('events'), values.get('config')];
  return {
    file,
    port,
    check: flags.has('check'),
    ...(events === undefined ? {} : { events }),
    ...(config === undefined ? {} : { config }),
  };
}
