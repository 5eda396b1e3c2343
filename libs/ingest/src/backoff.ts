import { backoff, type BackoffRules } from '@haunt/domain';

/**
 * The first wait is 250 to 500 ms. A slow factor on purpose: for the first 20 s of an outage no wait is longer than 10 s,
 * so that a venue that comes back is heard within 10 s.
 */
export const RECONNECT: BackoffRules = { baseMs: 500, capMs: 30_000, factor: 1.6 };

/** Counts failures, and says how long to wait after each. Without an end: an outage of a day is no reason to stop. */
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
    return backoff(this.failures++, this.random(), this.rules);
  }

  reset(): void {
    this.failures = 0;
  }
}
