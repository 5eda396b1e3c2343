import { bucketsAsked, cell, klines, pairInUrl, readCandles, widthName } from '../candles.js';
import { decimal } from '../decimal.js';
import { arrayField, codeText, objectField, shown } from '../fields.js';
import type { HistorySource } from '../history.js';
import { VenueFrameError } from '../source.js';
import { okx } from './okx.stream.js';

const BARS = { 60_000: '1m', 300_000: '5m', 3_600_000: '1H' };

/**
 * OKX v5's past candles, from recent years. A row is [ts, open, high, low, close, base volume, volume in the quote currency
 * for spot, quote volume, confirm], newest first; `confirm` 0 is a bucket that still trades. Without a trade a bucket is flat
 * at the last close.
 */
export const okxHistory: HistorySource = {
  id: 'okx',
  documentation: 'https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-candlesticks-history',
  rest: okx.addresses.rest,
  listing: okx.listing,
  needsKey: false,
  // 300 since 2025, as for the recent candles of `market/candles`; 100 before.
  resolutions: klines(300),

  // 20 per 2 s and address, of this path alone.
  budget: () => ({ count: 20, windowMs: 2000 }),

  request(asset, resolution, from, to) {
    const limit = bucketsAsked(resolution, from, to);
    const bar = widthName(BARS, resolution);
    // Both are exclusive, and named as pages of a list with the newest on top: `after` is older than, `before` newer than.
    const range = `after=${to}&before=${from - 1}&limit=${limit}`;
    return {
      method: 'GET',
      path: `/api/v5/market/history-candles?instId=${pairInUrl(asset, 'OKX')}&bar=${bar}&${range}`,
    };
  },

  parse(body, { bucketMs }, from, to, now) {
    const { code, msg, data } = objectField(body, 'the answer');
    // Errors come with status 200, some of them.
    if (codeText(code) !== '0') throw new VenueFrameError(`OKX answered ${shown(code)} ${shown(msg)}`);
    const closed = arrayField(data, 'data').filter((row) => codeText(cell(row, 8)) !== '0');
    return readCandles(closed, { bucketMs, from, to, now }, (row) => ({
      time: decimal(cell(row, 0)),
      open: cell(row, 1),
      high: cell(row, 2),
      low: cell(row, 3),
      close: cell(row, 4),
      volume: cell(row, 7),
    }));
  },
};
