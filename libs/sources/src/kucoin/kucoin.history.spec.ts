import { VenueFrameError } from '../source.js';
import { kucoinHistory } from './kucoin.history.js';

const [minutes, fives, hours] = kucoinHistory.resolutions;
const btc = { symbol: 'btc', pair: 'BTC-USDT', quote: 'usdt' };
const from = 1_566_789_600_000;

describe('History from KuCoin', () => {
  it('is asked for in seconds', () => {
    const path = (resolution: typeof fives, buckets: number) =>
      kucoinHistory.request(btc, resolution!, from, from + buckets * resolution!.bucketMs, undefined);
    expect(path(minutes, 1500)).toEqual({
      method: 'GET',
      path: '/api/v1/market/candles?symbol=BTC-USDT&type=1min&startAt=1566789600&endAt=1566879599',
    });
    expect(path(fives, 1).path).toMatch(/&type=5min&startAt=1566789600&endAt=1566789899$/);
  });

  it('calls an hour 1hour', () => {
    expect(kucoinHistory.request(btc, hours!, 0, 7_200_000, undefined).path).toMatch(
      /&type=1hour&startAt=0&endAt=7199$/,
    );
  });

  it('is rows with the close before the high, newest first', () => {
    const data = [
      ['1566789720', '10411.5', '10401.9', '10411.5', '10396.3', '29.11357276', '302889.301529914'],
      ['1566789660', '10416', '10411.5', '10422.3', '10411.5', '15.61781842', '162703.708997029'],
      ['1566789600', '10408.6', '10416', '10416', '10405.4', '12.45584973', '129666.51508559'],
    ];
    const candles = kucoinHistory.parse({ code: '200000', data }, minutes!, from, from + 180_000, from + 180_000);
    expect(candles).toEqual([
      { time: from, open: 10408.6, high: 10416, low: 10405.4, close: 10416, volume: 129666.51508559 },
      { time: from + 60_000, open: 10416, high: 10422.3, low: 10411.5, close: 10411.5, volume: 162703.708997029 },
      { time: from + 120_000, open: 10411.5, high: 10411.5, low: 10396.3, close: 10401.9, volume: 302889.301529914 },
    ]);
  });

  it('says what was wrong', () => {
    const body = { code: '400100', msg: 'This pair is not provided at present' };
    expect(() => kucoinHistory.parse(body, minutes!, from, from + 60_000, Infinity)).toThrow(
      new VenueFrameError('KuCoin answered "400100" "This pair is not provided at present"'),
    );
  });
});
