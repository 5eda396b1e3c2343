import { type Bar, type Row, rowOf } from '../../../state/candles.js';
import { localWeight, type Offset } from './local-weights.js';
import { marksText } from './price-text.js';
import { candleAt, candleOf, candlesOf, countOf, factorFor, startOf } from './rolled.js';
import { decimalsFor, emptyRuns, priceData, volumeData } from './series-data.js';

const HOUR = 3600;
const START = 1_794_996_000; // 10:00 UTC
const bar = (i: number, close: number, over: Partial<Bar> = {}): Bar => ({
  time: START + i * HOUR,
  open: close - 1,
  high: close + 2,
  low: close - 2,
  close,
  volume: 10,
  ...over,
});
const ink = { up: 'up', down: 'down', upVolume: 'upv', downVolume: 'downv', partVolume: 'partv', muted: 'muted' };

describe('several buckets as one candle', () => {
  // 10:00 to 17:00; candles of four hours begin at 12:00 and 16:00.
  const { volume: _unknown, ...withoutVolume } = bar(3, 14);
  const row: Row = rowOf({
    range: '1w',
    data: [bar(0, 10), bar(1, 11), bar(2, 12), withoutVolume, bar(4, 20, { interpolated: true }), bar(6, 5), bar(7, 6)],
    gaps: [{ from: START + 5 * HOUR, to: START + 6 * HOUR }],
  });

  it('begins where its width divides the time; what is cut off in front is left out', () => {
    expect(countOf(row, 4)).toBe(2);
    expect(startOf(row, 4, 0)).toBe(START + 2 * HOUR);
    expect([0, 1, 2, 5, 6, 7].map((i) => candleOf(row, 4, i))).toEqual([-1, -1, 0, 0, 1, 1]);
  });

  it('adds up what is known, and says how much of it somebody saw', () => {
    expect(candleAt(row, 4, 0)).toEqual({
      time: START + 2 * HOUR,
      open: 11,
      high: 22,
      low: 10,
      close: 20,
      volume: 20,
      seen: 2,
      seeded: 0,
      interpolated: 1,
      of: 4,
    });
    expect(candleAt(row, 1, 3)).toMatchObject({ volume: undefined, seen: 1 });
  });

  it('is empty where all of it is missing', () => {
    expect(candlesOf(row, 1).map((candle) => candle?.close)).toEqual([10, 11, 12, 14, 20, undefined, 5, 6]);
    expect(emptyRuns([undefined, undefined, candleAt(row, 1, 0), undefined])).toEqual([
      [0, 1],
      [3, 3],
    ]);
  });

  it('is as wide as it takes to be told from the next', () => {
    expect(factorFor(HOUR, 168, 900)).toBe(1);
    expect(factorFor(HOUR, 720, 900)).toBe(4);
    expect(factorFor(HOUR, 720, 320)).toBe(12);
    expect(factorFor(300, 288, 320)).toBe(3);
    expect(factorFor(HOUR, 720, 1)).toBe(24);
  });
});

describe('what is drawn', () => {
  const seen = { time: 5, open: 1, high: 4, low: 1, close: 3, volume: 9, seen: 1, seeded: 0, interpolated: 0, of: 1 };

  it('is hollow when nobody saw it and an empty place when it is missing', () => {
    expect(priceData(5, seen, ink)).toEqual({ time: 5, open: 1, high: 4, low: 1, close: 3 });
    expect(priceData(5, { ...seen, seen: 0, interpolated: 1 }, ink)).toMatchObject({
      color: 'rgba(0, 0, 0, 0)',
      borderColor: 'muted',
    });
    expect(priceData(5, undefined, ink)).toEqual({ time: 5 });
  });

  it('has no bar for a volume that is not known, and one for none', () => {
    expect(volumeData(5, seen, ink)).toEqual({ time: 5, value: 9, color: 'upv' });
    expect(volumeData(5, { ...seen, close: 0.5, volume: 0 }, ink)).toEqual({ time: 5, value: 0, color: 'downv' });
    expect(volumeData(5, { ...seen, volume: undefined }, ink)).toEqual({ time: 5 });
    expect(volumeData(5, { ...seen, seeded: 1 }, ink)).toMatchObject({ value: 9, color: 'partv' });
  });

  it('has the decimals its movement takes', () => {
    const span = (low: number, high: number) => decimalsFor([undefined, { ...seen, low, high }]);
    expect(span(60_000, 64_000)).toBe(2);
    expect(span(0.9998, 1.0002)).toBe(6);
    expect(span(6.1e-6, 6.4e-6)).toBe(9);
    expect(span(1, 1)).toBe(4);
    expect(decimalsFor([])).toBe(2);
  });
});

it('marks on the price axis have the decimals that tell them apart, not one more', () => {
  expect(marksText([63_000, 63_500])).toEqual(['63,000', '63,500']);
  expect(marksText([0.1, 0.1025, 0.105])).toEqual(['0.1000', '0.1025', '0.1050']);
  expect(marksText([0.1 + 0.2, 0.4])).toEqual(['0.3', '0.4']);
  expect(marksText([6.2e-6, 6.22e-6])).toEqual(['0.00000620', '0.00000622']);
  expect(marksText([5])).toEqual(['5.00']);
  expect(marksText([])).toEqual([]);
});

describe('marks on the time axis', () => {
  const berlin: Offset = (time) => (time >= Date.UTC(2026, 9, 25, 1) ? 60 : 120);
  const weight = (time: string, before: string, offset: Offset = berlin): number =>
    localWeight(Date.parse(time), Date.parse(before), offset);

  it('have the day where the reader has it', () => {
    expect(weight('2026-11-19T23:00Z', '2026-11-19T22:00Z')).toBe(50);
    expect(weight('2026-11-20T00:00Z', '2026-11-19T23:00Z')).toBe(30);
    expect(weight('2026-11-20T00:00Z', '2026-11-19T23:00Z', () => 0)).toBe(50);
    expect(weight('2026-10-31T23:00Z', '2026-10-31T22:00Z')).toBe(60);
    expect(weight('2026-12-31T23:00Z', '2026-12-31T22:00Z')).toBe(70);
  });

  it('follow the clock through the end of summer time', () => {
    expect(weight('2026-10-24T22:00Z', '2026-10-24T21:00Z')).toBe(50);
    expect(weight('2026-10-25T23:00Z', '2026-10-25T22:00Z')).toBe(50);
  });

  it('weigh quarters of the day more than hours, hours more than minutes', () => {
    const times = [
      '2026-11-20T11:00Z',
      '2026-11-20T05:00Z',
      '2026-11-20T02:00Z',
      '2026-11-20T08:30Z',
      '2026-11-20T08:05Z',
      '2026-11-20T08:01Z',
    ];
    expect(times.map((time) => localWeight(Date.parse(time), Date.parse(time) - 60_000, berlin))).toEqual([
      33, 32, 31, 22, 21, 20,
    ]);
  });
});
