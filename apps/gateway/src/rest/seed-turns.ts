/** So many requests in a row go before all that has time; then one in so long. */
const IN_A_ROW = 5;
const ONE_EVERY_MS = 5_000;
/** Askers whose requests are remembered. */
const MOST_ASKERS = 1_000;

/**
 * Tells a person who wants one asset from somebody who wants all of them: a bucket of turns for each who asks, which fills
 * again one by one (the generic cell rate algorithm: one time per asker is all that is kept).
 */
export class SeedTurns {
  /** When all turns of an asker will be back, epoch ms; the one who asked last is the last. */
  private readonly whole = new Map<string, number>();

  /** Whether this one is a turn of the asker's. */
  take(asker: string, now: number): boolean {
    const from = Math.max(now, this.whole.get(asker) ?? 0);
    if (from - now > (IN_A_ROW - 1) * ONE_EVERY_MS) return false;
    this.whole.delete(asker);
    this.whole.set(asker, from + ONE_EVERY_MS);
    for (const [oldest, until] of this.whole) {
      if (until > now && this.whole.size <= MOST_ASKERS) break;
      this.whole.delete(oldest);
    }
    return true;
  }
}
