import type { AssetChart } from './chart/asset-chart.js';
import { SERIES } from './chart/ranges.js';
import { MOVER_WINDOWS, type MoverWindow } from './mover-windows.js';

/** Windows from here on are sampled every five minutes, shorter ones every minute. */
const COARSE_FROM_MS = 4 * 3_600_000;
/** Share of a window's closes that must be known. */
const KNOWN = 0.9;

/** Of one asset, while it is looked at. */
const CLOSES = new Float64Array(288);

const { ceil, floor, log, sqrt } = Math;

/** How much a price has moved about within a window. */
export interface Volatility {
  /** Percent over the window, not annualised. */
  readonly percent: number;
  /** Returns it was made of. */
  readonly samples: number;
}

/**
 * Realized volatility of the window that ends with `price` at `now` (epoch ms): the square root of the sum of the squared
 * logarithmic returns from close to close, in percent (Andersen, Bollerslev, Diebold and Labys, "Modeling and Forecasting Realized
 * Volatility", Econometrica 71, 2003, https://doi.org/10.1111/1468-0262.00418). Closes are those of the buckets that a chart of
 * the window shows: every minute up to an hour, every five minutes beyond, which is hard to beat (Liu, Patton and Sheppard,
 * Journal of Econometrics 187, 2015, https://doi.org/10.1016/j.jeconom.2015.02.008). The last one is `price`, the first that of
 * the bucket before the window. Where a close is missing, the return reaches across. Undefined with less than nine tenths of them.
 */
export function volatility(chart: AssetChart, price: number, window: MoverWindow, now: number): Volatility | undefined {
  const length = MOVER_WINDOWS[window];
  const index = length < COARSE_FROM_MS ? 0 : 1;
  const { bucketMs } = SERIES[index];
  const buckets = length / bucketMs;
  const known = CLOSES.subarray(0, buckets);
  chart.closes(index, floor(now / bucketMs) - buckets, known);
  let before = Number.NaN;
  let sum = 0;
  let samples = 0;
  const go = (close: number): void => {
    if (before > 0) {
      sum += log(close / before) ** 2;
      samples++;
    }
    before = close;
  };
  for (let i = 0; i < buckets; i++) if (!Number.isNaN(known[i]!)) go(known[i]!);
  if (before > 0) go(price);
  return samples >= ceil(KNOWN * buckets) ? { percent: sqrt(sum) * 100, samples } : undefined;
}
