import { bucketsAsked, cell, fromSeconds, klines, pairInUrl, quoteVolume, readCandles, widthName } from '../candles.js';
import { decimal } from '../decimal.js';
import { arrayField, isObject, shown } from '../fields.js';
import type { HistorySource } from '../history.js';
import { VenueFrameError } from '../source.js';
import { coinbase } from './coinbase.stream.js';

const GRANULARITIES = { 60_000: '60', 300_000: '300', 3_600_000: '3600' };

/** (high + low + close) / 3, the "typical price": what a bucket traded at on average is between them, and not told. */
function typicalPrice(high: unknown, low: unknown, close: unknown): number | undefined {
  const [h, l, c] = [decimal(high), decimal(low), decimal(close)];
  return h === undefined || l === undefined || c === undefined ? undefined : (h + l + c) / 3;
}

/**
 * Coinbase Exchange's candles. A row is [time in s, low, high, open, close, base volume], newest first; buckets without a
 * trade are left out, and some from before the start may be added. Volume is in the base currency alone: in the quote
 * currency it is an estimate, at the bucket's typical price, off by less than the bucket's range of prices.
 */
export const coinbaseHistory: HistorySource = {
  id: 'coinbase',
  documentation: 'https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-candles',
  rest: coinbase.addresses.rest,
  listing: coinbase.listing,
  needsKey: false,
  resolutions: klines(300),

  // 10 a second and address, of which two are left to all else that is asked.
  budget: () => ({ count: 8, windowMs: 1000 }),

  request(asset, resolution, from, to) {
    bucketsAsked(resolution, from, to);
    // Both ends are inclusive: with `to` itself, 300 buckets would be 301, and a range of those is refused.
    const [start, end] = [from, to - resolution.bucketMs].map((time) => new Date(time).toISOString());
    const query = `granularity=${widthName(GRANULARITIES, resolution)}&start=${start}&end=${end}`;
    return { method: 'GET', path: `/products/${pairInUrl(asset, 'Coinbase')}/candles?${query}` };
  },

  parse(body, { bucketMs }, from, to, now) {
    if (isObject(body) && body['message'] !== undefined) {
      throw new VenueFrameError(`Coinbase answered ${shown(body['message'])}`);
    }
    return readCandles(arrayField(body, 'the answer'), { bucketMs, from, to, now }, (row) => {
      const [low, high, open, close] = [cell(row, 1), cell(row, 2), cell(row, 3), cell(row, 4)];
      const volume = quoteVolume(cell(row, 5), typicalPrice(high, low, close));
      return { time: fromSeconds(cell(row, 0)), open, high, low, close, volume };
    });
  },
};
