import { describeRecorded, recordings } from '../../../test/recordings.js';
import { fearGreed } from './feargreed.js';
import { GLOBAL_SOURCES, LISTING_SOURCES } from './listing-registry.js';
import { VenueFrameError } from './source.js';

const NOW = 1_790_000_000_000;
const MONTH_MS = 31 * 24 * 3600 * 1000;
const [cmc, gecko] = [LISTING_SOURCES[0]!, LISTING_SOURCES[1]!];
const [geckoGlobal, cmcGlobal] = [GLOBAL_SOURCES[0]!, GLOBAL_SOURCES[1]!];

const ok = (data: unknown) => ({ status: { error_code: 0, error_message: null }, data });
const cmcLine = (usd: object = {}, asset: object = {}) => ({
  id: 1,
  name: 'Bitcoin',
  symbol: 'BTC',
  cmc_rank: 1,
  circulating_supply: 19_950_000,
  total_supply: 19_950_000,
  max_supply: 21_000_000,
  quote: {
    USD: {
      price: 90_000.5,
      volume_24h: 3e10,
      volume_change_24h: -12.5,
      percent_change_1h: 0.1,
      percent_change_24h: -2,
      percent_change_7d: 0,
      percent_change_30d: -100.5,
      market_cap: 1.8e12,
      market_cap_dominance: 58.1,
      fully_diluted_market_cap: 1.89e12,
      last_updated: '2026-11-20T08:00:00.000Z',
      ...usd,
    },
  },
  ...asset,
});
const coin = (given: object = {}) => ({
  id: 'ethena-usde',
  symbol: 'usde',
  name: 'Ethena USDe',
  image: 'https://coin-images.coingecko.com/coins/images/33613/large/usde.png',
  current_price: 0.9991,
  market_cap: 6e9,
  market_cap_rank: 20,
  fully_diluted_valuation: 6e9,
  total_volume: 2e8,
  price_change_percentage_1h_in_currency: 0.01,
  price_change_percentage_24h: -0.2,
  price_change_percentage_24h_in_currency: -0.21,
  price_change_percentage_7d_in_currency: null,
  price_change_percentage_30d_in_currency: 0.4,
  circulating_supply: 6.1e9,
  total_supply: 6.1e9,
  max_supply: null,
  last_updated: '2026-11-20T08:00:00.987Z',
  sparkline_in_7d: { price: [0.99991234567, null, 1, 'x', 0, 1.0012] },
  ...given,
});
const global = (given: object = {}) => ({
  data: {
    active_cryptocurrencies: 18_000,
    markets: 1_450,
    total_market_cap: { usd: 3e12, eur: 2.6e12 },
    total_volume: { usd: 1e11 },
    market_cap_percentage: { btc: 58.2, eth: 12.1 },
    market_cap_change_percentage_24h_usd: -1.5,
    updated_at: 1_790_000_000,
    ...given,
  },
});
const cmcTotals = (usd: object = {}, data: object = {}) =>
  ok({
    active_cryptocurrencies: 9_900,
    active_exchanges: 800,
    btc_dominance: 58,
    eth_dominance: 12,
    quote: {
      USD: {
        total_market_cap: 3e12,
        total_volume_24h: 1e11,
        total_market_cap_yesterday_percentage_change: -1,
        total_volume_24h_yesterday_percentage_change: 7,
        last_updated: '2026-11-20T08:00:00.000Z',
        ...usd,
      },
    },
    ...data,
  });
const mood = (today: object = {}, rest: object = {}) => ({
  name: 'Fear and Greed Index',
  data: [
    { value: '47', value_classification: 'Neutral', timestamp: '1790000000', time_until_update: '3600', ...today },
    { value: '33', value_classification: 'Fear', timestamp: '1789913600' },
  ],
  metadata: { error: null },
  ...rest,
});
/** Every number of an answer as 0. */
const zeros = (value: unknown): unknown => {
  if (typeof value === 'number') return 0;
  if (Array.isArray(value)) return value.map(zeros);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, zeros(each)]));
};

