import { describeRecorded, recordings } from '../../../../test/recordings.js';
import type { PolledAsset } from '../source.js';
import { VenueFrameError } from '../source.js';
import { kraken } from './kraken.poll.js';

const NOW = 1_790_000_000_000;
const listing = kraken.listing!;

const btc: PolledAsset = { symbol: 'btc', pair: 'XXBTZUSD', quote: 'usd' };
const usdt: PolledAsset = { symbol: 'usdt', pair: 'USDTZUSD', quote: 'usd' };

const ticker = {
  a: ['67000.10000', '1', '1.000'],
  b: ['67000.00000', '2', '2.000'],
  c: ['67000.10000', '0.00100000'],
  v: ['100.00000000', '250.00000000'],
  p: ['66900.00000', '66800.00000'],
  t: [1000, 2500],
  l: ['66000.00000', '65900.00000'],
  h: ['67500.00000', '67600.00000'],
  o: '66500.00000',
};

const answer = (result: unknown, error: string[] = []) => ({ error, result });

describe('what Kraken lists', () => {
  const pair = (wsname: string | undefined, more: object = {}) => ({ altname: 'X', wsname, status: 'online', ...more });

  it('is spelled as the answers are keyed, in our symbols', () => {
    const body = answer({
      XXBTZUSD: pair('XBT/USD', { altname: 'XBTUSD' }),
      XDGUSD: pair('XDG/USD'),
      XETHXXBT: pair('ETH/XBT'),
      LUNAUSD: pair('LUNA/USD'),
      LUNA2USD: pair('LUNA2/USD'),
      '1INCHUSD': pair('1INCH/USD'),
    });
    expect(listing.parse(body)).toEqual([
      { pair: 'XXBTZUSD', symbol: 'btc', quote: 'usd' },
      { pair: 'XDGUSD', symbol: 'doge', quote: 'usd' },
      { pair: 'XETHXXBT', symbol: 'eth', quote: 'btc' },
      { pair: 'LUNAUSD', symbol: 'lunc', quote: 'usd' },
      { pair: 'LUNA2USD', symbol: 'luna', quote: 'usd' },
      { pair: '1INCHUSD', symbol: '1inch', quote: 'usd' },
    ]);
  });

  it('leaves out dark pools, halted pairs and tokenized stocks', () => {
    const body = answer({
      'XXBTZUSD.d': pair(undefined),
      ADAUSD: pair('ADA/USD', { status: 'cancel_only' }),
      SPYUSD: pair('SPY/USD', { aclass_base: 'tokenized_asset' }),
      BROKEN: null,
      DOTUSD: pair('DOT/USD', { aclass_base: 'currency' }),
    });
    expect(listing.parse(body).map(({ symbol }) => symbol)).toEqual(['dot']);
  });

  it.each([
    ['an error', answer({}, ['EService:Unavailable'])],
    ['no pairs', answer({})],
    ['no result', { error: [] }],
    ['a text', 'Bad gateway'],
    ['null', null],
  ])('is not taken from %s', (_, body) => {
    expect(() => listing.parse(body)).toThrow(VenueFrameError);
  });

  it('reads a spelling with a slash and no other', () => {
    expect(listing.spelled('XBT/USDT')).toEqual({ pair: 'XBT/USDT', symbol: 'btc', quote: 'usdt' });
    expect(listing.spelled('XBTUSDT')).toBeUndefined();
  });
});

describe('what Kraken is asked', () => {
  it('is one call for many pairs', () => {
    expect(kraken.request([btc, usdt], undefined)).toEqual({
      method: 'GET',
      path: '/0/public/Ticker?pair=XXBTZUSD,USDTZUSD',
    });
  });

  it('is never everything it has, for want of pairs', () => {
    expect(() => kraken.request([{ symbol: 'btc' }], undefined)).toThrow('None of the assets has a Kraken pair');
  });

  it('stays below one call a second', () => {
    expect(kraken.plan(undefined)).toEqual({ everyMs: 2000 });
    for (const assets of [1, 200, 201, 1000]) {
      const calls = Math.ceil(assets / kraken.assetsPerRequest);
      expect(kraken.plan(undefined, assets).everyMs / calls).toBeGreaterThan(1000);
    }
  });
});

