import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hash96 } from '../../core/hash.ts';
import { emptySeen, readSeen, remember, type Seen, seenContent, writeSeen } from '../../core/ledger/seen.ts';
import { storedRetention } from '../../core/ledger/state.ts';

const name = (at: number) => hash96(`execution\u0001binance\u0001main\u0001BTC-USD\u0001${at}`);

function remembering(count: number, capacity = Number.POSITIVE_INFINITY, from = 0): Seen {
  const seen = emptySeen(capacity);
  for (let at = from; at < from + count; at++) remember(seen, name(at), at);
  return seen;
}

describe('the memory of identities', () => {
  test('holds every execution of a day of a million, in chunks that fit an item, at 16 letters each', () => {
    const seen = remembering(1_040_500, storedRetention.identities);
    for (let at = 40_500; at < 1_040_500; at++) if (seenContent(seen, name(at)) !== at) throw new Error(`forgot ${at}`);
    expect(seen.size).toBeLessThanOrEqual(storedRetention.identities);
    const texts = writeSeen(seen).map(([, text]) => text);
    expect(Math.max(...texts.map(text => text.length))).toBe(8192 * 16);
    expect(texts.length).toBeLessThan(170);
    expect(texts.join('').length).toBe(seen.size * 16);
  });

  test('forgets the oldest first, and takes them as new', () => {
    const seen = remembering(5000, 1000);
    expect(seen.size).toBeLessThanOrEqual(1000);
    expect(seenContent(seen, name(0))).toBeUndefined();
    expect(seenContent(seen, name(4999))).toBe(4999);
  });

  test('goes on after it was written and read as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 12 }), fc.integer({ min: 40, max: 2000 }), (runs, capacity) => {
        const straight = emptySeen(capacity);
        let stored = emptySeen(capacity);
        let at = 0;
        for (const run of runs) {
          for (const end = at + run; at < end; at++) for (const seen of [straight, stored]) remember(seen, name(at), at);
          stored = readSeen(capacity, writeSeen(stored));
        }
        expect(writeSeen(stored)).toEqual(writeSeen(straight));
        for (let each = 0; each < at; each++) expect(seenContent(stored, name(each))).toBe(seenContent(straight, name(each)));
      }),
      { numRuns: 60 },
    );
  });

  test('rewrites little: an identity is written in a small chunk, and seldom again', () => {
    const seen = emptySeen(storedRetention.identities);
    let known = new Map<number, string>();
    let letters = 0;
    for (let at = 0; at < 20_000; at++) {
      remember(seen, name(at), at);
      if (at % 10 !== 9) continue;
      const chunks = writeSeen(seen);
      for (const [id, text] of chunks) if (known.get(id) !== text) letters += text.length;
      known = new Map(chunks);
    }
    expect(letters / 20_000 / 16).toBeLessThan(4.5);
  });

  test('tells apart what differs in one character only', () => {
    const words = new Set(Array.from({ length: 200_000 }, (_, at) => JSON.stringify(name(at))));
    expect(words.size).toBe(200_000);
    for (const part of ['a', 'b', 'c'] as const) {
      const halves = new Set(Array.from({ length: 50_000 }, (_, at) => name(at)[part]));
      // Of 50,000 words of 32 bits some 0.3 share one with another by chance.
      expect(halves.size).toBeGreaterThan(49_990);
    }
  });
});
