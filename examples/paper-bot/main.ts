import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import {
  createResourceMeter,
  createSigner,
  httpSink,
  type Sign,
  type Sink,
  startHealthServer,
  stdoutSink,
  teeSink,
} from '../../bot/index.ts';
import { candlesFrom, readCandleFile } from './market.ts';
import { createPaperBot } from './paper-bot.ts';
import { type Preset, presets } from './presets.ts';
import { type WarmStart, warmStart } from './warm-up.ts';

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
  if (path !== undefined) file.on('error', fail);
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

/** Trades through minutes one after the other; `closeOf` says when each ends, or undefined after the last. */
async function trade(
  settings: Settings,
  market: WarmStart,
  closeOf: (minute: number) => number | undefined,
  out: string | undefined,
): Promise<void> {
  const output = openOutput(out);
  let lines = 0;
  const bot = createPaperBot({
    ...settings.preset,
    ...market,
    seed: settings.seed,
    strategyId: settings.strategyId,
    emit: line => {
      lines += 1;
      output.write(line);
    },
  });
  let minute = 0;
  for (let closeMs = closeOf(minute); closeMs !== undefined; closeMs = closeOf(++minute)) {
    bot.step(closeMs);
    if (minute % 500 === 0) await output.flush();
  }
  await output.flush();
  await output.close();
  process.stderr.write(`${minute} candles, ${lines} lines, equity ${bot.equity()} ${settings.preset.instrument.quoteCurrency}\n`);
}

/** With NIGHTDESK_KEY, batches are signed for the bot whose id ends the address; the plain `/events` of a local stack needs none. */
function signing(url: string): { readonly sign?: Sign } {
  const key = process.env['NIGHTDESK_KEY'];
  return key === undefined ? {} : { sign: createSigner({ bot: new URL(url).pathname.split('/').at(-1) ?? '', key }) };
}

async function live(settings: Settings, barSeconds: number, url: string | undefined, healthPort: number | undefined): Promise<void> {
  const remote = url === undefined ? undefined : httpSink({ url, ...signing(url) });
  const sink: Sink = remote === undefined ? stdoutSink() : teeSink(stdoutSink(), remote);
  const firstCloseMs = Date.now();
  const meter = createResourceMeter();
  const bot = createPaperBot({
    ...settings.preset,
    seed: settings.seed,
    strategyId: settings.strategyId,
    ...warmStart(settings.preset, { seed: settings.seed, startPrice: settings.preset.startPrice, firstCloseMs }),
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
    const candles = readCandleFile(values.candles);
    const market = { candles: candlesFrom(candles), strategy: preset.strategy(1) };
    await trade(settings, market, minute => candles[minute]?.closeMs, values.out);
  } else if (values.random) {
    const startMs = Date.parse(values.start ?? '2026-01-05T00:00:00Z');
    if (Number.isNaN(startMs)) throw new UsageError(`--start must be an ISO 8601 time; was "${values.start}"`);
    const minutes = whole(values.minutes, 1440, 'minutes');
    const market = warmStart(preset, { seed: settings.seed, startPrice: preset.startPrice, firstCloseMs: startMs });
    await trade(settings, market, minute => (minute < minutes ? startMs + (minute + 1) * minuteMs : undefined), values.out);
  } else throw new UsageError('say --candles FILE, --random or --realtime; see --help');
}

function fail(error: unknown): never {
  const isPlain = error instanceof UsageError || (error instanceof Error && ('code' in error || /^line \d+:/.test(error.message)));
  process.stderr.write(`paper-bot: ${isPlain ? (error as Error).message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(2);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  fail(error);
});

main().catch(fail);
