import { type CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { EpochMs } from '../../core/time/instant.ts';

/** Keeps lines in a log group, from which every number can be rebuilt. */
export interface Journal {
  /** All or an error; lines of a failed call may be kept twice after a retry, which changes no number. */
  append(group: string, stream: string, lines: readonly string[], atMs: EpochMs): Promise<void>;
}

/** Source: CloudWatch Logs API reference, PutLogEvents: bytes count 26 more per event. */
const BATCH_BYTES = 1_048_576;
const BATCH_EVENTS = 10_000;
const OVERHEAD = 26;

export function createJournal(client: CloudWatchLogsClient): Journal {
  return {
    append: async (group, stream, lines, atMs) => {
      for (const batch of journalBatches(lines)) {
        const put = () =>
          client.send(
            new PutLogEventsCommand({
              logGroupName: group,
              logStreamName: stream,
              logEvents: batch.map(message => ({ message, timestamp: atMs })),
            }),
          );
        try {
          await put();
        } catch (error) {
          if (!isNamed(error, 'ResourceNotFoundException')) throw error;
          await createStream(client, group, stream);
          await put();
        }
      }
    },
  };
}

export function journalBatches(lines: readonly string[]): readonly (readonly string[])[] {
  const all: string[][] = [];
  let bytes = 0;
  for (const line of lines) {
    const size = Buffer.byteLength(line) + OVERHEAD;
    const current = all.at(-1);
    if (current === undefined || current.length === BATCH_EVENTS || bytes + size > BATCH_BYTES) {
      all.push([line]);
      bytes = size;
    } else {
      current.push(line);
      bytes += size;
    }
  }
  return all;
}

async function createStream(client: CloudWatchLogsClient, group: string, stream: string): Promise<void> {
  try {
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream }));
  } catch (error) {
    if (!isNamed(error, 'ResourceAlreadyExistsException')) throw error;
  }
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
