import type { ChartView } from '@haunt/client';

/** Of 24 hours so much must have been seen, percent, that something can be said about the whole of them. */
const ENOUGH = 90;

/**
 * Low and high of a chart together with the price now, and where between them that is (0 to 1); undefined when too much of the
 * chart is missing.
 */
export function extremes(
  chart: Pick<ChartView, 'data' | 'dataCompleteness'> | undefined,
  price: number | undefined,
): { low: number; high: number; share: number } | undefined {
  if (chart === undefined || chart.dataCompleteness < ENOUGH || chart.data.length === 0) return undefined;
  let low = price ?? Infinity;
  let high = price ?? -Infinity;
  for (const point of chart.data) {
    low = Math.min(low, point.low);
    high = Math.max(high, point.high);
  }
  const at = price ?? chart.data.at(-1)!.close;
  return { low, high, share: high > low ? (at - low) / (high - low) : 0.5 };
}

/**
 * Realized volatility over a chart, percent: the root of the sum of its squared logarithmic returns from close to close; undefined
 * when less than nine tenths of them are known. What the server ranks by, of what is on the screen.
 */
export function realized({ data, dataCompleteness }: Pick<ChartView, 'data' | 'dataCompleteness'>): number | undefined {
  if (dataCompleteness < ENOUGH) return undefined;
  let before = Number.NaN;
  let sum = 0;
  for (const { close, interpolated } of data) {
    if (interpolated === true) continue;
    if (before > 0) sum += Math.log(close / before) ** 2;
    before = close;
  }
  return Math.sqrt(sum) * 100;
}

const WINDOW_MS = 60_000;
/** Less than this says nothing about a minute. */
const LEAST_MS = 3_500;

/** How fast a count goes up, per minute, from what it was at moments within the last one. */
export class Pace {
  #seen: { readonly total: number; readonly at: number }[] = [];

  /** Takes the count at `at` (ms). @returns per minute; undefined until enough time has passed */
  take(total: number, at: number): number | undefined {
    const last = this.#seen.at(-1);
    // Counting began anew, elsewhere or after a restart.
    if (last !== undefined && total < last.total) this.#seen = [];
    this.#seen.push({ total, at });
    while (this.#seen.length > 2 && at - this.#seen[1]!.at >= WINDOW_MS) this.#seen.shift();
    const first = this.#seen[0]!;
    return at - first.at < LEAST_MS ? undefined : Math.round(((total - first.total) / (at - first.at)) * 60_000);
  }
}
