/** `start --input`: recorded events through the stack, as fast as asked. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { isoFromMs } from '../../core/time/instant.ts';
import { type ByteSource, fileSource, type Survey, surveyEvents } from '../../local/event-file.ts';
import { createIntake, endOf, feed } from '../../local/replay.ts';
import type { LocalStack } from '../../local/stack.ts';
import { type Summary, summarise } from '../../local/summary.ts';
import { createWebApi } from '../../local/web-api.ts';
import { type ExitCode, type Io, UsageError } from '../command.ts';
import { onInterrupt, openStack, readConfig, usualPort, webDir } from './open-stack.ts';
import type { StartOptions } from './options.ts';
import { summaryText } from './summary-text.ts';
import { configOf } from './survey-config.ts';

type ReplayOptions = StartOptions & { readonly input: string };

export async function replay(options: ReplayOptions, io: Io): Promise<ExitCode> {
  const source = await open(options.input, io);
  const survey = await surveyEvents(source);
  const name = options.input === '-' ? 'standard input' : options.input;
  if (survey === undefined) throw new UsageError(`${name}: there is no usable event in it`);
  for (const { line, message } of survey.unreadable) io.stderr(`${name}:${line}: ${message}\n`);
  const config = options.config === undefined ? configOf(survey) : await readConfig(options.config, io);
  const intakes: { current?: ReturnType<typeof createIntake> } = {};
  const intakeOf = (stack: LocalStack) => {
    intakes.current ??= createIntake(stack, config);
    return intakes.current;
  };
  const stack = await openStack(
    {
      config,
      startMs: survey.firstMs,
      speed: options.speed ?? 'max',
      port: options.port ?? (options.headless ? 0 : usualPort(io.env)),
      ...(options.headless
        ? {}
        : {
            routes: created =>
              createWebApi(created, { config, intake: intakeOf(created), isSimulated: false, startedMs: survey.firstMs, webDir: webDir() }),
          }),
    },
    options,
    io,
  );
  let isInterrupted = false;
  const forget = onInterrupt(() => {
    isInterrupted = true;
    stack.clock.stop();
  });
  try {
    if (!options.headless) io.stderr(`replaying ${name} at ${stack.endpoint.url}\n`);
    feed(stack, intakeOf(stack), source, survey.firstMs);
    stack.begin();
    const endMs = endOf(survey.lastMs, options.drainMs);
    const done = showProgress(stack, survey.firstMs, endMs, io);
    const began = performance.now();
    await stack.clock.run(endMs);
    await stack.clock.idle();
    done();
    if (!options.untilEnd && !isInterrupted) await stayOpen(stack, io);
    else if (options.untilEnd && !isInterrupted) report(await summaryOf(stack, config, survey, endMs, began), options, io);
    return 0;
  } finally {
    forget();
    await stack.close();
  }
}

function summaryOf(stack: LocalStack, config: NightdeskConfig, survey: Survey, endMs: number, began: number): Promise<Summary> {
  return summarise({
    stack,
    config,
    strategyIds: survey.strategies.map(({ strategyId }) => strategyId),
    unreadable: survey.unreadable.length,
    fromMs: survey.firstMs,
    toMs: endMs,
    virtualMinutes: Math.floor(endMs / 60_000) - Math.floor(survey.firstMs / 60_000),
    wallSeconds: (performance.now() - began) / 1_000,
  });
}

function report(summary: Summary, options: StartOptions, io: Io): void {
  io.stdout(options.json ? `${JSON.stringify(summary, undefined, 2)}\n` : summaryText(summary));
}

/** A bar on a terminal once a second has passed. */
function showProgress(stack: LocalStack, fromMs: number, toMs: number, io: Io): () => void {
  if (!process.stderr.isTTY) return () => undefined;
  const began = performance.now();
  let shownAt = began + 500;
  const stop = stack.observe({
    onTick(atMs) {
      const now = performance.now();
      if (now - shownAt < 500) return;
      shownAt = now;
      const share = Math.min(1, (atMs - fromMs) / Math.max(1, toMs - fromMs));
      const left = Math.round(((now - began) / 1_000) * (1 / Math.max(share, 1e-6) - 1));
      const bar = '█'.repeat(Math.round(share * 24)).padEnd(24, '░');
      io.stderr(`\r${bar} ${(share * 100).toFixed(0).padStart(3)} %  ${isoFromMs(atMs).slice(0, 16).replace('T', ' ')}  ${left} s left `);
    },
  });
  return () => {
    stop();
    io.stderr('\r\u001b[K');
  };
}

async function stayOpen(stack: LocalStack, io: Io): Promise<void> {
  io.stderr(`the replay is over; ${stack.endpoint.url} stays open until Ctrl-C\n`);
  await new Promise<void>(resolve => {
    const forget = onInterrupt(() => {
      forget();
      resolve();
    });
  });
}

async function open(input: string, io: Io): Promise<ByteSource> {
  if (input === '-') {
    const chunks: Uint8Array[] = [];
    for await (const chunk of io.stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    return async function* () {
      yield* chunks;
    };
  }
  const path = resolve(io.cwd, input);
  if (!existsSync(path)) throw new UsageError(`${input}: there is no such file`);
  if (!statSync(path).isFile()) throw new UsageError(`${input}: is not a file`);
  return fileSource(path);
}
