import { javaDouble } from '../spelling.js';
import type { Exchange } from '../exchange.js';
import { json, jsonText, type Route, type VenueAnswer } from '../venue.js';
import type { VenuePair } from '../venue-pair.js';
import { huobiTrade, tickId } from './huobi.trade.js';

function symbol({ id, base, quote, priceDecimals, sizeDecimals, online }: VenuePair): object {
  return {
    'base-currency': base,
    'quote-currency': quote,
    'price-precision': priceDecimals,
    'amount-precision': sizeDecimals,
    'symbol-partition': 'main',
    symbol: id,
    state: online ? 'online' : 'offline',
    'value-precision': 8,
    'min-order-amt': 10 ** -sizeDecimals,
    'max-order-amt': 1_000_000,
    'min-order-value': 5,
    'limit-order-min-order-amt': 10 ** -sizeDecimals,
    'limit-order-max-order-amt': 1_000_000,
    'limit-order-max-buy-amt': 1_000_000,
    'limit-order-max-sell-amt': 1_000_000,
    'buy-limit-must-less-than': 1.1,
    'sell-limit-must-greater-than': 0.9,
    'sell-market-min-order-amt': 10 ** -sizeDecimals,
    'sell-market-max-order-amt': 100_000,
    'buy-market-max-order-value': 1_000_000,
    'market-sell-order-rate-must-less-than': 0.1,
    'market-buy-order-rate-must-less-than': 0.1,
    'api-trading': online ? 'enabled' : 'disabled',
    tags: '',
  };
}

/** The second version's short names: https://www.htx.com/en-us/opend/newApiPages/?id=7ec51cb5-7773-11ed-9966-0242ac110003 */
function shortSymbol({ id, base, quote, priceDecimals, sizeDecimals, online }: VenuePair): object {
  return {
    symbol: id,
    sn: `${base}/${quote}`.toUpperCase(),
    bc: base,
    qc: quote,
    state: online ? 'online' : 'offline',
    ve: online,
    we: online,
    dl: !online,
    cd: false,
    te: online,
    ce: online,
    tet: 0,
    toa: 0,
    tca: 0,
    voa: 0,
    vca: 0,
    sp: 'main',
    tm: null,
    w: 1000,
    ttp: sizeDecimals,
    tap: sizeDecimals,
    tpp: priceDecimals,
    fp: 8,
    suspend_desc: null,
    transfer_board_desc: null,
    tags: null,
    lr: null,
    smlr: null,
    flr: null,
    wr: '',
    d: null,
    elr: null,
    p: null,
    castate: null,
    ca1oa: null,
    ca2oa: null,
  };
}

function currencies({ pairs }: Exchange): string[] {
  return [...new Set(pairs.flatMap(({ base, quote }) => [base, quote]))];
}

export function huobiRoutes(venue: Exchange): Route[] {
  const now = (): number => Math.floor(venue.clock());
  const ofPair =
    (channel: string, field: 'tick' | 'data', spell: (pair: VenuePair, size: number) => string): Route[2] =>
    ({ query }) => {
      const pair = venue.pair(query.get('symbol') ?? '');
      if (pair?.online !== true) {
        return json({ ts: now(), status: 'error', 'err-code': 'invalid-parameter', 'err-msg': 'invalid symbol' });
      }
      const size = Math.min(2000, Number(query.get('size') ?? 1) || 1);
      return jsonText(
        `{"ch":"market.${pair.id}.${channel}","status":"ok","ts":${now()},"${field}":${spell(pair, size)}}`,
      );
    };
  const summary = (pair: VenuePair): string => {
    const day = venue.day(pair);
    return (
      `"open":${javaDouble(day.open)},"high":${javaDouble(day.high)},"low":${javaDouble(day.low)},` +
      `"close":${javaDouble(venue.last(pair).price)},"amount":${javaDouble(day.volume)},"vol":${javaDouble(day.quoteVolume)},"count":${day.count}`
    );
  };
  const tickers = (): VenueAnswer => {
    const rows = venue.onlinePairs.map((pair) => {
      const { bid, ask, bidSize, askSize } = venue.book(pair);
      return `{"symbol":"${pair.id}",${summary(pair)},"bid":${bid},"bidSize":${bidSize},"ask":${ask},"askSize":${askSize}}`;
    });
    return jsonText(`{"data":[${rows.join(',')}],"status":"ok","ts":${now()}}`);
  };
  const group = (trades: readonly string[], pair: VenuePair): string => {
    const last = venue.last(pair);
    return `{"id":${tickId(last)},"ts":${Math.floor(last.time)},"data":[${trades.join(',')}]}`;
  };
  return [
    ['GET', /^\/v1\/common\/timestamp$/, () => json({ status: 'ok', data: now() })],
    ['GET', /^\/v2\/market-status$/, () => json({ code: 200, message: 'success', data: { marketStatus: 1 } })],
    ['GET', /^\/v1\/common\/symbols$/, () => json({ status: 'ok', data: venue.pairs.map(symbol) })],
    [
      'GET',
      /^\/v2\/settings\/common\/symbols$/,
      () => json({ status: 'ok', data: venue.pairs.map(shortSymbol), ts: String(now()), full: 1 }),
    ],
    ['GET', /^\/market\/tickers$/, tickers],
    [
      'GET',
      /^\/market\/detail\/merged$/,
      ofPair('detail.merged', 'tick', (pair) => {
        const { bid, ask, bidSize, askSize } = venue.book(pair);
        const id = tickId(venue.last(pair));
        return `{"id":${id},"version":${id},${summary(pair)},"bid":[${bid},${bidSize}],"ask":[${ask},${askSize}]}`;
      }),
    ],
    ['GET', /^\/market\/trade$/, ofPair('trade.detail', 'tick', (pair) => group([huobiTrade(venue.last(pair))], pair))],
    [
      'GET',
      /^\/market\/history\/trade$/,
      ofPair('trade.detail', 'data', (pair, size) => {
        const groups = venue.recent(pair, size).reverse();
        return `[${groups
          .map((trade) => `{"id":${tickId(trade)},"ts":${Math.floor(trade.time)},"data":[${huobiTrade(trade)}]}`)
          .join(',')}]`;
      }),
    ],
    [
      'GET',
      /^\/v2\/reference\/currencies$/,
      () =>
        json({
          code: 200,
          data: currencies(venue).map((currency) => ({ currency, instStatus: 'normal', chains: [] })),
        }),
    ],
  ];
}
