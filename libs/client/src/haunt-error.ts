/**
 * A request that did not succeed. What the server said stands in it as the server said it; where there was no usable answer, `status`
 * is 0 and `code` is `timeout`, `network` or `invalid_answer`.
 */
export class HauntError extends Error {
  override readonly name = 'HauntError';

  constructor(
    /** HTTP status; 0: there was no answer. */
    readonly status: number,
    /** For programs, as `unknown_asset`. */
    readonly code: string,
    /** What was wrong and what is allowed, a sentence. */
    message: string,
    /** Seconds after which it makes sense to ask again; absent where asking again makes none. */
    readonly retryAfter?: number,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
