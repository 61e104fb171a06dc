import { gunzipSync } from 'node:zlib';
import type { CloudWatchLogsDecodedData, CloudWatchLogsEvent, CloudWatchLogsLogEvent } from 'aws-lambda';
import type { EventQueue } from '../../adapters/aws/event-queue.ts';
import type { Output } from '../../adapters/aws/output.ts';
import type { Quarantine, RejectedLine } from '../../adapters/aws/quarantine.ts';
import { parseLine } from '../../core/events/parse.ts';
import { type IdentifiedLine, queuedLines, queueRefusal } from '../queued-lines.ts';

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

/** Reads a delivery of the log service, keeps what is wrong and passes on what is right. A failure repeats the whole delivery. */
export async function ingest(event: CloudWatchLogsEvent, tools: IngestTools): Promise<void> {
  const data = JSON.parse(gunzipSync(Buffer.from(event.awslogs.data, 'base64')).toString('utf8')) as CloudWatchLogsDecodedData;
  if (data.messageType !== 'DATA_MESSAGE') return;
  const nowMs = tools.now();
  const { lines, rejected } = sort(data);
  await tools.queue.send(queuedLines(lines, nowMs));
  if (rejected.length > 0) {
    await tools.quarantine.keep(rejected);
    tools.output.warn('lines rejected', { logGroup: data.logGroup, count: rejected.length, first: rejected[0]?.message });
  }
  const oldest = data.logEvents.reduce((least, { timestamp }) => Math.min(least, timestamp), nowMs);
  tools.output.metrics(tools.metricLines({ rejectedLines: rejected.length, ingestLagMs: nowMs - oldest }, nowMs));
}

function sort(data: CloudWatchLogsDecodedData) {
  const lines: IdentifiedLine[] = [];
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
      const tooLong = queueRefusal(text);
      if (tooLong === undefined) lines.push({ id: logEvent.id, strategyId: parsed.event.strategyId, text });
      else reject(tooLong.code, tooLong.message);
    }
  }
  return { lines, rejected };
}

/** A log event is one line, unless an agent put several into one. */
function linesOf({ message }: CloudWatchLogsLogEvent): readonly string[] {
  const text = message.endsWith('\n') ? message.slice(0, -1) : message;
  return text.includes('\n') && parseLine(text).kind === 'rejected' ? text.split('\n') : [text];
}
