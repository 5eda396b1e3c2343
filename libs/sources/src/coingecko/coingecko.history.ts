import {
  bucketsAsked,
  type CandleWindow,
  cell,
  DAY_MS,
  FIVE_MINUTES_MS,
  HOUR_MS,
  isWanted,
  MINUTE_MS,
  widthName,
} from '../candles.js';
import { decimal } from '../decimal.js';
import { arrayField, isObject } from '../fields.js';
import type { HistoryResolution, HistorySource, QuotedCandle } from '../history.js';
import { type HttpRequest, VenueFrameError } from '../source.js';
import { access, answerOf, coingecko, PRO_REST } from './coingecko.poll.js';

/** Up to 90 days back the points are an hour apart; from the 91st on it would be a day. */
const HOURLY_DAYS = 90;

/** How many days to ask for, which decides how far apart the points are. */
const DAYS = { [FIVE_MINUTES_MS]: '1', [HOUR_MS]: String(HOURLY_DAYS) };

/**
 * What is left after the polling of prices, which asks in the same name. Without a key, about five calls a minute pass; it
 * takes one. Demo: 30 a minute, 10,000 a month, of which these can become 3,720. Paid: 100,000 a month in the smallest plan,
 * 74,400 if it never stops.
 */
const BUDGETS = {
  keyless: { count: 4, windowMs: MINUTE_MS },
  demo: { count: 20, windowMs: 4 * HOUR_MS },
  pro: { count: 100, windowMs: HOUR_MS },
} as const;

/** Points that are further apart than this many buckets are those of another granularity. */
const MOST_BUCKETS_APART = 2;

interface Point {
  readonly time: number;
  readonly price: number;
}

/** The points that can be read, by time. @throws VenueFrameError when there are some and none can. */
function pointsOf(prices: readonly unknown[]): Point[] {
  const points = prices.flatMap((point) => {
    const [time, price] = [decimal(cell(point, 0)), decimal(cell(point, 1))];
    return time === undefined || price === undefined || price <= 0 ? [] : [{ time, price }];
  });
  if (points.length === 0 && prices.length > 0) {
    throw new VenueFrameError(`not one of ${prices.length} points is a time and a price above 0`);
  }
  // The last one is that of the request and can bear an earlier time than the one before it.
  return points.sort((a, b) => a.time - b.time);
}

/**
 * Finer buckets filled from coarser points would be prices of another hour.
 * @throws VenueFrameError when the points are mostly further apart than the buckets are wide.
 */
function refuseCoarse(points: readonly Point[], bucketMs: number): void {
  const gaps = points.slice(1).map(({ time }, index) => time - points[index]!.time);
  const median = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)];
  if (median !== undefined && median > MOST_BUCKETS_APART * bucketMs) {
    throw new VenueFrameError(`the points are ${median} ms apart, too far for buckets of ${bucketMs} ms`);
  }
}

/** The points of each bucket as a candle, which for a single point is flat. */
function folded(points: readonly Point[], window: CandleWindow): QuotedCandle[] {
  const candles = new Map<number, QuotedCandle>();
  for (const { time, price } of points) {
    const bucket = Math.floor(time / window.bucketMs) * window.bucketMs;
    if (!isWanted(bucket, window)) continue;
    const candle = candles.get(bucket) ?? { time: bucket, open: price, high: price, low: price, close: price };
    const { open, high, low } = candle;
    candles.set(bucket, { time: bucket, open, high: Math.max(high, price), low: Math.min(low, price), close: price });
  }
  return [...candles.values()];
}

const resolution = (bucketMs: number, days: number): HistoryResolution => ({
  bucketMs,
  grade: 'hourly',
  perRequest: (days * DAY_MS) / bucketMs,
  reachMs: days * DAY_MS,
});

function headersOf(key: string | undefined): Pick<HttpRequest, 'headers'> {
  const given = access(key);
  return given.key === undefined ? {} : { headers: { [`x-cg-${given.plan}-api-key`]: given.key } };
}

/**
 * CoinGecko's average prices in USD at points in time, always of the last so many days. `total_volumes` beside them is a
 * rolling 24 h figure and says nothing of a bucket: there is no volume here.
 */
export const coingeckoHistory: HistorySource = {
  id: 'coingecko',
  documentation: 'https://docs.coingecko.com/reference/coins-id-market-chart',
  rest: coingecko.addresses.rest,
  needsKey: false,
  resolutions: [resolution(FIVE_MINUTES_MS, 1), resolution(HOUR_MS, HOURLY_DAYS)],

  // All coins in one answer: https://docs.coingecko.com/reference/coins-list
  coins: {
    request: (key) => ({ method: 'GET', path: '/api/v3/coins/list', ...headersOf(key) }),
    parse(body) {
      const ids = arrayField(body, 'the answer').flatMap((coin) => {
        const id = isObject(coin) ? coin['id'] : undefined;
        return typeof id === 'string' && id !== '' ? [id] : [];
      });
      if (ids.length === 0) throw new VenueFrameError('CoinGecko lists no coin that has an id');
      return ids;
    },
    nameOf: ({ coingeckoId }) => coingeckoId,
  },

  budget(key) {
    const { plan } = access(key);
    return plan === 'pro' ? { ...BUDGETS.pro, rest: PRO_REST } : BUDGETS[plan];
  },

  request({ symbol, coingeckoId }, asked, from, to, key) {
    bucketsAsked(asked, from, to);
    if (coingeckoId === undefined) throw new RangeError(`No CoinGecko id is known for ${symbol}`);
    return {
      method: 'GET',
      path:
        `/api/v3/coins/${encodeURIComponent(coingeckoId)}/market_chart` +
        `?vs_currency=usd&days=${widthName(DAYS, asked)}&precision=full`,
      ...headersOf(key),
    };
  },

  parse(body, { bucketMs }, from, to, now) {
    const points = pointsOf(arrayField(answerOf(body)['prices'], 'prices'));
    refuseCoarse(points, bucketMs);
    return folded(points, { bucketMs, from, to, now });
  },
};
