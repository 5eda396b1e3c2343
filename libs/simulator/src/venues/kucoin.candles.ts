import type { Exchange } from '../exchange.js';
import { trimmed } from '../spelling.js';
import { json, type Route } from '../venue.js';

const MINUTES: Readonly<Record<string, number>> = {
  '1min': 1,
  '3min': 3,
  '5min': 5,
  '15min': 15,
  '30min': 30,
  '1hour': 60,
  '2hour': 120,
  '4hour': 240,
  '6hour': 360,
  '8hour': 480,
  '12hour': 720,
  '1day': 1440,
};
const MOST = 1500;
const DEFAULT = 100;

/**
 * Newest first, of too many the newest, without buckets that saw no trade; times in seconds, `endAt` exclusive.
 * https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-klines
 */
export function kucoinCandles(venue: Exchange): Route {
  return [
    'GET',
    /^\/api\/v1\/market\/candles$/,
    ({ query }) => {
      const pair = venue.pair(query.get('symbol') ?? '');
      if (pair?.online !== true) return json({ code: '400100', msg: 'This pair is not provided at present' });
      const minutes = MINUTES[query.get('type') ?? ''];
      if (minutes === undefined) return json({ code: '400100', msg: 'Incorrect candlestick type' });
      for (const name of ['startAt', 'endAt']) {
        if (!/^\d{1,13}$/.test(query.get(name) ?? '0')) return json({ code: '400100', msg: `${name} is not a number` });
      }
      const [startAt, endAt] = [Number(query.get('startAt') ?? 0), Number(query.get('endAt') ?? 0)];
      const range = {
        from: startAt * 1000,
        to: endAt === 0 ? Infinity : endAt * 1000 - 1,
        most: startAt === 0 ? DEFAULT : MOST,
        keep: 'newest',
      } as const;
      const price = (value: number): string => trimmed(value.toFixed(pair.priceDecimals));
      const rows = venue
        .klines(pair, minutes * 60_000, range)
        .filter(({ count }) => count > 0)
        .map(({ time, open, close, high, low, volume, quoteVolume }) => [
          String(time / 1000),
          ...[open, close, high, low].map(price),
          trimmed(volume.toFixed(pair.sizeDecimals)),
          trimmed(quoteVolume.toFixed(8)),
        ]);
      return json({ code: '200000', data: rows.reverse() });
    },
  ];
}
