import { CandleSeries, CHART_RANGES, type ChartRange } from '@haunt/domain';
import { type Bar, bucketOf, differences, fold, merged, type Moment, rowOf, timeAt } from './candles.js';

const START = 1_795_000_200; // the start of a minute and of five
const at = (time: number, price: number): Bar => ({
  time,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: 7,
});
const moment = (timestamp: number, price: number): Moment => ({ timestamp, price, status: 'normal' });
const bars = (...times: number[]): Bar[] => times.map((time) => at(time, 100));

describe('a row', () => {
  it('has a place for every bucket, and nothing where the answer has a gap', () => {
    const row = rowOf({
      range: '1h',
      data: bars(START + 180, START + 240, START + 480),
      gaps: [
        { from: START, to: START + 180 },
        { from: START + 300, to: START + 480 },
        { from: START + 540, to: START + 660 },
      ],
    });
    const there = row.places.flatMap((bar, i) => (bar === undefined ? [] : [[i, bar.time]]));
    expect(there).toEqual([3, 4, 8].map((i) => [i, START + 60 * i]));
    expect(row.places).toHaveLength(11);
    expect(timeAt(row, 8)).toBe(START + 480);
  });

  it('of an answer that is one gap is all empty, and one without anything has no places', () => {
    const empty = rowOf({ range: '1h', data: [], gaps: [{ from: START, to: START + 3600 }] });
    expect(empty.places).toHaveLength(60);
    expect(empty.places.every((bar) => bar === undefined)).toBe(true);
    expect(rowOf({ range: '1h', data: [], gaps: [] }).places).toEqual([]);
  });
});

describe('a price', () => {
  it('belongs to the bucket of its own time, to the millisecond', () => {
    expect(bucketOf(START * 1000 + 59_999, '1h')).toBe(START);
    expect(bucketOf(START * 1000 + 60_000, '1h')).toBe(START + 60);
    expect(bucketOf(START * 1000 + 299_999, '1d')).toBe(START);
  });

  it.each(Object.keys(CHART_RANGES) as ChartRange[])(
    'makes the same candles here as on the server, in any order (%s)',
    (range) => {
      const { bucketMs } = CHART_RANGES[range];
      const first = Math.ceil((START * 1000) / bucketMs) * bucketMs;
      for (let seed = 1; seed <= 40; seed++) {
        const random = generator(seed);
        const series = new CandleSeries(bucketMs, 100);
        const row = rowOf({ range, data: bars(first / 1000 - bucketMs / 1000), gaps: [] });
        let now = first;
        for (let i = 0; i < 120; i++) {
          now += random() * bucketMs * 0.1;
          // Some come late, some at the very same time.
          const time = Math.max(first, Math.floor(now - (random() < 0.3 ? random() * bucketMs * 1.5 : 0)));
          const price = 100 + Math.round(random() * 1000) / 100;
          series.fold(price, time, true);
          fold(row, moment(time, price));
        }
        const told = series
          .read(first, now + bucketMs)
          .map(({ time, open, high, low, close }) => [time / 1000, open, high, low, close]);
        const shown = row.places.slice(1).flatMap((bar) => bar ?? []);
        expect(shown.map(({ time, open, high, low, close }) => [time, open, high, low, close])).toEqual(told);
      }
    },
  );

  it('opens a bucket of its own, of unknown volume, and leaves those that nobody told of empty', () => {
    const row = rowOf({ range: '1h', data: bars(START), gaps: [] });
    expect(fold(row, moment((START + 180) * 1000 + 5, 90))).toBe(1);
    expect(row.places).toEqual([
      at(START, 100),
      undefined,
      undefined,
      { time: START + 180, open: 90, high: 90, low: 90, close: 90 },
    ]);
  });

  it('changes the open bucket and keeps its volume', () => {
    const row = rowOf({ range: '1h', data: bars(START), gaps: [] });
    expect(fold(row, moment(START * 1000 + 1, 103))).toBe(0);
    expect(row.places[0]).toEqual({ time: START, open: 100, high: 103, low: 100, close: 103, volume: 7 });
    expect(fold(row, moment(START * 1000 + 2, 103))).toBeUndefined();
  });

  it('only widens a bucket that the server has closed', () => {
    const row = rowOf({ range: '1h', data: bars(START, START + 60), gaps: [] });
    fold(row, moment(START * 1000 + 59_999, 90));
    expect(row.places[0]).toMatchObject({ open: 100, high: 100, low: 90, close: 100 });
  });

  it('takes the place of what was interpolated', () => {
    const row = rowOf({
      range: '1h',
      data: [at(START, 1), { ...at(START + 60, 2), interpolated: true }, at(START + 120, 3)],
      gaps: [],
    });
    fold(row, moment((START + 60) * 1000, 5));
    expect(row.places[1]).toEqual({ time: START + 60, open: 5, high: 5, low: 5, close: 5 });
  });

  it('that is stale, too old or from far ahead is left', () => {
    const row = rowOf({ range: '1h', data: bars(START), gaps: [] });
    expect(fold(row, { ...moment(START * 1000, 5), status: 'stale' })).toBeUndefined();
    expect(fold(row, moment(START * 1000 - 1, 5))).toBeUndefined();
    expect(fold(row, moment((START + 100_000) * 1000, 5))).toBeUndefined();
    expect(row.places).toEqual(bars(START));
  });
});

describe('an answer', () => {
  it('does not take back what came while it was under way', () => {
    const since = [moment(START * 1000 + 10_000, 107), moment((START + 60) * 1000, 99)];
    expect(merged({ range: '1h', data: bars(START), gaps: [] }, since).places).toEqual([
      { time: START, open: 100, high: 107, low: 100, close: 107, volume: 7 },
      { time: START + 60, open: 99, high: 99, low: 99, close: 99 },
    ]);
  });

  it('is not closed by a price older than the one that closed the bucket before it', () => {
    const before = rowOf({ range: '1h', data: bars(START), gaps: [] });
    fold(before, moment(START * 1000 + 30_000, 105));
    const row = merged({ range: '1h', data: [{ ...at(START, 100), close: 105, high: 105 }], gaps: [] }, [], before);
    fold(row, moment(START * 1000 + 20_000, 101));
    expect(row.places[0]?.close).toBe(105);
  });
});

describe('differences', () => {
  const row = (...data: Bar[]) => rowOf({ range: '1h', data, gaps: [] });

  it('are the places that changed or came', () => {
    const before = row(at(START, 1), at(START + 60, 2));
    expect(differences(before, row(at(START, 1), { ...at(START + 60, 2), volume: 8 }, at(START + 120, 3)))).toEqual([
      1, 2,
    ]);
    expect(differences(before, row(at(START, 1), at(START + 60, 2)))).toEqual([]);
  });

  it('are everything when the row begins elsewhere, is shorter, or little is left of it', () => {
    const times = Array.from({ length: 8 }, (_, i) => START + 60 * i);
    const before = row(...bars(...times));
    expect(differences(before, row(...bars(...times.slice(1))))).toBeUndefined();
    expect(differences(before, row(...bars(...times.slice(0, -1))))).toBeUndefined();
    expect(differences(before, row(...times.map((time) => at(time, 5))))).toBeUndefined();
    expect(differences(undefined, before)).toBeUndefined();
  });
});

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
