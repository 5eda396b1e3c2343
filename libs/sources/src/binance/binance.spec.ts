import { binance } from './binance.stream.js';

// The shapes of https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams with values of our own.
const TRADE = {
  e: 'trade',
  E: 1672515782136,
  s: 'BNBBTC',
  t: 12345,
  p: '0.001',
  q: '100',
  T: 1672515782130,
  m: true,
  M: true,
};
const AGG_TRADE = {
  e: 'aggTrade',
  E: 1672515782136,
  s: 'BNBBTC',
  a: 54321,
  p: '0.001',
  q: '100',
  f: 100,
  l: 105,
  T: 1672515782130,
  m: true,
  M: true,
};
const TICKER = {
  e: '24hrTicker',
  E: 1672515782136,
  s: 'BNBBTC',
  p: '0.0015',
  P: '250.00',
  w: '0.0018',
  x: '0.0009',
  c: '0.0025',
  Q: '10',
  b: '0.0024',
  B: '10',
  a: '0.0026',
  A: '100',
  o: '0.0010',
  h: '0.0025',
  l: '0.0010',
  v: '10000',
  q: '18',
  O: 1672429382136,
  C: 1672515782135,
  F: 0,
  L: 18150,
  n: 18151,
};
const parse = (frame: unknown) => binance.parse(JSON.stringify(frame));

describe('Binance', () => {
  const trade = { type: 'trade', pair: 'BNBBTC', price: 0.001, size: 100, time: 1672515782130, id: '12345' };

  it('reads trades and aggregated trades, bare or in the combined envelope', () => {
    expect(parse(TRADE)).toEqual([trade]);
    expect(parse({ stream: 'bnbbtc@trade', data: TRADE })).toEqual([trade]);
    expect(parse(AGG_TRADE)).toEqual([{ ...trade, id: '54321' }]);
    expect(parse({ stream: 'bnbbtc@aggTrade', data: AGG_TRADE })).toEqual([{ ...trade, id: '54321' }]);
  });

  it('reads times in microseconds and ids beyond 2^53', () => {
    const text = JSON.stringify({ stream: 'bnbbtc@trade', data: { ...TRADE, T: 1672515782130123 } });
    expect(binance.parse(text.replace('12345,', '9007199254740993,'))).toEqual([
      { ...trade, time: 1672515782130.123, id: '9007199254740993' },
    ]);
  });

  it('reads a ticker', () => {
    expect(parse({ stream: 'bnbbtc@ticker', data: TICKER })).toEqual([
      { type: 'ticker', pair: 'BNBBTC', price: 0.0025, time: 1672515782136, open24h: 0.001, volume24h: 18 },
    ]);
    expect(parse({ ...TICKER, c: '0.00000000', o: '0.00000000', q: '0.00000000' })).toEqual([]);
    expect(parse({ ...TICKER, o: '0.00000000', q: '0.00000000' })).toMatchObject([
      { volume24h: 0, open24h: undefined },
    ]);
  });

  it.each(['', null, undefined, '0', '-1', 'abc', 'NaN'])('refuses a trade at %p or of that size', (value) => {
    expect(() => parse({ stream: 'bnbbtc@trade', data: { ...TRADE, p: value } })).toThrow(/^p is /);
    expect(() => parse({ ...TRADE, q: value })).toThrow(/^q is /);
  });

  it('makes nothing of other streams, answers and unknown events', () => {
    for (const stream of [
      'bnbbtc@depth',
      'bnbbtc@depth@100ms',
      'bnbbtc@bookTicker',
      'bnbbtc@kline_1m',
      'bnbbtc@miniTicker',
      'bnbbtc@ticker_1h',
      '!miniTicker@arr',
    ]) {
      expect(parse({ stream, data: TRADE })).toEqual([]);
    }
    for (const e of ['depthUpdate', 'kline', '24hrMiniTicker', '1hTicker', 'avgPrice'])
      expect(parse({ ...TRADE, e })).toEqual([]);
    expect(parse({ result: null, id: 1 })).toEqual([]);
    expect(parse({ u: 400900217, s: 'BNBUSDT', b: '25.35', B: '31.21', a: '25.36', A: '40.66' })).toEqual([]);
  });

  it('refuses an envelope without its payload', () => {
    expect(() => parse({ stream: 'bnbbtc@trade' })).toThrow(/^data is missing/);
  });

  it('passes on refusals in both shapes', () => {
    const refused = [{ type: 'refused', message: 'Invalid request: too many parameters (code 2)' }];
    expect(parse({ error: { code: 2, msg: 'Invalid request: too many parameters' }, id: 7 })).toEqual(refused);
    expect(parse({ code: 2, msg: 'Invalid request: too many parameters', id: 7 })).toEqual(refused);
  });

  it('leaves a server that shuts down', () => {
    const event = { e: 'serverShutdown', E: 1770123456789 };
    expect(parse(event)).toEqual([{ type: 'reconnect', reason: 'serverShutdown' }]);
    expect(parse({ stream: '', data: event })).toEqual([{ type: 'reconnect', reason: 'serverShutdown' }]);
  });

  it('subscribes trades and tickers of all pairs in one frame, in lower case', () => {
    const pairs = [{ pair: 'BTCUSDT', symbol: 'btc', quote: 'usdt' }];
    expect(binance.subscribe(pairs, () => 7).map((text) => JSON.parse(text) as unknown)).toEqual([
      { method: 'SUBSCRIBE', params: ['btcusdt@trade', 'btcusdt@ticker'], id: 7 },
    ]);
    expect(binance.unsubscribe(pairs, () => 8)[0]).toContain('"UNSUBSCRIBE"');
  });

  it('lists what trades on spot', () => {
    const symbol = {
      symbol: 'BTCUSDT',
      status: 'TRADING',
      baseAsset: 'BTC',
      quoteAsset: 'USDT',
      isSpotTradingAllowed: true,
    };
    const symbols = [
      symbol,
      { ...symbol, status: 'BREAK' },
      { ...symbol, status: 'CANCEL_ONLY' },
      { ...symbol, isSpotTradingAllowed: false },
    ];
    expect(binance.listing.parse({ symbols })).toEqual([{ pair: 'BTCUSDT', symbol: 'btc', quote: 'usdt' }]);
    for (const body of [{ code: -1003, msg: 'Too many requests' }, null, [], { symbols: [] }]) {
      expect(() => binance.listing.parse(body)).toThrow(/expected|no product/);
    }
  });
});
