/** Broken, cut and hostile files: nothing throws, what is good stays, and what is not is named with its place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importBytes } from '../../adapters/sources/import-bytes.ts';
import { parseLine } from '../../core/events/parse.ts';
import { fixturePairs, importPair } from './fixture-pairs.ts';

const pairs = fixturePairs();

const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.integer({ min: 0, max: 60 }),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc
      .constantFrom('{', '}', '"', '\u0001', '\n', '[[[[', 'null', '1e999', '-', '\\u0000', '"__proto__":{},', '😀')
      .map(text => Buffer.from(text)),
  ),
});

function damaged(
  input: Uint8Array,
  wounds: readonly { readonly at: number; readonly cut: number; readonly insert: Uint8Array }[],
): Uint8Array {
  return wounds.reduce<Uint8Array>((bytes, { at, cut, insert }) => {
    const from = Math.floor(at * bytes.length);
    return Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + cut)]);
  }, input);
}

describe.each(pairs.map(pair => [`${pair.source.name} ${pair.name}`, pair] as const))('%s', (_, pair) => {
  const { source, context, input } = pair;

  it('damaged anywhere, throws nothing, gives only events, and names each problem with its place', () => {
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), wounds => {
        const { lines, problems } = importBytes(source, context, damaged(input, wounds));
        for (const line of lines) expect(parseLine(line).kind).toBe('event');
        for (const { place, message } of problems) expect(`${place}: ${message}`).toMatch(/\S+: \S+/);
      }),
      { numRuns: 60 },
    );
  });

  it('cut at any byte, throws nothing and invents no event', () => {
    const whole = new Set(importPair(pair).lines.map(line => (JSON.parse(line) as { eventId: string }).eventId));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: input.length }), length => {
        const { lines } = importBytes(source, context, input.subarray(0, length));
        if (source.framing === 'lines') return;
        for (const line of lines) expect(whole).toContain((JSON.parse(line) as { eventId: string }).eventId);
      }),
      { numRuns: 40 },
    );
  });

  it('followed by a line of rubbish, keeps every event', () => {
    if (source.framing !== 'lines') return;
    const text = Buffer.from(input).toString('utf8');
    const more = importBytes(source, context, Buffer.from(`${text.endsWith('\n') ? text : `${text}\n`}{"not": "yours"}\n`));
    expect(more.lines).toEqual(importPair(pair).lines);
  });
});
