import { kucoin } from './kucoin.stream.js';

// The shapes of https://www.kucoin.com/docs-new (3470072w0, 3470065w0, 3470063w0) with values of our own.
const MATCH = {
  topic: '/market/match:BTC-USDT',
  type: 'message',
  subject: 'trade.l3match',
  data: {
    makerOrderId: '671b5007389355',
    price: '67523',
    sequence: '11067996711960577',
    side: 'buy',
    size: '0.003',
    symbol: 'BTC-USDT',
    takerOrderId: '671b50161777ff',
    time: '1729843222921000001',
    tradeId: '11067996711960577',
    type: 'match',
  },
};
const SNAPSHOT = {
  topic: '/market/snapshot:BTC-USDT',
  type: 'message',
  subject: 'trade.snapshot',
  data: {
    sequence: '14691517895',
    data: {
      averagePrice: 66867.89,
      baseCurrency: 'BTC',
      changePrice: 315.2,
      changeRate: 0.0047,
      close: 67158.1,
      datetime: 1729758286011,
      lastTradedPrice: 67158.1,
      open: 66842.9,
      quoteCurrency: 'USDT',
      symbol: 'BTC-USDT',
      trading: true,
      vol: 2227.69895852,
      volValue: 147972941.078575,
    },
  },
};
const TICKER = {
  topic: '/market/ticker:BTC-USDT',
  type: 'message',
  subject: 'trade.ticker',
  data: {
    bestAsk: '67218.7',
    bestBid: '67218.6',
    price: '67220',
    sequence: '14691455768',
    size: '0.00004316',
    time: 1729757723612,
  },
};
const BULLET = {
  code: '200000',
  data: {
    token: 'abc+/=.x==',
    instanceServers: [
      { endpoint: 'wss://ws.example/', encrypt: true, protocol: 'websocket', pingInterval: 17000, pingTimeout: 10000 },
    ],
  },
};
const parse = (frame: unknown) => kucoin.parse(JSON.stringify(frame));
const stats = (values: object) => ({ ...SNAPSHOT, data: { data: { ...SNAPSHOT.data.data, ...values } } });

