import { describeRecorded, recordings } from '../../../../test/recordings.js';
import { type PolledAsset, VenueFrameError } from '../source.js';
import { coingecko } from './coingecko.poll.js';

const NOW = 1_790_000_000_000;
const btc: PolledAsset = { symbol: 'btc', coingeckoId: 'bitcoin' };
const snt: PolledAsset = { symbol: 'snt', coingeckoId: 'status' };

const bitcoin = {
  usd: 67187.3358936566,
  usd_24h_vol: 31260929299.5248,
  usd_24h_change: 3.63727894677354,
  last_updated_at: 1_789_999_971,
};

const MONTH_MS = 31 * 24 * 3600 * 1000;

describe('what CoinGecko is asked', () => {
  const path = (ids: string) =>
    `/api/v3/simple/price?ids=${ids}&vs_currencies=usd&include_24hr_vol=true&include_24hr_change=true` +
    '&include_last_updated_at=true&precision=full';

  it('is one call, commas without spaces', () => {
    expect(coingecko.request([btc, { symbol: 'x' }, snt], undefined)).toEqual({
      method: 'GET',
      path: path('bitcoin,status'),
    });
    expect(() => coingecko.request([{ symbol: 'x' }], undefined)).toThrow('None of the assets has a CoinGecko id');
  });

  it.each([
    [undefined, undefined, undefined],
    ['', undefined, undefined],
    ['CG-abc', { 'x-cg-demo-api-key': 'CG-abc' }, undefined],
    [' CG-abc\n', { 'x-cg-demo-api-key': 'CG-abc' }, undefined],
    ['pro:CG-abc', { 'x-cg-pro-api-key': 'CG-abc' }, 'https://pro-api.coingecko.com'],
  ])('with the key %j goes with its header to its host', (key, headers, rest) => {
    expect(coingecko.request([btc], key).headers).toEqual(headers);
    expect(coingecko.plan(key).rest).toBe(rest);
  });

  it('fits the budget of each kind of access, however many assets there are', () => {
    for (const assets of [1, 250, 251, 1000]) {
      const calls = Math.ceil(assets / coingecko.assetsPerRequest);
      expect((calls * 60_000) / coingecko.plan(undefined, assets).everyMs).toBeLessThanOrEqual(5);
      expect((calls * MONTH_MS) / coingecko.plan('CG-abc', assets).everyMs).toBeLessThan(10_000);
      expect((calls * MONTH_MS) / coingecko.plan('pro:CG-abc', assets).everyMs).toBeLessThan(500_000);
    }
  });
});

describe('what CoinGecko answers', () => {
  it('is a price with its own time', () => {
    expect(coingecko.parse({ bitcoin }, [btc], NOW)).toEqual({
      tickers: [
        {
          symbol: 'btc',
          pair: 'bitcoin',
          quote: 'usd',
          price: 67187.3358936566,
          time: 1_789_999_971_000,
          open24h: 67187.3358936566 / (1 + 3.63727894677354 / 100),
          volume24h: 31260929299.5248,
        },
      ],
      refused: [],
    });
  });

  it('leaves out what it does not say', () => {
    const sparse = { usd: 1e-9, usd_24h_vol: null, usd_24h_change: null, last_updated_at: 1_789_999_971 };
    expect(coingecko.parse({ bitcoin: sparse }, [btc], NOW).tickers).toEqual([
      { symbol: 'btc', pair: 'bitcoin', quote: 'usd', price: 1e-9, time: 1_789_999_971_000 },
    ]);
    const still = { ...bitcoin, usd_24h_vol: 0, usd_24h_change: 0 };
    expect(coingecko.parse({ bitcoin: still }, [btc], NOW).tickers[0]).toMatchObject({
      volume24h: 0,
      open24h: still.usd,
    });
    for (const usd_24h_change of [-100, -250, 'x', Number.NaN]) {
      expect(coingecko.parse({ bitcoin: { ...bitcoin, usd_24h_change } }, [btc], NOW).tickers[0]?.open24h).toBe(
        undefined,
      );
    }
  });

  it('names the coins it left out or garbled, and keeps the others', () => {
    const ids = ['gone', 'null', 'zero', 'text', 'undated', 'bitcoin', 'constructor'];
    const body = {
      null: { ...bitcoin, usd: null },
      zero: { ...bitcoin, usd: 0 },
      text: 'soon',
      undated: { ...bitcoin, last_updated_at: 'yesterday' },
      bitcoin,
    };
    const assets = [...ids.map((coingeckoId) => ({ symbol: coingeckoId, coingeckoId })), { symbol: 'unknown' }];
    const { tickers, refused } = coingecko.parse(body, assets, NOW);
    expect(tickers.map(({ symbol }) => symbol)).toEqual(['bitcoin']);
    expect(refused).toEqual([
      { symbol: 'gone', message: 'the answer left out gone' },
      { symbol: 'null', message: 'null usd is null, expected a number above 0' },
      { symbol: 'zero', message: 'zero usd is 0, expected a number above 0' },
      { symbol: 'text', message: 'text is "soon", expected an object' },
      { symbol: 'undated', message: 'undated last_updated_at is "yesterday", expected a number above 0' },
      { symbol: 'constructor', message: 'the answer left out constructor' },
      { symbol: 'unknown', message: 'no CoinGecko id is known for unknown' },
    ]);
  });

  it('is no prices when it is an error', () => {
    const limited = { status: { error_code: 429, error_message: "You've exceeded the Rate Limit." } };
    expect(() => coingecko.parse(limited, [btc, snt], NOW)).toThrow(
      new VenueFrameError(`CoinGecko answered 429 "You've exceeded the Rate Limit."`),
    );
    const wrongHost = { error: { status: { error_code: 10011, error_message: 'change your root URL' } } };
    const bare = { error: { error_code: 429, error_message: 'slow down' } };
    for (const body of [wrongHost, bare, { error: 'coin not found' }, [], 'throttled', null]) {
      expect(() => coingecko.parse(body, [btc], NOW)).toThrow(VenueFrameError);
    }
  });

  it('has a coin called status', () => {
    expect(coingecko.parse({ status: { ...bitcoin, usd: 0.02 } }, [snt], NOW).tickers[0]?.price).toBe(0.02);
  });
});

describeRecorded('CoinGecko as recorded', () => {
  it('gives the price it was asked for; without a time, that of the answer', () => {
    const body = recordings.json('rest', 'coingecko_simple-price_bitcoin-usd_2021-05-15.json');
    expect(coingecko.parse(body, [btc], NOW).tickers).toEqual([
      { symbol: 'btc', pair: 'bitcoin', quote: 'usd', price: 49253, time: NOW },
    ]);
  });

  it('refuses the coin that it dropped', () => {
    const body = recordings.json('rest', 'coingecko_simple-price_2coins-usd_2021-05-15.json');
    const { tickers, refused } = coingecko.parse(body, [btc, { symbol: 'eth', coingeckoId: 'ethereum' }], NOW);
    expect(tickers).toHaveLength(1);
    expect(refused).toEqual([{ symbol: 'eth', message: 'the answer left out ethereum' }]);
  });

  it('refuses prices in other currencies, and fails for an error', () => {
    const inEther = recordings.json('rest', 'coingecko_simple-price_ids-1_rotki.json');
    expect(coingecko.parse(inEther, [btc], NOW).refused).toHaveLength(1);
    const error = recordings.json('rest', 'coingecko_error_market-chart-missing-vs_2021.json');
    expect(() => coingecko.parse(error, [btc], NOW)).toThrow('CoinGecko answered "Missing parameter vs_currency"');
  });
});