describe('what is asked', () => {
  it('of CoinMarketCap: so many lines in one call, with the key in a header', () => {
    expect(cmc.request(1, 500, ' key ')).toEqual({
      method: 'GET',
      path: '/v1/cryptocurrency/listings/latest?start=1&limit=500&convert=USD',
      headers: { 'X-CMC_PRO_API_KEY': 'key' },
    });
    expect(cmcGlobal.request('key').path).toBe('/v1/global-metrics/quotes/latest?convert=USD');
  });

  it('of CoinGecko: pages of 250, without a demo key, whose month belongs to the prices', () => {
    const paths = [1, 251].map((start) => gecko.request(start, 250, undefined).path);
    expect(paths[0]).toMatch(/^\/api\/v3\/coins\/markets\?vs_currency=usd.*&per_page=250&page=1&sparkline=true/);
    expect(paths[1]).toContain('&page=2&');
    expect(gecko.request(1, 250, 'CG-demo').headers).toBeUndefined();
    expect(gecko.request(1, 250, 'pro:CG-paid').headers).toEqual({ 'x-cg-pro-api-key': 'CG-paid' });
    expect(gecko.pace('pro:CG-paid').rest).toBe('https://pro-api.coingecko.com');
    expect(geckoGlobal.pace('CG-demo').rest).toBeUndefined();
  });

  it('fits 15,000 credits a month together with the prices, and five keyless calls a minute', () => {
    const { everyMs, fullEveryMs, top } = cmc.pace('key');
    const credits = (lines: number): number => Math.ceil(lines / 200);
    const whole = (MONTH_MS / fullEveryMs) * (credits(500) - credits(top));
    const listings = (MONTH_MS / everyMs) * credits(top) + whole;
    const prices = MONTH_MS / 900_000;
    expect(listings + prices + MONTH_MS / cmcGlobal.pace('key').everyMs).toBeLessThan(15_000);
    const perMinute = (2 * 60_000) / gecko.pace(undefined).everyMs + 60_000 / geckoGlobal.pace(undefined).everyMs;
    // One more a minute for the prices.
    expect(perMinute + 2).toBeLessThan(5);
  });
});

describe('what a listing says', () => {
  it('at CoinMarketCap, without what cannot be', () => {
    expect(cmc.parse(ok([cmcLine({ fully_diluted_market_cap: 0, percent_change_1h: null })]), NOW)).toEqual({
      lines: 1,
      entries: [
        {
          cmcId: 1,
          symbol: 'BTC',
          name: 'Bitcoin',
          rank: 1,
          figures: {
            price: 90_000.5,
            updatedAt: Date.UTC(2026, 10, 20, 8),
            marketCap: 1.8e12,
            marketCapDominance: 58.1,
            volume24h: 3e10,
            volumeChange24h: -12.5,
            change24h: -2,
            change7d: 0,
            circulatingSupply: 19_950_000,
            totalSupply: 19_950_000,
            maxSupply: 21_000_000,
          },
        },
      ],
    });
  });

  it('at CoinGecko, with a picture and the line of its week', () => {
    expect(gecko.parse([coin()], NOW).entries).toEqual([
      {
        coingeckoId: 'ethena-usde',
        symbol: 'USDE',
        name: 'Ethena USDe',
        rank: 20,
        image: 'https://coin-images.coingecko.com/coins/images/33613/large/usde.png',
        figures: {
          price: 0.9991,
          updatedAt: Date.UTC(2026, 10, 20, 8, 0, 0, 987),
          marketCap: 6e9,
          fullyDilutedMarketCap: 6e9,
          volume24h: 2e8,
          change1h: 0.01,
          change24h: -0.21,
          change30d: 0.4,
          circulatingSupply: 6.1e9,
          totalSupply: 6.1e9,
          sparkline: [0.999912, 1, 1.0012],
        },
      },
    ]);
  });

  it('leaves out the lines that cannot be read, and counts them', () => {
    const lines = [cmcLine(), cmcLine({ price: null }), cmcLine({}, { id: 0 }), cmcLine(), cmcLine()];
    const page = cmc.parse(ok(lines), NOW);
    expect([page.entries.length, page.lines]).toEqual([3, 5]);
    expect(gecko.parse([], NOW)).toEqual({ entries: [], lines: 0 });
  });

  const half = [cmcLine(), ...Array.from({ length: 3 }, () => cmcLine({ market_cap: 0 }))];
  it.each<[string, () => unknown, RegExp]>([
    ['zeros of CoinMarketCap', () => cmc.parse(zeros(ok([cmcLine()])), NOW), /most of the listing has no price/],
    [
      'an error of CoinMarketCap',
      () => cmc.parse({ status: { error_code: 1001, error_message: 'invalid' } }, NOW),
      /1001/,
    ],
    ['no data', () => cmc.parse(ok(undefined), NOW), /data is missing/],
    ['mostly without a market capitalisation', () => cmc.parse(ok(half), NOW), /3 of 4/],
    ['zeros of CoinGecko', () => gecko.parse(zeros([coin(), coin()]), NOW), /2 of 2.*current_price is 0/],
    ['an error of CoinGecko', () => gecko.parse({ status: { error_code: 429, error_message: 'slow' } }, NOW), /429/],
    ['a page of HTML', () => gecko.parse('<html>', NOW), /expected an object/],
    ['another object', () => gecko.parse({ bitcoin: {} }, NOW), /most of the listing/],
    ['zeros of the market', () => geckoGlobal.parse(zeros(global()), NOW), /total_market_cap in USD is 0/],
    ['a market without bitcoin', () => geckoGlobal.parse(global({ market_cap_percentage: { eth: 12 } }), NOW), /btc/],
    ['zeros of the other', () => cmcGlobal.parse(zeros(cmcTotals()), NOW), /total_market_cap is 0/],
    ['more than everything', () => cmcGlobal.parse(cmcTotals({}, { btc_dominance: 101 }), NOW), /at most 100 percent/],
    ['no volume', () => cmcGlobal.parse(cmcTotals({ total_volume_24h: null }), NOW), /total_volume_24h is null/],
    ['a mood out of range', () => fearGreed.parse(mood({ value: '101' })), /101.*0 to 100/],
    ['a mood nobody knows', () => fearGreed.parse(mood({ value_classification: 'Panic' })), /"Panic".*Extreme Fear/],
    ['a mood without a day', () => fearGreed.parse(mood({ timestamp: '0' })), /timestamp/],
    ['an error about the mood', () => fearGreed.parse(mood({}, { metadata: { error: 'down' } })), /down/],
    ['no mood at all', () => fearGreed.parse(mood({}, { data: [] })), /first day/],
  ])('is nothing when it is %s', (_, read, message) => {
    expect(read).toThrow(VenueFrameError);
    expect(read).toThrow(message);
  });
});