describe('KuCoin', () => {
  it('reads a trade, its time to the nanosecond that a double can hold', () => {
    expect(parse(MATCH)).toEqual([
      {
        type: 'trade',
        pair: 'BTC-USDT',
        price: 67523,
        size: 0.003,
        time: Number('1729843222921.000001'),
        id: '11067996711960577',
      },
    ]);
  });

  it('reads the 24 h snapshot of a pair, and a ticker, which has no 24 h figures', () => {
    expect(parse(SNAPSHOT)).toEqual([
      {
        type: 'ticker',
        pair: 'BTC-USDT',
        price: 67158.1,
        time: 1729758286011,
        open24h: 66842.9,
        volume24h: 147972941.078575,
      },
    ]);
    expect(parse(TICKER)).toEqual([{ type: 'ticker', pair: 'BTC-USDT', price: 67220, time: 1729757723612 }]);
    expect(parse({ ...TICKER, topic: '/market/ticker:all', subject: 'ETH-BTC' })).toMatchObject([{ pair: 'ETH-BTC' }]);
  });

  it.each([0, null, undefined, ''])('says nothing for a snapshot whose last price is %p', (lastTradedPrice) => {
    expect(parse(stats({ lastTradedPrice }))).toEqual([]);
  });

  it.each(['', null, undefined, '0', '-1', 'abc', 'NaN'])('refuses a trade at %p', (price) => {
    expect(() => parse({ ...MATCH, data: { ...MATCH.data, price } })).toThrow(/^price is /);
  });

  it('refuses our topics without their data', () => {
    expect(() => parse({ ...MATCH, data: undefined })).toThrow(/^data is missing/);
    expect(() => parse({ ...SNAPSHOT, data: { data: null } })).toThrow(/^data\.data is null/);
  });

  it('waits for the welcome, and makes nothing of acks and other topics', () => {
    expect(kucoin.waitForWelcome).toBe(true);
    expect(parse({ id: 'NO5qHAIMc4', type: 'welcome' })).toEqual([{ type: 'alive', welcome: true }]);
    expect(parse({ id: '1', type: 'pong' })).toEqual([{ type: 'alive' }]);
    expect(parse({ id: '1', type: 'ack' })).toEqual([]);
    expect(parse({ ...MATCH, topic: '/market/level2:BTC-USDT' })).toEqual([]);
    expect(parse({ ...MATCH, topic: '/market/candles:BTC-USDT_1min' })).toEqual([]);
  });

  it('names the topic of a refusal, and fetches a new ticket when its token is void', () => {
    expect(
      parse({ id: '5', type: 'error', code: 404, data: 'topic /market/match:FOO-BAR,BAZ-USDT is not found' }),
    ).toEqual([
      {
        type: 'refused',
        message: 'topic /market/match:FOO-BAR,BAZ-USDT is not found (code 404)',
        pairs: ['FOO-BAR', 'BAZ-USDT'],
      },
    ]);
    expect(
      parse({ id: '5', type: 'error', code: 509, data: 'exceed max subscription count limitation of 300' }),
    ).toMatchObject([{ type: 'refused' }]);
    expect(parse({ id: '5', type: 'error', code: 401, data: 'token is invalid' })).toEqual([
      { type: 'reconnect', reason: 'token is invalid (code 401)' },
    ]);
  });

  it('connects with the ticket, to the address in it or to the one it is told', () => {
    const address = (...given: Parameters<NonNullable<typeof kucoin.ticket>['address']>) =>
      kucoin.ticket!.address(...given);
    expect(address(BULLET, 'c1', undefined)).toEqual({
      url: 'wss://ws.example/?token=abc%2B%2F%3D.x%3D%3D&connectId=c1',
      pingEveryMs: 17_000,
    });
    expect(address(BULLET, 'c2', 'ws://127.0.0.1:9/ws?a=1').url).toBe(
      'ws://127.0.0.1:9/ws?a=1&token=abc%2B%2F%3D.x%3D%3D&connectId=c2',
    );
    for (const body of [
      null,
      [],
      {},
      { code: '400100' },
      { data: { token: '' } },
      { data: { token: 'x', instanceServers: [] } },
    ]) {
      expect(() => address(body, 'c', undefined)).toThrow(
        expect.objectContaining({ name: 'VenueFrameError' }) as Error,
      );
    }
  });

  it('subscribes the trades of all pairs at once and the snapshot of each', () => {
    let id = 0;
    const frames = kucoin.subscribe(
      ['BTC-USDT', 'ETH-USDT'].map((pair) => kucoin.listing.spelled(pair)!),
      () => (id += 1),
    );
    expect(frames.map((text) => JSON.parse(text) as unknown)).toMatchObject([
      { id: '1', type: 'subscribe', topic: '/market/match:BTC-USDT,ETH-USDT', response: true },
      { id: '2', type: 'subscribe', topic: '/market/snapshot:BTC-USDT' },
      { id: '3', type: 'subscribe', topic: '/market/snapshot:ETH-USDT' },
    ]);
  });

  it('pings in JSON', () => {
    expect(kucoin.keepAlive.by === 'client-frame' && kucoin.keepAlive.frame(1729757723612)).toBe(
      '{"id":"1729757723612","type":"ping"}',
    );
  });

  it('lists what trades, by the currencies and not by the spelling', () => {
    const row = {
      symbol: 'BCHSV-USDT',
      name: 'BSV-USDT',
      baseCurrency: 'BSV',
      quoteCurrency: 'USDT',
      enableTrading: true,
    };
    expect(kucoin.listing.parse({ code: '200000', data: [row, { ...row, enableTrading: false }] })).toEqual([
      { pair: 'BCHSV-USDT', symbol: 'bsv', quote: 'usdt' },
    ]);
    expect(() => kucoin.listing.parse({ code: '429000', msg: 'Too Many Requests' })).toThrow(/product list/);
    expect(kucoin.listing.spelled('BCHSV-BTC')?.symbol).toBe('bsv');
  });
});
