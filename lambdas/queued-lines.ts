/** Lines on their way to the ledger: how they are packed into messages of the queue. Ingest and intake share it. */
import { createHash } from 'node:crypto';
import type { QueuedLines } from '../adapters/aws/event-queue.ts';
import { isoFromMs } from '../core/time/instant.ts';

/** A line with an identity that is the same when it is delivered again. */
export interface IdentifiedLine {
  readonly id: string;
  readonly strategyId: string;
  readonly text: string;
}

/** Bytes of lines in one queue message. */
const MESSAGE_BYTES = 200_000;
/** What the queue takes at most in one message; a single line may not pass it. Source: SQS quotas, 262,144 bytes. */
const LINE_BYTES = 250_000;

/** Why the queue cannot take the line; undefined when it can. */
export function queueRefusal(text: string): { readonly code: 'LINE_TOO_LONG'; readonly message: string } | undefined {
  const bytes = text.length < LINE_BYTES / 6 ? text.length : Buffer.byteLength(JSON.stringify(text));
  if (bytes <= LINE_BYTES) return undefined;
  return { code: 'LINE_TOO_LONG', message: `line must fit a queue message of ${LINE_BYTES} bytes` };
}

/** Messages by strategy, each in the order of its lines. Equal lines with equal ids give equal deduplication ids. */
export function queuedLines(lines: readonly IdentifiedLine[], nowMs: number): readonly QueuedLines[] {
  const byStrategy = new Map<string, IdentifiedLine[]>();
  for (const line of lines) {
    const known = byStrategy.get(line.strategyId);
    if (known === undefined) byStrategy.set(line.strategyId, [line]);
    else known.push(line);
  }
  return [...byStrategy].flatMap(([strategyId, own]) => pack(strategyId, own, isoFromMs(nowMs)));
}

function pack(strategyId: string, lines: readonly IdentifiedLine[], receivedAt: string): readonly QueuedLines[] {
  const groups: IdentifiedLine[][] = [];
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
