import type { AssetChart } from './chart/asset-chart.js';
import { SERIES } from './chart/ranges.js';

const MINUTE = SERIES[0].bucketMs;
/** A price a window ago is known when a bucket ended this near to it: a twentieth of the window, or half a minute. */
const NEAR_SHARE = 20;

const { abs, floor, max, round } = Math;

/**
 * The price that stood one window (ms) before `end`, the edge of a minute: the close of the bucket, of any width, that ended
 * nearest to that moment. NaN when none ended within a twentieth of the window of it (for windows of up to ten minutes: at that
 * very minute). That is what "enough history" means for a change.
 */
export function closeBefore(chart: AssetChart, windowMs: number, end: number): number {
  const time = end - windowMs;
  const near = max(windowMs / NEAR_SHARE, MINUTE / 2);
  let price = Number.NaN;
  let nearest = Infinity;
  for (let i = 0; i < SERIES.length; i++) {
    const { bucketMs } = SERIES[i]!;
    if (bucketMs / 2 > near) break;
    const first = round(time / bucketMs);
    for (let edge = first; edge >= first - floor(near / bucketMs); edge--) {
      const distance = abs(time - edge * bucketMs);
      if (distance >= nearest) break;
      if (distance > near) continue;
      const close = chart.candle(i, edge - 1)?.close;
      if (close === undefined) continue;
      price = close;
      nearest = distance;
    }
    if (nearest === 0) break;
  }
  return price;
}
