import type { Sink } from './sinks.ts';

export interface HttpSinkOptions {
  /** Intake that takes POST of newline-delimited JSON. */
  readonly url: string;
  /** Headers that prove who sends, made from the exact body and the time; called for each attempt. */
  readonly sign?: (body: string, atMs: number) => Readonly<Record<string, string>>;
  /** Lines wait at most this long for company; absent means 1,000. */
  readonly flushAfterMs?: number;
  /** Largest body; absent means 200,000 bytes. */
  readonly maxBatchBytes?: number;
  /** Memory for lines that wait. Beyond it the oldest are dropped and counted; absent means 8,000,000 bytes. */
  readonly maxBufferBytes?: number;
  /** An attempt that takes longer is given up; absent means 10,000. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  /** Runs a function later; absent means a timer that does not keep the process alive. */
  readonly later?: (run: () => void, ms: number) => void;
}

export interface HttpSinkCounts {
  readonly sent: number;
  /** Lines that wait. */
  readonly queued: number;
  /** Lost because the buffer was full. */
  readonly dropped: number;
  /** Lines of bodies that intake refused for good (a status that no retry can change). */
  readonly refused: number;
  /** Attempts that failed and will be tried again. */
  readonly failures: number;
}

export interface HttpSink extends Sink {
  readonly counts: () => HttpSinkCounts;
}

type Outcome = { readonly kind: 'sent' } | { readonly kind: 'refused' } | { readonly kind: 'retry'; readonly afterMs?: number };

const firstDelayMs = 500;
const longestDelayMs = 30_000;

/** 408, 425, 429 and 5xx may pass later (RFC 9110 §15, RFC 6585 §4, RFC 8470 §5.2); other refusals will not. */
const mayPassLater = (status: number) => status === 408 || status === 425 || status === 429 || status >= 500;

/** Seconds of a Retry-After header in ms; the date form is not used by our intake and counts as absent. */
function retryAfterMs(header: string | null): number | undefined {
  return header !== null && /^\d{1,5}$/.test(header.trim()) ? Number(header) * 1000 : undefined;
}

/**
 * Sends lines in batches, in order, one request at a time. Delays grow from 0.5 s to 30 s and honour Retry-After.
 * While intake is away the strategy trades on: lines wait in bounded memory.
 */
export function httpSink(options: HttpSinkOptions): HttpSink {
  const { url, sign, flushAfterMs = 1000, maxBatchBytes = 200_000, maxBufferBytes = 8_000_000, timeoutMs = 10_000 } = options;
  const send = options.fetch ?? fetch;
  const now = options.now ?? Date.now;
  const later = options.later ?? ((run, ms) => void setTimeout(run, ms).unref());

  let queue: { readonly line: string; readonly bytes: number }[] = [];
  let bytes = 0;
  let sent = 0;
  let dropped = 0;
  let refused = 0;
  let failures = 0;
  let failuresInRow = 0;
  let isScheduled = false;
  let active: Promise<void> | undefined;

  const takeBatch = () => {
    let size = 0;
    let count = 0;
    while (count < queue.length && (count === 0 || size + queue[count]!.bytes <= maxBatchBytes)) size += queue[count++]!.bytes;
    const batch = queue.slice(0, count);
    queue = queue.slice(count);
    bytes -= size;
    return batch;
  };

  const post = async (body: string): Promise<Outcome> => {
    try {
      const headers = { 'content-type': 'application/x-ndjson', ...sign?.(body, now()) };
      const response = await send(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) });
      await response.arrayBuffer();
      if (response.ok) return { kind: 'sent' };
      if (!mayPassLater(response.status)) return { kind: 'refused' };
      const afterMs = retryAfterMs(response.headers.get('retry-after'));
      return { kind: 'retry', ...(afterMs === undefined ? {} : { afterMs }) };
    } catch {
      return { kind: 'retry' };
    }
  };

  const schedule = (ms: number) => {
    if (isScheduled) return;
    isScheduled = true;
    later(() => {
      isScheduled = false;
      void flush();
    }, ms);
  };

  const sendBatch = async (): Promise<'go on' | 'wait'> => {
    const batch = takeBatch();
    const outcome = await post(batch.map(({ line }) => `${line}\n`).join(''));
    if (outcome.kind === 'retry') {
      failures += 1;
      failuresInRow += 1;
      queue = [...batch, ...queue];
      bytes += batch.reduce((sum, each) => sum + each.bytes, 0);
      dropOldest();
      schedule(outcome.afterMs ?? Math.min(longestDelayMs, firstDelayMs * 2 ** (failuresInRow - 1)));
      return 'wait';
    }
    failuresInRow = 0;
    if (outcome.kind === 'sent') sent += batch.length;
    else refused += batch.length;
    return 'go on';
  };

  const drain = async () => {
    while (queue.length > 0) if ((await sendBatch()) === 'wait') return;
  };

  const flush = (): Promise<void> => {
    active ??= drain().finally(() => {
      active = undefined;
    });
    return active;
  };

  const dropOldest = () => {
    let count = 0;
    while (bytes > maxBufferBytes && count < queue.length) bytes -= queue[count++]!.bytes;
    if (count === 0) return;
    queue = queue.slice(count);
    dropped += count;
  };

  return {
    write: line => {
      const size = Buffer.byteLength(line) + 1;
      queue.push({ line, bytes: size });
      bytes += size;
      if (bytes > maxBufferBytes) dropOldest();
      if (failuresInRow > 0) return;
      if (bytes >= maxBatchBytes) void flush();
      else schedule(flushAfterMs);
    },
    close: async () => {
      await active;
      await flush();
    },
    counts: () => ({ sent, queued: queue.length, dropped, refused, failures }),
  };
}
