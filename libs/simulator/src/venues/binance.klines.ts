import type { Exchange } from '../exchange.js';
import type { Kline } from '../klines.js';
import { unit } from '../noise.js';
import { json, type Route, type VenueAnswer } from '../venue.js';
import type { VenuePair } from '../venue-pair.js';

const MINUTES: Readonly<Record<string, number>> = {
  '1m': 1,
  '3m': 3,
  '5m': 5,
  '15m': 15,
  '30m': 30,
  '1h': 60,
  '2h': 120,
  '4h': 240,
  '6h': 360,
  '8h': 480,
  '12h': 720,
  '1d': 1440,
};
const MOST = 1000;
const DEFAULT = 500;
const eight = (value: number): string => value.toFixed(8);
const fail = (code: number, msg: string): VenueAnswer => json({ code, msg }, 400);
const missing = (name: string): VenueAnswer =>
  fail(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);

function row(pair: VenuePair, widthMs: number, kline: Kline): unknown[] {
  const { time, open, high, low, close, volume, quoteVolume, count } = kline;
  const bought = 0.3 + 0.4 * unit(pair.seed ^ 0xb0b, time / 60_000);
  return [
    time,
    ...[open, high, low, close, volume].map(eight),
    time + widthMs - 1,
    eight(quoteVolume),
    count,
    eight(volume * bought),
    eight(quoteVolume * bought),
    '0',
  ];
}

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints#klinecandlestick-data */
export function binanceKlines(venue: Exchange): Route {
  return [
    'GET',
    /^\/api\/v3\/klines$/,
    ({ query }) => {
      const [symbol, interval] = [query.get('symbol') ?? '', query.get('interval') ?? ''];
      if (symbol === '') return missing('symbol');
      if (interval === '') return missing('interval');
      for (const name of ['startTime', 'endTime', 'limit']) {
        if (!/^\d{1,20}$/.test(query.get(name) ?? '0')) {
          return fail(-1100, `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`);
        }
      }
      const pair = venue.pair(symbol);
      if (pair?.online !== true) return fail(-1121, 'Invalid symbol.');
      const minutes = MINUTES[interval];
      if (minutes === undefined) return fail(-1120, 'Invalid interval.');
      const widthMs = minutes * 60_000;
      const range = {
        from: Number(query.get('startTime') ?? 0),
        to: Number(query.get('endTime') ?? Infinity),
        most: Math.min(MOST, Number(query.get('limit') ?? DEFAULT)),
        // Without a start the newest are told.
        keep: query.has('startTime') ? 'oldest' : 'newest',
      } as const;
      return json(venue.klines(pair, widthMs, range).map((kline) => row(pair, widthMs, kline)));
    },
  ];
}
