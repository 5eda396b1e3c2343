import { okx } from './okx.stream.js';

// The shapes of https://www.okx.com/docs-v5/en/#order-book-trading-market-data with values of our own.
const ROW = {
  instId: 'BTC-USDT',
  tradeId: '130639474',
  px: '42219.9',
  sz: '0.12060306',
  side: 'buy',
  ts: '1630048897897',
  count: '3',
};
const TRADES = { arg: { channel: 'trades', instId: 'BTC-USDT' }, data: [ROW] };
const TICKER_ROW = {
  instType: 'SPOT',
  instId: 'BTC-USDT',
  last: '9999.99',
  lastSz: '0.1',
  askPx: '9999.99',
  bidPx: '8888.88',
  open24h: '9000',
  high24h: '10000',
  low24h: '8888.88',
  volCcy24h: '2222',
  vol24h: '0.23',
  ts: '1597026383085',
};
const TICKERS = { arg: { channel: 'tickers', instId: 'BTC-USDT' }, data: [TICKER_ROW] };
const parse = (frame: unknown) => okx.parse(JSON.stringify(frame));

describe('OKX', () => {
  const trade = {
    type: 'trade',
    pair: 'BTC-USDT',
    price: 42219.9,
    size: 0.12060306,
    time: 1630048897897,
    id: '130639474',
  };

  it('reads trades, oldest first', () => {
    expect(parse(TRADES)).toEqual([trade]);
    const earlier = { ...ROW, tradeId: '130639473', ts: '1630048897000' };
    expect(parse({ ...TRADES, data: [ROW, earlier] })).toEqual([
      { ...trade, id: '130639473', time: 1630048897000 },
      trade,
    ]);
    expect(parse({ ...TRADES, data: [] })).toEqual([]);
  });

  it('reads a ticker; only on spot is its volume in quote currency', () => {
    const ticker = {
      type: 'ticker',
      pair: 'BTC-USDT',
      price: 9999.99,
      time: 1597026383085,
      open24h: 9000,
      volume24h: 2222,
    };
    expect(parse(TICKERS)).toEqual([ticker]);
    expect(parse({ ...TICKERS, data: [{ ...TICKER_ROW, instType: 'SWAP', instId: 'BTC-USD-SWAP' }] })).toEqual([
      { ...ticker, pair: 'BTC-USD-SWAP', volume24h: undefined },
    ]);
  });

  it('says nothing for a ticker that has no last price yet, and leaves empty figures out', () => {
    expect(parse({ ...TICKERS, data: [{ ...TICKER_ROW, last: '' }] })).toEqual([]);
    expect(parse({ ...TICKERS, data: [{ ...TICKER_ROW, open24h: '', volCcy24h: '' }] })).toEqual([
      { type: 'ticker', pair: 'BTC-USDT', price: 9999.99, time: 1597026383085 },
    ]);
  });

  it.each(['', null, undefined, '0', '-1', 'abc', 'NaN'])('refuses a trade at %p', (px) => {
    expect(() => parse({ ...TRADES, data: [{ ...ROW, px }] })).toThrow(/^px is /);
  });

  it('refuses our channels without rows', () => {
    expect(() => parse({ arg: TRADES.arg })).toThrow(/^data is missing/);
    expect(() => parse({ arg: TRADES.arg, data: [null] })).toThrow(/^data\[0\] is null/);
  });

  it('takes the text pong for life, and makes nothing of acks and other channels', () => {
    expect(okx.parse('pong')).toEqual([{ type: 'alive' }]);
    expect(parse({ event: 'subscribe', arg: TRADES.arg, connId: 'a4d3ae55' })).toEqual([]);
    expect(parse({ event: 'channel-conn-count', channel: 'trades', connCount: '2', connId: 'a4d3ae55' })).toEqual([]);
    for (const channel of ['books', 'bbo-tbt', 'candle1m', 'trades-all', 'index-tickers']) {
      expect(parse({ arg: { channel, instId: 'BTC-USDT' }, data: [ROW] })).toEqual([]);
    }
  });

  it('comes back before an upgrade closes the connection, and stays for other notices', () => {
    const msg = 'The connection will soon be closed for a service upgrade. Please reconnect.';
    expect(parse({ event: 'notice', code: '64008', msg, connId: 'a4d3ae55' })).toEqual([
      { type: 'reconnect', reason: `${msg} (code 64008)` },
    ]);
    expect(parse({ event: 'notice', code: '1', msg: 'hello' })).toEqual([]);
  });

  it('names the instrument of a refusal', () => {
    const msg =
      "Wrong URL or channel:trades,instId:FOO-BAR doesn't exist. Please use the correct URL, channel and parameters.";
    expect(parse({ event: 'error', code: '60018', msg, connId: 'a4d3ae55' })).toEqual([
      { type: 'refused', message: `${msg} (code 60018)`, pairs: ['FOO-BAR'] },
    ]);
    expect(parse({ event: 'error', code: '60012', msg: 'Invalid request' })).toEqual([
      { type: 'refused', message: 'Invalid request (code 60012)' },
    ]);
  });

  it('subscribes both channels of all pairs in one frame, within its 64 KB', () => {
    const pair = okx.listing.spelled('BTC-USDT')!;
    expect(okx.subscribe([pair], () => 1).map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        op: 'subscribe',
        args: [
          { channel: 'trades', instId: 'BTC-USDT' },
          { channel: 'tickers', instId: 'BTC-USDT' },
        ],
      },
    ]);
    const long = { ...pair, pair: 'ABCDEFGHIJ-USDT' };
    expect(
      okx.subscribe(
        Array.from({ length: okx.limits.pairsPerSocket }, () => long),
        () => 1,
      )[0]!.length,
    ).toBeLessThan(65_536);
  });

  it('lists live spot instruments, and takes no derivative for one', () => {
    const row = { instId: 'BTC-USDT', baseCcy: 'BTC', quoteCcy: 'USDT', instType: 'SPOT', state: 'live' };
    expect(
      okx.listing.parse({ code: '0', data: [row, { ...row, state: 'suspend' }, { ...row, instType: 'MARGIN' }] }),
    ).toEqual([{ pair: 'BTC-USDT', symbol: 'btc', quote: 'usdt' }]);
    expect(() => okx.listing.parse({ code: '50011', msg: 'Too Many Requests', data: [] })).toThrow(/product/);
    expect(okx.listing.spelled('UNI-USD-SWAP')).toBeUndefined();
    expect(okx.listing.spelled('BTC-USD-220527')).toBeUndefined();
  });
});
