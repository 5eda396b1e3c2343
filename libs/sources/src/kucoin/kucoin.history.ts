import { bucketsAsked, cell, fromSeconds, klines, pairInUrl, readCandles, widthName } from '../candles.js';
import { arrayField, codeText, objectField, shown } from '../fields.js';
import type { HistorySource } from '../history.js';
import { VenueFrameError } from '../source.js';
import { kucoin } from './kucoin.stream.js';

const TYPES = { 60_000: '1min', 300_000: '5min', 3_600_000: '1hour' };

const SUCCESS = '200000';

/**
 * KuCoin's klines. A row is [time in s, open, close, high, low, base volume, turnover in the quote currency], newest first,
 * and close comes before high. Buckets without a trade are left out.
 */
export const kucoinHistory: HistorySource = {
  id: 'kucoin',
  documentation: 'https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-klines',
  rest: kucoin.addresses.rest,
  listing: kucoin.listing,
  needsKey: false,
  resolutions: klines(1500),

  // 2,000 of weight per 30 s and address, 3 for each of these: 666, of which some are left to all else that is asked.
  budget: () => ({ count: 600, windowMs: 30_000 }),

  request(asset, resolution, from, to) {
    bucketsAsked(resolution, from, to);
    const type = widthName(TYPES, resolution);
    // The documentation leaves open whether `endAt` is inside. A second less is the same range either way; with an end
    // inside, `to` itself would be bucket 1501 and push out the oldest.
    const range = `startAt=${from / 1000}&endAt=${to / 1000 - 1}`;
    return {
      method: 'GET',
      path: `/api/v1/market/candles?symbol=${pairInUrl(asset, 'KuCoin')}&type=${type}&${range}`,
    };
  },

  parse(body, { bucketMs }, from, to, now) {
    const { code, msg, data } = objectField(body, 'the answer');
    // Errors come with status 200, some of them.
    if (codeText(code) !== SUCCESS) throw new VenueFrameError(`KuCoin answered ${shown(code)} ${shown(msg)}`);
    return readCandles(arrayField(data, 'data'), { bucketMs, from, to, now }, (row) => ({
      time: fromSeconds(cell(row, 0)),
      open: cell(row, 1),
      close: cell(row, 2),
      high: cell(row, 3),
      low: cell(row, 4),
      volume: cell(row, 6),
    }));
  },
};
