import { describeRecorded, recordings } from '../../../../test/recordings.js';
import { PriceBook } from '../price-book.js';
import { seeded } from '../reference/random.js';
import type { Tick } from '../tick.js';
import { freeze } from './block-codec.js';
import { CandleBlock, type Provenance } from './candle-block.js';
import { ChartBook, blockNames, type ForeignCandle } from './chart-book.js';
import type { Candle } from './candle-series.js';
import { bridge } from './gaps.js';
import { CHART_RANGES, SERIES, type ChartRange } from './ranges.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T0 = Date.UTC(2026, 0, 1);

const flat = (time: number, price: number, volume?: number): ForeignCandle => ({
  time,
  open: price,
  high: price,
  low: price,
  close: price,
  volume,
});

/** Every bucket of every resolution of `symbol` that can be seen, oldest first. */
function seen(book: ChartBook, symbol = 'btc'): (Candle | undefined)[][] {
  const chart = book.get(symbol)!;
  return SERIES.map(({ buckets }, i) => {
    const newest = Math.max(chart.live[i]!.newest, chart.seeded[i]?.newest ?? -Infinity);
    return Array.from({ length: Math.min(buckets, 20_000) }, (_, n) => chart.candle(i, newest - n)).filter(Boolean);
  });
}

/** Their closes, read in stretches. */
function closesSeen(book: ChartBook, symbol = 'btc'): number[][] {
  const chart = book.get(symbol)!;
  return SERIES.map(({ buckets }, i) => {
    const newest = Math.max(chart.live[i]!.newest, chart.seeded[i]?.newest ?? -Infinity);
    const all: number[] = [];
    if (newest === -Infinity) return all;
    for (let n = Math.min(buckets, 20_000); n > 0; n -= 100) {
      const stretch = new Float64Array(Math.min(n, 100));
      chart.closes(i, newest - n + 1, stretch);
      all.push(...stretch.filter((close) => !Number.isNaN(close)));
    }
    return all.reverse();
  });
}

/** Log time passes second by second, and nothing happens. */
function idle(book: ChartBook, from: number, to: number): void {
  for (let now = from; now < to; now += 1_000) book.passed(now, now + 1_000);
}

function rolledUp(minutes: readonly Candle[], bucketMs: number): Omit<Candle, 'provenance'>[] {
  const buckets = new Map<number, Candle[]>();
  for (const minute of minutes) {
    const start = Math.floor(minute.time / bucketMs) * bucketMs;
    buckets.set(start, [...(buckets.get(start) ?? []), minute]);
  }
  return [...buckets].map(([time, parts]) => ({
    time,
    open: parts[0]!.open,
    high: Math.max(...parts.map((p) => p.high)),
    low: Math.min(...parts.map((p) => p.low)),
    close: parts.at(-1)!.close,
    volume: parts.reduce((sum, p) => sum + p.volume, 0),
  }));
}

