import type { Exchange } from '../exchange.js';
import { trimmed } from '../spelling.js';
import type { Trade } from '../tape.js';
import { json, type Route, type VenueAnswer, type VenueRequest } from '../venue.js';
import type { VenuePair } from '../venue-pair.js';

/** The envelope of every answer. */
export function bybitAnswer(venue: Exchange, result: unknown, retCode = 0, retMsg = 'OK'): VenueAnswer {
  return json({ retCode, retMsg, result, retExtInfo: {}, time: Math.floor(venue.clock()) });
}

const step = (decimals: number): string => (10 ** -decimals).toFixed(decimals);
const plain = (value: number, decimals: number): string => trimmed(value.toFixed(decimals));

/** Ids of spot trades are numbers of 19 digits: no double holds one. */
export function bybitTradeId({ id }: Trade): string {
  return `229${String(id).padStart(16, '0')}`;
}

/** The last 24 hours as both the stream and the REST API tell them. */
export function bybitDay(venue: Exchange, pair: VenuePair): Record<string, string> {
  const day = venue.day(pair);
  const last = venue.last(pair);
  return {
    symbol: pair.id,
    lastPrice: trimmed(last.priceText),
    highPrice24h: plain(day.high, pair.priceDecimals),
    lowPrice24h: plain(day.low, pair.priceDecimals),
    prevPrice24h: plain(day.open, pair.priceDecimals),
    volume24h: plain(day.volume, pair.sizeDecimals),
    turnover24h: plain(day.quoteVolume, 8),
    price24hPcnt: plain(last.price / day.open - 1, 4),
    // Empty for what is no collateral.
    usdIndexPrice: '',
  };
}

function ticker(venue: Exchange, pair: VenuePair): object {
  const { bid, ask, bidSize, askSize } = venue.book(pair);
  return {
    ...bybitDay(venue, pair),
    bid1Price: trimmed(bid),
    bid1Size: trimmed(bidSize),
    ask1Price: trimmed(ask),
    ask1Size: trimmed(askSize),
  };
}

function instrument({ index, id, base, quote, priceDecimals, sizeDecimals }: VenuePair): object {
  return {
    symbolId: index,
    symbol: id,
    baseCoin: base.toUpperCase(),
    quoteCoin: quote.toUpperCase(),
    innovation: '0',
    status: 'Trading',
    marginTrading: 'none',
    stTag: '0',
    lotSizeFilter: {
      basePrecision: step(sizeDecimals),
      quotePrecision: '0.00000001',
      minOrderQty: step(sizeDecimals),
      maxOrderQty: '17000',
      minOrderAmt: '5',
      maxOrderAmt: '1999999999',
      maxLimitOrderQty: '17000',
      maxMarketOrderQty: '8500',
      postOnlyMaxLimitOrderSize: '60000',
    },
    priceFilter: { tickSize: step(priceDecimals) },
    riskParameters: { priceLimitRatioX: '0.05', priceLimitRatioY: '0.05' },
    symbolType: '',
    isPublicRpi: true,
    myRpiPermission: true,
  };
}

const MINUTES: Readonly<Record<string, number>> = {
  '1': 1,
  '3': 3,
  '5': 5,
  '15': 15,
  '30': 30,
  '60': 60,
  '120': 120,
  '240': 240,
  '360': 360,
  '720': 720,
  D: 1440,
};
const MOST_KLINES = 1000;
const DEFAULT_KLINES = 200;
const MOST_TRADES = 60;

/** Bybit v5, category spot: https://bybit-exchange.github.io/docs/v5/market/instrument and the pages beside it. */
export function bybitRoutes(venue: Exchange): Route[] {
  const wrong = (retMsg: string): VenueAnswer => bybitAnswer(venue, {}, 10001, retMsg);
  /** Checks what every one of these wants first. `symbol` is optional where `all` pairs can be told. */
  const ofPairs =
    (all: boolean, answer: (pairs: readonly VenuePair[], query: URLSearchParams) => VenueAnswer) =>
    ({ query }: VenueRequest): VenueAnswer => {
      if (query.get('category') !== 'spot') return wrong('Illegal category');
      for (const name of ['start', 'end', 'limit']) {
        if (!/^\d{1,16}$/.test(query.get(name) ?? '0')) return wrong(`Request parameter error: ${name}`);
      }
      const symbol = query.get('symbol');
      if (symbol === null && all) return answer(venue.onlinePairs, query);
      const pair = venue.pair(symbol ?? '');
      // What is not traded any more is not listed either.
      return pair?.online === true ? answer([pair], query) : wrong('Not supported symbols');
    };
  const result = (list: readonly unknown[], more: object = {}): VenueAnswer =>
    bybitAnswer(venue, { category: 'spot', ...more, list });

  /** Newest first; both ends inclusive. Of too many from a start alone the oldest are told, else the newest. */
  const klines = ([pair]: readonly VenuePair[], query: URLSearchParams): VenueAnswer => {
    const minutes = MINUTES[query.get('interval') ?? ''];
    if (pair === undefined || minutes === undefined) return wrong('Request parameter error: interval');
    const found = venue.klines(pair, minutes * 60_000, {
      from: Number(query.get('start') ?? 0),
      to: Number(query.get('end') ?? Infinity),
      most: Math.min(MOST_KLINES, Number(query.get('limit') ?? DEFAULT_KLINES) || DEFAULT_KLINES),
      keep: query.has('start') && !query.has('end') ? 'oldest' : 'newest',
    });
    const rows = found.map(({ time, open, high, low, close, volume, quoteVolume }) => [
      String(time),
      ...[open, high, low, close].map((price) => plain(price, pair.priceDecimals)),
      plain(volume, pair.sizeDecimals),
      plain(quoteVolume, 8),
    ]);
    return result(rows.reverse(), { symbol: pair.id });
  };

  const recent = ([pair]: readonly VenuePair[], query: URLSearchParams): VenueAnswer => {
    const count = Math.min(MOST_TRADES, Number(query.get('limit') ?? MOST_TRADES) || MOST_TRADES);
    const trades = pair === undefined ? [] : venue.recent(pair, count);
    const rows = trades.map((trade) => ({
      execId: bybitTradeId(trade),
      symbol: trade.pair.id,
      price: trimmed(trade.priceText),
      size: trimmed(trade.sizeText),
      side: trade.takerBuys ? 'Buy' : 'Sell',
      time: String(Math.floor(trade.time)),
      isBlockTrade: false,
      isRPITrade: false,
      seq: String(trade.id * 3),
    }));
    return result(rows.reverse());
  };

  const serverTime = (): VenueAnswer => {
    const now = Math.floor(venue.clock());
    return bybitAnswer(venue, { timeSecond: String(Math.floor(now / 1000)), timeNano: `${now}000000` });
  };
  return [
    ['GET', /^\/v5\/market\/time$/, serverTime],
    ['GET', /^\/v5\/market\/instruments-info$/, ofPairs(true, (pairs) => result(pairs.map(instrument)))],
    ['GET', /^\/v5\/market\/tickers$/, ofPairs(true, (pairs) => result(pairs.map((pair) => ticker(venue, pair))))],
    ['GET', /^\/v5\/market\/kline$/, ofPairs(false, klines)],
    ['GET', /^\/v5\/market\/recent-trade$/, ofPairs(false, recent)],
  ];
}
