import { coinbase } from './coinbase.stream.js';

// The shapes of https://docs.cdp.coinbase.com/exchange/websocket-feed/channels with values of our own.
const MATCH = {
  type: 'match',
  trade_id: 10,
  sequence: 50,
  maker_order_id: 'ac928c66-ca53-498f-9c13-a110027a60e8',
  taker_order_id: '132fb6ae-456b-4654-b4e0-d681ac05cea1',
  time: '2024-11-07T08:19:27.028459Z',
  product_id: 'BTC-USD',
  size: '5.23512',
  price: '400.23',
  side: 'sell',
};
const TICKER = {
  type: 'ticker',
  sequence: 37475248783,
  product_id: 'ETH-USD',
  price: '1285.22',
  open_24h: '1310.79',
  volume_24h: '245532.79269678',
  low_24h: '1280.52',
  high_24h: '1313.8',
  volume_30d: '9788783.60117027',
  best_bid: '1285.04',
  best_ask: '1285.27',
  side: 'buy',
  time: '2022-10-19T23:28:22.061769Z',
  trade_id: 370843401,
  last_size: '11.4396987',
};

const parse = (frame: unknown) => coinbase.parse(JSON.stringify(frame));
const pairs = [
  { pair: 'BTC-USD', symbol: 'btc', quote: 'usd' },
  { pair: 'ETH-USD', symbol: 'eth', quote: 'usd' },
];

describe('Coinbase', () => {
  it('reads trades, also the last one from before the subscription', () => {
    const trade = { type: 'trade', pair: 'BTC-USD', price: 400.23, size: 5.23512, time: 1730967567028.459, id: '10' };
    expect(parse(MATCH)).toEqual([trade]);
    expect(parse({ ...MATCH, type: 'last_match' })).toEqual([trade]);
  });

  it('reads a ticker, its volume in quote currency', () => {
    expect(parse(TICKER)).toEqual([
      {
        type: 'ticker',
        pair: 'ETH-USD',
        price: 1285.22,
        time: 1666222102061.769,
        open24h: 1310.79,
        volume24h: 245532.79269678 * 1285.22,
      },
    ]);
  });

  it.each(['', null, undefined, '0'])('says nothing for a ticker whose last price is %p', (price) => {
    expect(parse({ ...TICKER, price })).toEqual([]);
  });

  it.each(['', null, undefined, '0', '-1', 'abc', 'NaN', {}])('refuses a trade at %p', (price) => {
    expect(() => parse({ ...MATCH, price })).toThrow(/^price is /);
  });

  it('refuses a volume that overflows', () => {
    expect(() => parse({ ...TICKER, volume_24h: '1e308' })).toThrow(/volume_24h/);
  });

  it('takes heartbeats for life, and the rest for nothing', () => {
    expect(
      parse({ type: 'heartbeat', sequence: 90, last_trade_id: 20, product_id: 'BTC-USD', time: TICKER.time }),
    ).toEqual([{ type: 'alive' }]);
    for (const type of ['subscriptions', 'l2update', 'snapshot', 'received', 'open', 'done', 'status', 'brand_new']) {
      expect(parse({ ...MATCH, type })).toEqual([]);
    }
    expect(parse({ price: '1' })).toEqual([]);
    expect(parse(null)).toEqual([]);
  });

  it('does not care where the type stands', () => {
    expect(
      coinbase.parse(
        '{"price":"2","size":"1","product_id":"A-B","trade_id":1,"time":"2024-11-07T08:19:27Z","type":"match"}',
      ),
    ).toHaveLength(1);
  });

  it('names the products of a refusal', () => {
    expect(parse({ type: 'error', message: 'Failed to subscribe', reason: 'FOO-BAR is not a valid product' })).toEqual([
      { type: 'refused', message: 'Failed to subscribe: FOO-BAR is not a valid product', pairs: ['FOO-BAR'] },
    ]);
    expect(parse({ type: 'error', message: 'Malformed JSON' })).toEqual([
      { type: 'refused', message: 'Malformed JSON' },
    ]);
  });

  it('comes back on a new connection when it was too slow for this one', () => {
    expect(parse({ type: 'error', message: 'ErrSlowConsume' })).toEqual([
      { type: 'reconnect', reason: 'ErrSlowConsume' },
    ]);
  });

  it('subscribes all pairs in one frame, with the heartbeat that proves the socket alive', () => {
    expect(coinbase.subscribe(pairs, () => 1).map((text) => JSON.parse(text) as unknown)).toEqual([
      { type: 'subscribe', product_ids: ['BTC-USD', 'ETH-USD'], channels: ['ticker', 'matches', 'heartbeat'] },
    ]);
    expect(coinbase.unsubscribe(pairs, () => 1)[0]).toContain('"unsubscribe"');
  });

  it('lists what is online and trades', () => {
    const product = {
      id: 'BTC-USD',
      base_currency: 'BTC',
      quote_currency: 'USD',
      status: 'online',
      trading_disabled: false,
    };
    const celo = { ...product, id: 'CGLD-USD', base_currency: 'CGLD' };
    const rest = [{ ...product, status: 'delisted' }, { ...product, trading_disabled: true }, { id: 'X-Y' }, null, 'x'];
    expect(coinbase.listing.parse([product, celo, ...rest])).toEqual([
      pairs[0],
      { pair: 'CGLD-USD', symbol: 'celo', quote: 'usd' },
    ]);
    for (const body of [{ message: 'rate limited' }, null, 'down', [], [{}]]) {
      expect(() => coinbase.listing.parse(body)).toThrow(/product/);
    }
    expect(coinbase.listing.spelled('CGLD-EUR')).toEqual({ pair: 'CGLD-EUR', symbol: 'celo', quote: 'eur' });
  });
});
