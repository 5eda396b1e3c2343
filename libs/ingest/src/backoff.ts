export interface BackoffRules {
  /** Longest first wait. */
  readonly firstMs: number;
  readonly capMs: number;
  readonly factor: number;
}

/**
 * The first wait is 250 to 500 ms. A slow factor on purpose: for the first 20 s of an outage no wait is longer than 10 s,
 * so that a venue that comes back is heard within 10 s.
 */
export const RECONNECT: BackoffRules = { firstMs: 500, capMs: 30_000, factor: 1.6 };

/**
 * How long to wait before the next attempt. Exponential with equal jitter (half of the wait is random), so that many
 * clients of one venue do not come back in step; capped, and without an end: an outage of a day is not a reason to stop.
 */
export class Backoff {
  private failures = 0;

  /** `random` gives [0, 1). */
  constructor(
    private readonly random: () => number,
    private readonly rules: BackoffRules = RECONNECT,
  ) {}

  /** Failures since the last `reset`. */
  get attempts(): number {
    return this.failures;
  }

  /** Ms to wait after one more failure. */
  next(): number {
    const { firstMs, capMs, factor } = this.rules;
    const ceiling = Math.min(capMs, firstMs * factor ** this.failures++);
    return ceiling / 2 + (this.random() * ceiling) / 2;
  }

  reset(): void {
    this.failures = 0;
  }
}
