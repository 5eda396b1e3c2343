import type { Exchange } from '../exchange.js';
import { json, type Route, type VenueAnswer } from '../venue.js';

const GRANULARITIES = [60, 300, 900, 3600, 21_600, 86_400];
const MOST = 300;
const fail = (message: string, status = 400): VenueAnswer => json({ message }, status);

/** Newest first, without buckets that saw no trade: https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-product-candles */
export function coinbaseCandles(venue: Exchange): Route {
  return [
    'GET',
    /^\/products\/([^/]+)\/candles$/,
    ({ query }, match) => {
      const pair = venue.pair(match[1] ?? '');
      if (pair?.online !== true) return fail('NotFound', 404);
      const granularity = Number(query.get('granularity') ?? 60);
      if (!GRANULARITIES.includes(granularity)) return fail('Unsupported granularity');
      const widthMs = granularity * 1000;
      const [start, end] = ['start', 'end'].map((name) => momentOf(query.get(name)));
      if (Number.isNaN(start) || Number.isNaN(end)) return fail('invalid start or end: ISO 8601 or seconds');
      const to = end ?? Infinity;
      const from = start ?? (end === undefined ? 0 : end - (MOST - 1) * widthMs);
      if (start !== undefined && (Math.min(to, venue.openBucket(widthMs)) - start) / widthMs + 1 > MOST) {
        return fail(
          `granularity too small for the requested time range. Count of aggregations requested exceeds ${MOST}`,
        );
      }
      const rows = venue
        .klines(pair, widthMs, { from, to, most: MOST, keep: 'newest' })
        .filter(({ count }) => count > 0)
        .map(({ time, low, high, open, close, volume }) => [time / 1000, low, high, open, close, volume]);
      return json(rows.reverse());
    },
  ];
}

/** Epoch ms; NaN for what is no time. */
function momentOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}
