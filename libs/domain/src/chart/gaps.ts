import { tenDigits } from '../significant.js';
import type { Provenance } from './candle-block.js';
import type { Candle } from './candle-series.js';
import type { Ohlc } from './ohlc.js';

/** Missing buckets in a row that are interpolated, at the most; more than that stay missing. */
export const INTERPOLATED = 2;

const FETCHED: ReadonlySet<Provenance> = new Set<Provenance>(['klines', 'hourly', 'daily']);

/** One place of a chart: a bucket that somebody saw, or one that stands on the line between two that were seen. */
export interface Place extends Ohlc {
  readonly time: number;
  /** Absent: not known. */
  readonly volume?: number;
  readonly interpolated?: true;
  /** It was fetched, not watched: the prices of one provider, and only what was traded there. */
  readonly seeded?: true;
}

/** Epoch ms: start of the first missing bucket, end of the last. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

export interface Bridged {
  readonly places: readonly Place[];
  readonly gaps: readonly Hole[];
  /** How many places somebody saw. */
  readonly real: number;
}

/**
 * Fills short gaps of `candles` (one per bucket, undefined where missing; the first begins at `start`, epoch ms) with straight
 * lines from close to close, without a volume. Longer gaps, and those without a bucket on both sides, stay gaps.
 */
export function bridge(candles: readonly (Candle | undefined)[], start: number, bucketMs: number): Bridged {
  const places: Place[] = [];
  const gaps: Hole[] = [];
  let real = 0;
  for (let i = 0; i < candles.length;) {
    const candle = candles[i];
    if (candle !== undefined) {
      places.push(placeOf(candle));
      real++;
      i++;
      continue;
    }
    let end = i;
    while (end < candles.length && candles[end] === undefined) end++;
    const before = candles[i - 1];
    const behind = candles[end];
    if (end - i <= INTERPOLATED && before !== undefined && behind !== undefined) {
      line(places, before.close, behind.close, end - i, start + i * bucketMs, bucketMs);
    } else {
      gaps.push({ from: start + i * bucketMs, to: start + end * bucketMs });
    }
    i = end;
  }
  return { places, gaps, real };
}

function placeOf({ time, open, high, low, close, volume, provenance }: Candle): Place {
  const place: { -readonly [K in keyof Place]: Place[K] } = { time, open, high, low, close };
  if (volume >= 0) place.volume = tenDigits(volume);
  if (FETCHED.has(provenance)) place.seeded = true;
  return place;
}

function line(places: Place[], from: number, to: number, count: number, start: number, bucketMs: number): void {
  let open = from;
  for (let i = 0; i < count; i++) {
    const close = tenDigits(from + ((to - from) * (i + 1)) / (count + 1));
    const [low, high] = open < close ? [open, close] : [close, open];
    places.push({ time: start + i * bucketMs, open, high, low, close, interpolated: true });
    open = close;
  }
}
