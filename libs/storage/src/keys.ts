/** Every key of the store, and how long its value lives. The braces keep what is written together in one Redis Cluster slot. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A key's name and the life of what is under it; without `ttlMs` it stays. */
export interface StoreKey {
  readonly name: string;
  readonly ttlMs?: number;
}

export const KEYS = {
  /** Which pairs a source lists, as it last said: for a start while it does not answer. */
  products: (source: string): StoreKey => ({ name: `haunt:{all}:products:${source}`, ttlMs: 7 * DAY }),
  /** Who owns a partition. Taken with `acquire`, whose caller decides how long a lease lasts. */
  lease: (partition: number): StoreKey => ({ name: `haunt:{p${partition}}:lease` }),
  /** The aggregator's state and log position, written together. */
  checkpoint: (partition: number): StoreKey => ({ name: `haunt:{p${partition}}:checkpoint` }),
} as const;
