import { describeRecorded, recordings } from '../../../../test/recordings.js';
import { freeze, readCloses, thaw } from './block-codec.js';
import { CandleBlock, PROVENANCE, UNKNOWN } from './candle-block.js';
import { CandleSeries, type Candle } from './candle-series.js';

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 1);

function minutes(): CandleSeries {
  return new CandleSeries(MINUTE, 10_080);
}

function seeded(time: number, price: number, provenance: Candle['provenance'] = 'klines'): Candle {
  return { time, open: price, high: price + 1, low: price - 1, close: price, volume: 7, provenance };
}

/** A small seeded generator (mulberry32), so that a failure can be played again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('a cold block', () => {
  it.each([
    ['cents', 2, 50_000],
    ['ten significant digits of a cheap coin', 14, 0.0000123],
    ['whole dollars', 0, 97_000],
    ['prices no decimal integer holds', undefined, Math.PI * 1e4],
  ])('comes back to the last bit: %s', (_, decimals, base) => {
    const next = random(7);
    const block = new CandleBlock();
    block.reach(200);
    for (let i = 0; i < 201; i++) {
      if (next() < 0.2) continue;
      const price = (): number => {
        const raw = base * (1 + (next() - 0.5) / 50);
        return decimals === undefined ? raw : Number(raw.toFixed(decimals));
      };
      const prices = [price(), price(), price(), price()].sort((a, b) => a - b);
      [block.low[i], block.open[i], block.close[i], block.high[i]] = prices as [number, number, number, number];
      const volume = next() * 1e7;
      block.volume[i] = [
        volume,
        Number(volume.toPrecision(10)),
        Number((volume * 1e-9).toPrecision(9)),
        0,
        UNKNOWN,
        17,
      ][i % 6]!;
      block.sources[i] = 1 + Math.floor(next() * 5);
    }
    const back = thaw(freeze(block));
    for (let i = 0; i < block.capacity; i++) {
      expect(back.sources[i] ?? 0).toBe(block.sources[i]);
      if (block.sources[i] === PROVENANCE.missing) continue;
      for (const column of ['open', 'high', 'low', 'close', 'volume'] as const) {
        expect(back[column][i]).toBe(block[column][i]);
      }
    }
    // Its closes can be had alone, up to any slot, whatever was read before.
    for (const end of [256, 201, 100, 1]) {
      const { sources, close } = readCloses(freeze(block), end);
      for (let i = 0; i < Math.min(end, block.capacity); i++) {
        expect(sources[i]).toBe(block.sources[i]);
        if (block.sources[i] !== PROVENANCE.missing) expect(close[i]).toBe(block.close[i]);
      }
    }
  });
});

describe('a series', () => {
  it('puts a late price into the bucket of its own time, without moving a later close or open', () => {
    const series = minutes();
    series.fold(100, T0 + 10_000, true);
    series.fold(101, T0 + 20_000, true);
    series.fold(110, T0 + 70_000, true);
    series.fold(90, T0 + 15_000, true); // late, between the two
    series.fold(99, T0 + 5_000, true); // late, before the first
    series.fold(102, T0 + 55_000, true); // late, but the last of its minute
    expect(series.at(T0)).toMatchObject({ open: 99, high: 102, low: 90, close: 102 });
    expect(series.at(T0 + MINUTE)).toMatchObject({ open: 110, close: 110 });
  });

  it('counts the first trade of a bucket like the others', () => {
    const series = minutes();
    expect(series.trade(5, T0)).toBe(false);
    series.fold(100, T0, true);
    series.trade(5, T0);
    series.trade(6, T0 + 1);
    expect(series.at(T0)?.volume).toBe(11);
  });

  it('refuses what is older than it keeps, and forgets what has become so', () => {
    const series = new CandleSeries(MINUTE, 600);
    for (let i = 0; i < 2_000; i++) series.fold(i + 1, T0 + i * MINUTE, true);
    expect(series.fold(1, T0, true)).toBe(false);
    expect(series.at(T0 + 1_399 * MINUTE)).toBeUndefined();
    expect(series.at(T0 + 1_400 * MINUTE)?.close).toBe(1_401);
    expect(series.read(T0, T0 + 3_000 * MINUTE)).toHaveLength(600);
    expect(series.bytes).toBeLessThan(600 * 41);
  });

  it('lets the stronger win: live, then klines, then a part of a minute, then hourly, then daily', () => {
    const series = minutes();
    series.fold(100, T0, true);
    series.fold(100, T0 + MINUTE, false);
    expect(series.merge([seeded(T0, 50), seeded(T0 + MINUTE, 51), seeded(T0 + 2 * MINUTE, 52, 'hourly')])).toBe(2);
    expect(series.read(T0, T0 + 3 * MINUTE).map((c) => [c.close, c.provenance])).toEqual([
      [100, 'live'],
      [51, 'klines'],
      [52, 'hourly'],
    ]);
    expect(series.merge([seeded(T0 + 2 * MINUTE, 53, 'daily')])).toBe(0);
    expect(series.merge([seeded(T0 + 2 * MINUTE, 54, 'klines')])).toBe(1);
  });

  it('writes into cold blocks as into hot ones', () => {
    const series = minutes();
    for (let i = 0; i < 3_000; i++) series.fold(100 + i / 100, T0 + i * MINUTE, true);
    expect(series.fold(500, T0 + 10 * MINUTE + 1, true)).toBe(true);
    expect(series.at(T0 + 10 * MINUTE)).toMatchObject({ high: 500, low: 100.1 });
    expect(series.at(T0 + 11 * MINUTE)).toMatchObject({ high: 100.11, low: 100.11 });
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    const next = random(3);
    const one = minutes();
    const two = minutes();
    const step = (series: CandleSeries, i: number, jitter: number, price: number): void => {
      series.fold(price, T0 + i * 7_000 - jitter, true);
      series.trade(price / 3, T0 + i * 7_000 - jitter);
    };
    let restored = minutes();
    for (let i = 0; i < 9_000; i++) {
      const jitter = Math.floor(next() * 90_000);
      const price = Number((100 + next()).toFixed(8));
      step(one, i, jitter, price);
      step(i < 5_000 ? two : restored, i, jitter, price);
      if (i === 4_999) {
        restored = minutes();
        const { changed } = two.take();
        const bytes = new Map(changed.map(([n, b]) => [n, b instanceof CandleBlock ? freeze(b) : b]));
        restored.restore(two.head(), (n) => bytes.get(n));
      }
    }
    expect(restored.read(0, T0 * 2)).toEqual(one.read(0, T0 * 2));
    expect(restored.head()).toEqual(one.head());
  });

  it('gives out what changed, once, and goes on writing into copies of it', () => {
    const series = minutes();
    for (let i = 0; i < 600; i++) series.fold(100 + i, T0 + i * MINUTE, true);
    const last = series.take().changed.at(-1)!;
    const block = last[1] as CandleBlock;
    const bytes = freeze(block);
    expect(series.take().changed).toEqual([]);
    series.fold(50, T0 + 599 * MINUTE + 1, true);
    expect(freeze(block)).toEqual(bytes);
    expect(series.take().changed.map(([number]) => number)).toEqual([last[0]]);
    expect(series.at(T0 + 599 * MINUTE)?.low).toBe(50);
  });

  it('takes back that it watched a bucket, and lets klines stand in for it', () => {
    const series = minutes();
    for (let i = 0; i < 3; i++) series.fold(100, T0 + i * MINUTE, true);
    series.doubt(T0 + MINUTE + 30_000);
    expect(series.read(T0, T0 + 9 * MINUTE).map((c) => c.provenance)).toEqual(['live', 'partial', 'partial']);
  });
});

describeRecorded('recorded markets', () => {
  const rows = (name: string): number[][] =>
    recordings
      .text('candles', name)
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number));

  it('makes the venue’s own minutes out of its trades', () => {
    const series = minutes();
    for (const line of recordings.text('trades', 'binance-XRPETH-aggtrades-2019-10.csv').trim().split('\n').slice(1)) {
      const [time, price, size] = line.split(',').map(Number) as [number, number, number];
      series.fold(price, time, true);
      series.trade(size, time);
    }
    const expected = rows('binance-XRPETH-1m-2019-10.csv').slice(0, -1);
    expect(expected.length).toBeGreaterThan(2_000);
    for (const [time, open, high, low, close, volume] of expected) {
      const candle = series.at(time!);
      expect(candle).toMatchObject({ open, high, low, close });
      expect(candle?.volume).toBeCloseTo(volume!, 6);
    }
  });
});
