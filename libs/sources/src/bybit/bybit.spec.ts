import { bybit } from './bybit.stream.js';

// The shapes of https://bybit-exchange.github.io/docs/v5/websocket/public/trade, …/ticker and …/docs/v5/ws/connect with values
// of our own.
const ROW = {
  T: 1672304486865,
  s: 'BTCUSDT',
  S: 'Buy',
  v: '0.001',
  p: '16578.50',
  L: 'PlusTick',
  i: '20f43950-d8dd-5b31-9112-a178eb6023af',
  BT: false,
  seq: 1783284617,
};
const TRADES = { topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 1672304486868, data: [ROW] };
const TICKER = {
  topic: 'tickers.BTCUSDT',
  ts: 1673853746003,
  type: 'snapshot',
  cs: 2588407389,
  data: {
    symbol: 'BTCUSDT',
    lastPrice: '21109.77',
    highPrice24h: '21426.99',
    lowPrice24h: '20575',
    prevPrice24h: '20704.93',
    volume24h: '6780.866843',
    turnover24h: '141946527.2290711',
    price24hPcnt: '0.0196',
    usdIndexPrice: '21120.2400136',
  },
};
const parse = (frame: unknown) => bybit.parse(JSON.stringify(frame));

describe('Bybit', () => {
  const trade = {
    type: 'trade',
    pair: 'BTCUSDT',
    price: 16578.5,
    size: 0.001,
    time: 1672304486865,
    id: '20f43950-d8dd-5b31-9112-a178eb6023af',
  };

  it('reads trades in the order they have, by the time at which they traded', () => {
    expect(parse(TRADES)).toEqual([trade]);
    const later = { ...ROW, i: '2290000000908760215', T: 1672304486866, p: 16578.25 };
    expect(parse({ ...TRADES, data: [ROW, later] })).toEqual([
      trade,
      { ...trade, id: '2290000000908760215', time: 1672304486866, price: 16578.25 },
    ]);
    expect(parse({ ...TRADES, data: [] })).toEqual([]);
  });

  it('leaves block trades out, and no others', () => {
    expect(parse({ ...TRADES, data: [{ ...ROW, BT: true, p: '9000' }, ROW] })).toEqual([trade]);
    expect(parse({ ...TRADES, data: [{ ...ROW, RPI: true }] })).toEqual([trade]);
  });

  it('reads whichever field comes first', () => {
    const { topic, ...rest } = TRADES;
    expect(parse({ ...rest, topic })).toEqual([trade]);
  });

  it('reads a ticker with the volume of the quote currency', () => {
    const ticker = {
      type: 'ticker',
      pair: 'BTCUSDT',
      price: 21109.77,
      time: 1673853746003,
      open24h: 20704.93,
      volume24h: 141946527.2290711,
    };
    expect(parse(TICKER)).toEqual([ticker]);
    const young = { ...TICKER.data, prevPrice24h: '', turnover24h: '0' };
    expect(parse({ ...TICKER, data: young })).toEqual([{ ...ticker, open24h: undefined, volume24h: 0 }]);
    expect(parse({ ...TICKER, data: { ...TICKER.data, lastPrice: '' } })).toEqual([]);
    expect(parse({ ...TICKER, type: 'delta', data: { symbol: 'BTCUSDT', volume24h: '1' } })).toEqual([]);
  });

  it.each(['', null, undefined, '0', '-1', 'abc', 'NaN'])('refuses a trade at %p or of that size', (value) => {
    expect(() => parse({ ...TRADES, data: [{ ...ROW, p: value }] })).toThrow(/^p is /);
    expect(() => parse({ ...TRADES, data: [{ ...ROW, v: value }] })).toThrow(/^v is /);
  });

  it('refuses our topics without their data', () => {
    expect(() => parse({ topic: TRADES.topic })).toThrow(/^data is missing/);
    expect(() => parse({ ...TRADES, data: [null] })).toThrow(/^data\[0\] is null/);
    expect(() => parse({ ...TRADES, data: [{ ...ROW, T: 1672304486 }] })).toThrow(/^T is 1672304486/);
    expect(() => parse({ topic: TICKER.topic, data: TICKER.data })).toThrow(/^ts is missing/);
    expect(() => parse({ ...TICKER, data: [TICKER.data] })).toThrow(/^data is an array/);
  });

  it('takes a pong for life, and makes nothing of acks and other topics', () => {
    const answer = { success: true, conn_id: '0970e817-426e-429a-a679-ff7f55e0b16a' };
    expect(parse({ ...answer, ret_msg: 'pong', op: 'ping' })).toEqual([{ type: 'alive' }]);
    expect(parse({ args: ['1672916271846'], op: 'pong' })).toEqual([{ type: 'alive' }]);
    expect(parse({ ...answer, ret_msg: 'subscribe', req_id: '10001', op: 'subscribe' })).toEqual([]);
    expect(parse({ ...answer, ret_msg: '', op: 'unsubscribe' })).toEqual([]);
    for (const topic of ['orderbook.1.BTCUSDT', 'kline.1.BTCUSDT', 'publicTrades', 'liquidation.BTCUSDT', 7, null]) {
      expect(parse({ ...TRADES, topic })).toEqual([]);
    }
    expect(bybit.parse('{"topic":"orderbook.50.BTCUSDT","data":[not read')).toEqual([]);
  });

  it('names what of a request was refused, where the venue does', () => {
    const refusal = (said: string) =>
      parse({ success: false, ret_msg: said, conn_id: 'a', req_id: '1', op: 'subscribe' });
    expect(refusal('Invalid symbol :[publicTrade.FOOUSDT,tickers.FOOUSDT,publicTrade.BARUSDT]')).toEqual([
      {
        type: 'refused',
        message: 'Invalid symbol :[publicTrade.FOOUSDT,tickers.FOOUSDT,publicTrade.BARUSDT]',
        pairs: ['FOOUSDT', 'BARUSDT'],
      },
    ]);
    expect(refusal('error:handler not found,topic:publicTrade.FOOUSDT')).toMatchObject([{ pairs: ['FOOUSDT'] }]);
    expect(refusal('args size >10')).toEqual([{ type: 'refused', message: 'args size >10' }]);
    expect(refusal('')).toEqual([{ type: 'refused', message: 'no reason given' }]);
    expect(refusal('error:already subscribed,topic:tickers.BTCUSDT')).toEqual([]);
  });

  it('subscribes both topics of five pairs in one frame, and of a full socket in 21,000 characters', () => {
    const pairs = ['BTCUSDT', 'ETHUSDT'].map((pair) => bybit.listing.spelled(pair)!);
    expect(bybit.subscribe(pairs, () => 7).map((text) => JSON.parse(text) as unknown)).toEqual([
      {
        req_id: '7',
        op: 'subscribe',
        args: ['publicTrade.BTCUSDT', 'tickers.BTCUSDT', 'publicTrade.ETHUSDT', 'tickers.ETHUSDT'],
      },
    ]);
    const { pairsPerFrame, pairsPerSocket } = bybit.limits;
    const many = Array.from({ length: pairsPerSocket }, () => ({ ...pairs[0]!, pair: 'ABCDEFGHIJKLUSDT' }));
    const argsOf = (count: number) =>
      bybit.subscribe(many.slice(0, count), () => 1).flatMap((text) => (JSON.parse(text) as { args: string[] }).args);
    expect(argsOf(pairsPerFrame)).toHaveLength(10);
    expect(JSON.stringify(argsOf(pairsPerSocket)).length).toBeLessThan(21_000);
  });

  it('lists what trades, cuts spellings, and says what an error was', () => {
    const row = { symbol: 'BTCUSDT', baseCoin: 'BTC', quoteCoin: 'USDT', innovation: '0', status: 'Trading' };
    const list = [row, { ...row, symbol: 'OLDUSDT', baseCoin: 'OLD', status: 'Closed' }];
    const body = { retCode: 0, retMsg: 'OK', result: { category: 'spot', list }, time: 1672712468011 };
    expect(bybit.listing.parse(body)).toEqual([{ pair: 'BTCUSDT', symbol: 'btc', quote: 'usdt' }]);
    expect(bybit.listing.spelled('USDEUSDC')).toEqual({ pair: 'USDEUSDC', symbol: 'usde', quote: 'usdc' });
    expect(bybit.listing.spelled('BTCUSD')).toBeUndefined();
    expect(() => bybit.listing.parse({ retCode: 10006, retMsg: 'Too many visits!', result: {} })).toThrow(
      'Bybit answered 10006 "Too many visits!"',
    );
    expect(() => bybit.listing.parse({ ...body, result: {} })).toThrow(/product list/);
  });
});
