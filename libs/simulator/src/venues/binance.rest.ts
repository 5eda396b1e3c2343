import type { Exchange } from '../exchange.js';
import { json, type Route, type VenueAnswer, type VenueRequest } from '../venue.js';
import type { VenuePair } from '../venue-pair.js';
import { binanceKlines } from './binance.klines.js';

const eight = (value: number): string => value.toFixed(8);
const unknownSymbol = (): VenueAnswer => json({ code: -1121, msg: 'Invalid symbol.' }, 400);

function symbol({ id, base, quote, priceDecimals, sizeDecimals, online }: VenuePair): object {
  return {
    symbol: id,
    status: online ? 'TRADING' : 'BREAK',
    baseAsset: base.toUpperCase(),
    baseAssetPrecision: 8,
    quoteAsset: quote.toUpperCase(),
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'],
    icebergAllowed: true,
    ocoAllowed: true,
    otoAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    isSpotTradingAllowed: online,
    isMarginTradingAllowed: false,
    filters: [
      {
        filterType: 'PRICE_FILTER',
        minPrice: eight(10 ** -priceDecimals),
        maxPrice: '1000000.00000000',
        tickSize: eight(10 ** -priceDecimals),
      },
      {
        filterType: 'LOT_SIZE',
        minQty: eight(10 ** -sizeDecimals),
        maxQty: '9000000.00000000',
        stepSize: eight(10 ** -sizeDecimals),
      },
      {
        filterType: 'NOTIONAL',
        minNotional: '5.00000000',
        applyMinToMarket: true,
        maxNotional: '9000000.00000000',
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
    ],
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
    allowedSelfTradePreventionModes: ['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'],
  };
}

/** Lists names that are not ASCII too, as the venue does since 2025. */
const FOREIGN = {
  id: '币安人生USDT',
  base: '币安人生',
  quote: 'usdt',
  online: false,
  priceDecimals: 4,
  sizeDecimals: 1,
};

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints */
export function binanceRoutes(venue: Exchange): Route[] {
  /** `symbol`, `symbols` or neither: undefined when one of them is unknown. */
  const asked = ({ query }: VenueRequest): { pairs: readonly VenuePair[]; one: boolean } | undefined => {
    const one = query.get('symbol');
    const many = query.get('symbols');
    if (one === null && many === null) return { pairs: venue.onlinePairs, one: false };
    const ids = one === null ? (JSON.parse(many ?? '[]') as string[]) : [one];
    const pairs = ids.map((id) => venue.pair(id)).filter((pair) => pair !== undefined);
    return pairs.length === ids.length ? { pairs, one: one !== null } : undefined;
  };
  const each =
    (spell: (pair: VenuePair) => object) =>
    (request: VenueRequest): VenueAnswer => {
      const found = asked(request);
      if (found === undefined) return unknownSymbol();
      const rows = found.pairs.map(spell);
      return json(found.one ? rows[0] : rows);
    };
  const trades =
    (aggregated: boolean) =>
    (request: VenueRequest): VenueAnswer => {
      const pair = venue.pair(request.query.get('symbol') ?? '');
      if (pair?.online !== true) return unknownSymbol();
      const limit = Math.min(1000, Number(request.query.get('limit') ?? 500) || 500);
      return json(
        venue.recent(pair, limit).map(({ id, price, size, time, takerBuys }) => {
          const [p, q, T, m] = [eight(price), eight(size), Math.floor(time), !takerBuys];
          if (aggregated) return { a: id, p, q, f: id, l: id, T, m, M: true };
          return { id, price: p, qty: q, quoteQty: eight(price * size), time: T, isBuyerMaker: m, isBestMatch: true };
        }),
      );
    };
  return [
    ['GET', /^\/api\/v3\/ping$/, () => json({})],
    ['GET', /^\/api\/v3\/time$/, () => json({ serverTime: Math.floor(venue.clock()) })],
    [
      'GET',
      /^\/api\/v3\/exchangeInfo$/,
      (request) => {
        const found = asked(request);
        if (found === undefined) return unknownSymbol();
        const all = !request.query.has('symbol') && !request.query.has('symbols');
        return json({
          timezone: 'UTC',
          serverTime: Math.floor(venue.clock()),
          rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 }],
          exchangeFilters: [],
          symbols: all ? [...venue.pairs, FOREIGN as VenuePair].map(symbol) : found.pairs.map(symbol),
        });
      },
    ],
    [
      'GET',
      /^\/api\/v3\/ticker\/24hr$/,
      each((pair) => {
        const day = venue.day(pair);
        const last = venue.last(pair);
        const { bid, ask, bidSize, askSize } = venue.book(pair);
        const now = Math.floor(venue.clock());
        return {
          symbol: pair.id,
          priceChange: eight(last.price - day.open),
          priceChangePercent: ((last.price / day.open - 1) * 100).toFixed(3),
          weightedAvgPrice: eight(day.quoteVolume / day.volume),
          prevClosePrice: eight(day.open),
          lastPrice: eight(last.price),
          lastQty: eight(last.size),
          bidPrice: eight(Number(bid)),
          bidQty: eight(Number(bidSize)),
          askPrice: eight(Number(ask)),
          askQty: eight(Number(askSize)),
          openPrice: eight(day.open),
          highPrice: eight(day.high),
          lowPrice: eight(day.low),
          volume: eight(day.volume),
          quoteVolume: eight(day.quoteVolume),
          openTime: now - 86_400_000,
          closeTime: now,
          firstId: last.id - day.count,
          lastId: last.id,
          count: day.count + 1,
        };
      }),
    ],
    ['GET', /^\/api\/v3\/ticker\/price$/, each((pair) => ({ symbol: pair.id, price: eight(venue.last(pair).price) }))],
    binanceKlines(venue),
    ['GET', /^\/api\/v3\/trades$/, trades(false)],
    ['GET', /^\/api\/v3\/aggTrades$/, trades(true)],
  ];
}
