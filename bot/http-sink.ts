import { randomBytes } from 'node:crypto';
import type { Sign } from './sign.ts';
import type { Sink } from './sinks.ts';
import { MAX_BATCH_LINES, openSpool, type SpoolOptions } from './spool.ts';

export interface HttpSinkOptions {
  /** Intake that takes POST of newline-delimited JSON: `https://…/events/BOT`, or `/events` of a local stack. */
  readonly url: string;
  /** See `createSigner`; called for each attempt. Only the `/events` of a local stack takes what is not signed. */
  readonly sign?: Sign;
  /** Lines wait at most this long for company; absent means 1,000. */
  readonly flushAfterMs?: number;
  /** Largest body, at most the 1,048,576 bytes that intake takes; absent means 200,000 bytes. */
  readonly maxBatchBytes?: number;
  /** Memory for lines that wait. Beyond it the oldest are dropped and counted; absent means 8,000,000 bytes. */
  readonly maxBufferBytes?: number;
  /** Keeps lines on disk while intake is away, also across restarts; absent means in memory only. */
  readonly spool?: SpoolOptions;
  /** An attempt that takes longer is given up; absent means 10,000. */
  readonly timeoutMs?: number;
  /** Told in one line why intake refused a batch or lines of it; must not throw. */
  readonly onRefusal?: (text: string) => void;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  /** Runs a function later; absent means a timer that does not keep the process alive. */
  readonly later?: (run: () => void, ms: number) => void;
  /** Identity of a batch; absent means 96 random bits. */
  readonly newBatchId?: () => string;
}

/** Lines that are sent together, under one id at every attempt. */
export interface Batch {
  readonly id: string;
  readonly lines: readonly string[];
}

export interface HttpSinkCounts {
  readonly sent: number;
  /** Lines that wait in memory. */
  readonly queued: number;
  /** Lost because buffer or spool was full, or the disk refused them. */
  readonly dropped: number;
  /** Lines of bodies that intake refused for good (a status that no retry can change). */
  readonly refused: number;
  /** Attempts that failed and will be tried again. */
  readonly failures: number;
}

export interface HttpSink extends Sink {
  readonly counts: () => HttpSinkCounts;
}

type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused' }
  /** Another body was accepted under this id: it needs a new one. */
  | { readonly kind: 'reused' }
  | { readonly kind: 'retry'; readonly afterMs?: number };

const firstDelayMs = 500;
const longestDelayMs = 30_000;
const largestBatchBytes = 1_048_576;

/**
 * 408, 425, 429 and 5xx may pass later (RFC 9110 §15, RFC 6585 §4, RFC 8470 §5.2). 401, 403, 404 and redirections are a key, an address, a clock or a
 * stage being deployed that somebody will put right: no fill may be lost to that. Other refusals are of these very lines and stay.
 */
const isWrongSetting = (status: number) => [401, 403, 404].includes(status) || (status >= 300 && status < 400);
const mayPassLater = (status: number) => isWrongSetting(status) || [408, 425, 429].includes(status) || status >= 500;

/** Seconds of a Retry-After header in ms; the date form is not used by our intake and counts as absent. */
function retryAfterMs(header: string | null): number | undefined {
  return header !== null && /^\d{1,5}$/.test(header.trim()) ? Number(header) * 1000 : undefined;
}

/** What answered, if it was intake: a proxy or a gateway before it says less, or something else. */
interface Said {
  readonly code?: string;
  /** On one line; absent when everything was fine. */
  readonly problem?: string;
  /** Neither JSON nor nothing: whoever says so is not intake, and has kept nothing. */
  readonly isForeign: boolean;
}

function readAnswer(status: number, text: string): Said {
  const bare = status < 300 ? {} : { problem: `answer ${status}` };
  if (text.trim() === '') return { ...bare, isForeign: false };
  try {
    const { error, rejected } = JSON.parse(text) as {
      readonly error?: { readonly code?: string; readonly message?: string };
      readonly rejected?: readonly { readonly line: number; readonly code: string; readonly message: string }[];
    };
    const [first] = rejected ?? [];
    const lines = first === undefined ? '' : `${rejected!.length} lines refused; line ${first.line} ${first.code}: ${first.message}`;
    const whole = error === undefined ? '' : `${status} ${error.code}: ${error.message}`;
    const problem = [whole, lines].filter(part => part !== '').join('; ');
    return {
      ...bare,
      ...(problem === '' ? {} : { problem }),
      ...(error?.code === undefined ? {} : { code: error.code }),
      isForeign: false,
    };
  } catch {
    return { problem: `answer ${status}${status < 300 ? ' of something that is not intake' : ''}`, isForeign: true };
  }
}

function outcomeOf(status: number, { code, isForeign }: Said, retryAfter: string | null): Outcome {
  // A missing or odd header is a setting too: no key, no id of the bot.
  if (isWrongSetting(status) || code === 'BAD_HEADER' || (status < 300 && isForeign)) return { kind: 'retry', afterMs: longestDelayMs };
  if (status < 300) return { kind: 'sent' };
  if (code === 'BATCH_REUSED') return { kind: 'reused' };
  if (!mayPassLater(status)) return { kind: 'refused' };
  const afterMs = retryAfterMs(retryAfter);
  return { kind: 'retry', ...(afterMs === undefined ? {} : { afterMs }) };
}

