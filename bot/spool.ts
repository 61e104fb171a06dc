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
/** A file is closed at this size, so that dropping the oldest drops little. */
const FILE_BYTES = 4_000_000;

/** @throws when the folder cannot be made or read. */
export function openSpool({ folder, maxBytes = 64_000_000 }: SpoolOptions): Spool {
  mkdirSync(folder, { recursive: true });
  let files = readdirSync(folder)
    .filter(name => pattern.test(name))
    .sort();
  let bytes = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  let number = Number(files.at(-1)?.slice(0, 15) ?? 0);
  let open: { readonly name: string; bytes: number } | undefined;
  let reading: { readonly name: string; batches: Batch[] } | undefined;
  let lost = 0;

  const nameOf = (id: string) => {
    number += 1;
    return `${String(number).padStart(15, '0')}-${id}.ndjson`;
  };

  const linesOf = (name: string): readonly string[] =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter(line => line !== '');

  const remove = (name: string) => {
    bytes -= statSync(join(folder, name)).size;
    unlinkSync(join(folder, name));
    files = files.filter(file => file !== name);
    if (open?.name === name) open = undefined;
  };

  const makeRoom = () => {
    while (bytes > maxBytes && files.length > 1) {
      const oldest = files[0]!;
      lost += reading?.name === oldest ? reading.batches.reduce((sum, batch) => sum + batch.lines.length, 0) : linesOf(oldest).length;
      if (reading?.name === oldest) reading = undefined;
      remove(oldest);
    }
  };

  const attempt = (lines: number, run: () => void) => {
    try {
      run();
    } catch {
      lost += lines;
    }
  };

  return {
    isEmpty: () => files.length === 0,
    append: line =>
      attempt(1, () => {
        if (open === undefined || open.bytes >= FILE_BYTES) {
          open = { name: nameOf(randomBytes(12).toString('hex')), bytes: 0 };
          files.push(open.name);
        }
        appendFileSync(join(folder, open.name), `${line}\n`);
        const size = Buffer.byteLength(line) + 1;
        open.bytes += size;
        bytes += size;
        makeRoom();
      }),
    keep: batch =>
      attempt(batch.lines.length, () => {
        const name = nameOf(batch.id);
        const body = batch.lines.map(line => `${line}\n`).join('');
        writeFileSync(join(folder, name), body);
        files.push(name);
        bytes += Buffer.byteLength(body);
        open = undefined;
      }),
    next: maxBatchBytes => {
      for (let oldest = files[0]; oldest !== undefined; oldest = files[0]) {
        if (reading?.name !== oldest) {
          if (open?.name === oldest) open = undefined;
          reading = { name: oldest, batches: batchesOf(linesOf(oldest), pattern.exec(oldest)![2]!, maxBatchBytes) };
        }
        if (reading.batches[0] !== undefined) return reading.batches[0];
        remove(oldest);
        reading = undefined;
      }
      return undefined;
    },
    done: () => {
      reading?.batches.shift();
      if (reading === undefined || reading.batches.length > 0) return;
      remove(reading.name);
      reading = undefined;
    },
    lost: () => lost,
  };
}

function batchesOf(lines: readonly string[], id: string, maxBatchBytes: number): Batch[] {
  const groups: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line) + 1;
    if (size + bytes > maxBatchBytes) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(line);
    size += bytes;
  }
  return groups.map((group, index) => ({ id: index === 0 ? id : `${id}-${index}`, lines: group }));
}
