import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createIncidentStore } from '../../adapters/aws/incident-store.ts';
import { createStrategyStore } from '../../adapters/aws/strategy-store.ts';
import { readKeptState } from '../../adapters/kept-state.ts';
import { tearSheetHtml } from '../../adapters/report/tear-sheet-html.ts';
import { tearSheetMarkdown } from '../../adapters/report/tear-sheet-markdown.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { decodeState } from '../../core/ledger/codec.ts';
import { settingsFor } from '../../core/ledger/settings.ts';
import { sketchQuantile } from '../../core/orders/latency-sketch.ts';
import { closesOf, type Prices, readPrices } from '../../core/report/benchmark-prices.ts';
import { createReportCollector } from '../../core/report/collect.ts';
import { type PresentInput, presentReport } from '../../core/report/present.ts';
import { reportStrategy, type StrategyReport } from '../../core/report/strategy-report.ts';
import { type ReportPeriod, type ReportWindow, windowOf, windowText } from '../../core/report/window.ts';
import { type EpochMs, toEpochMs } from '../../core/time/instant.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { readEventLines } from '../event-lines.ts';
import { type Arguments, type OptionTable, optionLines } from '../options.ts';
import { readConfig } from '../start/open-stack.ts';

const options: OptionTable = [
  ['--day, --week, --month', 'the trading day, week (from Monday) or month of --at; without one, everything there is'],
  ['--at TIME', 'a date or an ISO 8601 time; default: the newest event'],
  ['--strategy ID', 'one strategy only'],
  ['--config FILE', 'capital, calendars, currencies, limits; without it: as "nightdesk score"'],
  ['--benchmark FILE', 'CSV of prices (columns date or timestamp, and close) for alpha, beta and the rest'],
  ['--out DIR', 'where the files go; default ./reports'],
  ['--json', 'the figures as one JSON document on standard output, and no files'],
];

const help = `nightdesk report [FILE|-] [--day|--week|--month] [--at TIME] [--strategy ID] [--out DIR] [options]

Writes a tear sheet as one self-contained HTML page and as Markdown: performance with every ratio's N, risk against its
limits, execution quality, incidents, data quality.

FILE holds events, one JSON object per line (.gz too); - reads standard input. Without it, the report is of the state
that "nightdesk start" keeps in .nightdesk/ (its incidents too, but no orders, which only events tell).

${optionLines(options, 24)}

Exit codes: 0 fine · 2 unusable input or arguments.`;

interface Options {
  readonly file?: string;
  readonly period: ReportPeriod;
  readonly atMs?: EpochMs;
  readonly strategyId?: string;
  readonly config?: string;
  readonly benchmark?: string;
  readonly out: string;
  readonly json: boolean;
}

export const command: Command = {
  name: 'report',
  summary: 'a tear sheet (HTML and Markdown) of a day, week, month or everything',
  help,
  options,
  run: async (args, io) => {
    const options = readOptions(args);
    const config = options.config === undefined ? undefined : await readConfig(options.config, io);
    const benchmark = options.benchmark === undefined ? undefined : readBenchmark(options.benchmark, io);
    const made =
      options.file === undefined
        ? await ofKeptState(options, io, config, benchmark)
        : await ofEvents(options, options.file, io, config, benchmark);
    if (options.json) {
      io.stdout(`${JSON.stringify(jsonOf(made), jsonValue, 2)}\n`);
      return 0;
    }
    const page = presentReport(made);
    const dir = resolve(io.cwd, options.out);
    const name = `report-${fileName(options.strategyId === undefined ? '' : `${options.strategyId}-`)}${fileName(titleOf(made))}`;
    mkdirSync(dir, { recursive: true });
    const files = [
      [join(dir, `${name}.html`), tearSheetHtml(page)],
      [join(dir, `${name}.md`), tearSheetMarkdown(page)],
    ] as const;
    for (const [file, text] of files) {
      writeFileSync(file, text);
      io.stdout(`${file}\n`);
    }
    for (const warning of page.warnings) io.stderr(`nightdesk: ${warning}\n`);
    return 0;
  },
};

const titleOf = ({ window, strategies }: PresentInput): string => {
  const first = strategies.flatMap(({ from }) => from ?? []).sort()[0];
  return windowText(window, first === undefined ? undefined : Date.parse(first) / 86_400_000);
};

const fileName = (text: string): string => text.replace(/[^A-Za-z0-9._-]+/g, '-');

async function ofEvents(
  options: Options,
  file: string,
  io: Io,
  config: NightdeskConfig | undefined,
  benchmark: Prices | undefined,
): Promise<PresentInput> {
  const collector = createReportCollector(config);
  await readEventLines('report', file, io, collector.add);
  const { period, atMs, strategyId } = options;
  const collected = collector.report({
    period,
    ...(atMs === undefined ? {} : { atMs }),
    ...(strategyId === undefined ? {} : { strategyId }),
    ...(benchmark === undefined ? {} : { benchmark }),
  });
  if (collected === undefined) throw new UsageError(`report: no usable event in ${file === '-' ? 'standard input' : file}`);
  if (collected.strategies.length === 0) throw unknownStrategy(strategyId, collected.known);
  const { window, strategies, lines } = collected;
  return { source: file === '-' ? 'standard input' : basename(file), window, madeAtMs: Date.now(), strategies, lines };
}

/** Newest incidents that are looked through. */
const INCIDENTS = 1_000;