/**
 * Sends lines in batches, in order, one request at a time. Delays grow from 0.5 s to 30 s and honour Retry-After.
 * While intake is away the strategy trades on: lines wait in bounded memory, or on disk.
 */
export function httpSink(options: HttpSinkOptions): HttpSink {
  const { url, sign, flushAfterMs = 1000, maxBufferBytes = 8_000_000, timeoutMs = 10_000 } = options;
  const maxBatchBytes = Math.min(options.maxBatchBytes ?? 200_000, largestBatchBytes);
  const send = options.fetch ?? fetch;
  const now = options.now ?? Date.now;
  const later = options.later ?? ((run, ms) => void setTimeout(run, ms).unref());
  const newBatchId = options.newBatchId ?? (() => randomBytes(12).toString('hex'));
  const spool = options.spool === undefined ? undefined : openSpool(options.spool);

  let queue: { readonly line: string; readonly bytes: number }[] = [];
  /** A batch that was tried: it keeps its id and its lines until intake has decided. */
  let pending: Batch | undefined;
  let bytes = 0;
  let sent = 0;
  let dropped = 0;
  let refused = 0;
  let failures = 0;
  let failuresInRow = 0;
  let isScheduled = false;
  let active: Promise<void> | undefined;

  const takeFromMemory = (): Batch | undefined => {
    if (pending !== undefined || queue.length === 0) return pending;
    let size = 0;
    let count = 0;
    while (count < Math.min(queue.length, MAX_BATCH_LINES) && (count === 0 || size + queue[count]!.bytes <= maxBatchBytes))
      size += queue[count++]!.bytes;
    pending = { id: newBatchId(), lines: queue.slice(0, count).map(({ line }) => line) };
    queue = queue.slice(count);
    bytes -= size;
    return pending;
  };

  const isSpooling = () => spool !== undefined && !spool.isEmpty();

  const tell = (problem: string) => {
    try {
      options.onRefusal?.(problem);
    } catch {}
  };

  const post = async ({ id, lines }: Batch): Promise<Outcome> => {
    const body = lines.map(line => `${line}\n`).join('');
    try {
      const headers = { 'content-type': 'application/x-ndjson', ...sign?.(body, now(), id) };
      const response = await send(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) });
      const said = readAnswer(response.status, await response.text());
      if (said.problem !== undefined) tell(said.problem);
      return outcomeOf(response.status, said, response.headers.get('retry-after'));
    } catch {
      return { kind: 'retry' };
    }
  };

  let newestTimer = 0;
  const wakeAfter = (ms: number) => {
    isScheduled = true;
    newestTimer += 1;
    const timer = newestTimer;
    later(() => {
      if (timer !== newestTimer) return;
      isScheduled = false;
      void flush();
    }, ms);
  };
  const schedule = (ms: number) => {
    if (!isScheduled) wakeAfter(ms);
  };

  /** What waits in memory goes to disk in its order: first the batch that was tried, under its id. */
  const moveToDisk = () => {
    if (spool === undefined) return;
    if (pending !== undefined) spool.keep(pending);
    for (const { line } of queue) spool.append(line);
    pending = undefined;
    queue = [];
    bytes = 0;
  };

  const dropOldest = () => {
    let count = 0;
    while (bytes > maxBufferBytes && count < queue.length) bytes -= queue[count++]!.bytes;
    if (count === 0) return;
    queue = queue.slice(count);
    dropped += count;
  };

  const sendNext = async (): Promise<'go on' | 'wait' | 'done'> => {
    const fromDisk = isSpooling();
    const batch = fromDisk ? spool!.next(maxBatchBytes) : takeFromMemory();
    if (batch === undefined) {
      failuresInRow = 0;
      return 'done';
    }
    const first = await post(batch);
    const outcome = first.kind === 'reused' ? await post({ ...batch, id: newBatchId() }) : first;
    if (outcome.kind === 'retry') {
      failures += 1;
      failuresInRow += 1;
      if (!fromDisk) moveToDisk();
      // Also when lines that were written meanwhile have set a shorter one.
      wakeAfter(outcome.afterMs ?? Math.min(longestDelayMs, firstDelayMs * 2 ** (failuresInRow - 1)));
      return 'wait';
    }
    failuresInRow = 0;
    if (fromDisk) spool!.done();
    else pending = undefined;
    if (outcome.kind === 'sent') sent += batch.lines.length;
    else refused += batch.lines.length;
    return 'go on';
  };

  const drain = async () => {
    while ((await sendNext()) === 'go on') {}
  };

  const flush = (): Promise<void> => {
    active ??= drain()
      .catch(() => wakeAfter(longestDelayMs))
      .finally(() => {
        active = undefined;
      });
    return active;
  };

  if (isSpooling()) schedule(flushAfterMs);
  // A process that ends without `close`, by an exception for one, keeps what waits for the next one.
  const atExit = spool === undefined ? undefined : moveToDisk;
  if (atExit !== undefined) process.on('exit', atExit);
  return {
    write: line => {
      if (isSpooling()) {
        spool!.append(line);
        return;
      }
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
      if (atExit !== undefined && queue.length === 0) process.off('exit', atExit);
    },
    counts: () => ({
      sent,
      queued: queue.length + (pending?.lines.length ?? 0),
      dropped: dropped + (spool?.lost() ?? 0),
      refused,
      failures,
    }),
  };
}
