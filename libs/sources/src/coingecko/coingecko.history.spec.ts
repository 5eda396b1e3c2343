import { describeRecorded, recordings } from '../../../../test/recordings.js';
import { VenueFrameError } from '../source.js';
import { coingeckoHistory } from './coingecko.history.js';

const [fives, hours] = coingeckoHistory.resolutions;
const btc = { symbol: 'btc', coingeckoId: 'bitcoin', quote: 'usd' };
const FIVE = 300_000;
const HOUR = 3_600_000;
const from = 1_789_999_200_000;

describe('What CoinGecko is asked for history', () => {
  it('is the last day for points of five minutes, 90 days for those of an hour', () => {
    expect(coingeckoHistory.request(btc, fives!, from, from + FIVE, undefined)).toEqual({
      method: 'GET',
      path: '/api/v3/coins/bitcoin/market_chart?vs_currency=usd&days=1&precision=full',
    });
    expect(coingeckoHistory.request(btc, hours!, from - 2000 * HOUR, from, undefined).path).toContain('&days=90&');
    expect([fives!.reachMs, hours!.reachMs]).toEqual([24 * HOUR, 90 * 24 * HOUR]);
    expect(() => coingeckoHistory.request({ symbol: 'x', quote: 'usd' }, fives!, from, from + FIVE, '')).toThrow(
      'No CoinGecko id is known for x',
    );
  });

  it.each([
    [undefined, undefined, undefined],
    [' ', undefined, undefined],
    ['CG-abc', { 'x-cg-demo-api-key': 'CG-abc' }, undefined],
    ['pro:CG-abc', { 'x-cg-pro-api-key': 'CG-abc' }, 'https://pro-api.coingecko.com'],
  ])('with the key %j goes with its header to its host', (key, headers, rest) => {
    expect(coingeckoHistory.request(btc, fives!, from, from + FIVE, key).headers).toEqual(headers);
    expect(coingeckoHistory.budget(key).rest).toBe(rest);
  });

  it('stays within a month, whatever is wanted', () => {
    const perMonth = (key: string) => {
      const { count, windowMs } = coingeckoHistory.budget(key);
      return (count * 31 * 24 * HOUR) / windowMs;
    };
    expect(perMonth('CG-abc')).toBeLessThan(4_000);
    expect(perMonth('pro:CG-abc')).toBeLessThan(100_000);
  });
});

describe('The coins that CoinGecko has', () => {
  const { coins } = coingeckoHistory;

  it('are its ids', () => {
    expect(coins!.request('CG-abc')).toEqual({
      method: 'GET',
      path: '/api/v3/coins/list',
      headers: { 'x-cg-demo-api-key': 'CG-abc' },
    });
    const list = [{ id: 'bitcoin', symbol: 'btc', name: 'Bitcoin' }, { id: '' }, null, { id: '01coin' }];
    expect(coins!.parse(list)).toEqual(['bitcoin', '01coin']);
    expect([coins!.nameOf(btc), coins!.nameOf({ symbol: 'x' })]).toEqual(['bitcoin', undefined]);
  });

  it.each([[[]], [[{ name: 'Bitcoin' }]], [{ status: { error_code: 429 } }], ['<html>']])('are not %j', (body) => {
    expect(() => coins!.parse(body)).toThrow(VenueFrameError);
  });
});

describe('What CoinGecko answers', () => {
  const points = [
    [from + 10_000, 10],
    [from + 250_000, 14],
    [from + 120_000, 9],
    [from + FIVE + 1000, null],
    [from + 2 * FIVE + 1000, 11],
    // The moment of the answer, before the point it repeats.
    [from + 3 * FIVE + 20_000, 12],
    [from + 3 * FIVE + 19_000, 12],
  ];
  const parse = (prices: unknown, resolution = fives!) =>
    coingeckoHistory.parse(
      { prices, total_volumes: [[from, 1e9]] },
      resolution,
      from,
      from + 10 * HOUR,
      from + 4 * FIVE - 1,
    );

  it('is points, folded by bucket; a bucket without one is missing, and none has a volume', () => {
    expect(parse(points)).toEqual([
      { time: from, open: 10, high: 14, low: 9, close: 14 },
      { time: from + 2 * FIVE, open: 11, high: 11, low: 11, close: 11 },
    ]);
  });

  it('is refused when the points are too far apart for the buckets', () => {
    const hourly = Array.from({ length: 24 }, (_, i) => [from - i * HOUR, 10]);
    expect(() => parse(hourly)).toThrow(
      new VenueFrameError('the points are 3600000 ms apart, too far for buckets of 300000 ms'),
    );
    const daily = hourly.map(([time], i) => [time! - i * 23 * HOUR, 10]);
    expect(() => parse(daily, hours)).toThrow(VenueFrameError);
  });

  it('may have holes', () => {
    const list = Array.from({ length: 20 }, (_, i) => [from - (20 - i) * FIVE - (i < 10 ? 5 * HOUR : 0), 10]);
    expect(coingeckoHistory.parse({ prices: list }, fives!, from - 24 * HOUR, from, from)).toHaveLength(20);
  });

  it('is no chart when it is an error', () => {
    const error = { status: { error_code: 10005, error_message: 'Plan Restricted' } };
    expect(() => coingeckoHistory.parse(error, fives!, from, from + FIVE, Infinity)).toThrow(
      new VenueFrameError('CoinGecko answered 10005 "Plan Restricted"'),
    );
  });
});

describeRecorded('Chart of CoinGecko as recorded', () => {
  const body = recordings.json('rest', 'coingecko_market-chart_bitcoin-usd-1d_2021-05-15.json');
  const last = 1_621_089_594_955;
  const to = Math.ceil(last / FIVE) * FIVE;

  it('is nearly a day of buckets, without the one in which it was asked for', () => {
    const candles = coingeckoHistory.parse(body, fives!, to - 288 * FIVE, to, last + 1000);
    expect(candles).toHaveLength(275);
    expect(candles.at(-1)!.time).toBeLessThanOrEqual(last - FIVE);
    expect(candles[0]).toMatchObject({ time: Math.floor(1621003519770 / FIVE) * FIVE, open: 50675.258073370765 });
    expect(candles.some(({ high, low }) => high > low)).toBe(true);
    expect(candles.filter((candle) => candle.volume !== undefined)).toEqual([]);
  });

  it('is too fine for hours to be refused', () => {
    expect(coingeckoHistory.parse(body, hours!, to - (to % HOUR) - 24 * HOUR, to - (to % HOUR), last)).toHaveLength(24);
  });

  it('fails for the recorded error', () => {
    const error = recordings.json('rest', 'coingecko_error_market-chart-missing-vs_2021.json');
    expect(() => coingeckoHistory.parse(error, fives!, 0, FIVE, last)).toThrow(VenueFrameError);
  });
});
