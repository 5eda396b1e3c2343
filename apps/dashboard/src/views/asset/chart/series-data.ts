import type { CandlestickData, HistogramData, UTCTimestamp, WhitespaceData } from 'lightweight-charts';
import type { Candle } from './rolled.js';

/** What the chart is drawn in; colours as the canvas takes them. */
export interface Ink {
  readonly up: string;
  readonly down: string;
  readonly upVolume: string;
  readonly downVolume: string;
  /** Of what one provider saw of a bucket. */
  readonly partVolume: string;
  /** Of what nobody saw. */
  readonly muted: string;
}

const NONE = 'rgba(0, 0, 0, 0)';

/** A candle as a series takes it: hollow and muted when nobody saw any of it, an empty place when it is missing. */
export function priceData(
  time: number,
  candle: Candle | undefined,
  ink: Ink,
): CandlestickData<UTCTimestamp> | WhitespaceData<UTCTimestamp> {
  const at = time as UTCTimestamp;
  if (candle === undefined) return { time: at };
  const { open, high, low, close } = candle;
  const drawn = { time: at, open, high, low, close };
  return candle.seen > 0 ? drawn : { ...drawn, color: NONE, borderColor: ink.muted, wickColor: ink.muted };
}

/** The bar of what was traded; an empty place where that is not known, which is not the same as nothing. */
export function volumeData(
  time: number,
  candle: Candle | undefined,
  ink: Ink,
): HistogramData<UTCTimestamp> | WhitespaceData<UTCTimestamp> {
  const at = time as UTCTimestamp;
  if (candle?.volume === undefined) return { time: at };
  const whole = candle.close >= candle.open ? ink.upVolume : ink.downVolume;
  return { time: at, value: candle.volume, color: candle.seeded > 0 ? ink.partVolume : whole };
}

/** Empty places as runs: first and last of each. */
export function emptyRuns(candles: readonly (Candle | undefined)[]): [first: number, last: number][] {
  const runs: [number, number][] = [];
  candles.forEach((candle, n) => {
    if (candle !== undefined) return;
    const run = runs.at(-1);
    if (run !== undefined && run[1] === n - 1) run[1] = n;
    else runs.push([n, n]);
  });
  return runs;
}

/** Decimals at which the movement of these candles can be read: two digits below the size of their span, two at the least. */
export function decimalsFor(candles: readonly (Candle | undefined)[]): number {
  let high = -Infinity;
  let low = Infinity;
  for (const candle of candles) {
    if (candle === undefined) continue;
    high = Math.max(high, candle.high);
    low = Math.min(low, candle.low);
  }
  const span = high > low ? high - low : Math.abs(high) / 100;
  if (!(span > 0) || !Number.isFinite(span)) return 2;
  return Math.min(Math.max(Math.ceil(-Math.log10(span)) + 2, 2), 12);
}
