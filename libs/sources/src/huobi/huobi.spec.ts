import { gzipSync } from 'node:zlib';
import { VenueFrameError } from '../source.js';
import { huobi } from './huobi.stream.js';

// The shapes of HTX's market data documentation with values of our own.
const TRADES =
  '{"ch":"market.btcusdt.trade.detail","ts":1630994963175,"tick":{"id":137005445109,"ts":1630994963173,"data":[' +
  '{"id":137005445109359286410323766,"ts":1630994963173,"tradeId":102523573487,"amount":0.006754,"price":52648.62,"direction":"buy"},' +
  '{"id":137005445109359286410323765,"ts":1630994963173,"tradeId":102523573486,"amount":1.2E-5,"price":5.264861E4,"direction":"buy"}]}}';
const DETAIL = {
  ch: 'market.btcusdt.detail',
  ts: 1630998026649,
  tick: {
    id: 273956868110,
    low: 51000,
    high: 52924.14,
    open: 51823.62,
    close: 52379.99,
    vol: 727676440.2,
    amount: 13991.02,
    version: 273956868110,
    count: 471348,
  },
};
const parse = (frame: unknown) => huobi.parse(JSON.stringify(frame));

describe('Huobi', () => {
  it('reads the trades of a frame oldest first, E notation and all', () => {
    const trade = { type: 'trade', pair: 'btcusdt', time: 1630994963173 };
    expect(huobi.parse(TRADES)).toEqual([
      { ...trade, price: 52648.61, size: 0.000012, id: '102523573486' },
      { ...trade, price: 52648.62, size: 0.006754, id: '102523573487' },
    ]);
  });

  it('keeps every digit of an id beyond 2^53', () => {
    const ids = (text: string) => huobi.parse(text).map((message) => message.type === 'trade' && message.id);
    expect(ids(TRADES.replace('102523573486', '9007199254740993'))).toEqual(['9007199254740993', '102523573487']);
    expect(ids(TRADES.replaceAll(/"tradeId":\d+,/g, ''))).toEqual([
      '137005445109359286410323765',
      '137005445109359286410323766',
    ]);
  });

  it('goes by the time where a frame is not newest first', () => {
    const text = TRADES.replace(
      '"ts":1630994963173,"tradeId":102523573487',
      '"ts":1630994963100,"tradeId":102523573487',
    );
    expect(huobi.parse(text).map((message) => message.type === 'trade' && message.id)).toEqual([
      '102523573487',
      '102523573486',
    ]);
  });

  it('reads the 24 h detail and the ticker', () => {
    const ticker = {
      type: 'ticker',
      pair: 'btcusdt',
      price: 52379.99,
      time: 1630998026649,
      open24h: 51823.62,
      volume24h: 727676440.2,
    };
    expect(parse(DETAIL)).toEqual([ticker]);
    expect(
      parse({ ...DETAIL, ch: 'market.btcusdt.ticker', tick: { ...DETAIL.tick, lastPrice: 52380, bid: 1 } }),
    ).toEqual([{ ...ticker, price: 52380 }]);
    expect(parse({ ...DETAIL, tick: { ...DETAIL.tick, close: 0 } })).toEqual([]);
    expect(parse({ ...DETAIL, tick: { ...DETAIL.tick, close: null } })).toEqual([]);
  });

  it.each(['null', '""', '0', '-1', '"abc"', '"NaN"'])('refuses a trade at %s', (price) => {
    expect(() => huobi.parse(TRADES.replace('52648.62', price))).toThrow(/^price is /);
  });

  it('answers a ping with the very same number', () => {
    for (const ping of ['1618678073643', '18212558000', '9007199254740993']) {
      expect(huobi.parse(`{"ping":${ping}}`)).toEqual([{ type: 'reply', frame: `{"pong":${ping}}` }]);
    }
    for (const ping of ['null', '{}', '"x"', '1.5', '""'])
      expect(() => huobi.parse(`{"ping":${ping}}`)).toThrow(/^ping is /);
  });

  it('makes nothing of acks and other channels', () => {
    expect(parse({ id: '1', status: 'ok', subbed: 'market.btcusdt.detail', ts: 1489474081631 })).toEqual([]);
    for (const ch of [
      'market.btcusdt.depth.step0',
      'market.btcusdt.bbo',
      'market.btcusdt.kline.1min',
      'market.tickers',
      'market.btcusdt.mbp.150',
    ]) {
      expect(parse({ ...DETAIL, ch })).toEqual([]);
    }
  });

  it('learns from the id which pair was refused', () => {
    const error = { status: 'error', 'err-code': 'bad-request', 'err-msg': 'invalid symbol foobar', ts: 1494301904959 };
    const [frame] = huobi.subscribe([{ pair: 'foobar', symbol: 'foo', quote: 'bar' }], () => 1);
    const { id } = JSON.parse(frame!) as { id: string };
    expect(parse({ ...error, id })).toEqual([
      { type: 'refused', message: 'invalid symbol foobar, bad-request', pairs: ['foobar'] },
    ]);
    expect(parse(error)).toEqual([{ type: 'refused', message: 'invalid symbol foobar, bad-request' }]);
  });

  it('subscribes a topic a frame, all trades first', () => {
    const pairs = ['btcusdt', 'ethusdt'].map((pair) => huobi.listing.spelled(pair)!);
    const topics = huobi.subscribe(pairs, () => 1).map((text) => (JSON.parse(text) as { sub: string }).sub);
    expect(topics).toEqual([
      'market.btcusdt.trade.detail',
      'market.ethusdt.trade.detail',
      'market.btcusdt.detail',
      'market.ethusdt.detail',
    ]);
    expect(JSON.parse(huobi.unsubscribe(pairs, () => 1)[0]!)).toMatchObject({ unsub: topics[0] });
  });

  it('unpacks gzip, and nothing that unpacks into a bomb', () => {
    expect(huobi.decode!(gzipSync(TRADES))).toBe(TRADES);
    const packed = gzipSync(TRADES);
    for (const raw of [
      Buffer.alloc(0),
      Buffer.from(TRADES),
      packed.subarray(0, 40),
      gzipSync(Buffer.alloc(64 * 1024 * 1024)),
    ]) {
      expect(() => huobi.decode!(raw)).toThrow(VenueFrameError);
    }
  });

  it('lists what is online', () => {
    const row = { 'base-currency': 'fil3s', 'quote-currency': 'usdt', symbol: 'fil3susdt', state: 'online' };
    expect(
      huobi.listing.parse({ status: 'ok', data: [row, { ...row, state: 'offline' }, { ...row, state: 'suspend' }] }),
    ).toEqual([{ pair: 'fil3susdt', symbol: 'fil3s', quote: 'usdt' }]);
    expect(() => huobi.listing.parse({ status: 'error', 'err-msg': 'busy' })).toThrow(/product list/);
    expect(huobi.listing.spelled('yfihusd')).toEqual({ pair: 'yfihusd', symbol: 'yfi', quote: 'husd' });
  });
});
