/** How much a moment is worth as a mark on a time axis: the weights lightweight-charts knows. */
const YEAR = 70;
const MONTH = 60;
const DAY = 50;
const MINUTE_MS = 60_000;
const DIVISIONS = [
  [720, 33],
  [360, 32],
  [180, 31],
  [60, 30],
  [30, 22],
  [5, 21],
  [1, 20],
] as const;

/** Minutes that local time is ahead of UTC at a moment (epoch ms). */
export type Offset = (time: number) => number;

/** The offset of the zone this browser is in; summer and winter differ. */
export function localOffset(time: number): number {
  return -new Date(time).getTimezoneOffset();
}

/**
 * Weight of a mark at `time` beside the one `before` (epoch ms): what begins between the two on the clock of the zone. The library
 * counts days in UTC; a chart labelled in local time needs its midnights where the reader has them.
 */
export function localWeight(time: number, before: number, offset: Offset = localOffset): number {
  const now = time + offset(time) * MINUTE_MS;
  const then = before + offset(before) * MINUTE_MS;
  const [a, b] = [new Date(now), new Date(then)];
  if (a.getUTCFullYear() !== b.getUTCFullYear()) return YEAR;
  if (a.getUTCMonth() !== b.getUTCMonth()) return MONTH;
  if (a.getUTCDate() !== b.getUTCDate()) return DAY;
  for (const [minutes, weight] of DIVISIONS) {
    const width = minutes * MINUTE_MS;
    if (Math.floor(now / width) !== Math.floor(then / width)) return weight;
  }
  return 0;
}
