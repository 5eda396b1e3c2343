import { type BucketMs, SERIES } from './chart/ranges.js';
import type { SourceId } from './source.js';

/** A stretch of closed buckets up to now. */
export interface SeedWindow {
  readonly bucketMs: BucketMs;
  readonly buckets: number;
  /** For people: "5-minute candles of the last day". */
  readonly name: string;
}

export interface SeedPhase {
  /** The part of 0..100 that this phase covers. */
  readonly progress: readonly [from: number, to: number];
  /** In the order in which they are filled. */
  readonly windows: readonly SeedWindow[];
}

const [MINUTES, FIVES, HOURS] = SERIES;

/**
 * The three phases of seeding an asset. Phase 1 is what the five charts show: with it, whoever waits for one can be shown
 * it (the ranges 4h and 1w are parts of the first and third window). Phase 2 fills the two fine series as far as they are
 * kept, phase 3 the hours up to a year.
 */
export const SEED_PHASES: readonly SeedPhase[] = [
  {
    progress: [0, 50],
    windows: [
      { bucketMs: FIVES.bucketMs, buckets: 288, name: '5-minute candles of the last day' },
      { bucketMs: MINUTES.bucketMs, buckets: 60, name: '1-minute candles of the last hour' },
      { bucketMs: HOURS.bucketMs, buckets: 720, name: 'hourly candles of the last month' },
    ],
  },
  {
    progress: [50, 90],
    windows: [
      { ...MINUTES, name: '1-minute candles of the last 7 days' },
      { ...FIVES, name: '5-minute candles of the last 30 days' },
    ],
  },
  { progress: [90, 100], windows: [{ ...HOURS, name: 'hourly candles of the last year' }] },
];

/**
 * Who is asked, in this order; the next one for what is still missing. Venues whose pairs are in dollars come first: their
 * candles need no conversion. Then venues with tether pairs, by how much they trade and Bybit last, whose dialect nobody has tried against
 * the venue yet, then the indices, which know prices at points alone or want a key.
 */
export const SEED_PROVIDERS: readonly SourceId[] = [
  'coinbase',
  'kraken',
  'binance',
  'okx',
  'kucoin',
  'bybit',
  'coingecko',
  'cryptocompare',
];

/** The window's edges at `now`, epoch ms on the grid: [from, to), without the bucket that is still open. */
export function seedWindowAt({ bucketMs, buckets }: SeedWindow, now: number): { from: number; to: number } {
  const to = Math.floor(now / bucketMs) * bucketMs;
  return { from: to - buckets * bucketMs, to };
}

/**
 * Progress 0..100 of a job in `phase` of which the share `done` (0..1) is behind it.
 * @throws RangeError for a phase that there is not.
 */
export function seedProgress(phase: number, done: number): number {
  const band = SEED_PHASES[phase]?.progress;
  if (band === undefined) throw new RangeError(`phase is ${phase}, it must be 0 to ${SEED_PHASES.length - 1}`);
  const [from, to] = band;
  return from + (to - from) * Math.min(1, Math.max(0, done));
}
