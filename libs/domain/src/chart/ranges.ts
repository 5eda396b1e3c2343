const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The three resolutions that are kept, finest first: bucket width and how many of them. 27,480 buckets in all. */
export const SERIES = [
  { bucketMs: MINUTE, buckets: (7 * DAY) / MINUTE },
  { bucketMs: 5 * MINUTE, buckets: (30 * DAY) / (5 * MINUTE) },
  { bucketMs: HOUR, buckets: (365 * DAY) / HOUR },
] as const;

export type BucketMs = (typeof SERIES)[number]['bucketMs'];

/** What a chart can be asked for: its bucket width and how many points are expected when nothing is missing. */
export const CHART_RANGES = {
  '1h': { bucketMs: MINUTE, points: 60 },
  '4h': { bucketMs: 5 * MINUTE, points: 48 },
  '1d': { bucketMs: 5 * MINUTE, points: 288 },
  '1w': { bucketMs: HOUR, points: 168 },
  '1m': { bucketMs: HOUR, points: 720 },
} as const;

export type ChartRange = keyof typeof CHART_RANGES;

export function isChartRange(value: string): value is ChartRange {
  return Object.hasOwn(CHART_RANGES, value);
}
