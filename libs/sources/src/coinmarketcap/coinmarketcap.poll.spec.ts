import { describeRecorded, recordings } from '../../../../test/recordings.js';
import { type PolledAsset, VenueFrameError } from '../source.js';
import { coinmarketcap } from './coinmarketcap.poll.js';

const NOW = 1_790_000_000_000;
const btc: PolledAsset = { symbol: 'btc', cmcId: 1 };
const eth: PolledAsset = { symbol: 'eth', cmcId: 1027 };

const usd = {
  price: 6602.60701122,
  volume_24h: 4314444687.5194,
  percent_change_24h: -25,
  last_updated: '2026-11-19T21:56:28.000Z',
};
const entry = (quote: object) => ({ id: 1, symbol: 'BTC', last_updated: '2026-11-19T21:55:00.000Z', quote });
const answer = (data: unknown) => ({ status: { error_code: 0, error_message: null, credit_count: 1 }, data });

describe('what CoinMarketCap is asked', () => {
  it('is ids, with the key in a header', () => {
    expect(coinmarketcap.needsKey).toBe(true);
    expect(coinmarketcap.request([btc, { symbol: 'x' }, eth], ' key ')).toEqual({
      method: 'GET',
      path: '/v2/cryptocurrency/quotes/latest?id=1,1027&convert=USD&skip_invalid=true',
      headers: { 'X-CMC_PRO_API_KEY': 'key' },
    });
    expect(() => coinmarketcap.request([{ symbol: 'x' }], 'key')).toThrow('None of the assets has a CoinMarketCap id');
  });

  it('fits its fifth of 15,000 credits a month at one per hundred assets', () => {
    expect(coinmarketcap.plan('key')).toEqual({ everyMs: 900_000 });
    for (const assets of [1, 100, 101, 250, 1000]) {
      const rounds = (31 * 24 * 3600 * 1000) / coinmarketcap.plan('key', assets).everyMs;
      expect(rounds * Math.ceil(assets / 100)).toBeLessThan(3_000);
    }
  });
});

describe('what CoinMarketCap answers', () => {
  it('is a price with its own time', () => {
    expect(coinmarketcap.parse(answer({ 1: entry({ USD: usd }) }), [btc], NOW)).toEqual({
      tickers: [
        {
          symbol: 'btc',
          pair: '1',
          quote: 'usd',
          price: 6602.60701122,
          time: Date.UTC(2026, 10, 19, 21, 56, 28),
          open24h: 6602.60701122 / 0.75,
          volume24h: 4314444687.5194,
        },
      ],
      refused: [],
    });
  });

  it('takes the time of the asset, then that of the answer, for a quote without one', () => {
    const undated = { ...usd, last_updated: undefined };
    const [first] = coinmarketcap.parse(answer({ 1: entry({ USD: undated }) }), [btc], NOW).tickers;
    expect(first?.time).toBe(Date.UTC(2026, 10, 19, 21, 55));
    const [second] = coinmarketcap.parse(answer({ 1: { quote: { USD: undated } } }), [btc], NOW).tickers;
    expect(second?.time).toBe(NOW);
  });

  it('names the assets it left out or garbled, and keeps the others', () => {
    const assets = [2, 3, 4, 5, 6, 1].map((cmcId) => ({ symbol: `s${cmcId}`, cmcId }));
    const data = {
      2: entry({ USD: { ...usd, price: null } }),
      3: entry({ EUR: usd }),
      4: entry({ USD: { ...usd, last_updated: 'today' } }),
      5: [],
      1: entry({ USD: { ...usd, volume_24h: 0, percent_change_24h: null } }),
    };
    const { tickers, refused } = coinmarketcap.parse(answer(data), [...assets, { symbol: 'x' }], NOW);
    expect(tickers).toEqual([expect.objectContaining({ symbol: 's1', volume24h: 0 })]);
    expect(tickers[0]).not.toHaveProperty('open24h');
    expect(refused).toEqual([
      { symbol: 's2', message: '2 price is null, expected a number above 0' },
      { symbol: 's3', message: 'the answer left out 3 in USD' },
      { symbol: 's4', message: expect.stringContaining('4 last_updated is "today"') as string },
      { symbol: 's5', message: '5 is an array, expected an object' },
      { symbol: 's6', message: 'the answer left out 6' },
      { symbol: 'x', message: 'no CoinMarketCap id is known for x' },
    ]);
  });

  it.each([
    ['an error', { status: { error_code: 1008, error_message: 'rate limit' }, data: { 1: entry({ USD: usd }) } }],
    ['an error in text', { status: { error_code: '1001', error_message: 'This API Key is invalid.' } }],
    ['no data', { status: { error_code: 0 } }],
    ['a list', []],
    ['null', null],
  ])('is no prices when it is %s', (_, body) => {
    expect(() => coinmarketcap.parse(body, [btc], NOW)).toThrow(VenueFrameError);
  });
});

describeRecorded('CoinMarketCap as recorded', () => {
  it('gives every price that is there', () => {
    const body = recordings.json('rest', 'coinmarketcap_quotes-latest_by-id_2019-02-04.json') as {
      data: Record<string, { id: number; symbol: string; quote: { USD: { price: number | null } } }>;
    };
    const entries = Object.values(body.data);
    const assets = entries.map(({ id, symbol }) => ({ symbol: symbol.toLowerCase(), cmcId: id }));
    const { tickers, refused } = coinmarketcap.parse(body, assets, NOW);
    expect(tickers.map(({ price }) => price)).toEqual(
      entries.flatMap(({ quote }) => (typeof quote.USD.price === 'number' ? quote.USD.price : [])),
    );
    expect(tickers.length + refused.length).toBe(entries.length);
    expect(tickers[0]).toEqual({
      symbol: 'btc',
      pair: '1',
      quote: 'usd',
      price: 3475.55287338,
      time: Date.UTC(2019, 1, 4, 8, 22, 25),
      open24h: expect.closeTo(3480.4134, 3) as number,
      volume24h: 4998928970.98657,
    });
  });
});
