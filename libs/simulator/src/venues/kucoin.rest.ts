import { nanos, trimmed } from '../spelling.js';
import type { Exchange } from '../exchange.js';
import { json, type Route, type VenueAnswer } from '../venue.js';
import type { VenuePair } from '../venue-pair.js';
import { kucoinCandles } from './kucoin.candles.js';

const ok = (data: unknown): VenueAnswer => json({ code: '200000', data });
const step = (decimals: number): string => (10 ** -decimals).toFixed(decimals);

function symbol({ id, base, quote, priceDecimals, sizeDecimals, online }: VenuePair): object {
  return {
    symbol: id,
    name: id,
    baseCurrency: base.toUpperCase(),
    quoteCurrency: quote.toUpperCase(),
    feeCurrency: quote.toUpperCase(),
    market: quote === 'btc' ? 'BTC' : 'USDS',
    baseMinSize: step(sizeDecimals),
    quoteMinSize: '0.1',
    baseMaxSize: '10000000000',
    quoteMaxSize: '99999999',
    baseIncrement: step(sizeDecimals),
    quoteIncrement: step(Math.max(6, priceDecimals)),
    priceIncrement: step(priceDecimals),
    priceLimitRate: '0.1',
    minFunds: '0.1',
    isMarginEnabled: false,
    enableTrading: online,
    feeCategory: 1,
    makerFeeCoefficient: '1.00',
    takerFeeCoefficient: '1.00',
    st: false,
    callauctionIsEnabled: false,
  };
}

/** https://www.kucoin.com/docs-new/rest/spot-trading/market-data/introduction */
export function kucoinRoutes(venue: Exchange, ticket: (host: string) => object): Route[] {
  const stats = (pair: VenuePair): Record<string, unknown> => {
    const day = venue.day(pair);
    const last = venue.last(pair);
    const { bid, ask, bidSize, askSize } = venue.book(pair);
    const plain = (value: number): string => trimmed(value.toFixed(pair.priceDecimals));
    return {
      symbol: pair.id,
      buy: trimmed(bid),
      bestBidSize: trimmed(bidSize),
      sell: trimmed(ask),
      bestAskSize: trimmed(askSize),
      changeRate: (last.price / day.open - 1).toFixed(4),
      changePrice: plain(last.price - day.open),
      high: plain(day.high),
      low: plain(day.low),
      vol: String(day.volume),
      volValue: String(day.quoteVolume),
      last: trimmed(last.priceText),
      averagePrice: plain((day.high + day.low) / 2),
      takerFeeRate: '0.001',
      makerFeeRate: '0.001',
      takerCoefficient: '1',
      makerCoefficient: '1',
    };
  };
  const ofPair =
    (answer: (pair: VenuePair) => unknown): Route[2] =>
    ({ query }) => {
      const pair = venue.pair(query.get('symbol') ?? '');
      return pair?.online === true ? ok(answer(pair)) : json({ code: '900001', msg: 'symbol not exists' });
    };
  return [
    ['POST', /^\/api\/v1\/bullet-public$/, ({ host }) => ok(ticket(host))],
    ['GET', /^\/api\/v1\/timestamp$/, () => json({ code: '200000', data: Math.floor(venue.clock()) })],
    ['GET', /^\/api\/v1\/status$/, () => ok({ status: 'open', msg: '' })],
    ['GET', /^\/api\/v[12]\/symbols$/, () => ok(venue.pairs.map(symbol))],
    [
      'GET',
      /^\/api\/v1\/market\/allTickers$/,
      () =>
        ok({
          time: Math.floor(venue.clock()),
          ticker: venue.onlinePairs.map((pair) => ({ ...stats(pair), symbolName: pair.id })),
        }),
    ],
    ['GET', /^\/api\/v1\/market\/stats$/, ofPair((pair) => ({ time: Math.floor(venue.clock()), ...stats(pair) }))],
    [
      'GET',
      /^\/api\/v1\/market\/orderbook\/level1$/,
      ofPair((pair) => {
        const last = venue.last(pair);
        const { bid, ask, bidSize, askSize } = venue.book(pair);
        return {
          time: Math.floor(last.time),
          sequence: String(last.id * 3),
          price: trimmed(last.priceText),
          size: trimmed(last.sizeText),
          bestBid: trimmed(bid),
          bestBidSize: trimmed(bidSize),
          bestAsk: trimmed(ask),
          bestAskSize: trimmed(askSize),
        };
      }),
    ],
    [
      'GET',
      /^\/api\/v1\/market\/histories$/,
      ofPair((pair) =>
        venue
          .recent(pair, 100)
          .map(({ id, priceText, sizeText, takerBuys, time }) => ({
            sequence: String(id * 3),
            price: trimmed(priceText),
            size: trimmed(sizeText),
            side: takerBuys ? 'buy' : 'sell',
            time: Number(nanos(time)),
          }))
          .reverse(),
      ),
    ],
    kucoinCandles(venue),
    [
      'GET',
      /^\/api\/v3\/currencies$/,
      () =>
        ok(
          [...new Set(venue.pairs.flatMap(({ base, quote }) => [base, quote]))].map((name) => ({
            currency: name.toUpperCase(),
            name: name.toUpperCase(),
            fullName: name.toUpperCase(),
            precision: 8,
            confirms: null,
            contractAddress: null,
            isMarginEnabled: false,
            isDebitEnabled: false,
            chains: [],
          })),
        ),
    ],
  ];
}
