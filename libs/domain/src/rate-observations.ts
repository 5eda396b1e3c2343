import { RANKED_SOURCES } from './source-rank.js';
import { medianOfSorted, middle } from './weighted-median.js';

/** Observations agree within this share of their median. At 1 %, steps of a de-peg of about 1.5 % moved prices by 0.26 %. */
export const RATE_AGREEMENT = 0.005;

const N = RANKED_SOURCES.length;

export function agree(a: number, b: number): boolean {
  return Math.abs(a - b) <= RATE_AGREEMENT * (a < b ? middle(a, b) : middle(b, a));
}

/**
 * What the sources say a stablecoin is worth, in ascending order, and the largest group that agrees. Scratch: `observe` begins
 * anew, `choose` fills the results.
 */
export class RateObservations {
  /** Median of the chosen group; 0: no two agree. */
  rate = 0;
  /** All of the chosen group come from one source. */
  isAlone = false;
  /** Some observation, be it a single one, agrees with the rate `choose` was given. */
  isSupported = false;
  count = 0;
  /** Sources whose own quotes contradict each other. */
  contradictions = 0;

  readonly #values = new Float64Array(3 * N);
  readonly #from = new Uint8Array(3 * N);
  readonly #isCross = new Uint8Array(3 * N);
  #crosses = 0;

  /** Per source: its direct quote of the coin and the cross of its BTC/USD with the coin's median BTC quote; 0: none. */
  observe(direct: Float64Array, btcUsd: Float64Array, btcStable: number): void {
    this.count = this.contradictions = this.#crosses = 0;
    for (let source = 0; source < N; source++) {
      const own = direct[source]!;
      const cross = btcStable > 0 ? btcUsd[source]! / btcStable : 0;
      if (cross > 0) this.#crosses++;
      if (own > 0 && cross > 0 && !agree(own, cross)) {
        this.contradictions++;
        continue;
      }
      if (own > 0) this.#add(own, source, 0);
      if (cross > 0) this.#add(cross, source, 1);
    }
  }

  /** Per source: USDC/USDT and the other coin's rate; `divide` for USDT, multiply for USDC. */
  through(usdcUsdt: Float64Array, other: number, divide: boolean): void {
    for (let source = 0; source < N; source++) {
      const price = usdcUsdt[source]!;
      if (price > 0) this.#add(divide ? other / price : other * price, source, 0);
    }
  }

  #add(value: number, source: number, isCross: number): void {
    let i = this.count++;
    for (; i > 0 && this.#values[i - 1]! > value; i--) {
      this.#values[i] = this.#values[i - 1]!;
      this.#from[i] = this.#from[i - 1]!;
      this.#isCross[i] = this.#isCross[i - 1]!;
    }
    this.#values[i] = value;
    this.#from[i] = source;
    this.#isCross[i] = isCross;
  }

  /**
   * The largest group of at least two observations within RATE_AGREEMENT; of equal ones the nearest to `known`. Where Bitcoin
   * crosses exist a group without one decides nothing: it would convert other coins at a rate they do not have.
   */
  choose(known: number): void {
    this.rate = 0;
    this.isAlone = this.isSupported = false;
    let best = 1;
    for (let from = 0, to = 0; from < this.count; from++) {
      to = Math.max(to, from);
      while (to < this.count && this.#isGroup(from, to)) to++;
      const size = to - from;
      if (!this.#mayDecide(from, to)) continue;
      const median = medianOfSorted(this.#values, size, from);
      if (agree(median, known)) this.isSupported = true;
      const isNearer = Math.abs(median - known) < Math.abs(this.rate - known);
      if (size < best || size < 2 || (size === best && !isNearer)) continue;
      best = size;
      this.rate = median;
      this.isAlone = this.#isOneSource(from, to);
    }
  }

  #isGroup(from: number, to: number): boolean {
    const median = medianOfSorted(this.#values, to - from + 1, from);
    return this.#values[to]! - this.#values[from]! <= RATE_AGREEMENT * median;
  }

  #mayDecide(from: number, to: number): boolean {
    if (this.#crosses === 0) return true;
    for (let i = from; i < to; i++) if (this.#isCross[i] === 1) return true;
    return false;
  }

  #isOneSource(from: number, to: number): boolean {
    for (let i = from + 1; i < to; i++) if (this.#from[i] !== this.#from[from]) return false;
    return true;
  }
}
