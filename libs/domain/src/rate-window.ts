const SLOTS = 60;

export interface RateWindowSnapshot {
  readonly second: number;
  readonly counts: readonly number[];
}

/** Counts what arrived within the last 60 s, in a ring of one-second slots: the running second and the 59 before it. */
export class RateWindow {
  readonly #counts = new Uint32Array(SLOTS);
  #second = 0;
  #total = 0;

  /** Counts `count` arrivals at `now`, epoch ms. What is older than the newest arrival counts as now: the log has one clock. */
  add(now: number, count: number): void {
    this.#advance(now);
    const slot = this.#second % SLOTS;
    this.#counts[slot] = this.#counts[slot]! + count;
    this.#total += count;
  }

  /** Arrivals within the 60 s before `now`: 0 when nothing came since. Changes nothing, whatever clock `now` is of. */
  total(now: number): number {
    const second = Math.floor(now / 1_000);
    let total = this.#total;
    for (let next = Math.max(this.#second + 1, second - SLOTS + 1); next <= second; next++) {
      total -= this.#counts[next % SLOTS]!;
    }
    return second - this.#second >= SLOTS ? 0 : total;
  }

  snapshot(): RateWindowSnapshot {
    return { second: this.#second, counts: Array.from(this.#counts) };
  }

  static restore({ second, counts }: RateWindowSnapshot): RateWindow {
    const window = new RateWindow();
    window.#second = second;
    window.#counts.set(counts.slice(0, SLOTS));
    window.#total = window.#counts.reduce((sum, count) => sum + count, 0);
    return window;
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1_000);
    if (second <= this.#second) return;
    if (this.#total === 0) {
      this.#second = second;
      return;
    }
    for (let next = Math.max(this.#second + 1, second - SLOTS + 1); next <= second; next++) {
      this.#total -= this.#counts[next % SLOTS]!;
      this.#counts[next % SLOTS] = 0;
    }
    this.#second = second;
  }
}