describe('a chart made of the log', () => {
  it('has wider buckets that are the roll-up of its minutes, whatever comes late and however late', () => {
    const random = seeded(5);
    const book = new ChartBook();
    book.watched('btc', 100, T0);
    let now = T0;
    let price = 100;
    for (let i = 0; i < 30_000; i++) {
      const before = now;
      now += Math.floor(random() * 4_000) + (random() < 0.002 ? 9_000 : 0);
      book.passed(before, now);
      price = Number((price * (1 + (random() - 0.5) / 1_000)).toPrecision(10));
      const late = random() < 0.05 ? random() * 3 * HOUR : random() * 3_000;
      book.traded('btc', price, Math.floor(now - late), Math.floor(random() * 1_000));
    }
    const [minutes, ...coarse] = book.get('btc')!.live;
    const from = T0 + HOUR;
    const all = minutes!.read(from, now + HOUR);
    for (const series of coarse) {
      const expected = rolledUp(all, series.bucketMs);
      const got = series.read(from, now + HOUR);
      expect(got.length).toBe(expected.length);
      const rounded = got.map(({ time, open, high, low, close, volume }) => {
        return { time, open, high, low, close, volume: Math.round(volume) };
      });
      expect(rounded).toEqual(expected.map((candle) => ({ ...candle, volume: Math.round(candle.volume) })));
    }
  });

  it('stands still where nothing trades, as long as the price is known', () => {
    const book = new ChartBook();
    book.watched('btc', 100, T0);
    book.traded('btc', 101, T0 + 1_000, 5);
    idle(book, T0 + 1_000, T0 + 3 * MINUTE + 4_000);
    const [minutes] = book.get('btc')!.live;
    // The third minute may still get a trade that is on its way.
    expect(minutes!.read(T0, T0 + HOUR).map(({ open, close, volume }) => [open, close, volume])).toEqual([
      [101, 101, 5],
      [101, 101, 0],
    ]);
    expect(book.read('btc', '1h', T0 + 3 * MINUTE + 4_000).places.map(({ close }) => close)).toEqual([
      101, 101, 101, 101,
    ]);
    book.lost('btc', T0 + 3 * MINUTE);
    idle(book, T0 + 3 * MINUTE + 4_000, T0 + 6 * MINUTE);
    expect(minutes!.read(T0, T0 + HOUR)).toHaveLength(2);
  });

  it('says of a bucket whether the whole of it was watched', () => {
    const book = new ChartBook();
    book.passed(0, T0 + 30_000);
    book.watched('btc', 100, T0 + 30_000);
    const at = (time: number): void => book.traded('btc', 100, T0 + time, 1);
    at(31_000);
    at(61_000);
    at(121_000);
    book.lost('btc', T0 + 150_000);
    book.watched('btc', 100, T0 + 200_000);
    at(201_000);
    at(241_000);
    const provenance = (): string[] =>
      seen(book)[0]!
        .map((candle) => candle!.provenance)
        .reverse();
    expect(provenance()).toEqual(['partial', 'live', 'partial', 'partial', 'live']);
    // Eleven seconds without any entry: nobody watched.
    book.passed(T0 + 242_000, T0 + 253_000);
    expect(provenance().at(-1)).toBe('partial');
    at(301_000);
    expect(provenance().at(-1)).toBe('live');
  });

  it('finds past prices by index, and none where history does not reach', () => {
    const book = new ChartBook();
    book.watched('btc', 100, T0);
    for (let m = 0; m < 700; m++) book.traded('btc', 100 + m, T0 + m * MINUTE, 1);
    const now = T0 + 699 * MINUTE;
    expect(book.priceAt('btc', HOUR, now)).toBe(100 + 639);
    expect(book.change('btc', 799, HOUR, now)).toBeCloseTo((799 / 739 - 1) * 100, 10);
    expect(book.change('btc', 799, 24 * HOUR, now)).toBeUndefined();
    expect(book.change('eth', 799, HOUR, now)).toBeUndefined();
    book.merge('btc', HOUR, 'klines', [flat(T0 - 20 * HOUR, 50)], now);
    expect(book.change('btc', 799, now - T0 + 20 * HOUR, now)).toBeCloseTo((799 / 50 - 1) * 100, 10);
    expect(book.change24h('btc', 799, now)).toBeUndefined();
    // Ten minutes of hours are no answer to where the price was a minute ago.
    expect(book.priceAt('btc', MINUTE, now + 20 * MINUTE)).toBeUndefined();
  });
});

