import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { CloudWatchLogsDecodedData, CloudWatchLogsEvent, CloudWatchLogsLogEvent } from 'aws-lambda';
import type { EventQueue, QueuedLines } from '../../adapters/aws/event-queue.ts';
import type { Output } from '../../adapters/aws/output.ts';
import type { Quarantine, RejectedLine } from '../../adapters/aws/quarantine.ts';
import { parseLine } from '../../core/events/parse.ts';
import { isoFromMs } from '../../core/time/instant.ts';

export interface IngestTools {
  readonly queue: EventQueue;
  readonly quarantine: Quarantine;
  readonly output: Output;
  readonly now: () => number;
  /** Metric lines of what was counted. */
  readonly metricLines: (counted: IngestCounts, nowMs: number) => readonly string[];
}

export interface IngestCounts {
  readonly rejectedLines: number;
  /** Age of the oldest line of the batch. */
  readonly ingestLagMs: number;
}

/** A line with the identity of the log event that carried it. */
interface Line {
  readonly id: string;
  readonly text: string;
}

/** Bytes of lines in one queue message. */
const MESSAGE_BYTES = 200_000;
/** What the queue takes at most in one message; a single line may not pass it. Source: SQS quotas, 262,144 bytes. */
const LINE_BYTES = 250_000;

/** Reads a delivery of the log service, keeps what is wrong and passes on what is right. A failure repeats the whole delivery. */
export async function ingest(event: CloudWatchLogsEvent, tools: IngestTools): Promise<void> {
  const data = JSON.parse(gunzipSync(Buffer.from(event.awslogs.data, 'base64')).toString('utf8')) as CloudWatchLogsDecodedData;
  if (data.messageType !== 'DATA_MESSAGE') return;
  const nowMs = tools.now();
  const { byStrategy, rejected } = sort(data);
  await tools.queue.send([...byStrategy].flatMap(([strategyId, lines]) => pack(strategyId, lines, isoFromMs(nowMs))));
  if (rejected.length > 0) {
    await tools.quarantine.keep(rejected);
    tools.output.warn('lines rejected', { logGroup: data.logGroup, count: rejected.length, first: rejected[0]?.message });
  }
  const oldest = data.logEvents.reduce((least, { timestamp }) => Math.min(least, timestamp), nowMs);
  tools.output.metrics(tools.metricLines({ rejectedLines: rejected.length, ingestLagMs: nowMs - oldest }, nowMs));
}

function sort(data: CloudWatchLogsDecodedData) {
  const byStrategy = new Map<string, Line[]>();
  const rejected: RejectedLine[] = [];
  for (const logEvent of data.logEvents) {
    for (const text of linesOf(logEvent)) {
      const parsed = parseLine(text);
      const reject = (code: string, message: string) => {
        rejected.push({
          code,
          message,
          line: text,
          logGroup: data.logGroup,
          logStream: data.logStream,
          atMs: logEvent.timestamp,
          eventId: logEvent.id,
        });
      };
      if (parsed.kind === 'rejected') reject(parsed.code, parsed.message);
      if (parsed.kind !== 'event') continue;
      if (encodedBytes(text) > LINE_BYTES) {
        reject('LINE_TOO_LONG', `line must fit a queue message of ${LINE_BYTES} bytes`);
        continue;
      }
      const lines = byStrategy.get(parsed.event.strategyId);
      if (lines === undefined) byStrategy.set(parsed.event.strategyId, [{ id: logEvent.id, text }]);
      else lines.push({ id: logEvent.id, text });
    }
  }
  return { byStrategy, rejected };
}

/** A log event is one line, unless an agent put several into one. */
function linesOf({ message }: CloudWatchLogsLogEvent): readonly string[] {
  const text = message.endsWith('\n') ? message.slice(0, -1) : message;
  return text.includes('\n') && parseLine(text).kind === 'rejected' ? text.split('\n') : [text];
}

const encodedBytes = (text: string) => (text.length < LINE_BYTES / 6 ? text.length : Buffer.byteLength(JSON.stringify(text)));

/** Messages of one strategy in the order of its lines. Equal deliveries give equal deduplication ids. */
function pack(strategyId: string, lines: readonly Line[], receivedAt: string): readonly QueuedLines[] {
  const groups: Line[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const size = Buffer.byteLength(JSON.stringify(line.text)) + 1;
    if (bytes + size > MESSAGE_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(line);
    bytes += size;
  }
  return groups.map(group => ({
    strategyId,
    body: JSON.stringify({ v: 1, strategyId, receivedAt, lines: group.map(({ text }) => text) }),
    deduplicationId: createHash('sha256')
      .update(strategyId)
      .update(group.map(({ id, text }) => `\n${id}\n${text}`).join(''))
      .digest('hex'),
  }));
}
