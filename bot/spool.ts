import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Batch } from './http-sink.ts';

export interface SpoolOptions {
  /** Folder of this bot alone; made when it does not exist. */
  readonly folder: string;
  /** Beyond it the oldest file is dropped and counted; absent means 64,000,000 bytes. */
  readonly maxBytes?: number;
}

/**
 * Batches on disk while intake is away. Lines are appended to one file; when that file's turn to be sent has come it is closed, and a
 * closed file never changes: cut into the same batches with the same ids after any crash, so that intake knows what it has already.
 * Nothing here throws into the strategy: lines that the disk refuses are counted.
 */
export interface Spool {
  readonly isEmpty: () => boolean;
  readonly append: (line: string) => void;
  /** Keeps a batch that was tried already, under its id, before what was appended since. */
  readonly keep: (batch: Batch) => void;
  /** The oldest batch; the same until `done`. */
  readonly next: (maxBatchBytes: number) => Batch | undefined;
  readonly done: () => void;
  /** Lines lost: by the disk, or with the oldest file when the spool was full. */
  readonly lost: () => number;
}

const pattern = /^(\d{15})-([A-Za-z0-9_-]{8,56})\.ndjson$/;
/** Lines that intake takes in one batch. */
export const MAX_BATCH_LINES = 10_000;
/** A file is closed at this size, so that dropping the oldest drops little. */
const FILE_BYTES = 4_000_000;

interface SpoolFile {
  readonly name: string;
  bytes: number;
  /** Undefined for a file of an earlier process that was not read yet. */
  lines: number | undefined;
}

/** @throws when the folder cannot be made or read. */
export function openSpool({ folder, maxBytes = 64_000_000 }: SpoolOptions): Spool {
  mkdirSync(folder, { recursive: true });
  let files: SpoolFile[] = readdirSync(folder)
    .filter(name => pattern.test(name))
    .sort()
    .map(name => ({ name, bytes: statSync(join(folder, name)).size, lines: undefined }));
  let number = Number(files.at(-1)?.name.slice(0, 15) ?? 0);
  let open: SpoolFile | undefined;
  let reading: { readonly file: SpoolFile; readonly batches: Batch[] } | undefined;
  let lost = 0;

  const newFile = (id: string): SpoolFile => {
    number += 1;
    return { name: `${String(number).padStart(15, '0')}-${id}.ndjson`, bytes: 0, lines: 0 };
  };

  const linesOf = ({ name }: SpoolFile): readonly string[] =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter(line => line !== '');

  const forget = (file: SpoolFile) => {
    files = files.filter(each => each !== file);
    if (open === file) open = undefined;
    if (reading?.file === file) reading = undefined;
  };

  /** A file that cannot be removed is sent again by the next process, under the same ids. */
  const remove = (file: SpoolFile) => {
    forget(file);
    try {
      unlinkSync(join(folder, file.name));
    } catch {}
  };

  /** Undefined for a file that somebody has taken away, or that the disk does not give back: its lines are lost. */
  const read = (file: SpoolFile): readonly string[] | undefined => {
    try {
      return linesOf(file);
    } catch {
      lost += file.lines ?? 1;
      forget(file);
      return undefined;
    }
  };

  const makeRoom = () => {
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    while (bytes > maxBytes && files.length > 1) {
      const oldest = files[0]!;
      const left = reading?.file === oldest ? reading.batches.flatMap(({ lines }) => lines) : read(oldest);
      lost += left?.length ?? 0;
      bytes -= oldest.bytes;
      remove(oldest);
    }
  };

  return {
    isEmpty: () => files.length === 0,
    append: line => {
      const file = open !== undefined && open.bytes < FILE_BYTES ? open : newFile(randomBytes(12).toString('hex'));
      try {
        appendFileSync(join(folder, file.name), `${line}\n`);
      } catch {
        lost += 1;
        // Half a line may have been written: what comes next must not be joined to it.
        open = undefined;
        return;
      }
      if (open !== file) files.push(file);
      open = file;
      file.bytes += Buffer.byteLength(line) + 1;
      file.lines = (file.lines ?? 0) + 1;
      makeRoom();
    },
    keep: batch => {
      const body = batch.lines.map(line => `${line}\n`).join('');
      const file = { ...newFile(batch.id), bytes: Buffer.byteLength(body), lines: batch.lines.length };
      try {
        writeFileSync(join(folder, file.name), body);
      } catch {
        lost += batch.lines.length;
        return;
      }
      files.push(file);
      open = undefined;
    },
    next: maxBatchBytes => {
      for (let oldest = files[0]; oldest !== undefined; oldest = files[0]) {
        if (reading?.file !== oldest) {
          if (open === oldest) open = undefined;
          const lines = read(oldest);
          if (lines === undefined) continue;
          reading = { file: oldest, batches: batchesOf(lines, pattern.exec(oldest.name)![2]!, maxBatchBytes) };
        }
        if (reading.batches[0] !== undefined) return reading.batches[0];
        remove(oldest);
      }
      return undefined;
    },
    done: () => {
      reading?.batches.shift();
      if (reading !== undefined && reading.batches.length === 0) remove(reading.file);
    },
    lost: () => lost,
  };
}

function batchesOf(lines: readonly string[], id: string, maxBatchBytes: number): Batch[] {
  const groups: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line) + 1;
    if (size + bytes > maxBatchBytes || groups.at(-1)!.length === MAX_BATCH_LINES) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(line);
    size += bytes;
  }
  return groups.map((group, index) => ({ id: index === 0 ? id : `${id}-${index}`, lines: group }));
}
