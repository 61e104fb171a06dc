import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter, type SplitLine, splitLines, splitLinesAsync } from '../../core/events/lines.ts';

const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

const short = (line: SplitLine) => (line.kind === 'text' ? line.text : `${line.line}: ${line.code}`);
const split = (...chunks: readonly Uint8Array[]) => [...splitLines(chunks)].map(short);

describe('a stream of bytes', () => {
  it('is cut at LF and CRLF, with or without an end on the last line', () => {
    expect(split(bytes('a\nb\r\n\nc'))).toEqual(['a', 'b', '', 'c']);
    expect(split(bytes('a\nb\n'))).toEqual(['a', 'b']);
    expect(split(bytes(''))).toEqual([]);
  });

  it('loses its byte order mark, and only at the start', () => {
    expect(split(bytes('\ufeffa\n\ufeffb'))).toEqual(['a', '\ufeffb']);
  });

  it('keeps the neighbours of a line that is not UTF-8', () => {
    expect(split(bytes('good\n', [0x62, 0xff, 0x64], '\nalso good'))).toEqual(['good', '2: BAD_ENCODING', 'also good']);
    expect(split(bytes('good\n', [0xe2, 0x82]))).toEqual(['good', '2: BAD_ENCODING']);
  });

  it('keeps the neighbours of a megabyte', () => {
    expect(split(bytes('a\n', 'x'.repeat(1_000_000), '\nb'))).toEqual(['a', '2: LINE_TOO_LONG', 'b']);
    expect(split(bytes('a\n', 'x'.repeat(1_000_000)))).toEqual(['a', '2: LINE_TOO_LONG']);
  });

  it('accepts 262,144 bytes and not one more, however they are encoded', () => {
    const most = `${'é'.repeat(131_072)}`;
    expect(split(bytes(`${most}\r\nb`)).map(line => line.length)).toEqual([131_072, 1]);
    expect(split(bytes(`${most}x\r\nb`))).toEqual(['1: LINE_TOO_LONG', 'b']);
    expect(split(bytes(`${most}x`))).toEqual(['1: LINE_TOO_LONG']);
  });

  it('counts every line, also those that it rejects', () => {
    const lines = [...splitLines([bytes('a\n', [0xff], '\n\nb')])];
    expect(lines.map(({ line }) => line)).toEqual([1, 2, 3, 4]);
  });

  it('gives the same lines however it is cut into chunks', () => {
    const whole = bytes('\ufeffone\r\ntwo é\n', [0xff, 0x41], '\n', 'y'.repeat(300_000), '\nlast 🚀');
    const expected = [...splitLines([whole])];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 12 }), cuts => {
        const at = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const chunks = at.slice(1).map((to, index) => whole.subarray(at[index]!, to));
        expect([...splitLines(chunks)]).toEqual(expected);
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('can be read as it arrives', async () => {
    async function* arriving() {
      yield bytes('a\nb');
      yield bytes('c\n');
    }
    const lines: string[] = [];
    for await (const line of splitLinesAsync(arriving())) lines.push(short(line));
    expect(lines).toEqual(['a', 'bc']);
  });

  it('holds no more than one line, and nothing of one that is too long', () => {
    const splitter = createLineSplitter();
    const chunk = bytes('z'.repeat(200_000));
    expect(splitter.push(chunk).concat(splitter.push(chunk), splitter.push(chunk)).map(short)).toEqual(['1: LINE_TOO_LONG']);
    expect(splitter.push(bytes('z\nb\n')).map(short)).toEqual(['b']);
    expect(splitter.end()).toEqual([]);
  });
});
