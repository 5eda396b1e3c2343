import { trimmed } from '../spelling.js';
import type { Trade } from '../tape.js';
import type { Exchange } from '../exchange.js';
import { json, type Route, type VenueAnswer } from '../venue.js';
import type { VenuePair } from '../venue-pair.js';
import { okxCandles } from './okx.candles.js';

const ok = (data: readonly unknown[]): VenueAnswer => json({ code: '0', msg: '', data });
const step = (decimals: number): string => (10 ** -decimals).toFixed(decimals);

export function okxTrade({ pair, id, priceText, sizeText, takerBuys, time }: Trade): Record<string, string> {
  return {
    instId: pair.id,
    tradeId: String(id),
    px: trimmed(priceText),
    sz: trimmed(sizeText),
    side: takerBuys ? 'buy' : 'sell',
    ts: String(Math.floor(time)),
  };
}

export function okxTicker(venue: Exchange, pair: VenuePair): object {
  const day = venue.day(pair);
  const last = venue.last(pair);
  const { bid, ask, bidSize, askSize } = venue.book(pair);
  const plain = (value: number): string => trimmed(value.toFixed(pair.priceDecimals));
  return {
    instType: 'SPOT',
    instId: pair.id,
    last: trimmed(last.priceText),
    lastSz: trimmed(last.sizeText),
    askPx: trimmed(ask),
    askSz: trimmed(askSize),
    bidPx: trimmed(bid),
    bidSz: trimmed(bidSize),
    open24h: plain(day.open),
    high24h: plain(day.high),
    low24h: plain(day.low),
    sodUtc0: plain(day.open),
    sodUtc8: plain(day.open),
    // For spot, volCcy24h is the quote currency and vol24h the base.
    volCcy24h: String(day.quoteVolume),
    vol24h: String(day.volume),
    ts: String(Math.floor(venue.clock())),
  };
}

function instrument(venue: Exchange, pair: VenuePair): object {
  const { id, base, quote, priceDecimals, sizeDecimals, online } = pair;
  return {
    instType: 'SPOT',
    instId: id,
    instFamily: '',
    uly: '',
    category: '1',
    baseCcy: base.toUpperCase(),
    quoteCcy: quote.toUpperCase(),
    settleCcy: '',
    ctVal: '',
    ctMult: '',
    ctValCcy: '',
    optType: '',
    stk: '',
    listTime: String(venue.listedAt(pair)),
    expTime: '',
    lever: '5',
    tickSz: step(priceDecimals),
    lotSz: step(sizeDecimals),
    minSz: step(sizeDecimals),
    ctType: '',
    alias: '',
    state: online ? 'live' : 'suspend',
    ruleType: 'normal',
    maxLmtSz: '9999999999',
    maxMktSz: '1000000',
    maxTwapSz: '9999999999',
    maxIcebergSz: '9999999999',
    maxTriggerSz: '9999999999',
    maxStopSz: '1000000',
  };
}

/** https://www.okx.com/docs-v5/en/#order-book-trading-market-data */
export function okxRoutes(venue: Exchange): Route[] {
  const ofPair =
    (answer: (pair: VenuePair, limit: number) => readonly unknown[]): Route[2] =>
    ({ query }) => {
      const pair = venue.pair(query.get('instId') ?? '');
      if (pair?.online !== true) return json({ code: '51001', msg: "Instrument ID doesn't exist", data: [] });
      return ok(answer(pair, Math.min(500, Number(query.get('limit') ?? 100) || 100)));
    };
  return [
    ['GET', /^\/api\/v5\/public\/time$/, () => ok([{ ts: String(Math.floor(venue.clock())) }])],
    ['GET', /^\/api\/v5\/system\/status$/, () => ok([])],
    [
      'GET',
      /^\/api\/v5\/public\/instruments$/,
      ({ query }) => ok(query.get('instType') === 'SPOT' ? venue.pairs.map((pair) => instrument(venue, pair)) : []),
    ],
    ['GET', /^\/api\/v5\/market\/ticker$/, ofPair((pair) => [okxTicker(venue, pair)])],
    [
      'GET',
      /^\/api\/v5\/market\/tickers$/,
      ({ query }) =>
        ok(query.get('instType') === 'SPOT' ? venue.onlinePairs.map((pair) => okxTicker(venue, pair)) : []),
    ],
    ...okxCandles(venue),
    ['GET', /^\/api\/v5\/market\/trades$/, ofPair((pair, limit) => venue.recent(pair, limit).map(okxTrade).reverse())],
  ];
}
