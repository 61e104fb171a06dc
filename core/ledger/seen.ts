/**
 * Bounded memory of identities that are no longer kept in full: for each, 64 bits of its name and 32 bits of its content, in chunks so that a
 * save writes only the newest.
 *
 * A fact is called a duplicate when all 96 bits agree. That two different ones do is an accident of 2^-96 a pair: with a million remembered and a
 * million coming, of 2^-56 a day. When the name agrees and the content does not, the caller reports a conflict. That is never silent, and by
 * accident (two names that share 64 bits) happens with 2^-24 on such a day.
 */
import type { Hash96 } from '../hash.ts';

export interface SeenChunk {
  readonly id: number;
  count: number;
  /** Stored form while the chunk is unchanged. */
  text?: string;
}

export interface Seen {
  readonly capacity: number;
  /** Oldest first: large ones, then at most `mergedChunks` of each smaller size. */
  chunks: SeenChunk[];
  nextChunk: number;
  /** A ring of rows of three words, oldest at `first`. */
  words: Uint32Array;
  first: number;
  size: number;
  /** Open-addressed: row + 1, 0 when free, −1 when what was there is forgotten. Twice as many as rows. */
  slots: Int32Array;
  usedSlots: number;
}

/** Identities in a small chunk, which is what one save rewrites; as many equal chunks are merged into one, up to the largest, which fits an item. */
const smallChunk = 32;
const mergedChunks = 16;
const largestChunk = 8_192;
const smallestRing = 64;

export function emptySeen(capacity: number): Seen {
  return { capacity, chunks: [], nextChunk: 0, ...emptyRing(smallestRing) };
}

const emptyRing = (rows: number) => ({
  words: new Uint32Array(rows * 3),
  first: 0,
  size: 0,
  slots: new Int32Array(rows * 2),
  usedSlots: 0,
});

/** Content that was stored with the name, or undefined when it is new or forgotten. */
export function seenContent(seen: Seen, name: Hash96): number | undefined {
  const { words, slots } = seen;
  const mask = slots.length - 1;
  for (let slot = name.a & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
    const row = slots[slot]! - 1;
    if (row >= 0 && words[row * 3] === name.a && words[row * 3 + 1] === name.b) return words[row * 3 + 2];
  }
  return undefined;
}

/** Adds a name that is not there; the oldest ones are forgotten, a chunk at a time, when there are more than the capacity. */
export function remember(seen: Seen, name: Hash96, content: number): void {
  let chunk = seen.chunks[seen.chunks.length - 1];
  if (chunk === undefined || chunk.count >= smallChunk) {
    mergeSmall(seen);
    chunk = { id: seen.nextChunk++, count: 0 };
    seen.chunks.push(chunk);
  }
  chunk.count++;
  delete chunk.text;
  append(seen, name.a, name.b, content);
  if (seen.size > seen.capacity) forgetOldest(seen);
}

function append(seen: Seen, a: number, b: number, content: number): void {
  if (seen.size * 3 === seen.words.length || seen.usedSlots * 4 > seen.slots.length * 3) rehash(seen);
  const rows = seen.words.length / 3;
  const row = (seen.first + seen.size++) % rows;
  seen.words[row * 3] = a;
  seen.words[row * 3 + 1] = b;
  seen.words[row * 3 + 2] = content;
  occupy(seen, a, row);
}

function occupy(seen: Seen, a: number, row: number): void {
  const { slots } = seen;
  const mask = slots.length - 1;
  let slot = a & mask;
  while (slots[slot]! > 0) slot = (slot + 1) & mask;
  if (slots[slot] === 0) seen.usedSlots++;
  slots[slot] = row + 1;
}

/** Sorts out forgotten slots, and makes room for twice as many rows when the ring is full. */
function rehash(seen: Seen): void {
  const { words, first, size } = seen;
  const rows = words.length / 3;
  Object.assign(seen, emptyRing(size === rows ? rows * 2 : rows));
  for (let at = 0; at < size; at++) {
    const from = ((first + at) % rows) * 3;
    append(seen, words[from]!, words[from + 1]!, words[from + 2]!);
  }
}

