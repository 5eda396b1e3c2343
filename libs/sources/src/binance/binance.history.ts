import { bucketsAsked, cell, klines, pairInUrl, readCandles, widthName } from '../candles.js';
import { decimal } from '../decimal.js';
import { arrayField, isObject, shown } from '../fields.js';
import type { HistorySource } from '../history.js';
import { VenueFrameError } from '../source.js';
import { binance } from './binance.stream.js';

const INTERVALS = { 60_000: '1m', 300_000: '5m', 3_600_000: '1h' };

/**
 * Binance's klines. A row is [open time, open, high, low, close, base volume, close time, quote volume, …], oldest first; a
 * bucket without a trade is there too, flat, with volume 0.
 */
export const binanceHistory: HistorySource = {
  id: 'binance',
  documentation: 'https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints',
  rest: binance.addresses.rest,
  listing: binance.listing,
  needsKey: false,
  resolutions: klines(1000),

  // 6,000 of weight a minute and address, 2 for each of these: 3,000, of which a sixth is left to all else that is asked.
  budget: () => ({ count: 2500, windowMs: 60_000 }),

  request(asset, resolution, from, to) {
    const limit = bucketsAsked(resolution, from, to);
    const interval = widthName(INTERVALS, resolution);
    // Both ends are inclusive and compared with the time at which a bucket opens.
    const range = `startTime=${from}&endTime=${to - 1}&limit=${limit}`;
    return {
      method: 'GET',
      path: `/api/v3/klines?symbol=${pairInUrl(asset, 'Binance')}&interval=${interval}&${range}`,
    };
  },

  parse(body, { bucketMs }, from, to, now) {
    if (isObject(body) && body['msg'] !== undefined) {
      throw new VenueFrameError(`Binance answered ${shown(body['code'])} ${shown(body['msg'])}`);
    }
    return readCandles(arrayField(body, 'the answer'), { bucketMs, from, to, now }, (row) => ({
      time: decimal(cell(row, 0)),
      open: cell(row, 1),
      high: cell(row, 2),
      low: cell(row, 3),
      close: cell(row, 4),
      volume: cell(row, 7),
    }));
  },
};
