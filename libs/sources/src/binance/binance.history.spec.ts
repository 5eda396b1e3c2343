import { describeRecorded, recordings } from '../../../../test/recordings.js';
import { VenueFrameError } from '../source.js';
import { binanceHistory } from './binance.history.js';

const [minutes, fives, hours] = binanceHistory.resolutions;
const btc = { symbol: 'btc', pair: 'BTCUSDT', quote: 'usdt' };
const from = 1_586_987_400_000;

describe('History from Binance', () => {
  it('is asked for by the open times, both ends inclusive', () => {
    expect(binanceHistory.request(btc, fives!, from, from + 24 * 300_000, undefined)).toEqual({
      method: 'GET',
      path: '/api/v3/klines?symbol=BTCUSDT&interval=5m&startTime=1586987400000&endTime=1586994599999&limit=24',
    });
    const path = (resolution: typeof fives, time: number) =>
      binanceHistory.request({ ...btc, pair: '币安USDT' }, resolution!, time, time + 3_600_000, undefined).path;
    expect(path(minutes, 0)).toBe(
      '/api/v3/klines?symbol=%E5%B8%81%E5%AE%89USDT&interval=1m&startTime=0&endTime=3599999&limit=60',
    );
    expect(path(hours, 0)).toContain('&interval=1h&startTime=0&endTime=3599999&limit=1');
  });

  it('says what was wrong', () => {
    const parse = (body: unknown) => () => binanceHistory.parse(body, fives!, from, from + 300_000, Infinity);
    expect(parse({ code: -1121, msg: 'Invalid symbol.' })).toThrow(
      new VenueFrameError('Binance answered -1121 "Invalid symbol."'),
    );
    expect(parse('<html>')).toThrow('the answer is "<html>", expected an array');
  });
});

describeRecorded('Klines of Binance as recorded', () => {
  const body = recordings.json('rest', 'binance_klines_BTCUSDT-5m-24_gct.json');
  const to = from + 24 * 300_000;

  it('are candles with their quote volume', () => {
    const candles = binanceHistory.parse(body, fives!, from, to, to);
    expect(candles).toHaveLength(24);
    expect(candles[0]).toEqual({
      time: from,
      open: 6733.55,
      high: 6737.79,
      low: 6726.61,
      close: 6727.14,
      volume: 815879.49416818,
    });
  });

  it('end before the one that still trades', () => {
    expect(binanceHistory.parse(body, fives!, from, to, to - 1)).toHaveLength(23);
    expect(binanceHistory.parse(body, fives!, from + 300_000, to - 300_000, to)).toHaveLength(22);
  });
});