function mergeSmall(seen: Seen): void {
  for (let count = smallChunk; count < largestChunk; count *= mergedChunks) {
    const equal = seen.chunks.slice(-mergedChunks);
    if (equal.length < mergedChunks || equal.some(chunk => chunk.count !== count)) return;
    seen.chunks = [...seen.chunks.slice(0, -mergedChunks), { id: equal[0]!.id, count: count * mergedChunks }];
  }
}

function forgetOldest(seen: Seen): void {
  const oldest = seen.chunks.shift();
  if (oldest === undefined) return;
  const rows = seen.words.length / 3;
  const mask = seen.slots.length - 1;
  for (let left = oldest.count; left > 0; left--) {
    let slot = seen.words[seen.first * 3]! & mask;
    while (seen.slots[slot] !== seen.first + 1) slot = (slot + 1) & mask;
    seen.slots[slot] = -1;
    seen.first = (seen.first + 1) % rows;
    seen.size--;
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const codes = Uint8Array.from(alphabet, letter => letter.charCodeAt(0));
const digits = new Uint8Array(128);
codes.forEach((code, digit) => {
  digits[code] = digit;
});
/** Letters of one identity: 96 bits at six a letter. */
const rowLetters = 16;

/** The chunks in their stored form: 16 letters of base64url for each identity. Unchanged chunks keep their very string. */
export function writeSeen(seen: Seen): readonly (readonly [id: number, text: string])[] {
  const rows = seen.words.length / 3;
  let row = seen.first;
  return seen.chunks.map(chunk => {
    chunk.text ??= textOf(seen, row, chunk.count);
    row = (row + chunk.count) % rows;
    return [chunk.id, chunk.text] as const;
  });
}

function textOf({ words }: Seen, from: number, count: number): string {
  const bytes = new Uint8Array(count * rowLetters);
  const rows = words.length / 3;
  for (let at = 0; at < count; at++) {
    const row = ((from + at) % rows) * 3;
    writeRow(bytes, at * rowLetters, words[row]!, words[row + 1]!, words[row + 2]!);
  }
  return new TextDecoder('latin1').decode(bytes);
}

/** One identity in its stored form. */
export function identityText(name: Hash96, content: number): string {
  const bytes = new Uint8Array(rowLetters);
  writeRow(bytes, 0, name.a, name.b, content);
  return new TextDecoder('latin1').decode(bytes);
}

function writeRow(bytes: Uint8Array, at: number, a: number, b: number, c: number): void {
  writeGroup(bytes, at, a >>> 8);
  writeGroup(bytes, at + 4, ((a & 0xff) << 16) | (b >>> 16));
  writeGroup(bytes, at + 8, ((b & 0xffff) << 8) | (c >>> 24));
  writeGroup(bytes, at + 12, c & 0xffffff);
}

/** Four letters of 24 bits. */
function writeGroup(bytes: Uint8Array, at: number, group: number): void {
  bytes[at] = codes[group >>> 18]!;
  bytes[at + 1] = codes[(group >>> 12) & 63]!;
  bytes[at + 2] = codes[(group >>> 6) & 63]!;
  bytes[at + 3] = codes[group & 63]!;
}

/** The memory that was written as these chunks. */
export function readSeen(capacity: number, chunks: readonly (readonly [id: number, text: string])[]): Seen {
  const seen = emptySeen(capacity);
  for (const [id, text] of [...chunks].sort(([left], [right]) => left - right)) {
    const count = text.length / rowLetters;
    seen.chunks.push({ id, count, text });
    seen.nextChunk = Math.max(seen.nextChunk, id + 1);
    for (let at = 0; at < text.length; at += rowLetters) {
      const [one, two, three, four] = [readGroup(text, at), readGroup(text, at + 4), readGroup(text, at + 8), readGroup(text, at + 12)];
      append(seen, ((one << 8) | (two >>> 16)) >>> 0, ((two << 16) | (three >>> 8)) >>> 0, ((three << 24) | four) >>> 0);
    }
  }
  return seen;
}

function readGroup(text: string, at: number): number {
  const digit = (letter: number) => digits[text.charCodeAt(letter)]!;
  return (digit(at) << 18) | (digit(at + 1) << 12) | (digit(at + 2) << 6) | digit(at + 3);
}

/** All identities in their stored form, in one order. */
export function identitiesOf(seen: Seen): readonly string[] {
  return writeSeen(seen)
    .flatMap(([, text]) => text.match(/.{16}/g) ?? [])
    .sort();
}
