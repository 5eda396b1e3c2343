import { VenueFrameError } from '../source.js';
import { krakenHistory } from './kraken.history.js';

const [minutes, fives, hours] = krakenHistory.resolutions;
const btc = { symbol: 'btc', pair: 'XXBTZUSD', quote: 'usd' };
const from = 1_688_671_200_000;

/** Rows like those of the documentation, a minute wide. */
const rows = [
  [1688671200, '30306.1', '30306.2', '30305.7', '30305.7', '30306.1', '3.39243896', 23],
  [1688671260, '30305.7', '30305.7', '30305.7', '30305.7', '0.0', '0.00000000', 0],
  [1688671320, '30289.8', '30296.7', '30286.4', '30292.3', '30290.2', '8.53', 31],
];
const answer = (list: unknown) => ({ error: [], result: { XXBTZUSD: list, last: 1688671260 } });

describe('History from Kraken', () => {
  it('is asked for after a second, in minutes, and reaches 719 closed candles back', () => {
    const hour = 1_688_670_000_000;
    const path = (resolution: typeof fives) =>
      krakenHistory.request(btc, resolution!, hour, hour + resolution!.bucketMs, undefined);
    expect(path(minutes)).toEqual({
      method: 'GET',
      path: '/0/public/OHLC?pair=XXBTZUSD&interval=1&since=1688669999',
    });
    expect(path(fives).path).toContain('&interval=5&');
    expect(path(hours).path).toContain('&interval=60&');
    expect(hours!.reachMs).toBe(719 * 3_600_000);
  });

  it('is candles without the newest, whatever our clock says, with what was paid', () => {
    const to = from + 3 * 60_000;
    expect(krakenHistory.parse(answer(rows), minutes!, from, to, to + 10_000)).toEqual([
      { time: from, open: 30306.1, high: 30306.2, low: 30305.7, close: 30305.7, volume: 3.39243896 * 30306.1 },
      { time: from + 60_000, open: 30305.7, high: 30305.7, low: 30305.7, close: 30305.7, volume: 0 },
    ]);
    expect(krakenHistory.parse(answer([...rows].reverse()), minutes!, from, to, to)).toHaveLength(2);
  });

  it('says what was wrong, and takes a warning for none', () => {
    const parse = (body: unknown) => krakenHistory.parse(body, minutes!, from, from + 60_000, Infinity);
    expect(() => parse({ error: ['EGeneral:Too many requests'] })).toThrow(
      new VenueFrameError('Kraken answered "EGeneral:Too many requests"'),
    );
    expect(() => parse({ error: [], result: { last: 0 } })).toThrow('the result has no pair');
    expect(() => parse(answer('soon'))).toThrow('XXBTZUSD is "soon", expected an array');
    expect(parse({ ...answer(rows), error: ['WDatabase:slow'] })).toHaveLength(1);
  });
});
