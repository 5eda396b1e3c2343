// Looked up once: under jest every use of a global costs a microsecond.
const { imul } = Math;

/** A seeded stream of numbers in [0, 1): the same seed gives the same stream everywhere (mulberry32 by Tommy Ettinger). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}
