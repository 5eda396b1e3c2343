import type { AssetChart } from './asset-chart.js';
import type { Candle } from './candle-series.js';
import { bridge, type Hole, type Place } from './gaps.js';
import { CHART_RANGES, SERIES, type ChartRange } from './ranges.js';

/** A chart as it is answered. Times are epoch ms. */
export interface ChartData {
  readonly places: readonly Place[];
  readonly gaps: readonly Hole[];
  readonly expectedPoints: number;
  /** Percent of the expected buckets that somebody saw, to two decimals. */
  readonly completeness: number;
}

/** A minute is filled a few seconds after it has ended; until then a reader is told what it will be filled with. */
const UNFILLED = 2;

/**
 * The buckets of a range that ends with the one open at `now` (epoch ms). A bucket in which the price did not move is there
 * as soon as it opens, as long as the price is watched and the log is `alive`.
 */
export function readChart(chart: AssetChart | undefined, range: ChartRange, now: number, alive: boolean): ChartData {
  const { bucketMs, points } = CHART_RANGES[range];
  const index = SERIES.findIndex((series) => series.bucketMs === bucketMs);
  const last = Math.floor(now / bucketMs);
  const first = last - points + 1;
  const candles: (Candle | undefined)[] = [];
  for (let bucket = first; bucket <= last; bucket++) {
    const candle = chart?.candle(index, bucket);
    candles.push(candle ?? (alive && bucket > last - UNFILLED ? chart?.open(index, bucket, now) : undefined));
  }
  const { places, gaps, real } = bridge(candles, first * bucketMs, bucketMs);
  return { places, gaps, expectedPoints: points, completeness: Math.round((real / points) * 10_000) / 100 };
}
