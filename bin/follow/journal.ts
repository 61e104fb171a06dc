/**
 * The files of a follower: `spool.ndjson` with events that wait, and `state.json` with how far the feed was read, what the mapping
 * remembers, and which part of the spool counts. The state is replaced by an atomic rename and is the only commit point:
 * bytes of the spool beyond it are cut off at start, since their records will be read again.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Memory } from '../../adapters/sources/source.ts';
import type { Place } from './feed.ts';

interface State {
  readonly version: 1;
  /** The file or address whose place this is; absent in folders of before it was kept. */
  readonly of?: string;
  readonly place?: Place;
  readonly memory?: Memory;
  /** Bytes of the spool that were sent, and that hold events. */
  readonly sent: number;
  readonly size: number;
  /** Events in the bytes that wait. */
  readonly waiting: number;
}

export interface FollowJournal {
  readonly place: () => Place | undefined;
  readonly memory: () => Memory | undefined;
  readonly waiting: () => number;
  readonly waitingBytes: () => number;
  /** Events and the new place, in one commit. */
  readonly append: (lines: readonly string[], place: Place, memory: Memory) => void;
  /** The oldest lines that wait, up to so many bytes; at least one. */
  readonly oldest: (maxBytes: number) => readonly string[];
  /** These lines, the oldest, were taken by the intake. */
  readonly drop: (lines: readonly string[]) => void;
  readonly close: () => void;
}

const bytesOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);

/** @throws when the folder cannot be written, or its state is of a newer release or of another file or address. */
export function openJournal(folder: string, of?: string): FollowJournal {
  mkdirSync(folder, { recursive: true });
  const statePath = join(folder, 'state.json');
  const empty: State = { version: 1, sent: 0, size: 0, waiting: 0 };
  let state: State = existsSync(statePath) ? (JSON.parse(readFileSync(statePath, 'utf8')) as State) : empty;
  if (state.version !== 1) throw new Error(`${statePath} was written by a newer release`);
  if (of !== undefined && state.of !== undefined && state.of !== of) throw new Error(`it follows ${state.of}; give each its own`);
  const spool = openSync(join(folder, 'spool.ndjson'), existsSync(join(folder, 'spool.ndjson')) ? 'r+' : 'w+');
  ftruncateSync(spool, state.size);

  const commit = (next: State) => {
    const file = openSync(`${statePath}.part`, 'w');
    writeSync(file, JSON.stringify(next));
    fsyncSync(file);
    closeSync(file);
    renameSync(`${statePath}.part`, statePath);
    state = next;
  };

  // At once, before anything is read: two followers that are started beside each other must not share a spool.
  if (of !== undefined && state.of === undefined) commit({ ...state, of });

  const append = (lines: readonly string[], place: Place, memory: Memory) => {
    const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''));
    if (bytes.length > 0) {
      writeSync(spool, bytes, 0, bytes.length, state.size);
      fsyncSync(spool);
    }
    commit({ ...state, place, memory, size: state.size + bytes.length, waiting: state.waiting + lines.length });
  };

  const oldest = (maxBytes: number): readonly string[] => {
    const bytes = Buffer.alloc(Math.min(state.size - state.sent, maxBytes));
    readSync(spool, bytes, 0, bytes.length, state.sent);
    const end = bytes.lastIndexOf(10);
    if (end === -1) return bytes.length === 0 ? [] : oldest(maxBytes * 2);
    return bytes.subarray(0, end).toString('utf8').split('\n');
  };

  const drop = (lines: readonly string[]) => {
    const sent = state.sent + bytesOf(lines);
    const isEmpty = sent >= state.size;
    commit({ ...state, sent: isEmpty ? 0 : sent, size: isEmpty ? 0 : state.size, waiting: Math.max(0, state.waiting - lines.length) });
    if (isEmpty) ftruncateSync(spool, 0);
  };

  return {
    place: () => state.place,
    memory: () => state.memory,
    waiting: () => state.waiting,
    waitingBytes: () => state.size - state.sent,
    append,
    oldest,
    drop,
    close: () => closeSync(spool),
  };
}
