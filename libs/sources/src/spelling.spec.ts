import { longestFirst, splitBySuffix, splitDashed, symbolOf } from './spelling.js';

describe('dashed spellings', () => {
  it('reads two parts', () => {
    expect(splitDashed('BTC-USD')).toEqual({ pair: 'BTC-USD', symbol: 'btc', quote: 'usd' });
    expect(splitDashed('CGLD-EUR', { cgld: 'celo' })).toEqual({ pair: 'CGLD-EUR', symbol: 'celo', quote: 'eur' });
  });

  it.each(['UNI-USD-SWAP', 'BTC-USD-220527', 'BTC-USD-220527-30000-C', 'BTCUSD', 'BTC-', '-USD', '-', '', 'BTC - USD'])(
    'leaves %p alone',
    (pair) => expect(splitDashed(pair)).toBeUndefined(),
  );
});

describe('spellings without separator', () => {
  const quotes = longestFirst('usd usdt busd tusd fdusd btc eth try');

  it.each([
    ['BTCUSDT', 'btc', 'usdt'],
    ['SWRVBUSD', 'swrv', 'busd'],
    ['BTCFDUSD', 'btc', 'fdusd'],
    ['BUSDTRY', 'busd', 'try'],
    // Cut before the longest, these would be BN in BUSD, BA in TUSD, USD in TUSD.
    ['BNBUSD', 'bnb', 'usd'],
    ['BATUSD', 'bat', 'usd'],
    ['USDTUSD', 'usdt', 'usd'],
    ['BTCTUSD', 'btc', 'tusd'],
    ['币安人生USDT', '币安人生', 'usdt'],
  ])('reads %s', (pair, symbol, quote) => expect(splitBySuffix(pair, quotes)).toEqual({ pair, symbol, quote }));

  it.each(['BTC', 'USDT', 'BTCXYZ', ''])('knows no cut for %p', (pair) => {
    expect(splitBySuffix(pair, quotes)).toBeUndefined();
  });

  it('does not choose between two cuts that both leave a well known asset', () => {
    expect(splitBySuffix('RENDERUSD', longestFirst('usd derusd'))).toBeUndefined();
  });

  it('gives a symbol of our own where a venue has another', () => {
    expect(symbolOf('XBT', { xbt: 'btc' })).toBe('btc');
    expect(symbolOf('constructor', {})).toBe('constructor');
  });
});
