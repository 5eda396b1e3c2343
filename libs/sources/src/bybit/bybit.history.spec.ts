import { VenueFrameError } from '../source.js';
import { bybitHistory } from './bybit.history.js';

const [minutes, fives, hours] = bybitHistory.resolutions;
const btc = { symbol: 'btc', pair: 'BTCUSDT', quote: 'usdt' };
const from = 1_670_601_600_000;

describe('History from Bybit', () => {
  it('is asked for by the times at which buckets start, both ends inclusive', () => {
    const path = (resolution: typeof fives, time: number, buckets: number) =>
      bybitHistory.request(btc, resolution!, time, time + buckets * resolution!.bucketMs, undefined);
    expect(path(minutes, from, 1000)).toEqual({
      method: 'GET',
      path: '/v5/market/kline?category=spot&symbol=BTCUSDT&interval=1&start=1670601600000&end=1670661599999&limit=1000',
    });
    expect(path(fives, 0, 2).path).toMatch(/&interval=5&start=0&end=599999&limit=2$/);
    expect(path(hours, 7_200_000, 1).path).toMatch(/&interval=60&start=7200000&end=10799999&limit=1$/);
  });

  it('is closed candles, newest first, with their turnover, by the clock of the venue where ours is ahead', () => {
    // https://bybit-exchange.github.io/docs/v5/market/kline
    const rows = [
      ['1670605200000', '17071.5', '17071.5', '17061', '17071', '4177', '0.24469757'],
      ['1670601600000', '17086.5', '17088', '16978', '17071.5', '6356', '0.37288112'],
    ];
    const body = (time: unknown) => ({ retCode: 0, retMsg: 'OK', result: { category: 'spot', list: rows }, time });
    const first = { time: from, open: 17086.5, high: 17088, low: 16978, close: 17071.5, volume: 0.37288112 };
    const [to, now] = [from + 7_200_000, from + 7_200_000];
    expect(bybitHistory.parse(body(now - 60_000), hours!, from, to, now)).toEqual([first]);
    expect(bybitHistory.parse(body(now + 60_000), hours!, from, to, now)).toHaveLength(2);
    expect(bybitHistory.parse(body(now + 60_000), hours!, from, to, now - 1)).toEqual([first]);
    expect(bybitHistory.parse(body(null), hours!, from, to, now)).toHaveLength(2);
  });

  it('says what was wrong', () => {
    const parse = (body: unknown) => () => bybitHistory.parse(body, minutes!, from, from + 60_000, Infinity);
    const unknown = {
      retCode: 10001,
      retMsg: 'Not supported symbols',
      result: {},
      retExtInfo: {},
      time: 1672025956592,
    };
    expect(parse(unknown)).toThrow(new VenueFrameError('Bybit answered 10001 "Not supported symbols"'));
    expect(parse({ result: { list: [] } })).toThrow('Bybit answered missing');
    expect(parse({ retCode: 0 })).toThrow('result is missing, expected an object');
    expect(parse({ retCode: 0, result: {} })).toThrow('list is missing, expected an array');
  });
});
