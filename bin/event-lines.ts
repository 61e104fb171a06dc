/** Files of events as lines, for every command that reads one whole. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { createLineSplitter, type SplitLine } from '../core/events/lines.ts';
import { type Io, UsageError } from './command.ts';
import { reasonOf } from './unreadable.ts';

export function resolvePath(io: Io, path: string): string {
  return isAbsolute(path) ? path : join(io.cwd, path);
}

/** Every line of the file, `-` for standard input; gzip is unpacked. @throws UsageError when it cannot be read. */
export async function readEventLines(command: string, file: string, io: Io, take: (line: SplitLine) => void): Promise<void> {
  const splitter = createLineSplitter();
  try {
    for await (const chunk of await openInput(command, file, io)) {
      for (const line of splitter.push(chunk)) take(line);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${command}: ${file === '-' ? 'standard input' : file} cannot be read: ${reasonOf(error)}`);
  }
  for (const line of splitter.end()) take(line);
}

async function openInput(command: string, file: string, io: Io): Promise<AsyncIterable<Uint8Array>> {
  if (file === '-') return inflated(bytesOf(io.stdin));
  const path = resolvePath(io, file);
  const found = await stat(path);
  if (found.isDirectory()) throw new UsageError(`${command}: ${file} is a directory; give a file of events`);
  return inflated(createReadStream(path, { highWaterMark: 1 << 20 }));
}

async function* bytesOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** Unpacks gzip, told by its first two bytes; everything else passes as it is. */
async function* inflated(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = input[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < 2) {
    const next = await source.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const whole = (async function* () {
    yield head;
    yield* { [Symbol.asyncIterator]: () => source };
  })();
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const gunzip = createGunzip();
  const fed = feed(whole, gunzip);
  yield* gunzip;
  await fed;
}

async function feed(from: AsyncIterable<Uint8Array>, to: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const chunk of from) {
      if (to.destroyed) return;
      if (!to.write(chunk)) await new Promise(resolve => to.once('drain', resolve).once('close', resolve));
    }
    to.end();
  } catch (error) {
    to.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
