import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { createResourceMeter, httpSink, type Sink, startHealthServer, stdoutSink, teeSink } from '../../bot/index.ts';
import { type Candle, type CandleSource, candlesFrom, randomCandles, readCandleFile } from './market.ts';
import { createPaperBot, type PaperBot } from './paper-bot.ts';
import { type Preset, presets } from './presets.ts';

const help = `paper-bot: a bot that trades on simulated venues and reports every event

  --candles FILE    trade through the candles of a .csv or .csv.gz file
  --random          trade through made-up candles
  --realtime        made-up candles, one a minute, as a process that lives (heartbeats, resources, health endpoints)

  --out FILE        write lines to a file, compressed when it ends in .gz; absent: standard output
  --url URL         with --realtime: also send lines to an intake, such as http://127.0.0.1:8080/events
  --preset NAME     ${presets.map(({ strategyId }) => strategyId).join(', ')}; absent: the first
  --strategy ID     strategyId of the events; absent: the name of the preset
  --seed N          absent: 1
  --minutes N       with --random; absent: 1440
  --start TIME      with --random: ISO 8601; absent: 2026-01-05T00:00:00Z
  --bar-seconds N   with --realtime: seconds a minute takes; absent: 60
  --health-port N   with --realtime: serve /healthz, /ready, /startup
`;

class UsageError extends Error {}

interface Settings {
  readonly preset: Preset;
  readonly seed: number;
  readonly strategyId: string;
}

function whole(text: string | undefined, fallback: number, flag: string): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`--${flag} must be a whole number; was "${text}"`);
  return value;
}

const minuteMs = 60_000;

/** Lines to a file or to standard output, waiting when it is slow. */
function openOutput(path: string | undefined) {
  const file = path === undefined ? process.stdout : createWriteStream(path);
  const gzip = path?.endsWith('.gz') ? createGzip({ level: 6 }) : undefined;
  gzip?.pipe(file);
  const target: NodeJS.WritableStream = gzip ?? file;
  let pending: string[] = [];
  return {
    write: (line: string) => void pending.push(line),
    flush: async () => {
      if (pending.length === 0) return;
      const text = `${pending.join('\n')}\n`;
      pending = [];
      const isTaken: boolean = target.write(text);
      if (!isTaken) await once(target, 'drain');
    },
    close: async () => {
      if (path === undefined) return;
      target.end();
      await finished(file);
    },
  };
}

function createBot({ preset, seed, strategyId }: Settings, candles: CandleSource, emit: (line: string) => void): PaperBot {
  return createPaperBot({ ...preset, seed, strategyId, strategy: preset.strategy(1), candles, emit });
}

async function trade(settings: Settings, candles: readonly Candle[], out: string | undefined): Promise<void> {
  const output = openOutput(out);
  let lines = 0;
  const bot = createBot(settings, candlesFrom(candles), line => {
    lines += 1;
    output.write(line);
  });
  for (const [at, { closeMs }] of candles.entries()) {
    bot.step(closeMs);
    if (at % 500 === 0) await output.flush();
  }
  await output.flush();
  await output.close();
  process.stderr.write(`${candles.length} candles, ${lines} lines, equity ${bot.equity()} ${settings.preset.instrument.quoteCurrency}\n`);
}

function madeUp(settings: Settings, minutes: number, startMs: number): Candle[] {
  const next = randomCandles({
    ...settings.preset,
    seed: settings.seed,
    firstCloseMs: startMs + minuteMs,
    intervalMs: minuteMs,
  });
  return Array.from({ length: minutes }, () => next()!);
}

async function live(settings: Settings, barSeconds: number, url: string | undefined, healthPort: number | undefined): Promise<void> {
  const remote = url === undefined ? undefined : httpSink({ url });
  const sink: Sink = remote === undefined ? stdoutSink() : teeSink(stdoutSink(), remote);
  const firstCloseMs = Date.now();
  const meter = createResourceMeter();
  const bot = createPaperBot({
    ...settings.preset,
    seed: settings.seed,
    strategyId: settings.strategyId,
    strategy: settings.preset.strategy(1),
    candles: randomCandles({ ...settings.preset, seed: settings.seed, firstCloseMs, intervalMs: barSeconds * 1000 }),
    intervalMs: barSeconds * 1000,
    runId: firstCloseMs.toString(36),
    resources: meter,
    emit: sink.write,
  });
  let lastStepMs = 0;
  const step = () => {
    lastStepMs = Date.now();
    bot.step(lastStepMs);
  };
  const isFresh = () => Date.now() - lastStepMs < 3 * barSeconds * 1000;
  const health =
    healthPort === undefined
      ? undefined
      : await startHealthServer({
          port: healthPort,
          startup: () => lastStepMs > 0,
          readiness: () => ({ ok: isFresh(), reasons: isFresh() ? [] : ['no candle for three bars'] }),
        });
  step();
  const timer = setInterval(step, barSeconds * 1000);
  const stop = async () => {
    clearInterval(timer);
    await health?.close();
    await sink.close();
  };
  process.once('SIGINT', () => void stop());
  process.once('SIGTERM', () => void stop());
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      candles: { type: 'string' },
      random: { type: 'boolean' },
      realtime: { type: 'boolean' },
      out: { type: 'string' },
      url: { type: 'string' },
      preset: { type: 'string' },
      strategy: { type: 'string' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      start: { type: 'string' },
      'bar-seconds': { type: 'string' },
      'health-port': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const preset = presets.find(({ strategyId }) => strategyId === (values.preset ?? presets[0]!.strategyId));
  if (preset === undefined)
    throw new UsageError(`unknown preset "${values.preset}"; there are ${presets.map(each => each.strategyId).join(', ')}`);
  const settings: Settings = { preset, seed: whole(values.seed, 1, 'seed'), strategyId: values.strategy ?? preset.strategyId };
  if (values.realtime) {
    const port = values['health-port'] === undefined ? undefined : whole(values['health-port'], 0, 'health-port');
    await live(settings, Math.max(1, whole(values['bar-seconds'], 60, 'bar-seconds')), values.url, port);
  } else if (values.candles !== undefined) {
    await trade(settings, readCandleFile(values.candles), values.out);
  } else if (values.random) {
    const startMs = Date.parse(values.start ?? '2026-01-05T00:00:00Z');
    if (Number.isNaN(startMs)) throw new UsageError(`--start must be an ISO 8601 time; was "${values.start}"`);
    await trade(settings, madeUp(settings, whole(values.minutes, 1440, 'minutes'), startMs), values.out);
  } else throw new UsageError('say --candles FILE, --random or --realtime; see --help');
}

main().catch((error: unknown) => {
  const isUsage =
    error instanceof UsageError ||
    (error instanceof Error && 'code' in error) ||
    (error instanceof Error && /^line \d+:/.test(error.message));
  process.stderr.write(`paper-bot: ${isUsage ? (error as Error).message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 2;
});
