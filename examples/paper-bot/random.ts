/** Reproducible chance. Each part of a simulation draws from a stream of its own, so that one more draw here changes nothing there. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  /** Normal with mean 0 and variance 1 (Box and Muller 1958, the cosine half). */
  readonly gaussian: () => number;
  /** Whole number in [least, most]. */
  readonly between: (least: number, most: number) => number;
}

/** 32 bits of a text, FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Returns the stream that a seed and a name choose. The generator is mulberry32 (T. Ettinger 2017, public domain), period 2^32. */
export function createRandom(seed: number, stream: string): Random {
  let state = (seed ^ hashText(stream)) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    gaussian: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
  };
}
