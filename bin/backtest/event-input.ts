/** `--events`: a file of events as history. */
import { eventHistory } from '../../adapters/history/event-history.ts';
import type { BacktestHistory } from '../../core/backtest/history.ts';
import type { NightdeskConfig } from '../../core/config/types.ts';
import { silenceBreach } from '../../core/health/silence-breach.ts';
import { telemetryBreach } from '../../core/health/telemetry-breach.ts';
import { type ArrivingLine, arrivingLines, type ByteSource, fileSource, type Survey, surveyEvents } from '../../local/event-file.ts';
import { UsageError } from '../command.ts';

export interface EventInput {
  readonly survey: Survey;
  /** The events as the functions of this config would have published them. */
  readonly history: (config: NightdeskConfig, span: { readonly fromMs?: number; readonly toMs?: number }) => Promise<BacktestHistory>;
}

const MINUTE = 60_000;

/** @throws UsageError when there is no usable event in the file. */
export async function openEvents(path: string, name: string): Promise<EventInput> {
  const source = readable(fileSource(path), name);
  const survey = await surveyEvents(source);
  if (survey === undefined) throw new UsageError(`${name}: there is no usable event in it`);
  return {
    survey,
    history: async (config, { fromMs, toMs }) => {
      // Books need the past: everything is folded, and the span decides which evaluations count.
      const lastMs = Math.floor(survey.lastMs / MINUTE) * MINUTE + MINUTE;
      const endMs = Math.min(toMs ?? lastMs, lastMs);
      if (fromMs !== undefined && fromMs >= lastMs)
        throw new UsageError(`${name}: there is no event after ${new Date(fromMs).toISOString()}`);
      if (endMs <= survey.firstMs) throw new UsageError(`${name}: there is no event before ${new Date(endMs).toISOString()}`);
      const history = await eventHistory(until(arrivingLines(source, survey.firstMs), endMs), {
        config,
        fromMs: survey.firstMs,
        toMs: endMs,
        name,
        silenceBreach,
        telemetryBreach,
      });
      if (fromMs === undefined || fromMs <= survey.firstMs) return history;
      return { ...history, fromMs, fast: (history.fast ?? []).filter(({ saidAtMs }) => saidAtMs >= fromMs) };
    },
  };
}

async function* until(lines: AsyncIterable<ArrivingLine>, endMs: number): AsyncGenerator<ArrivingLine> {
  for await (const line of lines) {
    if (line.atMs > endMs) return;
    yield line;
  }
}

/** A file that is no gzip, or was cut, is the user's to know. */
function readable(source: ByteSource, name: string): ByteSource {
  return async function* () {
    try {
      yield* source();
    } catch (error) {
      throw new UsageError(`${name}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
