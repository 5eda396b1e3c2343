import { ChartBook } from './chart/chart-book.js';
import { MOVER_WINDOW_NAMES } from './mover-windows.js';
import { seeded } from './reference/random.js';
import { volatility } from './volatility.js';

const MINUTE = 60_000;
const FIVE = 5 * MINUTE;
const T0 = Date.UTC(2026, 0, 1, 12, 0, 0);

/** Closes of the buckets before T0, newest last, into a book. */
function bookOf(width: number, closes: readonly (number | undefined)[]): ChartBook {
  const book = new ChartBook();
  const rows = closes.flatMap((close, i) => {
    const time = T0 - (closes.length - i) * width;
    return close === undefined ? [] : [{ time, open: close, high: close, low: close, close }];
  });
  book.merge('a', width, 'klines', rows, T0);
  return book;
}

describe('volatility', () => {
  it('is the root of the sum of the squared log returns of what a chart shows', () => {
    const random = seeded(5);
    const walk = (count: number): number[] => {
      let price = 100;
      return Array.from(
        { length: count },
        () => (price = Number((price * (1 + (random() - 0.5) / 50)).toPrecision(10))),
      );
    };
    const minutes = walk(300);
    const fives = walk(400);
    const book = bookOf(MINUTE, minutes);
    book.merge(
      'a',
      FIVE,
      'klines',
      fives.map((close, i) => ({ time: T0 - (400 - i) * FIVE, open: close, high: close, low: close, close })),
      T0,
    );
    const samples = { '1m': 1, '5m': 5, '15m': 15, '1h': 60, '4h': 48, '24h': 288 };
    for (const window of MOVER_WINDOW_NAMES) {
      const n = samples[window];
      // The bucket that is open at T0 closes at the price of now.
      const series = [...(n > 60 || window === '4h' ? fives : minutes).slice(-n), 101];
      const returns = series.slice(1).map((close, i) => Math.log(close / series[i]!));
      const expected = 100 * Math.hypot(...returns);
      const { percent, samples: counted } = volatility(book.get('a')!, 101, window, T0 + 30_000)!;
      expect([window, counted]).toEqual([window, n]);
      expect(percent).toBeCloseTo(expected, 9);
    }
  });

  it('is that of one move, and nothing of a price that stands still', () => {
    const closes = Array.from({ length: 61 }, () => 100);
    expect(volatility(bookOf(MINUTE, closes).get('a')!, 100, '1h', T0)).toEqual({ percent: 0, samples: 60 });
    expect(volatility(bookOf(MINUTE, closes).get('a')!, 100 * Math.E, '1h', T0)!.percent).toBeCloseTo(100, 9);
  });

  it('reaches across a few missing closes, and is not known where many are missing', () => {
    const closes: (number | undefined)[] = Array.from({ length: 60 }, (_, i) => (i < 30 ? 100 : 100 * Math.E));
    for (const i of [28, 29, 30, 31]) closes[i] = undefined;
    const known = volatility(bookOf(MINUTE, closes).get('a')!, 100 * Math.E, '1h', T0)!;
    expect(known.samples).toBe(56);
    expect(known.percent).toBeCloseTo(100, 6);
    for (const i of [40, 41, 42]) closes[i] = undefined;
    expect(volatility(bookOf(MINUTE, closes).get('a')!, 100, '1h', T0)).toBeUndefined();
    expect(volatility(bookOf(MINUTE, [100, 100]).get('a')!, 100, '1h', T0)).toBeUndefined();
    expect(volatility(bookOf(FIVE, closes).get('a')!, 100, '15m', T0)).toBeUndefined();
  });
});
