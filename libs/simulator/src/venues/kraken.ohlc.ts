import type { Exchange } from '../exchange.js';
import type { VenuePair } from '../venue-pair.js';

/** Minutes. */
export const KRAKEN_INTERVALS = [1, 5, 15, 30, 60, 240, 1440];
const ROWS = 720;

/**
 * Rows after `since` (s), oldest first, always up to now, the newest 720 at most, the last one of them still trading.
 * https://docs.kraken.com/api-reference/market-data/get-ohlc-data
 */
export function krakenOhlc(venue: Exchange, pair: VenuePair, minutes: number, since: number): object {
  const widthMs = minutes * 60_000;
  const klines = venue.klines(pair, widthMs, { from: since * 1000 + 1, to: Infinity, most: ROWS, keep: 'newest' });
  const price = (value: number): string => value.toFixed(pair.priceDecimals);
  const rows = klines.map(({ time, open, high, low, close, volume, quoteVolume, count }) => [
    time / 1000,
    ...[open, high, low, close].map(price),
    // More digits than prices have: quote volume is this times volume.
    count === 0 ? '0.0' : (quoteVolume / volume).toPrecision(15),
    volume.toFixed(8),
    count,
  ]);
  return { [pair.id]: rows, last: (venue.openBucket(widthMs) - widthMs) / 1000 };
}