describe('what Kraken answers', () => {
  it('is the last price as of the answer, and the quote volume of 24 h', () => {
    expect(kraken.parse(answer({ XXBTZUSD: ticker }), [btc], NOW)).toEqual({
      tickers: [{ symbol: 'btc', pair: 'XXBTZUSD', quote: 'usd', price: 67000.1, time: NOW, volume24h: 250 * 66800 }],
      refused: [],
    });
  });

  it('costs the other pairs nothing when one is missing or malformed', () => {
    const assets = ['A', 'B', 'C', 'D', 'E', 'F'].map((pair) => ({ symbol: pair.toLowerCase(), pair, quote: 'usd' }));
    const result = {
      A: { ...ticker, c: [null, '1'] },
      B: { ...ticker, c: ['', '1'] },
      C: { ...ticker, c: ['0.0000', '1'] },
      D: { ...ticker, c: undefined },
      F: ticker,
    };
    const { tickers, refused } = kraken.parse(answer(result), [...assets, { symbol: 'g' }], NOW);
    expect(tickers.map(({ symbol }) => symbol)).toEqual(['f']);
    expect(refused).toEqual([
      { symbol: 'a', message: 'A c[0] is null, expected a number above 0' },
      { symbol: 'b', message: 'B c[0] is "", expected a number above 0' },
      { symbol: 'c', message: 'C c[0] is "0.0000", expected a number above 0' },
      { symbol: 'd', message: 'D c[0] is missing, expected a number above 0' },
      { symbol: 'e', message: 'the answer left out E' },
      { symbol: 'g', message: 'Kraken does not list g' },
    ]);
  });

  it('may say that nothing was traded', () => {
    const idle = { ...ticker, v: ['0.00000000', '0.00000000'], p: ['0.00000', '0.00000'] };
    expect(kraken.parse(answer({ XXBTZUSD: idle }), [btc], NOW).tickers[0]).toMatchObject({ volume24h: 0 });
  });

  it('fails as a whole for an error that came with status 200, not for a warning', () => {
    expect(() => kraken.parse({ error: ['EQuery:Unknown asset pair'] }, [btc], NOW)).toThrow(
      new VenueFrameError('Kraken answered "EQuery:Unknown asset pair"'),
    );
    const warned = answer({ XXBTZUSD: ticker }, ['WGeneral:Deprecated']);
    expect(kraken.parse(warned, [btc], NOW).tickers).toHaveLength(1);
  });
});

describeRecorded('Kraken as recorded', () => {
  it('lists 293 pairs, each once', () => {
    const pairs = listing.parse(recordings.json('rest', 'kraken_AssetPairs_2021-04-17.json'));
    expect(pairs).toHaveLength(293);
    expect(new Set(pairs.map(({ symbol, quote }) => `${symbol}/${quote}`)).size).toBe(293);
    expect(pairs).toContainEqual({ pair: 'XXBTZUSD', symbol: 'btc', quote: 'usd' });
    expect(pairs).toContainEqual({ pair: 'XDGUSDT', symbol: 'doge', quote: 'usdt' });
    expect(pairs).toContainEqual({ pair: 'USDTZUSD', symbol: 'usdt', quote: 'usd' });
    const longest = [...pairs].sort((a, b) => b.pair.length - a.pair.length).slice(0, kraken.assetsPerRequest);
    expect(kraken.request(longest, undefined).path.length).toBeLessThan(4000);
  });

  it('gives the prices in its tickers', () => {
    const bch: PolledAsset = { symbol: 'bch', pair: 'BCHEUR', quote: 'eur' };
    expect(kraken.parse(recordings.json('rest', 'kraken_ticker_BCHEUR_2017-10-03.json'), [bch], NOW).tickers).toEqual([
      { symbol: 'bch', pair: 'BCHEUR', quote: 'eur', price: 355.4, time: NOW, volume24h: 4433.77288826 * 354.543044 },
    ]);
    const eur: PolledAsset = { symbol: 'btc', pair: 'XXBTZEUR', quote: 'eur' };
    expect(kraken.parse(recordings.json('rest', 'kraken_ticker_xchange.json'), [eur], NOW).tickers[0]?.price).toBe(
      560.87711,
    );
  });
});
