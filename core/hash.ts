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

/** Short text of a hash: its upper and lower halves in base 36, each of which is fast where the whole would not be. */
export function hashText(hash: number): string {
  return `${Math.floor(hash / 4_294_967_296).toString(36)}.${(hash >>> 0).toString(36)}`;
}

export function readHashText(text: string): number {
  const point = text.indexOf('.');
  return Number.parseInt(text.slice(0, point), 36) * 4_294_967_296 + Number.parseInt(text.slice(point + 1), 36);
}
