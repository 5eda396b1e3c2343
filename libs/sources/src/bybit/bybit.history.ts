import { bucketsAsked, cell, klines, pairInUrl, readCandles, widthName } from '../candles.js';
import { decimal } from '../decimal.js';
import { arrayField } from '../fields.js';
import type { HistorySource } from '../history.js';
import { bybitResult } from './bybit.answer.js';
import { bybit } from './bybit.stream.js';

const INTERVALS = { 60_000: '1', 300_000: '5', 3_600_000: '60' };

/**
 * Bybit v5's klines of the spot market. A row is [start, open, high, low, close, base volume, turnover in the quote currency],
 * all of them texts, newest first, the bucket that still trades on top. Whether a bucket without a trade is there, flat, or
 * left out is not documented; either is read.
 */
export const bybitHistory: HistorySource = {
  id: 'bybit',
  documentation: 'https://bybit-exchange.github.io/docs/v5/market/kline',
  rest: bybit.addresses.rest,
  listing: bybit.listing,
  needsKey: false,
  resolutions: klines(1000),

  // 600 per 5 s and address, and who goes beyond is shut out for ten minutes: half of it, the rest is for all else that is
  // asked from here. https://bybit-exchange.github.io/docs/v5/rate-limit
  budget: () => ({ count: 300, windowMs: 5000 }),

  request(asset, resolution, from, to) {
    const limit = bucketsAsked(resolution, from, to);
    const interval = widthName(INTERVALS, resolution);
    // Both ends are inclusive and compared with the time at which a bucket starts.
    const range = `start=${from}&end=${to - 1}&limit=${limit}`;
    return {
      method: 'GET',
      path: `/v5/market/kline?category=spot&symbol=${pairInUrl(asset, 'Bybit')}&interval=${interval}&${range}`,
    };
  },

  parse(body, { bucketMs }, from, to, now) {
    const { result, time } = bybitResult(body);
    // No row says whether its bucket is over; by a clock of ours that is ahead of the venue's, an open one would be.
    const over = Math.min(now, decimal(time) ?? now);
    return readCandles(arrayField(result['list'], 'list'), { bucketMs, from, to, now: over }, (row) => ({
      time: decimal(cell(row, 0)),
      open: cell(row, 1),
      high: cell(row, 2),
      low: cell(row, 3),
      close: cell(row, 4),
      volume: cell(row, 6),
    }));
  },
};
