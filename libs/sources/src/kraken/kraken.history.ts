import { bucketsAsked, cell, fromSeconds, klines, pairInUrl, quoteVolume, readCandles, widthName } from '../candles.js';
import { arrayField } from '../fields.js';
import type { HistorySource } from '../history.js';
import { VenueFrameError } from '../source.js';
import { kraken, resultOf } from './kraken.poll.js';

/** In minutes. */
const INTERVALS = { 60_000: '1', 300_000: '5', 3_600_000: '60' };

/** The newest 720 rows are all there is, and the newest of them is the bucket that still trades. */
const ROWS = 720;
const CLOSED_ROWS = ROWS - 1;

/** The rows under the pair's own name for itself, beside `last`. @throws VenueFrameError */
function rowsOf(body: unknown): readonly unknown[] {
  const pair = Object.entries(resultOf(body)).find(([name]) => name !== 'last');
  if (pair === undefined) throw new VenueFrameError('the result has no pair');
  return arrayField(pair[1], pair[0]);
}

/**
 * The rows without the newest: by the documentation it is always that of the bucket that still trades. The venue says so
 * itself then, and a clock of ours that is ahead does not make it final.
 */
function committed(rows: readonly unknown[]): readonly unknown[] {
  const timeOf = (row: unknown) => fromSeconds(cell(row, 0)) ?? -Infinity;
  const newest = rows.reduce<number>((latest, row) => Math.max(latest, timeOf(row)), -Infinity);
  return rows.filter((row) => timeOf(row) < newest || newest === -Infinity);
}

/**
 * Kraken's candles. A row is [time in s, open, high, low, close, vwap, base volume, trades], oldest first, and the answer
 * always runs up to now: what is older than the newest 720 rows cannot be had. Volume in the quote currency is the base
 * volume times the average price weighted by it, which is what was paid. Without a trade a bucket is flat, volume 0.
 */
export const krakenHistory: HistorySource = {
  id: 'kraken',
  documentation: 'https://docs.kraken.com/api-reference/market-data/get-ohlc-data',
  rest: kraken.addresses.rest,
  listing: kraken.listing!,
  needsKey: false,
  resolutions: klines(ROWS).map((resolution) => ({ ...resolution, reachMs: CLOSED_ROWS * resolution.bucketMs })),

  // About one public call a second and address; the tickers take half of that.
  budget: () => ({ count: 1, windowMs: 2000 }),

  request(asset, resolution, from, to) {
    bucketsAsked(resolution, from, to);
    // `since` is exclusive: candles after it.
    const query = `interval=${widthName(INTERVALS, resolution)}&since=${from / 1000 - 1}`;
    return { method: 'GET', path: `/0/public/OHLC?pair=${pairInUrl(asset, 'Kraken')}&${query}` };
  },

  parse(body, { bucketMs }, from, to, now) {
    return readCandles(committed(rowsOf(body)), { bucketMs, from, to, now }, (row) => ({
      time: fromSeconds(cell(row, 0)),
      open: cell(row, 1),
      high: cell(row, 2),
      low: cell(row, 3),
      close: cell(row, 4),
      volume: quoteVolume(cell(row, 6), cell(row, 5)),
    }));
  },
};
