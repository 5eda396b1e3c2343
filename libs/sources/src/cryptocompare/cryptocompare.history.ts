import { bucketsAsked, DAY_MS, fromSeconds, HOUR_MS, MINUTE_MS, readCandles, widthName } from '../candles.js';
import { arrayField, isObject, objectField } from '../fields.js';
import type { HistorySource } from '../history.js';
import { type HttpRequest, VenueFrameError } from '../source.js';
import { answerOf, cryptocompare } from './cryptocompare.poll.js';

const PATHS = { [HOUR_MS]: 'histohour', [DAY_MS]: 'histoday' };

/** One more than the largest `limit`, which counts the rows before the last. */
const ROWS = 2001;

function headersOf(key: string | undefined): Pick<HttpRequest, 'headers'> {
  return { headers: { authorization: `Apikey ${key?.trim() ?? ''}` } };
}

/**
 * CryptoCompare's index (CCCAGG) in USD, by the hour and the day. A row is an object with `time` in s, `open`, `high`, `low`,
 * `close`, `volumefrom` and `volumeto`, oldest first; from before a coin's first trade it is all zeros. `volumeto` is what
 * the venues of the index traded, in USD; for a coin without a USD market, prices are those of another market converted,
 * and volume is left out.
 */
export const cryptocompareHistory: HistorySource = {
  id: 'cryptocompare',
  documentation: 'https://min-api.cryptocompare.com/documentation?key=Historical&cat=dataHistohour',
  rest: cryptocompare.addresses.rest,
  needsKey: true,
  resolutions: [
    { bucketMs: HOUR_MS, grade: 'hourly', perRequest: ROWS },
    { bucketMs: DAY_MS, grade: 'daily', perRequest: ROWS },
  ],

  // All coins in one answer: https://min-api.cryptocompare.com/documentation?key=Other&cat=allCoinsWithContentEndpoint
  coins: {
    request: (key) => ({ method: 'GET', path: '/data/all/coinlist?summary=true', ...headersOf(key) }),
    parse(body) {
      const symbols = Object.keys(objectField(answerOf(body)['Data'], 'Data'));
      if (symbols.length === 0) throw new VenueFrameError('CryptoCompare lists no coin');
      return symbols.map((symbol) => symbol.toLowerCase());
    },
    nameOf: ({ symbol }) => symbol,
  },

  // What a subscription includes differs; this stays under the 3,000 an hour that the smallest plan once had.
  budget: () => ({ count: 40, windowMs: MINUTE_MS }),

  request({ symbol }, resolution, from, to, key) {
    // A coin whose symbol belongs to a larger one: asked for by it, there would come the larger one's candles.
    if (symbol.includes('#')) throw new RangeError(`it knows coins by symbol alone, and ${symbol} shares one`);
    // At least 1: without a limit there would be 169 rows, and 0 counts as none.
    const limit = Math.max(1, bucketsAsked(resolution, from, to) - 1);
    const range = `limit=${limit}&toTs=${to / 1000 - 1}`;
    return {
      method: 'GET',
      path:
        `/data/v2/${widthName(PATHS, resolution)}` +
        `?fsym=${encodeURIComponent(symbol.toUpperCase())}&tsym=USD&${range}`,
      ...headersOf(key),
    };
  },

  parse(body, { bucketMs }, from, to, now) {
    const { Data: data } = answerOf(body);
    // The first version of this API has the rows themselves in `Data`, the second an object with `Data` and more.
    const rows = arrayField(isObject(data) ? data['Data'] : data, 'Data');
    return readCandles(rows, { bucketMs, from, to, now }, (row) => {
      const { time, open, high, low, close, volumeto, conversionType = 'direct' } = isObject(row) ? row : {};
      const cells = { time: fromSeconds(time), open, high, low, close };
      return conversionType === 'direct' ? { ...cells, volume: volumeto } : cells;
    });
  },
};
