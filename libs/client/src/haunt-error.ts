/**
 * A request that did not succeed. What the server said stands in it as the server said it. Where there was no usable answer, `status`
 * is 0 and `code` is `timeout`, `network`, `invalid_answer`, or `closed` when the client was closed meanwhile.
 */
export class HauntError extends Error {
  override readonly name = 'HauntError';

  constructor(
    /** HTTP status, 400 for what was refused on a live connection; 0: there was no usable answer. */
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
