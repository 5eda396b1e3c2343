import { describeRecorded, recordings } from '../../../../test/recordings.js';
import { VenueFrameError } from '../source.js';
import { coinbaseHistory } from './coinbase.history.js';

const [minutes, fives, hours] = coinbaseHistory.resolutions;
const btc = { symbol: 'btc', pair: 'BTC-USD', quote: 'usd' };
const from = 1_517_443_200_000;

describe('History from Coinbase', () => {
  it('is asked for with both ends inside, in at most 300 candles', () => {
    const path = (resolution: typeof fives, buckets: number) =>
      coinbaseHistory.request(btc, resolution!, from, from + buckets * resolution!.bucketMs, undefined);
    expect(path(minutes, 300)).toEqual({
      method: 'GET',
      path: '/products/BTC-USD/candles?granularity=60&start=2018-02-01T00:00:00.000Z&end=2018-02-01T04:59:00.000Z',
    });
    expect(path(fives, 1).path).toMatch(/granularity=300&start=2018-02-01T00:00:00.000Z&end=2018-02-01T00:00:00.000Z$/);
    expect(path(hours, 2).path).toMatch(
      /granularity=3600&start=2018-02-01T00:00:00.000Z&end=2018-02-01T01:00:00.000Z$/,
    );
    expect(() => path(hours, 301)).toThrow('expected 1 to 300 whole buckets of 3600000 ms');
  });

  it('says what was wrong', () => {
    const message = 'granularity too small for the requested time range. Count of aggregations requested exceeds 300';
    expect(() => coinbaseHistory.parse({ message }, minutes!, from, from + 60_000, Infinity)).toThrow(VenueFrameError);
    expect(() => coinbaseHistory.parse({ message }, minutes!, from, from + 60_000, Infinity)).toThrow(
      'Coinbase answered "granularity too small',
    );
  });
});

describeRecorded('Candles of Coinbase as recorded', () => {
  it('are read low first, oldest last, with the volume at the typical price', () => {
    const body = recordings.json('rest', 'coinbase_products_candles-60_2018-02-01.json');
    const candles = coinbaseHistory.parse(body, minutes!, from, from + 600_000, from + 600_000);
    expect(candles).toHaveLength(10);
    expect(candles[1]).toEqual({
      time: from + 60_000,
      open: 10099.98,
      high: 10099.99,
      low: 10069.46,
      close: 10069.47,
      volume: 5.56541081 * ((10099.99 + 10069.46 + 10069.47) / 3),
    });
    // The newest is not over.
    expect(coinbaseHistory.parse(body, minutes!, from, from + 600_000, from + 599_000)).toHaveLength(9);
  });
});
