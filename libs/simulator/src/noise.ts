/** Hashes and noise: every random number of the simulator is a function of what it is about, so any moment can be asked for. */

// Looked up once: where globals are behind a proxy (a test sandbox) every look-up costs more than the arithmetic.
const { cos, floor, imul, log, PI, sqrt } = Math;

/** FNV-1a, 32 bits. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** Uniform in [0, 1) from a seed and a counter; the counter may exceed 2^32. */
export function unit(seed: number, counter: number): number {
  const high = floor(counter / 0x1_0000_0000);
  let hash = imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ imul((counter - high * 0x1_0000_0000) | 0, 0xc2b2ae35);
  if (high !== 0) hash ^= imul(high, 0x27d4eb2f);
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

/** Standard normal from a seed and a counter (Box and Muller). */
export function normal(seed: number, counter: number): number {
  const radius = sqrt(-2 * log(1 - unit(seed, counter)));
  return radius * cos(2 * PI * unit(seed ^ 0x5bd1e995, counter));
}

/** Smooth noise in [-1, 1]: random values at whole multiples of `scale`, eased in between. */
export function noise(seed: number, scale: number, at: number): number {
  const position = at / scale;
  const from = floor(position);
  const share = position - from;
  const eased = share * share * (3 - 2 * share);
  const left = unit(seed, from);
  return 2 * (left + (unit(seed, from + 1) - left) * eased) - 1;
}

/** `noise` to the last bit, in a third of the time for moments near each other: it keeps the two values it was last between. */
export class Octave {
  private from = NaN;
  private left = 0;
  private rise = 0;

  constructor(
    private readonly seed: number,
    private readonly scale: number,
  ) {}

  at(time: number): number {
    const position = time / this.scale;
    const from = floor(position);
    if (from !== this.from) {
      this.left = unit(this.seed, from);
      this.rise = unit(this.seed, from + 1) - this.left;
      this.from = from;
    }
    const share = position - from;
    const eased = share * share * (3 - 2 * share);
    return 2 * (this.left + this.rise * eased) - 1;
  }
}
