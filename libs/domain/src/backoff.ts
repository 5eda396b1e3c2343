export interface BackoffRules {
  /** Delay before the first retry, ms, before jitter. Default 500. */
  readonly baseMs?: number;
  /** Longest delay, ms. Default 30,000. */
  readonly capMs?: number;
  /** How much longer each delay is than the one before. Default 2. */
  readonly factor?: number;
}

/**
 * Delay before try `attempt` (0: the first retry), ms: grows (doubles, by default) up to the cap and stays there for ever; there is no
 * last try.
 * Half of it is fixed and half is `jitter` (0..1, from the caller's randomness), so that clients cut together do not come
 * back together ("equal jitter", AWS architecture blog, Exponential Backoff And Jitter).
 * @throws RangeError for an attempt or a jitter out of range
 */
export function backoff(attempt: number, jitter: number, rules: BackoffRules = {}): number {
  const { baseMs = 500, capMs = 30_000, factor = 2 } = rules;
  if (!(attempt >= 0)) throw new RangeError(`attempt is ${attempt}, it must be 0 or more`);
  if (!(jitter >= 0 && jitter <= 1)) throw new RangeError(`jitter is ${jitter}, it must be between 0 and 1`);
  // 2 ** 1024 is Infinity, which the cap takes care of; Infinity * 0 is not.
  const delay = Math.min(capMs, baseMs * factor ** Math.min(attempt, 60));
  return delay / 2 + (delay / 2) * jitter;
}
