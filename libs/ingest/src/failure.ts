/** Of several addresses tried in vain, Node keeps the reasons in `errors` and says nothing in `message`. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return typeof message === 'string' && message !== '' ? message : String(error);
}

/** How long the other side wants to be left alone, where the error says so. */
export function retryAfterOf(error: unknown): number | undefined {
  const wait = error instanceof Error && 'retryAfterMs' in error ? error.retryAfterMs : undefined;
  return typeof wait === 'number' ? wait : undefined;
}

/** The header by which the other side says that its prices are made up. */
export const SIMULATED_HEADER = 'x-haunt-simulated';
