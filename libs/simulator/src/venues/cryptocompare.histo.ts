import { DAY_MS, HOUR_MS } from '../tape.js';

/** One bucket of the index: prices in USD, `time` its start, epoch ms; all zeros from before there was a price. */
export interface IndexBucket {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In the asset. */
  readonly volumefrom: number;
  /** In USD. */
  readonly volumeto: number;
}

/** Where the buckets come from. */
export interface IndexSeries {
  /** Epoch ms: zeros before. */
  readonly since: number;
  readonly now: number;
  priceAt(time: number): number;
  /** The last price told, at `now`. */
  readonly last: number;
  /** USD traded in a whole hour. */
  volumeOf(hour: number): number;
}

const QUARTER_MS = HOUR_MS / 4;

/**
 * An hour of the index is its price at the quarters, from the full hour to the next, so that it opens where the one before
 * closed; the hour that is not over ends at the last price.
 */
export function indexHour(series: IndexSeries, time: number): IndexBucket {
  if (time < series.since) return { time, open: 0, high: 0, low: 0, close: 0, volumefrom: 0, volumeto: 0 };
  const open = series.priceAt(time);
  let [high, low, close] = [open, open, open];
  for (let at = time + QUARTER_MS; at <= time + HOUR_MS; at += QUARTER_MS) {
    close = at > series.now ? series.last : series.priceAt(at);
    high = Math.max(high, close);
    low = Math.min(low, close);
  }
  const volumeto = series.volumeOf(time / HOUR_MS) * Math.min(1, (series.now - time) / HOUR_MS);
  return { time, open, high, low, close, volumefrom: volumeto / ((high + low + close) / 3), volumeto };
}

/** The sum of its hours. */
export function indexDay(series: IndexSeries, time: number): IndexBucket {
  const day = { ...indexHour(series, time) };
  for (let at = time + HOUR_MS; at < time + DAY_MS && at <= series.now; at += HOUR_MS) {
    const hour = indexHour(series, at);
    day.high = Math.max(day.high, hour.high);
    day.low = Math.min(day.low, hour.low);
    day.close = hour.close;
    day.volumefrom += hour.volumefrom;
    day.volumeto += hour.volumeto;
  }
  return day;
}
