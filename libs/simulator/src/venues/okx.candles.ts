import type { Exchange } from '../exchange.js';
import { trimmed } from '../spelling.js';
import { json, type Route, type VenueAnswer, type VenueRequest } from '../venue.js';

/** Those whose days begin at midnight UTC; the others begin in Hong Kong. */
const MINUTES: Readonly<Record<string, number>> = {
  '1m': 1,
  '3m': 3,
  '5m': 5,
  '15m': 15,
  '30m': 30,
  '1H': 60,
  '2H': 120,
  '4H': 240,
  '6Hutc': 360,
  '12Hutc': 720,
  '1Dutc': 1440,
};
const MOST = 300;
const DEFAULT = 100;
/** Rows of `candles` altogether; what is older is told by `history-candles` alone. */
const RECENT_ROWS = 1440;
const fail = (code: string, msg: string): VenueAnswer => json({ code, msg, data: [] });

/**
 * Newest first, of too many the newest, `after` and `before` exclusive. `candles` has the bucket that still trades too.
 * https://www.okx.com/docs-v5/en/#order-book-trading-market-data-get-candlesticks-history
 */
export function okxCandles(venue: Exchange): Route[] {
  const answer = ({ query }: VenueRequest, recent: boolean): VenueAnswer => {
    const pair = venue.pair(query.get('instId') ?? '');
    if (pair?.online !== true) return fail('51001', "Instrument ID doesn't exist");
    const minutes = MINUTES[query.get('bar') ?? '1m'];
    if (minutes === undefined) return fail('51000', 'Parameter bar error');
    for (const name of ['after', 'before', 'limit']) {
      if (!/^\d{1,16}$/.test(query.get(name) ?? '0')) return fail('51000', `Parameter ${name} error`);
    }
    const widthMs = minutes * 60_000;
    const open = venue.openBucket(widthMs);
    const oldest = recent ? open - (RECENT_ROWS - 1) * widthMs : 0;
    const klines = venue.klines(pair, widthMs, {
      from: Math.max(oldest, Number(query.get('before') ?? -1) + 1),
      to: Math.min(recent ? open : open - widthMs, Number(query.get('after') ?? Infinity) - 1),
      most: Math.min(MOST, Number(query.get('limit') ?? DEFAULT) || DEFAULT),
      keep: 'newest',
    });
    const price = (value: number): string => trimmed(value.toFixed(pair.priceDecimals));
    const rows = klines.map(({ time, open: first, high, low, close, volume, quoteVolume }) => [
      String(time),
      ...[first, high, low, close].map(price),
      trimmed(volume.toFixed(pair.sizeDecimals)),
      ...[quoteVolume, quoteVolume].map((value) => trimmed(value.toFixed(8))),
      time < open ? '1' : '0',
    ]);
    return json({ code: '0', msg: '', data: rows.reverse() });
  };
  return [
    ['GET', /^\/api\/v5\/market\/candles$/, (request) => answer(request, true)],
    ['GET', /^\/api\/v5\/market\/history-candles$/, (request) => answer(request, false)],
  ];
}