describe('history', () => {
  it('goes into the series of its width and no other, and only what is sane and has ended', () => {
    const book = new ChartBook();
    const now = T0 + HOUR;
    const rows = [
      flat(T0, 100, 5),
      flat(T0 + 1, 100),
      flat(T0 + 5 * MINUTE, Number.NaN),
      { ...flat(T0 + 10 * MINUTE, 100), high: 99 },
      { ...flat(T0 + 15 * MINUTE, 100), low: 0 },
      flat(T0 + 55 * MINUTE, 100),
      flat(T0 + 60 * MINUTE, 100),
    ];
    expect(book.merge('btc', 5 * MINUTE, 'klines', rows, now)).toBe(2);
    expect(book.merge('btc', 5 * MINUTE, 'klines', rows, now)).toBe(2);
    expect(book.merge('btc', 24 * HOUR, 'daily', [flat(T0, 100)], now + 48 * HOUR)).toBe(0);
    expect(seen(book).map((candles) => candles.length)).toEqual([0, 2, 0]);
    expect(book.read('btc', '4h', now).places.map(({ volume }) => volume)).toEqual([5, undefined]);
  });

  it('and ticks give the same chart in every order in which the two logs can be read', () => {
    const end = T0 + 40 * MINUTE;
    const grades = ['klines', 'hourly', 'daily'] as const;
    const random = seeded(9);
    const history = Array.from({ length: 60 }, (_, i) => ({
      at: T0 + Math.floor(random() * 40) * MINUTE,
      grade: grades[Math.floor(random() * 3)]!,
      rows: Array.from({ length: 6 }, (_row, n) =>
        flat(T0 - 600 * MINUTE + Math.floor(random() * 630) * MINUTE, 10 + i + n),
      ),
    }));
    const live: ((book: ChartBook) => void)[] = [];
    for (let now = T0; now < end; now += 1_000) {
      live.push((book) => book.passed(now, now + 1_000));
      const chance = random();
      if (chance < 0.01) live.push((book) => book.lost('btc', now - 31_000));
      if (chance > 0.98) live.push((book) => book.watched('btc', 100, now));
      const price = Number((100 + random()).toFixed(4));
      const late = random() < 0.1 ? 300_000 * random() : 0;
      if (chance > 0.3) live.push((book) => book.traded('btc', price, now - late, 7));
    }
    const play = (seed: number): ChartBook => {
      const choose = seeded(seed);
      const book = new ChartBook();
      let next = 0;
      const share = choose();
      for (const step of live) {
        step(book);
        while (next < history.length && choose() < share * 0.05) {
          const { grade, rows } = history[next++]!;
          book.merge('btc', MINUTE, grade, rows, end + HOUR);
          if (choose() < 0.3) book.merge('btc', MINUTE, grade, rows, end + HOUR);
        }
      }
      for (const { grade, rows } of history.slice(next)) book.merge('btc', MINUTE, grade, rows, end + HOUR);
      return book;
    };
    const first = seen(play(1));
    expect(new Set(first[0]!.map((candle) => candle!.provenance)).size).toBeGreaterThan(3);
    for (let seed = 2; seed < 30; seed++) expect(seen(play(seed))).toEqual(first);
    expect(closesSeen(play(1))).toEqual(first.map((candles) => candles.map((candle) => candle!.close)));
  });

  it('is let go of where live buckets have replaced it, and nobody can tell', () => {
    const book = new ChartBook();
    const rows = Array.from({ length: 4_000 }, (_, m) => flat(T0 + m * MINUTE, 50 + Math.sin(m)));
    book.merge('btc', MINUTE, 'klines', rows, T0 + 4_000 * MINUTE);
    book.watched('btc', 100, T0 + 30 * MINUTE);
    for (let m = 30; m < 4_000; m++) book.traded('btc', 100, T0 + m * MINUTE, 1);
    const before = seen(book);
    expect(closesSeen(book)).toEqual(before.map((candles) => candles.map((candle) => candle!.close)));
    const { seeded: layer } = book.get('btc')!;
    const { bytes } = layer[0]!;
    book.get('btc')!.tidy();
    expect(seen(book)).toEqual(before);
    expect(layer[0]!.bytes).toBeLessThan(bytes / 2);
  });
});

