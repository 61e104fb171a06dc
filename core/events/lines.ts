import { rejected, utf8Length } from './parse.ts';
import { maxLineBytes, type Rejection } from './reject.ts';

/** One line of a byte stream. `line` counts from 1. */
export type SplitLine =
  | { readonly kind: 'text'; readonly line: number; readonly text: string }
  | ({ readonly kind: 'rejected'; readonly line: number } & Rejection);

/** Cuts a stream of bytes into lines. Holds at most one unfinished line of 262,144 bytes, however long lines get. */
export interface LineSplitter {
  /** The lines that the bytes complete. */
  readonly push: (chunk: Uint8Array) => SplitLine[];
  /** The last line when the stream ends without a line end. */
  readonly end: () => SplitLine[];
}

const newline = 10;
const byteOrderMark = [0xef, 0xbb, 0xbf] as const;

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right;
  const whole = new Uint8Array(left.length + right.length);
  whole.set(left);
  whole.set(right, left.length);
  return whole;
}

const withoutReturn = (text: string) => (text.charCodeAt(text.length - 1) === 13 ? text.slice(0, -1) : text);

/**
 * Returns a splitter. Lines end in LF or CRLF; a byte order mark at the start is skipped. A line that is too long or
 * not UTF-8 is rejected by itself and its neighbours are kept.
 */
export function createLineSplitter(): LineSplitter {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest: Uint8Array = new Uint8Array(0);
  let skipping = false;
  let count = 0;
  let isStart = true;

  const decode = (bytes: Uint8Array): string | undefined => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };

  const tooLong = (): SplitLine => {
    const { code, message } = rejected('LINE_TOO_LONG', `line must have at most ${maxLineBytes} bytes`);
    return { kind: 'rejected', line: ++count, code, message };
  };

  const lineOfText = (whole: string): SplitLine => {
    const text = withoutReturn(whole);
    if (text.length * 3 > maxLineBytes && utf8Length(text) > maxLineBytes) return tooLong();
    return { kind: 'text', line: ++count, text };
  };

  const lineOfBytes = (bytes: Uint8Array): SplitLine => {
    if (bytes.length > maxLineBytes + 1) return tooLong();
    const text = decode(bytes);
    if (text !== undefined) return lineOfText(text);
    return { kind: 'rejected', line: ++count, code: 'BAD_ENCODING', message: 'line must be valid UTF-8' };
  };

  /** Lines of a block that ends in a line end. The whole block is decoded at once; only when that fails, line by line. */
  const linesOfBlock = (block: Uint8Array, into: SplitLine[]) => {
    const text = decode(block);
    if (text === undefined) {
      for (let from = 0; from < block.length; ) {
        const to = block.indexOf(newline, from);
        into.push(lineOfBytes(block.subarray(from, to)));
        from = to + 1;
      }
      return;
    }
    for (let from = 0; from < text.length; ) {
      const to = text.indexOf('\n', from);
      into.push(lineOfText(text.slice(from, to)));
      from = to + 1;
    }
  };

  const skipMark = (bytes: Uint8Array): Uint8Array => {
    const marked = byteOrderMark.every((byte, at) => bytes[at] === byte);
    return marked ? bytes.subarray(byteOrderMark.length) : bytes;
  };

  const push = (chunk: Uint8Array): SplitLine[] => {
    const lines: SplitLine[] = [];
    let bytes = chunk;
    if (isStart) {
      bytes = join(rest, chunk);
      rest = new Uint8Array(0);
      if (bytes.length < byteOrderMark.length && bytes[0] === byteOrderMark[0]) {
        rest = bytes.slice();
        return lines;
      }
      if (bytes.length === 0) return lines;
      bytes = skipMark(bytes);
      isStart = false;
    }
    if (skipping) {
      const end = bytes.indexOf(newline);
      if (end === -1) return lines;
      skipping = false;
      bytes = bytes.subarray(end + 1);
    }
    const last = bytes.lastIndexOf(newline);
    if (last !== -1) {
      linesOfBlock(join(rest, bytes.subarray(0, last + 1)), lines);
      rest = bytes.slice(last + 1);
    } else {
      rest = rest.length === 0 ? bytes.slice() : join(rest, bytes);
    }
    if (rest.length > maxLineBytes + 1) {
      lines.push(tooLong());
      skipping = true;
      rest = new Uint8Array(0);
    }
    return lines;
  };

  const end = (): SplitLine[] => {
    const left = rest;
    rest = new Uint8Array(0);
    return left.length === 0 ? [] : [lineOfBytes(left)];
  };

  return { push, end };
}

/** The lines of all chunks, one after the other. */
export function* splitLines(chunks: Iterable<Uint8Array>): Generator<SplitLine, void, undefined> {
  const splitter = createLineSplitter();
  for (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}

/** The lines of a stream of bytes, such as a file's. */
export async function* splitLinesAsync(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SplitLine, void, undefined> {
  const splitter = createLineSplitter();
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.end();
}
