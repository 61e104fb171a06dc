/** A growing file as a feed of lines that survives rotation by renaming, by copying and cutting, and by replacement. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { maxLineBytes } from '../../core/events/reject.ts';
import type { Feed, Place, Reading } from './feed.ts';

interface FilePlace {
  readonly inode: number;
  readonly offset: number;
  /** Lines before the offset. */
  readonly lines: number;
  /** Hash of the first bytes, which tells a new file with an old inode. */
  readonly head: string;
  readonly headLength: number;
}

const headBytes = 256;
const chunkBytes = 1 << 20;
const newline = 10;

export interface FileFeedOptions {
  readonly path: string;
  /** Lines as the source wants them: text, or parsed. Undefined skips the line. */
  readonly toValue: (line: string) => unknown;
}

export function fileFeed({ path, toValue }: FileFeedOptions): Feed {
  return {
    read: async given => {
      const place = given as FilePlace | undefined;
      const current = statSync(path, { throwIfNoEntry: false });
      const source = place === undefined ? undefined : fileOf(path, place);
      // Nothing of the place is left: the file was replaced, and begins anew.
      const open = source ?? (current === undefined ? undefined : { path, inode: current.ino });
      if (open === undefined) throw new Error(`${path}: no such file`);
      const from = source === undefined ? { offset: 0, lines: 0 } : { offset: place!.offset, lines: place!.lines };
      const isCurrent = current !== undefined && current.ino === open.inode;
      const reading = readFrom(open.path, from, isCurrent, toValue);
      if (reading.isMore || isCurrent) return reading;
      const next = nextFile(path, open.inode);
      if (next === undefined) return reading;
      return { ...reading, place: { inode: next.inode, offset: 0, lines: 0, head: '', headLength: 0 }, isMore: true };
    },
    close: () => {},
  };
}

interface Candidate {
  readonly path: string;
  readonly inode: number;
  readonly changedMs: number;
}

/** Files that the log may have been renamed to, oldest first: those that begin with its name, or with it up to `current.` (QuickFIX). */
function family(path: string): readonly Candidate[] {
  const name = basename(path);
  const stem = name.replace(/current\.[^.]*$/, '').replace(/\.[^.]*$/, '');
  const files = readdirSync(dirname(path)).filter(each => each === name || (stem !== '' && each.startsWith(stem) && !each.endsWith('.gz')));
  return files
    .flatMap(each => {
      const stats = statSync(join(dirname(path), each), { throwIfNoEntry: false });
      return stats?.isFile() === true
        ? [{ path: join(dirname(path), each), inode: stats.ino, changedMs: each === name ? Number.POSITIVE_INFINITY : stats.mtimeMs }]
        : [];
    })
    .sort((a, b) => a.changedMs - b.changedMs);
}

/** The file that the place is in, wherever it is now; undefined when it is gone or was begun anew. */
function fileOf(path: string, place: FilePlace): Candidate | undefined {
  const found = family(path).find(each => each.inode === place.inode);
  if (found === undefined) return undefined;
  const size = statSync(found.path).size;
  if (size < place.offset) return undefined;
  return place.headLength === 0 || headOf(found.path, place.headLength).head === place.head ? found : undefined;
}

function nextFile(path: string, inode: number): Candidate | undefined {
  const files = family(path);
  return files[files.findIndex(each => each.inode === inode) + 1];
}

function headOf(path: string, length: number): { head: string; headLength: number } {
  const bytes = readBytes(path, 0, length);
  return { head: createHash('sha256').update(bytes).digest('hex').slice(0, 16), headLength: bytes.length };
}

function readBytes(path: string, from: number, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(length, Math.max(0, fstatSync(file).size - from)));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}

function readFrom(path: string, from: { offset: number; lines: number }, isCurrent: boolean, toValue: (line: string) => unknown): Reading {
  const bytes = readBytes(path, from.offset, chunkBytes);
  const isLast = bytes.length < chunkBytes;
  const problems: string[] = [];
  let end = bytes.lastIndexOf(newline) + 1;
  // The last line of a file that grows no more needs no line end; a chunk without any is one line beyond every limit.
  if (end < bytes.length && isLast && !isCurrent) end = bytes.length;
  if (end === 0 && !isLast) {
    problems.push(`${path}: line ${from.lines + 1} has more than ${maxLineBytes} bytes and is left out`);
    end = bytes.length;
  }
  const body = problems.length > 0 ? '' : bytes.subarray(0, end).toString('utf8');
  const lines = body === '' ? [] : body.replace(/\n$/, '').split('\n');
  const records = lines.flatMap((line, at) => {
    const place = `${basename(path)} line ${from.lines + at + 1}`;
    if (line.trim() === '') return [];
    const value = toValue(line.replace(/\r$/, ''));
    if (value !== undefined) return [{ place, value }];
    problems.push(`${place}: is not JSON`);
    return [];
  });
  const place: FilePlace = {
    inode: statSync(path).ino,
    offset: from.offset + end,
    lines: from.lines + lines.length,
    ...headOf(path, headBytes),
  };
  return { records, place: { ...place } as Place, isMore: !isLast, problems };
}
