/** How the connection stands. */
export type LiveState =
  /** Nobody has asked for one yet. */
  | { readonly status: 'idle' }
  /** `attempt` 0 is the first; it counts from the last connection that held. */
  | { readonly status: 'connecting'; readonly attempt: number }
  | { readonly status: 'connected' }
  /** There is none; the next attempt is in `retryInMs`, at `retryAt` (epoch ms). */
  | {
      readonly status: 'waiting';
      readonly attempt: number;
      readonly retryInMs: number;
      readonly retryAt: number;
      /** A sentence without a full stop. */
      readonly reason: string;
    }
  /** `close()` was called; `connect()` begins anew. */
  | { readonly status: 'closed' };
