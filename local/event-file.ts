/** Recorded events as a stream of lines, read twice: once to see who is in it and when, once to play it. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { splitLinesAsync } from '../core/events/lines.ts';
import { parseLine } from '../core/events/parse.ts';
import type { NightdeskEvent } from '../core/events/types.ts';
import type { EpochMs } from '../core/time/instant.ts';
import { toEpochMs } from '../core/time/instant.ts';

/** Opens the bytes from their beginning; may be called again. */
export type ByteSource = () => AsyncIterable<Uint8Array>;

export const fileSource =
  (path: string): ByteSource =>
  () => {
    const raw = createReadStream(path, { highWaterMark: 1 << 18 });
    return path.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  };

export interface SeenStrategy {
  readonly strategyId: string;
  readonly accountId: string;
  readonly venue?: string;
  /** Longest interval that its heartbeats announce. */
  readonly heartbeatSeconds?: number;
}

export interface Rejection {
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

export interface Survey {
  /** In the order of their first event. */
  readonly strategies: readonly SeenStrategy[];
  readonly events: number;
  readonly firstMs: EpochMs;
  readonly lastMs: EpochMs;
  /** Lines that are no text at all: too long, or not UTF-8. They cannot reach a log group. */
  readonly unreadable: readonly Rejection[];
}

/** A clock may not be thrown decades ahead by one bad time: jumps beyond this many days are taken as an error of the bot's clock. */
const maxJumpMs = 31 * 86_400_000;

/** Undefined when there is no event in it. */
export async function surveyEvents(source: ByteSource): Promise<Survey | undefined> {
  const strategies = new Map<string, SeenStrategy>();
  const unreadable: Rejection[] = [];
  let events = 0;
  let firstMs: EpochMs | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  for await (const line of splitLinesAsync(source())) {
    if (line.kind === 'rejected') {
      unreadable.push({ line: line.line, code: line.code, message: line.message });
      continue;
    }
    const parsed = parseLine(line.text);
    if (parsed.kind !== 'event') continue;
    const { event } = parsed;
    events += 1;
    const atMs = toEpochMs(event.tsSent);
    firstMs ??= atMs;
    lastMs = arrival(Math.max(lastMs, firstMs), atMs);
    strategies.set(event.strategyId, seen(strategies.get(event.strategyId), event));
  }
  return firstMs === undefined ? undefined : { strategies: [...strategies.values()], events, firstMs, lastMs, unreadable };
}

function seen(known: SeenStrategy | undefined, event: NightdeskEvent): SeenStrategy {
  const venue = known?.venue ?? ('venue' in event ? event.venue : undefined);
  const announced = event.eventType === 'heartbeat' ? event.intervalMs / 1_000 : 0;
  const heartbeatSeconds = Math.max(known?.heartbeatSeconds ?? 0, announced);
  if (known !== undefined && known.venue === venue && (known.heartbeatSeconds ?? 0) === heartbeatSeconds) return known;
  return {
    strategyId: event.strategyId,
    accountId: known?.accountId ?? event.accountId,
    ...(venue === undefined ? {} : { venue }),
    ...(heartbeatSeconds === 0 ? {} : { heartbeatSeconds }),
  };
}

/** When a line arrives that says it was sent at `sentMs`, after one that arrived at `previousMs`: never earlier. */
function arrival(previousMs: EpochMs, sentMs: EpochMs): EpochMs {
  return sentMs > previousMs && sentMs - previousMs <= maxJumpMs ? sentMs : previousMs;
}

export interface ArrivingLine {
  readonly atMs: EpochMs;
  readonly text: string;
  /** Of an event; other lines belong to whoever spoke last. */
  readonly strategyId?: string;
  /** The event, already read. */
  readonly event?: NightdeskEvent;
}

/** The lines with their times of arrival, which never go back. Lines without a time arrive with the one before them. */
export async function* arrivingLines(source: ByteSource, firstMs: EpochMs): AsyncGenerator<ArrivingLine> {
  let atMs = firstMs;
  for await (const line of splitLinesAsync(source())) {
    if (line.kind === 'rejected') continue;
    const parsed = parseLine(line.text);
    if (parsed.kind === 'blank') continue;
    if (parsed.kind !== 'event') {
      yield { atMs, text: line.text };
      continue;
    }
    atMs = arrival(atMs, toEpochMs(parsed.event.tsSent));
    yield { atMs, text: line.text, strategyId: parsed.event.strategyId, event: parsed.event };
  }
}
