/**
 * 53 bits of the text, from two 32-bit multiplicative hashes (FNV-1a, and a variant with another prime). Two different identities
 * among a million share one with probability 6e-5, and then show up as a conflict, not as a silent duplicate.
 */
export function hash53(text: string): number {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13);
  }
  return (a >>> 0) * 2_097_152 + ((b ^ (b >>> 16)) >>> 11);
}

/** A hash in three words of 32 bits, as wide as a memory of identities needs it. */
export interface Hash96 {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/**
 * 96 bits of the text from three multiplicative hashes that share nothing but the text (multipliers of MurmurHash3 and xxHash, each ended by
 * murmur's mixer). Made against accidents, not against an adversary. Of 2^20 texts, two share all bits with probability 2^-57.
 */
export function hash96(text: string): Hash96 {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  let c = 0x27d4eb2f;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul((b << 13) | (b >>> 19), 0xcc9e2d51) + Math.imul(unit + 1, 0x1b873593);
    c = Math.imul(c + Math.imul(unit + 1, 0x85ebca77), 0x9e3779b1);
    c = (c << 17) | (c >>> 15);
  }
  return { a: mixed(a ^ text.length), b: mixed(b ^ text.length), c: mixed(c ^ text.length) };
}

function mixed(word: number): number {
  let hash = word ^ (word >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Short text of a hash: its upper and lower halves in base 36, each of which is fast where the whole would not be. */
export function hashText(hash: number): string {
  return `${Math.floor(hash / 4_294_967_296).toString(36)}.${(hash >>> 0).toString(36)}`;
}

export function readHashText(text: string): number {
  const point = text.indexOf('.');
  return Number.parseInt(text.slice(0, point), 36) * 4_294_967_296 + Number.parseInt(text.slice(point + 1), 36);
}
