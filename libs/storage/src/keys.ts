/** Every key of the store, and how long its value lives. The braces keep what is written together in one Redis Cluster slot. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
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
  /** The partition's home wants it back from whoever holds it. Written again and again, by whom does not matter. */
  wanted: (partition: number): StoreKey => ({ name: `haunt:{p${partition}}:wanted` }),
  /** The aggregator's state and log position, written together. */
  checkpoint: (partition: number): StoreKey => ({ name: `haunt:{p${partition}}:checkpoint` }),
  /** Candles that belong to the checkpoint: 256 buckets of one series. */
  block: (partition: number, block: string): StoreKey => ({ name: `haunt:{p${partition}}:block:${block}` }),
  /** A chart as it was last, for a start without a checkpoint: `1h`, `4h` and `1d` live for a day, `1w` and `1m` for seven. */
  chart: (symbol: string, range: string): StoreKey => ({
    name: `haunt:chart:${symbol}:${range}`,
    ttlMs: range === '1w' || range === '1m' ? 7 * DAY : DAY,
  }),
  /** Hourly closes of the last seven days, oldest first. */
  sparkline: (symbol: string): StoreKey => ({ name: `haunt:sparkline:${symbol}`, ttlMs: 7 * DAY }),
  /** Who is who, and what the last listing says of each. It stays, however old: its age is in it. */
  registry: (): StoreKey => ({ name: 'haunt:{all}:listings' }),
  /** The state of the whole market, as it was last told. */
  market: (): StoreKey => ({ name: 'haunt:{all}:globals' }),
  /** Which process asks for both: a lease. */
  marketLease: (): StoreKey => ({ name: 'haunt:{all}:marketlease' }),
  /** Who seeds an asset: a lease. */
  seedLease: (symbol: string): StoreKey => ({ name: `haunt:{all}:seed:${symbol}` }),
  /** How far the seeding of an asset came, and how it ended: for whoever goes on with it. */
  seedJob: (symbol: string): StoreKey => ({ name: `haunt:{all}:seedjob:${symbol}`, ttlMs: 15 * MINUTE }),
  /** One of the requests that a provider's budget allows at a time: a lease that runs out when the next one may be sent. */
  pace: (provider: string, slot: number): StoreKey => ({ name: `haunt:{all}:pace:${provider}:${slot}` }),
  /** Which process takes a provider's next slot: a lease. */
  paceNext: (provider: string): StoreKey => ({ name: `haunt:{all}:pace:${provider}:next` }),
  /** Until when (epoch ms) a provider wants to be left alone by everybody. */
  pause: (provider: string): StoreKey => ({ name: `haunt:{all}:pause:${provider}` }),
  /** Who asks for the seeding of the top assets: a lease. */
  seedSchedule: (): StoreKey => ({ name: 'haunt:{all}:seedschedule' }),
  /** When the daily seeding began last, and where the next one goes on. */
  seedBatch: (): StoreKey => ({ name: 'haunt:{all}:seedbatch' }),
} as const;