async function ofKeptState(
  options: Options,
  io: Io,
  config: NightdeskConfig | undefined,
  benchmark: Prices | undefined,
): Promise<PresentInput> {
  const kept = await readKeptState(resolve(io.cwd, '.nightdesk'));
  if (kept === undefined)
    throw new UsageError(
      'report: there is no kept state in .nightdesk/ here; give a file of events (or -), or run "nightdesk start" first',
    );
  const wanted = options.strategyId === undefined ? kept.strategyIds : kept.strategyIds.filter(id => id === options.strategyId);
  if (wanted.length === 0) throw unknownStrategy(options.strategyId, kept.strategyIds);
  const store = createStrategyStore(kept.table);
  const incidents = await createIncidentStore(kept.table, () => Date.now()).list(INCIDENTS);
  const reports: StrategyReport[] = [];
  let window: ReportWindow | undefined;
  for (const id of wanted) {
    const stored = await store.load(id);
    if (stored === undefined) continue;
    const settings =
      config?.bots.some(bot => bot.strategies.some(strategy => strategy.id === id)) === true ? settingsFor(config, id) : undefined;
    const state = decodeState(stored.encoded.head, stored.encoded.parts, settings);
    const newestMs = state.newestEventAt === undefined ? Date.now() : toEpochMs(state.newestEventAt);
    const own = windowOf(options.period, state.calendar.dayOf(options.atMs ?? newestMs));
    window = own;
    const [fromMs, toMs] = [Number.isFinite(own.first) ? state.calendar.startOf(own.first) : 0, state.calendar.endOf(own.last)];
    const bot = state.settings.botId;
    reports.push(
      reportStrategy({
        state,
        window: own,
        nowMs: Math.min(newestMs, toMs),
        limits: state.settings.limits,
        incidents: incidents.filter(
          ({ openedAt, signal }) =>
            openedAt >= fromMs && openedAt < toMs && (signal.dimensions['Strategy'] === id || signal.dimensions['Bot'] === bot),
        ),
        ...(benchmark === undefined ? {} : { benchmark: { name: benchmark.name, closes: closesOf(benchmark, state.calendar) } }),
      }),
    );
  }
  if (window === undefined) throw new UsageError('report: the kept state in .nightdesk/ holds no strategy');
  return { source: '.nightdesk', window, madeAtMs: Date.now(), strategies: reports };
}

const unknownStrategy = (strategyId: string | undefined, known: readonly string[]) =>
  new UsageError(`report: --strategy must be one of ${known.join(', ')}; was "${strategyId ?? ''}"`);

function readBenchmark(path: string, io: Io): Prices {
  let text: string;
  try {
    const bytes = readFileSync(resolve(io.cwd, path));
    text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes).toString('utf8') : bytes.toString('utf8');
  } catch {
    throw new UsageError(`report: --benchmark ${path} cannot be read`);
  }
  const prices = readPrices(
    text,
    basename(path)
      .replace(/\.(csv|gz|txt)$/g, '')
      .replace(/\.csv$/, ''),
  );
  if (!prices.ok) throw new UsageError(`report: ${path}: ${prices.error}`);
  return prices.value;
}

/** What a machine wants: figures without the drawings' raw lists of sketches. */
function jsonOf({ source, window, strategies, lines }: PresentInput) {
  return {
    source,
    period: window.period,
    strategies: strategies.map(({ log, window: _, ...report }) => ({
      ...report,
      ...(log === undefined
        ? {}
        : {
            log: {
              ...log,
              ackLatency: latencyOf(log.ackLatency),
              fillLatency: latencyOf(log.fillLatency),
              errors: [...log.errors.values()],
              rejects: Object.fromEntries(log.rejects),
            },
          }),
      exposure: { ...report.exposure, largest: Object.fromEntries(report.exposure.largest) },
    })),
    ...(lines === undefined ? {} : { lines }),
  };
}

const latencyOf = (sketch: Parameters<typeof sketchQuantile>[0]) => ({
  n: sketch.count,
  p50: sketchQuantile(sketch, 0.5),
  p95: sketchQuantile(sketch, 0.95),
  p99: sketchQuantile(sketch, 0.99),
});

const jsonValue = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

const periods: readonly ReportPeriod[] = ['day', 'week', 'month'];

function readOptions({ positional, values, flags }: Arguments): Options {
  const [file, second] = positional;
  if (second !== undefined) throw new UsageError(`report: one file at a time; got "${file}" and "${second}"`);
  const [period = 'all', other] = periods.filter(each => flags.has(each));
  if (other !== undefined) throw new UsageError('report: one of --day, --week and --month');
  const optional = (name: string, key: string) => (values.has(name) ? { [key]: values.get(name) } : {});
  return {
    period,
    json: flags.has('json'),
    out: values.get('out') ?? 'reports',
    ...(file === undefined ? {} : { file }),
    ...(values.has('at') ? { atMs: readMoment(values.get('at')!) } : {}),
    ...optional('strategy', 'strategyId'),
    ...optional('config', 'config'),
    ...optional('benchmark', 'benchmark'),
  };
}

/** A date is its noon, so that it lies in the day of that name in most zones. */
function readMoment(text: string): EpochMs {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const ms = Date.parse(isDate ? `${text}T12:00:00Z` : text);
  if (Number.isNaN(ms) || (!isDate && !/(Z|[+-]\d\d:?\d\d)$/i.test(text)))
    throw new UsageError(`report: --at must be a date or an ISO 8601 time with its zone; was "${text}"`);
  return ms;
}
