import { describeRecorded, recordings } from '../../../../test/recordings.js';
import { VenueFrameError } from '../source.js';
import { cryptocompareHistory } from './cryptocompare.history.js';

const [hours, days] = cryptocompareHistory.resolutions;
const btc = { symbol: 'btc', quote: 'usd' };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('History from CryptoCompare', () => {
  it('is asked for up to the last second of a range, by the rows before the last', () => {
    expect(cryptocompareHistory.needsKey).toBe(true);
    expect(cryptocompareHistory.request(btc, hours!, 0, 2001 * HOUR, ' key ')).toEqual({
      method: 'GET',
      path: '/data/v2/histohour?fsym=BTC&tsym=USD&limit=2000&toTs=7203599',
      headers: { authorization: 'Apikey key' },
    });
    expect(cryptocompareHistory.request(btc, days!, DAY, 2 * DAY, 'key').path).toBe(
      '/data/v2/histoday?fsym=BTC&tsym=USD&limit=1&toTs=172799',
    );
  });

  it('is there for the coins of its list', () => {
    const { coins } = cryptocompareHistory;
    expect(coins!.request(' key ')).toEqual({
      method: 'GET',
      path: '/data/all/coinlist?summary=true',
      headers: { authorization: 'Apikey key' },
    });
    const Data = { BTC: { Id: '1182', Symbol: 'BTC', FullName: 'Bitcoin (BTC)' }, '42': { Id: '4321', Symbol: '42' } };
    expect(coins!.parse({ Response: 'Success', Message: '', Data }).sort()).toEqual(['42', 'btc']);
    expect([coins!.nameOf(btc), coins!.nameOf({ symbol: 'nova#90002' })]).toEqual(['btc', 'nova#90002']);
    const error = { Response: 'Error', Message: 'Your api key is not valid' };
    for (const body of [error, { Response: 'Success', Data: {} }, { Response: 'Success' }, '<html>'])
      expect(() => coins!.parse(body)).toThrow(VenueFrameError);
  });

  it('is rows in either envelope; zeros are no prices, a converted price has no volume', () => {
    const row = { time: 7200, open: 2, high: 3, low: 1, close: 2.5, volumefrom: 10, volumeto: 20 };
    const zeros = { time: 3600, open: 0, high: 0, low: 0, close: 0, volumefrom: 0, volumeto: 0 };
    const converted = { ...row, time: 10_800, conversionType: 'multiply', conversionSymbol: 'BTC' };
    const direct = { ...row, time: 14_400, conversionType: 'direct', conversionSymbol: '' };
    const rows = [zeros, row, converted, direct];
    const ohlc = { open: 2, high: 3, low: 1, close: 2.5 };
    for (const Data of [rows, { Aggregated: false, TimeFrom: 3600, TimeTo: 14_400, Data: rows }]) {
      expect(cryptocompareHistory.parse({ Response: 'Success', Data }, hours!, HOUR, 5 * HOUR, 5 * HOUR)).toEqual([
        { time: 2 * HOUR, ...ohlc, volume: 20 },
        { time: 3 * HOUR, ...ohlc },
        { time: 4 * HOUR, ...ohlc, volume: 20 },
      ]);
    }
  });

  it.each([
    [
      'an error of status 200',
      { Response: 'Error', Message: 'You are over your rate limit', Data: {} },
      'over your rate',
    ],
    [
      'an error of the newer kind',
      { Data: {}, Err: { type: 1, message: 'subscription needed' } },
      'subscription needed',
    ],
    ['success without rows', { Response: 'Success', Data: {} }, 'Data is missing, expected an array'],
  ])('fails for %s', (_name, body, message) => {
    const parse = () => cryptocompareHistory.parse(body, hours!, 0, HOUR, HOUR);
    expect(parse).toThrow(VenueFrameError);
    expect(parse).toThrow(message);
  });
});

describeRecorded('History of CryptoCompare as recorded', () => {
  const read = (name: string, resolution: typeof hours, now: number) =>
    cryptocompareHistory.parse(recordings.json('rest', name), resolution!, 0, now + DAY - (now % DAY), now);

  it('is hours, without the one that had just begun', () => {
    const candles = read('cryptocompare_histohour_BTC-USD_2017-08-11.json', hours, Date.UTC(2017, 7, 11, 20, 10, 17));
    expect(candles).toHaveLength(168);
    expect(candles[0]).toEqual({
      time: 1_501_876_800_000,
      open: 2849.17,
      high: 2859.15,
      low: 2849.17,
      close: 2858.86,
      volume: 7717109.67,
    });
  });

  it.each([
    ['cryptocompare_histoday_BTC-USD_2017-08-11.json', Date.UTC(2017, 7, 11, 20, 11, 20), 30],
    ['cryptocompare_histoday_BTC-USD_2026-01-02.json', Date.UTC(2026, 0, 3, 1), 10],
  ])('is days: %s', (name, now, count) => {
    const candles = read(name, days, now);
    expect(candles).toHaveLength(count);
    expect(candles.every(({ volume }) => volume! > 1e8)).toBe(true);
  });

  it('fails for the recorded error', () => {
    const body = recordings.json('rest', 'cryptocompare_error_top-mktcapfull_2026-01-02.json');
    expect(() => cryptocompareHistory.parse(body, hours!, 0, HOUR, HOUR)).toThrow(VenueFrameError);
  });
});