describe('a chart as it is answered', () => {
  const candle = (i: number, price = 100): Candle =>
    ({ ...flat(T0 + i * MINUTE, price, 1), provenance: 'live' }) as Candle;

  it.each<[string, string, number[], [number, number][], number]>([
    // x: there, .: missing
    ['nothing missing', 'xxxx', [], [], 4],
    ['one missing', 'x.xx', [1], [], 3],
    ['two missing', 'x..x', [1, 2], [], 2],
    ['three missing', 'x...x', [], [[1, 4]], 2],
    ['the beginning', '..xx', [], [[0, 2]], 2],
    ['the end', 'xx.', [], [[2, 3]], 2],
    ['several', 'x.x...x..x', [1, 7, 8], [[3, 6]], 4],
    ['everything', '....', [], [[0, 4]], 0],
  ])('%s: %s', (_, picture, interpolated, gaps, real) => {
    const result = bridge(
      picture.split('').map((c, i) => (c === 'x' ? candle(i) : undefined)),
      T0,
      MINUTE,
    );
    expect(result.places.filter((p) => p.interpolated).map((p) => (p.time - T0) / MINUTE)).toEqual(interpolated);
    expect(result.gaps.map(({ from, to }) => [(from - T0) / MINUTE, (to - T0) / MINUTE])).toEqual(gaps);
    expect(result.real).toBe(real);
    const times = result.places.map(({ time }) => time);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('says of every bucket whether it was fetched or watched', () => {
    const of = (i: number, provenance: Provenance): Candle => ({ ...candle(i), provenance });
    const kinds: Provenance[] = ['live', 'partial', 'klines', 'hourly', 'daily'];
    const { places } = bridge([...kinds.map((kind, i) => of(i, kind)), undefined, of(6, 'klines')], T0, MINUTE);
    expect(places.map((place) => place.seeded)).toEqual([undefined, undefined, true, true, true, undefined, true]);
  });

  it('draws a straight line from close to close, without a volume', () => {
    const { places } = bridge([candle(0, 100), undefined, undefined, candle(3, 103)], T0, MINUTE);
    expect(places.slice(1, 3)).toEqual([
      { time: T0 + MINUTE, open: 100, high: 101, low: 100, close: 101, interpolated: true },
      { time: T0 + 2 * MINUTE, open: 101, high: 102, low: 101, close: 102, interpolated: true },
    ]);
  });

  it.each(Object.keys(CHART_RANGES) as ChartRange[])('%s has its points, the last of them still open', (range) => {
    const { bucketMs, points } = CHART_RANGES[range];
    const book = new ChartBook();
    const last = T0 + 20 * 24 * HOUR;
    const rows = Array.from({ length: 800 }, (_, i) => flat(last - (i + 1) * bucketMs, 100 + i, 3));
    book.merge('btc', bucketMs, 'klines', rows, last);
    const data = book.read('btc', range, last + 1);
    expect(data.expectedPoints).toBe(points);
    expect(data.places).toHaveLength(points - 1);
    expect(data.gaps).toEqual([{ from: last, to: last + bucketMs }]);
    expect(data.completeness).toBeCloseTo((100 * (points - 1)) / points, 2);
    expect(book.read('doge', range, last)).toMatchObject({ places: [], completeness: 0, gaps: [{}] });
  });

  it('has a sparkline of hourly closes, oldest first', () => {
    const book = new ChartBook();
    const rows = Array.from({ length: 300 }, (_, i) => flat(T0 + i * HOUR, 100 + i));
    book.merge('btc', HOUR, 'hourly', rows, T0 + 300 * HOUR);
    const closes = book.sparkline('btc', T0 + 299 * HOUR);
    expect([closes.length, closes[0], closes.at(-1)]).toEqual([168, 232, 399]);
  });
});

describe('a saved chart book', () => {
  it('goes on as the one it was taken of, to the last byte, whatever was saved when', () => {
    const random = seeded(21);
    const store = new Map<string, Uint8Array>();
    let one = new ChartBook();
    let two = new ChartBook();
    let before = T0;
    for (let i = 0; i < 12_000; i++) {
      const now = before + Math.floor(random() * 9_000);
      const symbol = random() < 0.5 ? 'btc' : 'eth';
      const steps: ((book: ChartBook) => void)[] = [
        (book) => book.passed(before, now),
        (book) =>
          book.traded(symbol, Number((100 + random()).toPrecision(10)), now - 60_000 * random() ** 9, random() * 1e5),
      ];
      if (random() < 0.01) steps.push((book) => book.watched(symbol, 100, now));
      if (random() < 0.005) steps.push((book) => book.lost(symbol, now - 31_000));
      if (random() < 0.01) {
        const rows = [flat(Math.floor(T0 / MINUTE) * MINUTE - i * MINUTE, 7 + random(), random())];
        steps.push((book) => void book.merge(symbol, MINUTE, 'klines', rows, now));
      }
      for (const step of steps) {
        step(one);
      }
      before = now;
      if (i % 400 === 399) {
        const { head, blocks } = one.take();
        for (const [name, block] of blocks) {
          if (block === undefined) store.delete(name);
          else store.set(name, block instanceof CandleBlock ? freeze(block) : block);
        }
        two = ChartBook.restore(JSON.parse(JSON.stringify(head)), (name) => store.get(name));
        expect(two.head()).toEqual(one.head());
        expect(new Set(blockNames(head))).toEqual(new Set(store.keys()));
        for (const name of ['btc', 'eth']) expect(seen(two, name)).toEqual(seen(one, name));
        one = two;
      }
    }
  });
});

describeRecorded('recorded trades through the price book', () => {
  it.each([
    ['in order', 0],
    ['out of order by up to ten seconds', 10_000],
  ])('give the venue’s own minutes when it is the only source: %s', (_, shuffle) => {
    const random = seeded(3);
    const charts = new ChartBook();
    const book = new PriceBook({ observer: charts });
    // Trades of the same millisecond keep their order: nothing else tells which of them came first.
    const delays = new Map<number, number>();
    const delayOf = (time: number): number => {
      if (!delays.has(time)) delays.set(time, Math.floor(random() * shuffle));
      return delays.get(time)!;
    };
    const rows = recordings
      .text('trades', 'binance-XRPETH-aggtrades-2019-10.csv')
      .trim()
      .split('\n')
      .slice(1)
      .map((line, i) => {
        const [time, price, size] = line.split(',').map(Number) as [number, number, number];
        return { time, price, size, arrives: time + delayOf(time), id: String(i) };
      })
      .sort((a, b) => a.arrives - b.arrives);
    for (const { arrives, id, ...trade } of rows) {
      const tick: Tick = { symbol: 'xrp', quote: 'usd', id, ...trade };
      book.apply({ source: 'binance', receivedAt: arrives, ticks: [tick], tickers: [] });
    }
    const expected = recordings
      .text('candles', 'binance-XRPETH-1m-2019-10.csv')
      .trim()
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(',').map(Number));
    const [minutes] = charts.get('xrp')!.live;
    expect(expected.length).toBeGreaterThan(2_000);
    const wrong = expected.filter(([time, open, high, low, close]) => {
      const candle = minutes!.at(time!);
      return !(candle?.open === open && candle?.high === high && candle?.low === low && candle?.close === close);
    });
    expect(wrong).toEqual([]);
  });

  it('make five minutes and hours that are the venue’s own, over thirty days', () => {
    const charts = new ChartBook();
    const candles = (name: string): number[][] =>
      recordings
        .text('candles', name)
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',').map(Number));
    for (const [time, open, high, low, close, volume] of candles('bybit-linear-ADAUSDT-1m.csv.gz') as [
      number,
      number,
      number,
      number,
      number,
      number,
    ][]) {
      charts.traded('ada', open, time, volume);
      charts.traded('ada', high, time + 20_000, 0);
      charts.traded('ada', low, time + 40_000, 0);
      charts.traded('ada', close, time + 59_999, 0);
    }
    for (const [index, name] of [
      [1, 'bybit-linear-ADAUSDT-5m.csv'],
      [2, 'bybit-linear-ADAUSDT-60m.csv'],
    ] as const) {
      const series = charts.get('ada')!.live[index]!;
      const expected = candles(name);
      const whole = expected.filter(([time]) => series.at(time!) !== undefined);
      expect(whole.length).toBeGreaterThan(expected.length - 3);
      for (const [time, open, high, low, close, volume] of whole) {
        expect(series.at(time!)).toMatchObject({ open, high, low, close });
        expect(series.at(time!)!.volume / volume!).toBeCloseTo(1, 8);
      }
    }
  });
});
