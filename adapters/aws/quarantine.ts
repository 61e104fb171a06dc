import { createHash } from 'node:crypto';
import { isoFromMs } from '../../core/time/instant.ts';
import type { Table } from './table.ts';

/** A line that did not validate, kept with its reason and its place. */
export interface RejectedLine {
  readonly code: string;
  readonly message: string;
  readonly line: string;
  readonly logGroup: string;
  readonly logStream: string;
  /** Time of the log event, epoch milliseconds. */
  readonly atMs: number;
  /** Identity of the log event. */
  readonly eventId: string;
}

export interface Quarantine {
  keep(lines: readonly RejectedLine[]): Promise<void>;
}

const DAYS = 30;
/** Characters kept of a line; the log group holds all of it. */
const KEPT_CHARS = 8_000;

/** Items of a day in order of time; keeping a line twice overwrites it with itself. */
export function createQuarantine(table: Table): Quarantine {
  return {
    keep: async lines => {
      const items = new Map(lines.map(itemOf).map(item => [item.sk, item]));
      await table.write([...items.values()], []);
    },
  };
}

function itemOf(rejected: RejectedLine) {
  const iso = isoFromMs(rejected.atMs);
  const hash = createHash('sha256').update(`${rejected.logGroup}\n${rejected.eventId}\n${rejected.line}`).digest('hex').slice(0, 16);
  return {
    pk: `QUARANTINE#${iso.slice(0, 10)}`,
    sk: `${iso}#${hash}`,
    code: rejected.code,
    message: rejected.message,
    line: rejected.line.slice(0, KEPT_CHARS),
    logGroup: rejected.logGroup,
    logStream: rejected.logStream,
    expiresAt: Math.floor(rejected.atMs / 1000) + DAYS * 86_400,
  };
}
