/** Bounded memory of identities: hashes of 53 bits, in chunks so that a save writes only the newest. */

export interface SeenChunk {
  readonly id: number;
  /** Identity hash and content hash, in turn. */
  readonly hashes: number[];
  /** JSON text of the chunk while it is unchanged. */
  text?: string;
}

export interface Seen {
  readonly capacity: number;
  /** Oldest first: large ones, then at most `mergedChunks` small ones. */
  chunks: SeenChunk[];
  readonly contents: Map<number, number>;
  nextChunk: number;
}

/** Identities in a small chunk, which is what one save rewrites; as many equal chunks are merged into one, up to the largest, which fits an item. */
const smallChunk = 32;
const mergedChunks = 16;
const largestChunk = 8_192;

export function emptySeen(capacity: number): Seen {
  return { capacity, chunks: [], contents: new Map(), nextChunk: 0 };
}

/** Content hash that was stored with the identity, or undefined when it is new or forgotten. */
export function seenContent(seen: Seen, identity: number): number | undefined {
  return seen.contents.get(identity);
}

export function remember(seen: Seen, identity: number, content: number): void {
  seen.contents.set(identity, content);
  let chunk = seen.chunks[seen.chunks.length - 1];
  if (chunk === undefined || chunk.hashes.length >= smallChunk * 2) {
    mergeSmall(seen);
    chunk = { id: seen.nextChunk++, hashes: [] };
    seen.chunks.push(chunk);
  }
  chunk.hashes.push(identity, content);
  delete chunk.text;
  if (seen.contents.size > seen.capacity) forgetOldest(seen);
}

export function restoreSeen(capacity: number, chunks: readonly SeenChunk[]): Seen {
  const seen = emptySeen(capacity);
  for (const chunk of [...chunks].sort((a, b) => a.id - b.id)) {
    seen.chunks.push(chunk);
    for (let at = 0; at < chunk.hashes.length; at += 2) seen.contents.set(chunk.hashes[at]!, chunk.hashes[at + 1]!);
    seen.nextChunk = Math.max(seen.nextChunk, chunk.id + 1);
  }
  return seen;
}

function mergeSmall(seen: Seen): void {
  for (let size = smallChunk; size < largestChunk; size *= mergedChunks) {
    const equal = seen.chunks.slice(-mergedChunks);
    if (equal.length < mergedChunks || equal.some(chunk => chunk.hashes.length !== size * 2)) return;
    seen.chunks = [...seen.chunks.slice(0, -mergedChunks), { id: equal[0]!.id, hashes: equal.flatMap(chunk => chunk.hashes) }];
  }
}

function forgetOldest(seen: Seen): void {
  const oldest = seen.chunks.shift();
  if (oldest === undefined) return;
  for (let at = 0; at < oldest.hashes.length; at += 2) seen.contents.delete(oldest.hashes[at]!);
}
