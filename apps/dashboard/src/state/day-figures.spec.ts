import { type AssetChart, ChartBook, volatility } from '@haunt/domain';
import { extremes, Pace, realized } from './day-figures.js';

const FIVE = 300_000;
const NOW = Math.floor(1_795_000_000_000 / FIVE) * FIVE + 1_000;
const closes = Array.from({ length: 288 }, (_, i) => 100 + Math.sin(i * 1.7) * 3 + i / 50);
const candles = closes.map((close, i) => {
  const time = Math.floor(NOW / FIVE) * FIVE - (287 - i) * FIVE;
  return { time, open: close, high: close + 1, low: close - 1, close, volume: 1 };
});
const data = candles.map((candle) => ({ ...candle, time: candle.time / 1000 }));

it('volatility is what the server ranks by', () => {
  const book = new ChartBook();
  book.merge('btc', FIVE, 'klines', candles.slice(0, -1), NOW);
  const told = volatility(book.get('btc') as AssetChart, closes.at(-1)!, '24h', NOW);
  expect(told).toBeDefined();
  expect(realized({ data, dataCompleteness: 100 })).toBeCloseTo(told!.percent, 6);
});

it('of too little nothing is said', () => {
  expect(realized({ data, dataCompleteness: 89 })).toBeUndefined();
  expect(extremes({ data, dataCompleteness: 89 }, 100)).toBeUndefined();
  expect(extremes({ data: [], dataCompleteness: 100 }, 100)).toBeUndefined();
  expect(extremes(undefined, 100)).toBeUndefined();
});

it('low and high take the price of now with them', () => {
  const low = Math.min(...data.map((point) => point.low));
  const high = Math.max(...data.map((point) => point.high));
  expect(extremes({ data, dataCompleteness: 100 }, undefined)).toMatchObject({ low, high });
  expect(extremes({ data, dataCompleteness: 100 }, 500)).toEqual({ low, high: 500, share: 1 });
  expect(extremes({ data, dataCompleteness: 100 }, 1)).toEqual({ low: 1, high, share: 0 });
});

it('pace is counted over the last minute, and begins anew with the count', () => {
  const pace = new Pace();
  expect(pace.take(1000, 0)).toBeUndefined();
  expect(pace.take(1010, 4_000)).toBe(150);
  for (let s = 8; s <= 200; s += 4) pace.take(1010 + s, s * 1000);
  expect(pace.take(1010 + 204, 204_000)).toBe(60);
  expect(pace.take(5, 208_000)).toBeUndefined();
  expect(pace.take(9, 212_000)).toBe(60);
});
