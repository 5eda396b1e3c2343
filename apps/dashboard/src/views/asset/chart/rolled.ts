import { type Row, timeAt } from '../../../state/candles.js';

/** One candle as it is drawn: one bucket, or several side by side as one. */
export interface Candle {
  /** Start, epoch seconds. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Traded in it, USD; undefined where that is not known of any of its buckets. */
  readonly volume: number | undefined;
  /** Buckets in it that somebody saw. */
  readonly seen: number;
  /** Of those, how many were fetched: their volume is what one provider saw. */
  readonly seeded: number;
  /** Buckets in it that stand on a line between their neighbours. */
  readonly interpolated: number;
  /** Buckets that it is made of when none is missing. */
  readonly of: number;
}

/** What buckets may be made into: widths people know, as multiples of a range's own. */
const FACTORS: Readonly<Record<number, readonly number[]>> = {
  60: [1, 2, 3, 5, 10, 15],
  300: [1, 2, 3, 6, 12, 24],
  3600: [1, 2, 4, 6, 12, 24],
};

/** How many buckets of `step` seconds make one candle, so that `count` of them leave each `least` pixels of `width`. */
export function factorFor(step: number, count: number, width: number, least = 2.8): number {
  const factors = FACTORS[step] ?? [1];
  return factors.find((factor) => (width * factor) / Math.max(count, 1) >= least) ?? factors.at(-1)!;
}

/** The number of the candle that place `i` belongs to; candles begin where their width divides the time. */
export function candleOf(row: Row, factor: number, i: number): number {
  return Math.floor(timeAt(row, i) / (row.step * factor)) - firstOf(row, factor);
}

/** Start of candle `n`, epoch seconds. */
export function startOf(row: Row, factor: number, n: number): number {
  return (firstOf(row, factor) + n) * row.step * factor;
}

/** How many candles a row makes. One that the row has only the end of is left out: it would not be what it seems. */
export function countOf(row: Row, factor: number): number {
  return row.places.length === 0 ? 0 : candleOf(row, factor, row.places.length - 1) + 1;
}

/** Candle `n` of a row; undefined where all of its buckets are missing. */
export function candleAt(row: Row, factor: number, n: number): Candle | undefined {
  const time = startOf(row, factor, n);
  const first = Math.round((time - row.start) / row.step);
  let candle: { -readonly [K in keyof Candle]: Candle[K] } | undefined;
  for (const bar of row.places.slice(Math.max(first, 0), first + factor)) {
    if (bar === undefined) continue;
    const { open, high, low, close } = bar;
    candle ??= { time, open, high, low, close, volume: undefined, seen: 0, seeded: 0, interpolated: 0, of: factor };
    candle.high = Math.max(candle.high, high);
    candle.low = Math.min(candle.low, low);
    candle.close = close;
    if (bar.volume !== undefined) candle.volume = (candle.volume ?? 0) + bar.volume;
    if (bar.interpolated === true) candle.interpolated++;
    else candle.seen++;
    if (bar.seeded === true) candle.seeded++;
  }
  return candle;
}

/** All candles of a row, undefined where nothing is. */
export function candlesOf(row: Row, factor: number): (Candle | undefined)[] {
  return Array.from({ length: countOf(row, factor) }, (_, n) => candleAt(row, factor, n));
}

function firstOf(row: Row, factor: number): number {
  return Math.ceil(row.start / (row.step * factor));
}
