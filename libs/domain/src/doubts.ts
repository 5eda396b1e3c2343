import type { SourceId } from './source.js';
import type { AssetSymbol, QuoteCurrency } from './tick.js';

/** The longest that a quote waits, log ms. */
export const DOUBT_MS = 2_000;

/** A pair whose quote jumped, and since when it waits. Plain data. */
export interface Doubt {
  readonly symbol: AssetSymbol;
  readonly source: SourceId;
  readonly quote: QuoteCurrency;
  readonly since: number;
}

/**
 * Quotes in a stablecoin that jumped by more than a rate may, and wait until the same venue has quoted Bitcoin in that stablecoin
 * too. In a de-peg every pair of the coin jumps; which one first is chance, and the rate is made of Bitcoin's. Without
 * waiting, coins that trade before Bitcoin does would for that moment be converted at the rate of before.
 */
export class Doubts {
  #waiting: Doubt[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(doubt: Doubt): void {
    if (this.#waiting.some((other) => isSame(other, doubt))) return;
    this.#waiting.push(doubt);
  }

  /** Removes and returns, oldest first, those of a source's pairs in `quote`. */
  of(source: SourceId, quote: QuoteCurrency): Doubt[] {
    return this.#take((doubt) => doubt.source === source && doubt.quote === quote);
  }

  /** Removes and returns, oldest first, those that waited long enough. */
  expired(now: number): Doubt[] {
    return this.#take((doubt) => now - doubt.since >= DOUBT_MS);
  }

  snapshot(): readonly Doubt[] {
    return [...this.#waiting];
  }

  static restore(doubts: readonly Doubt[]): Doubts {
    const restored = new Doubts();
    restored.#waiting = [...doubts];
    return restored;
  }

  #take(isWanted: (doubt: Doubt) => boolean): Doubt[] {
    const wanted = this.#waiting.filter(isWanted);
    if (wanted.length > 0) this.#waiting = this.#waiting.filter((doubt) => !wanted.includes(doubt));
    return wanted;
  }
}

function isSame(a: Doubt, b: Doubt): boolean {
  return a.symbol === b.symbol && a.source === b.source && a.quote === b.quote;
}
