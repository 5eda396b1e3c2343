import { decimal } from './decimal.js';
import type { HistoryAsset, HistoryResolution, QuotedCandle } from './history.js';
import { VenueFrameError } from './source.js';

export const MINUTE_MS = 60_000;
export const FIVE_MINUTES_MS = 5 * MINUTE_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A venue's own candles of the three widths, so many in one answer. */
export function klines(perRequest: number): HistoryResolution[] {
  return [MINUTE_MS, FIVE_MINUTES_MS, HOUR_MS].map((bucketMs) => ({ bucketMs, grade: 'klines', perRequest }));
}

/**
 * How many buckets lie in [from, to).
 * @throws RangeError when the edges are off the grid, in the wrong order, or further apart than one answer reaches: a venue
 * would shift or cut the range, and the buckets it left out would look like hours without a trade.
 */
export function bucketsAsked({ bucketMs, perRequest }: HistoryResolution, from: number, to: number): number {
  const buckets = (to - from) / bucketMs;
  if (from % bucketMs !== 0 || !Number.isInteger(buckets) || buckets < 1 || buckets > perRequest) {
    throw new RangeError(
      `Cannot ask for ${from} to ${to}: expected 1 to ${perRequest} whole buckets of ${bucketMs} ms, from a multiple of that`,
    );
  }
  return buckets;
}

/** How a provider calls a width. @throws RangeError for one that it does not offer. */
export function widthName(names: Readonly<Record<number, string>>, { bucketMs }: HistoryResolution): string {
  const name = names[bucketMs];
  if (name === undefined)
    throw new RangeError(`No buckets of ${bucketMs} ms here: ${Object.keys(names).join(', ')} ms`);
  return name;
}

/** The pair to put into a URL. @throws RangeError when the asset has none. */
export function pairInUrl({ symbol, pair }: HistoryAsset, venue: string): string {
  if (pair === undefined) throw new RangeError(`${venue} is asked by pair and ${symbol} has none: ask for listed ones`);
  return encodeURIComponent(pair);
}

/** The cell of a row that is a list; undefined when the row is no list, or too short. */
export function cell(row: unknown, index: number): unknown {
  return Array.isArray(row) ? row[index] : undefined;
}

/** Which buckets an answer was asked for, and when it is read. All in epoch ms. */
export interface CandleWindow {
  readonly bucketMs: number;
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

/** One row as a provider writes it, nothing checked; `time` in epoch ms, numbers or decimal texts elsewhere. */
export interface CandleCells {
  readonly time: number | undefined;
  readonly open: unknown;
  readonly high: unknown;
  readonly low: unknown;
  readonly close: unknown;
  /** In the quote currency. */
  readonly volume?: unknown;
}

/** Whether a bucket was asked for and is over: one that still trades would be taken for final. */
export function isWanted(time: number, { bucketMs, from, to, now }: CandleWindow): boolean {
  return time >= from && time < to && time % bucketMs === 0 && time + bucketMs <= now;
}

/** Undefined unless all prices are above 0 and none lies outside of low and high. A volume that is none is left out alone. */
function saneCandle(time: number, cells: CandleCells): QuotedCandle | undefined {
  const [open, high, low, close] = [cells.open, cells.high, cells.low, cells.close].map(decimal);
  if (open === undefined || high === undefined || low === undefined || close === undefined) return undefined;
  if (!(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close))) return undefined;
  const volume = decimal(cells.volume);
  return { time, open, high, low, close, ...(volume !== undefined && volume >= 0 && { volume }) };
}

/**
 * The rows of an answer, in whatever order, as `HistorySource.parse` gives them. Of two rows for one bucket the later in the
 * list stands.
 * @throws VenueFrameError when there are rows and not one has a time: taken for an empty answer, it would say that nothing
 * was traded.
 */
export function readCandles(
  rows: readonly unknown[],
  window: CandleWindow,
  read: (row: unknown) => CandleCells,
): QuotedCandle[] {
  const candles = new Map<number, QuotedCandle>();
  let dated = 0;
  for (const row of rows) {
    const cells = read(row);
    if (cells.time === undefined) continue;
    dated += 1;
    const candle = isWanted(cells.time, window) ? saneCandle(cells.time, cells) : undefined;
    if (candle !== undefined) candles.set(candle.time, candle);
  }
  if (dated === 0 && rows.length > 0)
    throw new VenueFrameError(`not one of ${rows.length} rows is a candle with a time`);
  return [...candles.values()].sort((a, b) => a.time - b.time);
}

/** A time in seconds as epoch ms; undefined when it is no number. */
export function fromSeconds(value: unknown): number | undefined {
  const seconds = decimal(value);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Base volume times an average price, as quote volume; undefined when one of them is no number. 0 needs no price. */
export function quoteVolume(base: unknown, averagePrice: unknown): number | undefined {
  const [volume, price] = [decimal(base), decimal(averagePrice)];
  if (volume === undefined || volume === 0) return volume;
  return price === undefined ? undefined : volume * price;
}
