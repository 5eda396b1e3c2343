import { isoMicros, trimmed } from '../spelling.js';
import type { Exchange } from '../exchange.js';
import { json, type Route, type VenueAnswer, type VenueRequest } from '../venue.js';
import type { VenuePair } from '../venue-pair.js';
import { coinbaseCandles } from './coinbase.candles.js';

const step = (decimals: number): string => (10 ** -decimals).toFixed(decimals);

function product({ id, base, quote, priceDecimals, sizeDecimals, online }: VenuePair): object {
  return {
    id,
    base_currency: base.toUpperCase(),
    quote_currency: quote.toUpperCase(),
    quote_increment: step(priceDecimals),
    base_increment: step(sizeDecimals),
    display_name: id,
    min_market_funds: '1',
    margin_enabled: false,
    post_only: false,
    limit_only: false,
    cancel_only: false,
    status: online ? 'online' : 'delisted',
    status_message: '',
    trading_disabled: !online,
    fx_stablecoin: false,
    max_slippage_percentage: '0.03000000',
    auction_mode: false,
    high_bid_limit_percentage: '',
  };
}

/** https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-all-known-trading-pairs and its neighbours */
export function coinbaseRoutes(venue: Exchange): Route[] {
  const withPair =
    (answer: (pair: VenuePair, request: VenueRequest) => object) =>
    (request: VenueRequest, match: RegExpExecArray): VenueAnswer => {
      const pair = venue.pair(match[1] ?? '');
      return pair?.online === true ? json(answer(pair, request)) : json({ message: 'NotFound' }, 404);
    };
  let products: VenueAnswer | undefined;
  return [
    ['GET', /^\/products$/, () => (products ??= json(venue.pairs.map(product)))],
    ['GET', /^\/products\/([^/]+)$/, withPair(product)],
    coinbaseCandles(venue),
    [
      'GET',
      /^\/time$/,
      () => json({ iso: new Date(venue.clock()).toISOString(), epoch: Math.floor(venue.clock()) / 1000 }),
    ],
    [
      'GET',
      /^\/products\/([^/]+)\/ticker$/,
      withPair((pair) => {
        const { id, priceText, sizeText, time } = venue.last(pair);
        const { bid, ask } = venue.book(pair);
        const { volume } = venue.day(pair);
        const price = trimmed(priceText);
        return {
          ask,
          bid,
          volume: volume.toFixed(8),
          trade_id: id,
          price,
          size: trimmed(sizeText),
          time: isoMicros(time),
        };
      }),
    ],
    [
      'GET',
      /^\/products\/([^/]+)\/stats$/,
      withPair((pair) => {
        const day = venue.day(pair);
        const [open, high, low] = [day.open, day.high, day.low].map((price) =>
          trimmed(price.toFixed(pair.priceDecimals)),
        );
        const last = trimmed(venue.last(pair).priceText);
        return { open, high, low, last, volume: day.volume.toFixed(8), volume_30day: (day.volume * 29.6).toFixed(8) };
      }),
    ],
    [
      'GET',
      /^\/products\/([^/]+)\/trades$/,
      withPair((pair, { query }) =>
        venue
          .recent(pair, Math.min(1000, Number(query.get('limit') ?? 100) || 100))
          .reverse()
          .map(({ time, id, priceText, sizeText, takerBuys }) => ({
            trade_id: id,
            side: takerBuys ? 'sell' : 'buy',
            size: sizeText,
            price: priceText,
            time: isoMicros(time),
          })),
      ),
    ],
    [
      'GET',
      /^\/currencies$/,
      () =>
        json(
          [...new Set(venue.pairs.flatMap(({ base, quote }) => [base, quote]))].map((symbol) => ({
            id: symbol.toUpperCase(),
            name: symbol.toUpperCase(),
            min_size: '0.00000001',
            status: 'online',
            message: '',
            max_precision: '0.00000001',
            convertible_to: [],
            details: { type: symbol === 'usd' || symbol === 'eur' ? 'fiat' : 'crypto' },
            supported_networks: [],
          })),
        ),
    ],
  ];
}
