import { VenueFrameError } from '../source.js';
import { okxHistory } from './okx.history.js';

const [minutes, fives, hours] = okxHistory.resolutions;
const btc = { symbol: 'btc', pair: 'BTC-USDT', quote: 'usdt' };
const from = 1_686_023_640_000;

describe('History from OKX', () => {
  it('is asked for between two times that are both outside', () => {
    const path = (resolution: typeof fives, time: number, buckets: number) =>
      okxHistory.request(btc, resolution!, time, time + buckets * resolution!.bucketMs, undefined);
    expect(path(minutes, from, 300)).toEqual({
      method: 'GET',
      path: '/api/v5/market/history-candles?instId=BTC-USDT&bar=1m&after=1686041640000&before=1686023639999&limit=300',
    });
    expect(path(fives, 0, 2).path).toMatch(/&bar=5m&after=600000&before=-1&limit=2$/);
    expect(path(hours, 7_200_000, 1).path).toMatch(/&bar=1H&after=10800000&before=7199999&limit=1$/);
  });

  it('is closed candles, newest first, with their quote volume', () => {
    const closed = [
      '1686023640000',
      '25720',
      '25730',
      '25720',
      '25722.9',
      '1.33493028',
      '34338.1',
      '34338.110904479',
      '1',
    ];
    const open = ['1686023700000', '25722.9', '25722.9', '25718.5', '25718.6', '0.45', '11801.4', '11801.4', '0'];
    const body = { code: '0', msg: '', data: [open, closed] };
    // Our clock is a minute ahead of the venue's.
    expect(okxHistory.parse(body, minutes!, from, from + 120_000, from + 120_000)).toEqual([
      { time: from, open: 25720, high: 25730, low: 25720, close: 25722.9, volume: 34338.110904479 },
    ]);
  });

  it('says what was wrong', () => {
    const parse = (body: unknown) => () => okxHistory.parse(body, minutes!, from, from + 60_000, Infinity);
    const unknown = { code: '51001', msg: "Instrument ID doesn't exist.", data: [] };
    expect(parse(unknown)).toThrow(new VenueFrameError(`OKX answered "51001" "Instrument ID doesn't exist."`));
    expect(parse({ data: [] })).toThrow('OKX answered missing');
    expect(parse({ code: '0' })).toThrow('data is missing, expected an array');
  });
});