describe('the state of the market', () => {
  it('as CoinGecko tells it', () => {
    expect(geckoGlobal.parse(global(), NOW)).toEqual({
      totalMarketCap: 3e12,
      totalVolume24h: 1e11,
      btcDominance: 58.2,
      ethDominance: 12.1,
      activeCryptocurrencies: 18_000,
      activeExchanges: 1_450,
      marketCapChange24h: -1.5,
      updatedAt: 1_790_000_000_000,
    });
  });

  it('as CoinMarketCap tells it', () => {
    expect(cmcGlobal.parse(cmcTotals(), NOW)).toEqual({
      totalMarketCap: 3e12,
      totalVolume24h: 1e11,
      btcDominance: 58,
      ethDominance: 12,
      activeCryptocurrencies: 9_900,
      activeExchanges: 800,
      marketCapChange24h: -1,
      volumeChange24h: 7,
      updatedAt: Date.UTC(2026, 10, 20, 8),
    });
  });

  it('and its mood', () => {
    expect(fearGreed.parse(mood())).toEqual({
      value: 47,
      classification: 'Neutral',
      time: 1_790_000_000_000,
      previous: 33,
    });
    expect(fearGreed.parse(mood({ value: 0, value_classification: 'Extreme Fear' }))).toMatchObject({ value: 0 });
    expect(fearGreed.parse({ ...mood(), data: mood().data.slice(0, 1) })).not.toHaveProperty('previous');
  });
});

describeRecorded('listings as recorded', () => {
  it('of CoinMarketCap', () => {
    const { entries, lines } = cmc.parse(
      recordings.json('rest', 'coinmarketcap_listings-latest_100_2020-10-24.json'),
      NOW,
    );
    expect([entries.length, lines]).toEqual([100, 100]);
    expect(entries.slice(0, 64).map(({ rank }) => rank)).toEqual(Array.from({ length: 64 }, (_, index) => index + 1));
    expect(entries[0]).toMatchObject({
      cmcId: 1,
      symbol: 'BTC',
      figures: { price: 12957.520086190707, marketCap: 240043242604.71732, change7d: 14.25623973, maxSupply: 21e6 },
    });
    const old = cmc.parse(recordings.json('rest', 'coinmarketcap_listings-latest_2_2019-02-08.json'), NOW);
    expect(old.entries.map(({ cmcId }) => cmcId)).toEqual([1, 52, 1027]);
  });

  it('of CoinGecko', () => {
    const page = gecko.parse(recordings.json('rest', 'coingecko_coins-markets_2coins-sparkline_2021-11-08.json'), NOW);
    expect(page.entries[0]).toMatchObject({
      coingeckoId: 'bitcoin',
      symbol: 'BTC',
      figures: { price: 66317, marketCap: 1240713077017, volume24h: 79537777257, change24h: 6.85817 },
    });
    expect(page.entries[0]?.figures.sparkline).toEqual([61482.3, 61580.8, 61173.1, 60866.9, 60722.2]);
    const plain = gecko.parse(recordings.json('rest', 'coingecko_coins-markets_bitcoin-usd_2021-05-15.json'), NOW);
    expect(plain.entries[0]?.figures).toMatchObject({ price: 49053, circulatingSupply: 18710831 });
    expect(plain.entries[0]?.figures.sparkline).toBeUndefined();
  });

  it('the market of both', () => {
    expect(cmcGlobal.parse(recordings.json('rest', 'coinmarketcap_global-metrics_2022-03-25.json'), NOW)).toMatchObject(
      {
        totalMarketCap: 1991441743015.1462,
        totalVolume24h: 91808749490.2,
        btcDominance: 42.302311578511,
        activeExchanges: 475,
        volumeChange24h: -15.543752488062012,
      },
    );
    expect(geckoGlobal.parse(recordings.json('rest', 'coingecko_global_2021-05-18.json'), NOW)).toMatchObject({
      btcDominance: 38.259132842486686,
      activeCryptocurrencies: 7362,
      activeExchanges: 616,
      marketCapChange24h: -0.9554088490358789,
    });
  });
});
